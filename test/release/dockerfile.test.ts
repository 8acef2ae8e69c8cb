import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import pkg from "../../package.json" with { type: "json" };
import { PROJECT_ROOT } from "../support/project.ts";
import { git, makeRepo, makeTempDir } from "../support/repo.ts";

interface Instruction {
  name: string;
  text: string;
}

/** Instructions of each stage; comments and continued lines are joined as a builder does. */
function readStages(): Instruction[][] {
  const lines = readFileSync(join(PROJECT_ROOT, "Dockerfile"), "utf8")
    .replace(/^#.*\n/gm, "")
    .replace(/\\\n/g, " ");
  const stages: Instruction[][] = [];
  for (const line of lines.split("\n").filter((one) => one.trim() !== "")) {
    const [, name = "", text = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (name === "FROM") stages.push([]);
    stages.at(-1)!.push({ name, text });
  }
  return stages;
}

const [build = [], image = []] = readStages();

/**
 * Runs a stage below a folder that stands for the root of its file system. Packages of the distribution are taken from the
 * machine at hand.
 */
function runStage(root: string): void {
  let folder = root;
  const place = (path: string) => (path.startsWith("/") ? `${root}${path}` : join(folder, path));
  for (const { name, text } of build) {
    if (name === "WORKDIR") {
      folder = place(text);
      mkdirSync(folder, { recursive: true });
    } else if (name === "COPY") {
      const words = text.split(" ");
      for (const from of words.slice(0, -1)) copyIn(from, place(words.at(-1)!));
    } else if (name === "RUN" && !text.startsWith("apt-get ")) {
      const line = text.replace(/(^|[ '"(])\/(image|tmp)(?=[/ ]|$)/g, `$1${root}/$2`);
      const env = { ...process.env, npm_config_prefer_offline: "true" };
      const done = spawnSync("sh", ["-ec", line], { cwd: folder, encoding: "utf8", env });
      expect([line, done.status, done.status === 0 ? "" : done.stderr]).toEqual([line, 0, ""]);
    }
  }
}

function copyIn(from: string, to: string): void {
  if (from !== ".") {
    cpSync(join(PROJECT_ROOT, from), join(to, from));
    return;
  }
  const files = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], {
    cwd: PROJECT_ROOT,
    encoding: "utf8",
  });
  for (const file of files.split("\0").filter((name) => name !== "" && existsSync(join(PROJECT_ROOT, name)))) {
    cpSync(join(PROJECT_ROOT, file), join(to, file));
  }
}

test("the image runs as nobody, without a shell, on what the stage before has made", () => {
  expect(build[0]!.text).toMatch(/^node:22\S* AS build$/);
  expect(image[0]!.text).toMatch(/^gcr\.io\/distroless\/nodejs22\S*:nonroot$/);
  const last = (name: string) => image.findLast((one) => one.name === name)?.text;
  expect(last("USER")).toBe("nonroot");
  expect(last("COPY")).toBe("--from=build /image /");
  expect(JSON.parse(last("ENTRYPOINT")!)).toEqual(["/nodejs/bin/node", "/app/dist/fluxlift.js"]);
  expect(image.some(({ name }) => name === "RUN")).toBe(false);
});

test("the stages, run as plain commands, give a fluxlift that works with the git beside it", () => {
  const root = makeTempDir();
  mkdirSync(join(root, "tmp"));
  runStage(root);
  const made = join(root, "image");
  expect(readdirSync(join(made, "app")).sort()).toContain("dist");
  expect(existsSync(join(made, "app/node_modules"))).toBe(false);
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(made, "app/dist/fluxlift.js"), ...args], {
      cwd: repository,
      encoding: "utf8",
      env: { PATH: join(made, "usr/bin"), HOME: root, NO_COLOR: "1" },
    });
  // What fleet clones over https with, and every library that it asks for.
  const helper = join(made, execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(), "git-remote-https");
  const libraries = execFileSync("ldd", [helper], { encoding: "utf8" }).matchAll(/=> (\/\S+)/g);
  const missing = [...libraries].filter(([, path]) => !existsSync(join(made, path!)));
  expect(missing.filter(([, path]) => !/\/lib(c|m|pthread|dl|rt)\.so/.test(path!))).toEqual([]);
  const repository = makeRepo(join(PROJECT_ROOT, "examples/home-ops"));
  expect(run("--version")).toMatchObject({ status: 0, stdout: `${pkg.version}\n` });
  expect(run("scan").stdout).toContain("1 cluster recognised");
  git(repository, "commit", "-q", "--allow-empty", "-m", "Nothing");
  expect(run("verify", "--base", "HEAD~1").stdout).toContain("safe to merge");
  expect(JSON.parse(readFileSync(join(made, "app/sbom.cdx.json"), "utf8"))).toMatchObject({ bomFormat: "CycloneDX" });
}, 300_000);
