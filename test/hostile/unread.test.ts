import { spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Plan } from "../../src/contract/plan.ts";
import { commitAll, makeRepo, makeTempDir } from "../support/repo.ts";
import { BUNDLE, EXAMPLE } from "./support.ts";

const APP = "kubernetes/apps/default/echo";
const FILE = `${APP}/ks.yaml`;
const NOBODY = 65534;

/** Runs a command; the superuser, who may read everything, steps down for it. */
function run(root: string, command: string, home = root) {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) giveAway(root);
  return spawnSync(process.execPath, [BUNDLE, command, "--format", "json"], {
    ...{ cwd: root, encoding: "utf8", maxBuffer: 1 << 28 },
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    env: { ...process.env, HOME: home, TMPDIR: join(root, ".git") },
  });
}

/** What a plan finds. */
function plan(root: string): { code: number | null; rules: string[]; what: string } {
  const done = run(root, "plan");
  const { phases } = JSON.parse(done.stdout) as Plan;
  const blockers = phases.flatMap(({ clusters }) => clusters.flatMap(({ findings }) => findings));
  const found = blockers.filter(({ level }) => level === "blocker");
  return { code: done.status, rules: found.map(({ rule }) => rule), what: found.map(({ what }) => what).join() };
}

/** To another user. */
function giveAway(root: string): void {
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).map((path) => join(root, path));
  for (const path of [root, ...paths]) chownSync(path, NOBODY, NOBODY);
  // The temporary folder of a test run is for its user alone.
  const parent = dirname(root);
  chmodSync(parent, statSync(parent).mode | 0o111);
}

function close(root: string, path: string): void {
  chmodSync(join(root, path), 0);
  onTestFinished(() => chmodSync(join(root, path), 0o755));
}

describe.skipIf(process.platform === "win32")("what a cluster delivers and nobody can read here", () => {
  test("is there to be read otherwise", () => {
    expect(plan(makeRepo(EXAMPLE))).toMatchObject({ code: 0, rules: [] });
  });

  test.each([
    ["a file", FILE],
    ["a folder", APP],
  ])("stops the cluster where %s is closed to the user: what names the old source in it would stay", (_, path) => {
    const root = makeRepo(EXAMPLE);
    close(root, path);
    const { code, rules, what } = plan(root);
    expect([code, rules]).toEqual([1, ["file-not-read"]]);
    expect(what).toContain(`${APP}/`);
  });

  test("stops it where the file is too large and speaks of Flux", () => {
    const root = makeRepo(EXAMPLE);
    appendFileSync(join(root, FILE), `# ${"x".repeat(2 ** 21)}\n`);
    commitAll(root, "Large");
    expect(plan(root)).toMatchObject({ code: 1, rules: ["file-not-read"], what: expect.stringContaining(FILE) });
  });

  test("is found at the end of a large file, across the pieces it is read in", () => {
    const root = makeRepo(EXAMPLE);
    const file = `${APP}/app/large.yaml`;
    appendFileSync(join(root, file), `# ${"x".repeat(2 ** 22 - 5)}fluxcd\n`);
    commitAll(root, "Large");
    expect(plan(root)).toMatchObject({ code: 1, what: expect.stringContaining(file) });
  });

  test("stops nothing where a large file says nothing of Flux", () => {
    const root = makeRepo(EXAMPLE);
    appendFileSync(join(root, `${APP}/app/large.yaml`), `# ${"x".repeat(2 ** 22)}\n`);
    commitAll(root, "Large");
    expect(plan(root)).toMatchObject({ code: 0, rules: [] });
  });
});

describe.skipIf(process.platform === "win32")("what git reads and nobody can read here", () => {
  test("does not stop where it is the list of what to ignore in a closed home folder", () => {
    const root = makeRepo(EXAMPLE);
    const home = makeTempDir();
    chmodSync(home, 0);
    onTestFinished(() => chmodSync(home, 0o755));
    const { status, stderr } = run(root, "scan", home);
    expect([status, stderr]).toEqual([0, expect.not.stringContaining("cannot be")]);
  });

  test("is named where it is a file of git's own, and not taken for a full disk", () => {
    const root = makeRepo(EXAMPLE);
    const file = ".git/info/exclude";
    mkdirSync(join(root, ".git/info"), { recursive: true });
    writeFileSync(join(root, file), "");
    close(root, file);
    const { status, stderr } = run(root, "scan");
    expect([status, stderr]).toEqual([2, expect.stringContaining(file)]);
    expect(stderr).not.toContain("TMPDIR");
  });
});
