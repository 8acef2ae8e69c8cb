import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import pkg from "../../package.json" with { type: "json" };
import { PROJECT_ROOT } from "../support/project.ts";
import { git, makeRepo, makeTempDir, readTree } from "../support/repo.ts";
import { homeTree } from "../verify/home-tree.ts";

const read = (path: string) => readFileSync(join(PROJECT_ROOT, "deploy", path), "utf8");
const EXAMPLE = join(PROJECT_ROOT, "examples/home-ops");

// biome-ignore lint/suspicious/noExplicitAny: recipes as they stand
type Recipe = any;

/** A folder with an `npm` that puts the built fluxlift where it is told to install it, and notes what it was asked for. */
function stubNpm(): { path: string; asked: () => string } {
  const dir = makeTempDir();
  const script = `#!/bin/sh
echo "$* token=$FLEET_TOKEN" >> "${dir}/asked"
while [ "$1" != --prefix ]; do shift; done
mkdir -p "$2/node_modules/fluxlift"
cp -R "${PROJECT_ROOT}/dist" "$2/node_modules/fluxlift/dist"
`;
  writeFileSync(join(dir, "npm"), script);
  chmodSync(join(dir, "npm"), 0o755);
  return { path: `${dir}${delimiter}${process.env.PATH}`, asked: () => readFileSync(join(dir, "asked"), "utf8") };
}

function runScript(script: string, cwd: string, env: Record<string, string>) {
  const all = { HOME: makeTempDir(), NO_COLOR: "1", GIT_CONFIG_GLOBAL: "/dev/null", ...env };
  return spawnSync("bash", ["-e", "-c", script], { cwd, encoding: "utf8", env: { PATH: process.env.PATH, ...all } });
}

describe("the matrix of GitHub Actions", () => {
  const text = read("github/fleet.yml");
  const { jobs, permissions } = parse(text) as Recipe;
  const scriptOf = (job: string, name: string): string =>
    jobs[job].steps.find((step: Recipe) => step.name === name).run;

  test("is valid by GitHub's own parser, pinned, with least rights, and brings no value into a script but by a variable", () => {
    const { context } = parseWorkflow({ name: "fleet.yml", content: text }, new NoOperationTraceWriter());
    expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
    for (const [, version] of text.matchAll(/uses: \S+@(\S+)/g)) expect(version).toMatch(/^[0-9a-f]{40}$/);
    for (const [, version] of text.matchAll(/fluxlift@(\S+)/g)) expect(version).toBe(pkg.version);
    expect(permissions).toEqual({ contents: "read" });
    const scripts = Object.values(jobs).flatMap((job: Recipe) => job.steps.map(({ run = "" }: Recipe) => run));
    expect(scripts.filter((script) => script.includes("${{"))).toEqual([]);
    const { part } = jobs.part.strategy.matrix;
    expect(part).toEqual([1, 2, 3, 4]);
    const { SHARD } = jobs.part.steps.find(({ name }: Recipe) => name === "run").env;
    expect(SHARD).toBe("${{ matrix.part }}/4");
  });

  test("its scripts, run part by part, give one page; the token is in no argument and no result", () => {
    const [work, temp, npm] = [makeTempDir(), makeTempDir(), stubNpm()];
    const repository = makeRepo(homeTree());
    writeFileSync(join(work, "repos.txt"), `${repository}\n${makeRepo({ "a.txt": "" })}\n`);
    const env = { PATH: npm.path, RUNNER_TEMP: temp };
    expect(runScript(scriptOf("part", "install"), work, env).status).toBe(0);
    for (const SHARD of ["1/4", "2/4"]) {
      const done = runScript(scriptOf("part", "run"), work, { ...env, SHARD, FLEET_TOKEN: "ghp_secret" });
      expect([done.status, `${done.stdout}${done.stderr}`]).toEqual([0, expect.not.stringContaining("ghp_secret")]);
    }
    const merging = makeTempDir();
    mkdirSync(join(merging, "parts"));
    for (const part of [1, 2]) cpSync(join(temp, `part-${part}.jsonl`), join(merging, `parts/part-${part}.jsonl`));
    expect(runScript(scriptOf("merge", "merge"), merging, { ...env, RUNNER_TEMP: makeTempDir() }).status).toBe(0);
    const results = readFileSync(join(merging, "fleet.jsonl"), "utf8");
    expect(results.trim().split("\n")).toHaveLength(2);
    expect(readFileSync(join(merging, "fleet.html"), "utf8")).toContain("2 repositories");
    expect(results + npm.asked()).not.toContain("ghp_secret");
    expect(readFileSync(join(temp, "home/.netrc"), "utf8")).toBe(
      "machine github.com login x-access-token password ghp_secret\n",
    );
  }, 300_000);
});

/** What the phase writes by itself. */
function migrated(): ReturnType<typeof readTree> {
  const root = makeRepo(EXAMPLE);
  spawnSync(process.execPath, [join(PROJECT_ROOT, "dist/fluxlift.js"), "migrate", "--yes"], { cwd: root });
  return readTree(root);
}

describe("what runs in each repository of an engine", () => {
  const { nodes } = parse(read("codemod/workflow.yaml")) as Recipe;
  const [step] = nodes[0].steps;

  test("the step of the Codemod workflow writes the phase, and nothing else stays", () => {
    const [root, temp, npm] = [makeRepo(EXAMPLE), makeTempDir(), stubNpm()];
    expect(nodes).toHaveLength(1);
    const done = runScript(step.run, root, { ...step.env, PATH: npm.path, TMPDIR: temp });
    expect([done.status, readTree(root)]).toEqual([0, migrated()]);
    expect(readTree(temp)).toEqual({});
    expect(npm.asked()).toContain(`fluxlift@${pkg.version}`);
  }, 300_000);

  test.each([
    [EXAMPLE, 0],
    [{ "a.txt": "" }, 1],
  ])(
    "the script of multi-gitter writes the phase, and fails where it cannot",
    (content, status) => {
      const root = makeRepo(content);
      const script = join(PROJECT_ROOT, "deploy/multi-gitter/fluxlift.sh");
      const env = { FLUXLIFT: join(PROJECT_ROOT, "dist/fluxlift.js") };
      expect(runScript('"$0"'.replace("$0", script), root, env).status).toBe(status);
      if (status === 0) expect(readTree(root)).toEqual(migrated());
      else expect(git(root, "status", "--porcelain")).toBe("");
      expect(runScript(`"${script}"`, root, {}).stderr).toContain("path of fluxlift.js");
    },
    300_000,
  );
});
