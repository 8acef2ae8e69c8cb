import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../src/contract/plan.ts";
import { PROJECT_ROOT } from "../support/fixtures.ts";
import { commitAll, git, makeRepo, makeTempDir, readTree, writeFiles } from "../support/repo.ts";
import { type CliRun, realEngine, runCli } from "../support/run-cli.ts";

const EXAMPLE = join(PROJECT_ROOT, "examples/home-ops");
const REMOTE = "git@github.com:lighthouse-keeper/home-ops.git";

const cli = (argv: string[], cwd: string, answers?: string[]): Promise<CliRun> =>
  runCli(argv, { loader: realEngine, cwd, ...(answers ? { answers } : {}) });
const makeExample = () => makeRepo(EXAMPLE, { remote: REMOTE });

/** Runs a phase as a person would: migrate, commit. */
async function migrate(root: string, phase: string): Promise<void> {
  const run = await cli(["migrate", "--yes", "--phase", phase], root);
  expect(run.err).toContain("Wrote ");
  expect(run.code).toBe(0);
  commitAll(root, phase);
}

describe("the example, phase by phase", () => {
  test("ends without a trace of the old install, and every phase is done once", async () => {
    const root = makeExample();
    for (const phase of ["install", "cutover", "cleanup"]) {
      await migrate(root, phase);
      const before = readTree(root);
      const again = await cli(["migrate", "--yes", "--phase", phase], root);
      expect([again.code, again.err.includes("Wrote ")]).toEqual([0, false]);
      expect(readTree(root)).toEqual(before);
    }
    const files = readTree(root);
    const manifests = Object.entries(files).filter(([path]) => path.startsWith("kubernetes/"));
    expect(manifests.filter(([, text]) => /name: home-ops$/m.test(text)).map(([path]) => path)).toEqual([]);
    expect(manifests.filter(([, text]) => /flux-manifests|flux2\/manifests/.test(text))).toEqual([]);
    expect(Object.keys(files)).toContain("kubernetes/bootstrap/flux/deploy-key.sops.yaml");
    const instance = files["kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml"];
    for (const carried of [
      "--concurrent=10",
      "OOMWatch=true",
      "1536Mi",
      "networkPolicy: false",
      "sops-age",
      "cluster-settings",
    ]) {
      expect(instance).toContain(carried);
    }
    expect((await cli(["scan"], root)).out).toContain("migrated");
  });

  test("migrate twice never advances", async () => {
    const root = makeExample();
    await migrate(root, "install");
    const before = readTree(root);
    const again = await cli(["migrate", "--yes"], root);
    expect(again.code).toBe(0);
    expect(again.err).toContain("--phase cutover");
    expect(readTree(root)).toEqual(before);
  });

  test("cutover needs install in the commit, not only in the working tree", async () => {
    const root = makeExample();
    expect((await cli(["migrate", "--yes"], root)).code).toBe(0);
    const before = readTree(root);
    const run = await cli(["migrate", "--yes", "--allow-dirty", "--phase", "cutover"], root);
    expect(run.code).toBe(1);
    expect(readTree(root)).toEqual(before);
  });

  test.each(["--assume-unchanged", "--skip-worktree"])(
    "cutover needs install in the commit, whatever git overlooks with %s",
    async (flag) => {
      const root = makeExample();
      await cli(["migrate", "--yes"], root);
      const list = "kubernetes/apps/flux-system/kustomization.yaml";
      git(root, "add", "--all");
      git(root, "reset", "--quiet", list);
      git(root, "commit", "--quiet", "-m", "All but the list that delivers it");
      git(root, "update-index", flag, list);
      expect(git(root, "status", "--porcelain")).toBe("");
      expect((await cli(["scan"], root)).out).toContain("The install phase is written and not committed.");
      const run = await cli(["plan", "--phase", "cutover"], root);
      expect([run.code, run.err]).toEqual([1, expect.stringContaining("phase-not-reached")]);
    },
  );

  test("cutover needs a commit", async () => {
    const root = makeTempDir();
    git(root, "init", "--quiet");
    writeFiles(root, readTree(EXAMPLE));
    expect((await cli(["migrate", "--yes", "--allow-dirty"], root)).code).toBe(0);
    const run = await cli(["plan", "--phase", "cutover"], root);
    expect([run.code, run.err]).toEqual([1, expect.stringContaining("This repository has no commit, so nothing")]);
    expect((await cli(["plan", "--phase", "cutover", "--direct"], root)).err).not.toContain("phase-not-");
  });

  test("a phase too early is a blocker, and nothing is written", async () => {
    const root = makeExample();
    const run = await cli(["migrate", "--yes", "--phase", "cutover"], root);
    expect(run.code).toBe(1);
    expect(git(root, "status", "--porcelain")).toBe("");
  });

  test("undo restores every byte after each phase", async () => {
    const root = makeExample();
    for (const phase of ["install", "cutover", "cleanup"]) {
      const before = readTree(root);
      await cli(["migrate", "--yes", "--phase", phase], root);
      expect(readTree(root)).not.toEqual(before);
      expect((await cli(["undo", "--yes"], root)).code).toBe(0);
      expect(readTree(root)).toEqual(before);
      await migrate(root, phase);
    }
  });
});

test("--phase all --direct --commit makes three commits, and git status is clean", async () => {
  const root = makeExample();
  git(root, "config", "user.name", "Test");
  git(root, "config", "user.email", "test@example.invalid");
  const run = await cli(["migrate", "--phase", "all", "--direct", "--commit", "--yes"], root);
  expect(run.code).toBe(0);
  expect(git(root, "rev-list", "--count", "HEAD").trim()).toBe("4");
  expect(git(root, "status", "--porcelain")).toBe("");
});

test("apply of a saved plan gives what migrate gives", async () => {
  const [planned, migrated] = [makeExample(), makeExample()];
  const file = join(makeTempDir(), "plan.json");
  await cli(["plan", "-o", file], planned);
  expect(readTree(planned)).toEqual(readTree(migrated));
  expect((await cli(["apply", "--yes", file], planned)).code).toBe(0);
  expect((await cli(["migrate", "--yes"], migrated)).code).toBe(0);
  expect(readTree(planned)).toEqual(readTree(migrated));
});

test("apply refuses where the source or the root has become another one", async () => {
  const root = makeExample();
  const file = join(makeTempDir(), "plan.json");
  await cli(["plan", "-o", file], root);
  const cluster = join(root, "kubernetes/flux/config/cluster.yaml");
  writeFileSync(cluster, readFileSync(cluster, "utf8").replaceAll("name: home-ops", "name: house"));
  commitAll(root, "Another name");
  const run = await cli(["apply", "--yes", file], root);
  expect(run.code).toBe(2);
  expect(run.err).toContain("kubernetes/flux/config/cluster.yaml has changed");
});

test("apply refuses when a file the plan was derived from has changed", async () => {
  const root = makeExample();
  const file = join(makeTempDir(), "plan.json");
  await cli(["plan", "-o", file], root);
  const flux = join(root, "kubernetes/flux/config/flux.yaml");
  writeFileSync(flux, readFileSync(flux, "utf8").replace("v2.6.4", "v2.6.3"));
  commitAll(root, "Another version");
  const run = await cli(["apply", "--yes", file], root);
  expect(run.code).toBe(2);
  expect(run.err).toContain("kubernetes/flux/config/flux.yaml has changed");
});

test("the diff of every phase applies with git and reverses", async () => {
  const root = makeExample();
  for (const phase of ["install", "cutover", "cleanup"]) {
    const before = readTree(root);
    const patch = join(makeTempDir(), "x.patch");
    writeFileSync(patch, (await cli(["plan", "--phase", phase, "--format", "diff"], root)).out);
    git(root, "apply", patch);
    const patched = readTree(root);
    git(root, "apply", "--reverse", patch);
    expect(readTree(root)).toEqual(before);
    await migrate(root, phase);
    expect(readTree(root)).toEqual(patched);
  }
});

test("the plan as JSON survives a round trip and names no place on this machine", async () => {
  const root = makeExample();
  const { out } = await cli(["plan", "--format", "json"], root);
  const plan = JSON.parse(out) as Plan;
  expect(plan.schema).toBe(1);
  expect(plan.phases.map((phase) => phase.phase)).toEqual(["install"]);
  expect(out).not.toContain(root);
});

test.each([
  ["--only", "operator-app"],
  ["--skip", "instance-app,port-patches,carry-sync"],
])("%s limits what runs", async (flag, ids) => {
  const { out } = await cli(["plan", flag, ids, "--format", "json"], makeExample());
  const edits = (JSON.parse(out) as Plan).phases.flatMap((phase) => phase.clusters.flatMap((cluster) => cluster.edits));
  expect(edits.map((edit) => edit.transform)).toContain("operator-app");
  expect(edits.map((edit) => edit.transform)).not.toContain("instance-app");
});

test("an unknown cluster is a usage error that names the known ones", async () => {
  const run = await cli(["plan", "--cluster", "nope"], makeExample());
  expect(run.code).toBe(2);
  expect(run.err).toContain("Found:");
});

describe("folders that are no GitOps repository", () => {
  test.each([
    ["empty", {}],
    ["without Flux", { "README.md": "# Hello\n", "values.yaml": "a: 1\n" }],
  ])("%s: says what was looked for", async (_name, files) => {
    for (const argv of [[], ["scan"]]) {
      const run = await cli(argv, makeRepo(files as Record<string, string>));
      expect(run.out).toContain("No Flux cluster was recognised");
    }
  });

  test("a detached HEAD, an unborn branch and no git at all are worked on", async () => {
    const detached = makeExample();
    git(detached, "checkout", "--quiet", "--detach");
    expect((await cli(["plan"], detached)).code).toBe(0);
    const unborn = makeTempDir();
    git(unborn, "init", "--quiet");
    writeFiles(unborn, readTree(EXAMPLE));
    expect((await cli(["plan"], unborn)).code).toBe(0);
    process.env.XDG_STATE_HOME = makeTempDir();
    const bare = makeRepo(EXAMPLE, { branch: false });
    expect((await cli(["migrate", "--yes"], bare)).code).toBe(0);
    expect((await cli(["undo", "--yes"], bare)).code).toBe(0);
    expect(readTree(bare)).toEqual(readTree(EXAMPLE));
  });
});
