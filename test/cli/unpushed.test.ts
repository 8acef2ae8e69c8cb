import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { commitAll, git, makeRepo, readTree, writeFiles } from "../support/repo.ts";
import { realEngine, runCli } from "../support/run-cli.ts";

const run = (cwd: string, ...argv: string[]) => runCli(argv, { loader: realEngine, cwd });
const CUTOVER = ["migrate", "--phase", "cutover", "--yes", "--commit"];

/** The example with the install phase committed, while `origin/main` is where it was before. */
async function installed(): Promise<string> {
  const root = makeRepo(`${PROJECT_ROOT}/examples/home-ops`, { remote: "https://github.com/example/home-ops.git" });
  git(root, "update-ref", "refs/remotes/origin/main", "HEAD");
  expect((await run(root, "migrate", "--yes", "--commit")).code).toBe(0);
  return root;
}

test("a phase is not written before the one before it is pushed", async () => {
  const root = await installed();
  const before = readTree(root);
  const refused = await run(root, ...CUTOVER);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("Nothing was written: what comes before is not pushed");
  expect(refused.err).toContain("--unpushed");
  expect(readTree(root)).toEqual(before);

  const plan = await run(root, "plan", "--phase", "cutover");
  expect(plan.code).toBe(1);
  expect(plan.err).toContain("one push of both");
  expect(plan.err).toContain("git push");
  // The diff is still there to be read.
  expect(plan.out).toContain("deleted file mode");
});

test("a tag that is called as the remote branch is no push", async () => {
  const root = await installed();
  git(root, "tag", "origin/main", "HEAD");
  expect((await run(root, ...CUTOVER)).code).toBe(1);
});

test("once it is pushed, or the owner says so, it is written", async () => {
  const pushed = await installed();
  git(pushed, "update-ref", "refs/remotes/origin/main", "HEAD");
  expect((await run(pushed, ...CUTOVER)).code).toBe(0);
  const said = await installed();
  expect((await run(said, ...CUTOVER, "--unpushed")).code).toBe(0);
});

test("a saved plan is held back as well", async () => {
  const root = await installed();
  await run(root, "plan", "--phase", "cutover", "-o", "../plan.json");
  const before = readTree(root);
  const applied = await run(root, "apply", "--yes", "../plan.json");
  expect([applied.code, readTree(root)]).toEqual([1, before]);
});

describe("a saved plan of a later phase, when it is applied", () => {
  const apply = (root: string, ...flags: string[]) => run(root, "apply", "--yes", ...flags, "../plan.json");
  async function saved(): Promise<string> {
    const root = await installed();
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD");
    expect((await run(root, "plan", "--phase", "cutover", "-o", "../plan.json")).code).toBe(0);
    return root;
  }

  test("is written where the phase before is still in the commit that the cluster reads", async () => {
    expect((await apply(await saved())).code).toBe(0);
  });

  test("is held back where the remote branch lacks the phase before by now", async () => {
    const root = await saved();
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD~1");
    const before = readTree(root);
    const applied = await apply(root);
    expect([applied.code, readTree(root)]).toEqual([1, before]);
    expect(applied.err).toContain("what comes before is not pushed");
    expect(applied.err.replace(/\s+/g, " ")).toContain("with --unpushed where the plan is made");
  });

  test("is refused where the phase before is in the files and in no commit", async () => {
    const root = await saved();
    git(root, "reset", "-q", "--soft", "HEAD~1");
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD");
    const before = readTree(root);
    const applied = await apply(root, "--allow-dirty");
    expect([applied.code, readTree(root)]).toEqual([2, before]);
    expect(applied.err).toMatch(/^✗ \S+\.yaml:\d+:\d+: The install phase is not complete.*Nothing was written/s);
  });

  test("is written though a cluster has come since, which it leaves alone, and by which the first is called otherwise", async () => {
    const root = makeRepo(makeFluxSystem("clusters/home"));
    expect((await run(root, "migrate", "--yes", "--commit")).code).toBe(0);
    expect((await run(root, "plan", "--phase", "cutover", "-o", "../plan.json")).code).toBe(0);
    writeFiles(root, makeFluxSystem("clusters/edge"));
    commitAll(root, "Add a cluster");
    const applied = await apply(root);
    expect([applied.code, applied.err]).toEqual([0, expect.stringContaining("Wrote 2 files (1 changed, 1 removed)")]);
  });

  test("is refused where a file has come that has to change with it", async () => {
    const root = await saved();
    const folder = join(root, "kubernetes/apps/default");
    const app = readFileSync(join(folder, "echo/ks.yaml"), "utf8");
    writeFileSync(join(folder, "late.yaml"), app.replaceAll(/\becho\b/g, "late"));
    const listing = join(folder, "kustomization.yaml");
    writeFileSync(listing, `${readFileSync(listing, "utf8").trimEnd()}\n  - ./late.yaml\n`);
    commitAll(root, "Add an app");
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD");
    const before = readTree(root);
    const applied = await apply(root);
    expect([applied.code, readTree(root)]).toEqual([2, before]);
    expect(applied.err).toContain("it would also change kubernetes/apps/default/late.yaml");
  });

  test("is written once the phase before is pushed, though it was not when the plan was saved", async () => {
    const root = await installed();
    expect((await run(root, "plan", "--phase", "cutover", "-o", "../plan.json")).code).toBe(1);
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD");
    expect((await apply(root)).code).toBe(0);
  });
});

test("where no remote branch is known, the commit counts", async () => {
  const root = makeRepo(`${PROJECT_ROOT}/examples/home-ops`);
  expect((await run(root, "migrate", "--yes")).code).toBe(0);
  commitAll(root, "Install");
  expect((await run(root, ...CUTOVER)).code).toBe(0);
});

test("a clone without the branch that the cluster reads does not show what that branch has", async () => {
  const root = await installed();
  git(root, "branch", "--move", "other");
  git(root, "update-ref", "-d", "refs/remotes/origin/main");
  // An unpacked archive has a branch of any name, and no remote one.
  const plan = () => run(root, "plan", "--phase", "cutover");
  expect((await plan()).err).not.toContain("phase-not-proven");
  git(root, "update-ref", "refs/remotes/origin/other", "HEAD");
  const refused = await plan();
  expect(refused.code).toBe(1);
  expect(refused.err.replace(/\s+/g, " ")).toContain(
    "This clone does not have main, the branch that the cluster reads, so nothing shows that it has what comes before cutover.",
  );
  expect(refused.err.replace(/\s+/g, " ")).toContain("git fetch origin main:refs/remotes/origin/main");
  expect((await run(root, "scan")).out.replace(/\s+/g, " ")).toContain("is pushed, and main does not have it");
  expect((await run(root, "plan", "--phase", "cutover", "--unpushed")).code).toBe(0);
  git(root, "update-ref", "refs/remotes/origin/main", "HEAD");
  expect((await plan()).code).toBe(0);
});

test("--check asks for what is left in any phase, with --phase for that one", async () => {
  const root = await installed();
  expect((await run(root, "plan", "--check")).code).toBe(1);
  expect((await run(root, "plan", "--check", "--phase", "install")).code).toBe(0);
});

test("a cluster that reads a tag has what the tag has, not what is merged", async () => {
  const root = makeRepo(`${PROJECT_ROOT}/examples/home-ops`, { remote: "https://github.com/example/home-ops.git" });
  const source = join(root, "kubernetes/flux/config/cluster.yaml");
  writeFileSync(source, readFileSync(source, "utf8").replace("branch: main", "tag: live"));
  commitAll(root, "Read the tag");
  const merged = () => git(root, "update-ref", "refs/remotes/origin/main", "HEAD");
  merged();
  const install = await run(root, "migrate", "--yes", "--commit");
  expect([install.code, install.err]).toEqual([0, expect.stringContaining("reads tag live")]);
  merged();

  const unknown = await run(root, ...CUTOVER);
  expect(unknown.code).toBe(1);
  expect(unknown.err.replace(/\s+/g, " ")).toContain("This clone does not have live, the tag that the cluster reads");

  git(root, "tag", "live", "HEAD~1");
  const behind = await run(root, ...CUTOVER);
  expect(behind.code).toBe(1);
  expect(behind.err.replace(/\s+/g, " ")).toContain("is not complete in tag live");
  expect(behind.err.replace(/\s+/g, " ")).toContain("move the tag to it");
  expect((await run(root, "scan")).out.replace(/\s+/g, " ")).toContain("tag live does not have it");

  git(root, "tag", "--force", "live", "HEAD");
  expect((await run(root, ...CUTOVER)).code).toBe(0);
});

test("in a clone of a fork the branch of the repository that the cluster reads counts, not that of the fork", async () => {
  const root = await installed();
  git(root, "remote", "add", "upstream", "git@github.com:lighthouse-keeper/home-ops.git");
  git(root, "remote", "set-url", "origin", "https://github.com/me/home-ops.git");
  git(root, "update-ref", "refs/remotes/origin/main", "HEAD");
  const plan = async () => {
    const { code, err } = await run(root, "plan", "--phase", "cutover");
    return [code, err.replace(/\s+/g, " ")] as const;
  };
  const [code, unknown] = await plan();
  expect(code).toBe(1);
  expect(unknown).toContain("git fetch upstream main:refs/remotes/upstream/main");
  git(root, "update-ref", "refs/remotes/upstream/main", "HEAD~1");
  const [behind, said] = await plan();
  expect(behind).toBe(1);
  expect(said).toContain("is committed here but not in upstream/main");
  expect(said).toContain("Have the phase before merged into upstream/main");
  expect((await run(root, ...CUTOVER)).code).toBe(1);
  git(root, "update-ref", "refs/remotes/upstream/main", "HEAD");
  expect((await plan())[0]).toBe(0);
});
