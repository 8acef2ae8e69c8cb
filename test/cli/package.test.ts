import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import pkg from "../../package.json" with { type: "json" };
import { findStale } from "../../scripts/generated-parts.ts";
import { renderWalks } from "../../scripts/walk/pages.ts";
import { renderPicture } from "../../scripts/walk/picture.ts";
import { renderTroubles } from "../../scripts/walk/troubles.ts";
import { PROJECT_ROOT } from "../support/fixtures.ts";
import { git, makeRepo, readTree } from "../support/repo.ts";

const EXAMPLE = join(PROJECT_ROOT, "examples/home-ops");
let dir = "";
let bin = "";

/** Runs the installed bin as a person would: no PATH tricks, its own process. */
function run(args: string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  return spawnSync(bin, args, { cwd, encoding: "utf8", env: { ...process.env, ...env }, maxBuffer: 1 << 26 });
}

describe("the packed tarball in a fresh folder", () => {
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "fluxlift-pack-"));
    execFileSync("npm", ["pack", "--silent", "--pack-destination", dir], { cwd: PROJECT_ROOT, stdio: "pipe" });
    writeFileSync(join(dir, "package.json"), '{ "name": "fresh", "private": true }\n');
    const tarball = readdirSync(dir).find((name) => name.endsWith(".tgz"))!;
    const install = ["install", "--silent", "--offline", "--no-audit", "--no-fund", `./${tarball}`];
    execFileSync("npm", install, { cwd: dir, stdio: "pipe" });
    bin = join(dir, "node_modules/.bin/fluxlift");
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test("installs without a single dependency, and brings licence and docs", () => {
    expect(readdirSync(join(dir, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["fluxlift"]);
    const installed = join(dir, "node_modules/fluxlift");
    for (const path of [
      "LICENSE",
      "README.md",
      "CHANGELOG.md",
      "docs/exit-codes.md",
      "dist/THIRD-PARTY-LICENSES.txt",
    ]) {
      expect(existsSync(join(installed, path)), path).toBe(true);
    }
    expect(readFileSync(join(installed, "dist/THIRD-PARTY-LICENSES.txt"), "utf8")).toContain("commander ");
  });

  test("is what the README says to pack and to install, and the set-up commands are there", () => {
    const readme = readFileSync(join(PROJECT_ROOT, "README.md"), "utf8");
    const blocks = [...readme.matchAll(/^```sh\n([^`]*)^```/gm)].map((match) => match[1]!.trim());
    const tarball = readdirSync(dir).find((name) => name.endsWith(".tgz"));
    expect(blocks[0]).toContain(`npm ci && npm pack\nnpm install --global ./${tarball}\n`);
    expect(blocks.slice(1, 3)).toEqual(["npm ci && npm run demo", "npm ci && npm test"]);
    expect(Object.keys(pkg.scripts)).toEqual(expect.arrayContaining(["demo", "test"]));
    expect(readme.indexOf("npx fluxlift")).toBeGreaterThan(readme.indexOf("After the first release"));
    const root = makeRepo(EXAMPLE);
    for (const line of blocks[0]!.split("\n").filter((text) => text.startsWith("fluxlift"))) {
      const argv = line.replace(/ *#.*/, "").split(" ").slice(1);
      expect([line, run(argv, root).status]).toEqual([line, argv[0] === "migrate" ? 1 : 0]);
    }
  });

  test("holds what runs and what is read, and nothing else, in 4 MB", () => {
    const tarball = join(dir, readdirSync(dir).find((name) => name.endsWith(".tgz"))!);
    expect(statSync(tarball).size).toBeLessThan(4 * 2 ** 20);
    const names = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).trim().split("\n");
    const other = names.filter(
      (name) =>
        !/^package\/(docs\/[\w/.-]+\.(md|svg)|schemas\/[\w-]+\.json|deploy\/[\w/-]+\.(ya?ml|sh|txt)|types\/\w+\.d\.ts)$/.test(
          name,
        ),
    );
    expect(other.sort()).toEqual(
      [
        ...["CHANGELOG.md", "LICENSE", "README.md", "package.json"],
        ...[
          "THIRD-PARTY-LICENSES.txt",
          "cel.cjs",
          "core.cjs",
          "fluxlift.js",
          "forges.cjs",
          "layout.cjs",
          "mcp.cjs",
          "package.json",
          "prompts.cjs",
          "schema.cjs",
          "testing.mjs",
          "transform.mjs",
          "typescript.cjs",
        ].map((name) => `dist/${name}`),
      ]
        .map((name) => `package/${name}`)
        .sort(),
    );
  });

  test("runs", () => {
    expect(run(["--version"], dir)).toMatchObject({ status: 0, stdout: `${pkg.version}\n`, stderr: "" });
  });

  test("prints preflight.sh with the marks a person sees, as a script that the shell takes", () => {
    const script = run(["plan", "--format", "preflight"], makeRepo(EXAMPLE)).stdout;
    expect(script).toContain('good() { say "✔ $*"; }');
    expect(script).not.toMatch(/\\u[0-9a-f]{4}/);
    expect(spawnSync("sh", ["-n"], { input: script, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });

  test("plans the example; git takes the diff, and takes it back", () => {
    const root = makeRepo(EXAMPLE);
    const before = readTree(root);
    const done = run(["plan"], root);
    expect(done.stderr).not.toContain("defect of fluxlift");
    expect(done.status).toBe(0);
    writeFileSync(join(dir, "install.patch"), done.stdout);
    expect(readTree(root)).toEqual(before);
    git(root, "apply", join(dir, "install.patch"));
    const patched = readTree(root);
    expect(patched).not.toEqual(before);
    git(root, "apply", "--reverse", join(dir, "install.patch"));
    expect(readTree(root)).toEqual(before);
    expect(run(["migrate", "--yes"], root).status).toBe(0);
    expect(readTree(root)).toEqual(patched);
  });

  test.skipIf(process.platform === "win32")(
    "goes the whole way on three trees by the commands that it names, and prints what the pages show",
    () => {
      const program = join(dir, "node_modules/fluxlift/dist/fluxlift.js");
      const parts = [...renderWalks(program), renderPicture(program), ...renderTroubles(program)];
      expect(findStale(parts).map(({ page }) => `${page} is out of date: npm run docs`)).toEqual([]);
    },
    240_000,
  );

  test("makes an HTML page, and needs what lays out its pictures only then", () => {
    const root = makeRepo(EXAMPLE);
    const page = join(dir, "report.html");
    expect(run(["plan", "-o", page, root], dir)).toMatchObject({ status: 0, stdout: "" });
    expect(readFileSync(page, "utf8")).toMatch(/^<!doctype html>[\s\S]*<svg class="map"[\s\S]*<\/html>\n$/);
    rmSync(join(dir, "node_modules/fluxlift/dist/layout.cjs"));
    expect(run(["plan", root], dir).status).toBe(0);
    const without = run(["plan", "-o", page, root], dir);
    expect([without.status, without.stderr.includes("layout.cjs")]).toEqual([2, true]);
  });

  test("a reader that closes the pipe neither hangs it nor makes it fail", () => {
    const root = makeRepo(EXAMPLE);
    const pipe =
      'set -o pipefail; "$1" plan --format json "$2" 2>err.txt | head -c 10 >/dev/null; echo "${PIPESTATUS[0]}"';
    const done = spawnSync("bash", ["-c", pipe, "-", bin, root], { cwd: dir, encoding: "utf8", timeout: 30_000 });
    expect(done.stdout.trim()).toBe("0");
    expect(readFileSync(join(dir, "err.txt"), "utf8")).not.toContain("EPIPE");
  });

  test("a folder that is no GitOps repository is said to be none", () => {
    const root = makeRepo({ "README.md": "# Not GitOps\n" });
    const done = run(["scan"], root);
    expect(done.stdout).toContain("No Flux cluster was recognised");
    expect(done.stderr).not.toContain("defect of fluxlift");
  });
});
