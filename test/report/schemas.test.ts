import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/project.ts";
import { git, makeRepo, makeTempDir, writeFiles } from "../support/repo.ts";
import { faultsOf, type SchemaName } from "../support/schemas.ts";
import { branch, commit, runBuilt, runHere } from "../verify/built.ts";
import { homeTree } from "../verify/home-tree.ts";
import { hostileChange, hostileTree } from "../verify/hostile-tree.ts";

const EXAMPLES = ["home-ops", "fleet"].map((name) => join(PROJECT_ROOT, "examples", name));
const print = async (root: string, ...args: string[]) =>
  JSON.parse((await runHere(root, [...args, "--format", "json"])).out) as object;
const harmful = { "kubernetes/apps/media/kustomization.yaml": "resources: []\n" };

function fits(name: SchemaName, value: object): void {
  expect(faultsOf(name, value)).toBeNull();
  // A schema that takes anything would prove nothing.
  const [key] = Object.keys(value);
  expect(faultsOf(name, Array.isArray(value) ? [{}] : { ...value, [key!]: [{ no: 1 }] })).not.toBeNull();
}

describe("what a command prints fits its published schema, and has no field that it does not name", () => {
  test.each(EXAMPLES)("scan and plan of %s", async (example) => {
    const root = makeRepo(example);
    fits("scan", await print(root, "scan"));
    fits("plan", await print(root, "plan", "--phase", "all", "--direct"));
    await runHere(root, ["migrate", "--yes"]);
    fits("scan", await print(root, "scan"));
  });

  test("scan of a tree that means harm, and of one with nothing", async () => {
    fits("scan", await print(makeRepo(hostileTree()), "scan"));
    fits("scan", await print(makeRepo({ "a.txt": "" }, { branch: false }), "scan"));
  });

  test("verify of what is safe, harmful, hostile, not committed and in conflict", async () => {
    const root = makeRepo(homeTree());
    branch(root, "change");
    commit(root, harmful);
    fits("verify", await print(root, "verify", "--base", "main"));
    fits("verify", await print(root, "verify", "--base", "main", "--accept", "HelmRelease media/player"));
    git(root, "checkout", "-q", "main");
    commit(root, { ...harmful, "kubernetes/apps/media/kustomization.yaml": "resources: [x.yaml]\n" });
    fits("verify", await print(root, "verify", "--base", "main", "--head", "change"));
    writeFiles(root, { "README.md": "more\n" });
    fits("verify", await print(root, "verify", "--base", "HEAD", "--head", "WORKTREE"));
    git(root, "add", "-A");
    fits("verify", await print(root, "verify", "--base", "HEAD", "--staged"));
    const hostile = makeRepo(hostileTree());
    commit(hostile, hostileChange());
    fits("verify", await print(hostile, "verify", "--base", "HEAD~1"));
    const folder = makeTempDir();
    await runHere(hostile, ["verify", "--base", "HEAD~1", "--reports", folder]);
    fits("verify", JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as object);
  });

  test("explain, transforms and config", async () => {
    const root = makeRepo({ "a.txt": "" });
    fits("explain", await print(root, "explain", "merge-conflict"));
    fits("explain", await print(root, "explain"));
    fits("transforms", await print(root, "transforms"));
    fits("settings", await print(root, "config"));
    writeFiles(root, { "fluxlift.config.yaml": "migrate:\n  sync: keep\n  accept: [a/b]\n" });
    fits("settings", await print(root, "config"));
  });

  test.each([
    ["--action", "scan"],
    ["--action", "verify"],
    ["--branch-and-commit", "--jobs=1"],
  ])("each line of a fleet, %s %s", (...flags) => {
    const [change, none, root] = [makeRepo(EXAMPLES[0]!), makeTempDir(), makeTempDir()];
    commit(change, { "README.md": "more\n" });
    writeFileSync(join(root, "list"), `${change}\n${none}\n`);
    const who = ["AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"];
    const env = Object.fromEntries(who.map((name) => [`GIT_${name}`, "a@example.org"]));
    const lines = runBuilt(root, ["fleet", "list", ...flags], env)
      .out.trim()
      .split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) fits("fleet", JSON.parse(line) as object);
    if (flags[0] === "--branch-and-commit") expect(lines[0]).toContain('"branch":{');
  });
});

test("every schema is explained, and says its own name", () => {
  const docs = readFileSync(join(PROJECT_ROOT, "docs/json.md"), "utf8");
  for (const file of readdirSync(join(PROJECT_ROOT, "schemas"))) {
    expect(docs).toContain(`../schemas/${file}`);
    const { $id = file } = JSON.parse(readFileSync(join(PROJECT_ROOT, "schemas", file), "utf8")) as { $id?: string };
    expect($id).toBe(file);
  }
});
