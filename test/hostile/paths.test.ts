import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { makeRepo, makeTempDir, readTree } from "../support/repo.ts";
import { CANARY, PATH_CASES } from "./path-cases.ts";
import { BUNDLE, EXAMPLE, fluxlift } from "./support.ts";

/** A folder that outlives no test: what nobody may read has to be removed in the end. */
function makePlace() {
  // Without git: it is asked in `git-programs.test.ts`, and would take most of the time.
  const root = makeRepo(EXAMPLE, { branch: false });
  const outside = join(makeTempDir(), "outside");
  mkdirSync(join(outside, "folder"), { recursive: true });
  const secret = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: toolkit.fluxcd.io-${CANARY}\n`;
  for (const path of ["secret.yaml", "open.yaml", "folder/kustomization.yaml"])
    writeFileSync(join(outside, path), secret);
  return { root, outside };
}

/** Names of everything below a folder; no link is followed, as node's own walk would. */
function held(root: string): string[] {
  const names: string[] = [];
  const open = [root];
  for (let dir = open.pop(); dir !== undefined; dir = open.pop()) {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      names.push(join(dir, entry.name));
      if (entry.isDirectory()) open.push(join(dir, entry.name));
    }
  }
  return names.sort();
}

test.each(Object.entries(PATH_CASES))(
  "%s is no way out of the repository, and ends no run badly",
  async (name, make) => {
    const place = makePlace();
    const before = held(place.outside);
    await make(place);
    const isOwn = name !== "a second name for a secret";
    try {
      // Where a later phase is stopped, the first alone is written.
      for (const flags of [["--phase", "all", "--direct"], []]) {
        const { code, text } = await fluxlift(place.root, "migrate", "--yes", ...flags);
        expect(text).not.toMatch(/defect of fluxlift|ENOBUFS|Maximum call stack|heap out of memory/);
        if (isOwn) expect(text).not.toContain(CANARY);
        expect(code, `${flags.join(" ")}: ${text.slice(-400)}`).toBeLessThanOrEqual(2);
        if (code === 0) break;
      }
    } finally {
      vi.unstubAllEnvs();
      const closed = join(place.root, "kubernetes/apps/default");
      if (existsSync(closed)) chmodSync(closed, 0o755);
    }
    expect(held(place.outside)).toEqual(before);
    for (const path of ["secret.yaml", "open.yaml"])
      expect(readFileSync(join(place.outside, path), "utf8")).toContain(CANARY);
    expect(held(place.root).filter((path) => path.endsWith("marker"))).toEqual([]);
  },
);

test.skipIf(process.platform === "win32")(
  "a checkout in a folder of any name is the one that is looked at and written",
  async () => {
    for (const name of ["re\npo", "re\n", "\t", "-x", "$(touch MARK)", "a:b", "'\"\\", "\u202e"]) {
      const root = join(makeTempDir(), name);
      renameSync(makeRepo(EXAMPLE), root);
      const before = readTree(root);
      const scanned = await fluxlift(root, "scan");
      expect([name, scanned.code, scanned.text]).toEqual([name, 0, expect.stringContaining("43 files scanned")]);
      expect([name, (await fluxlift(root, "verify", "--base", "HEAD", "--head", "WORKTREE")).code]).toEqual([name, 0]);
      expect([name, (await fluxlift(root, "migrate", "--yes")).code]).toEqual([name, 0]);
      expect(Object.keys(readTree(root)).length).toBeGreaterThan(Object.keys(before).length);
      expect([name, (await fluxlift(root, "undo", "--yes")).code]).toEqual([name, 0]);
      expect(readTree(root)).toEqual(before);
    }
  },
);

test("a list of what to ignore that is a pipe, or has no end, stops no run", async () => {
  for (const make of [(at: string) => execFileSync("mkfifo", [at]), (at: string) => symlinkSync("/dev/zero", at)]) {
    const root = makeRepo(EXAMPLE);
    mkdirSync(join(root, ".git/info"), { recursive: true });
    make(join(root, ".git/info/exclude"));
    const done = spawnSync(process.execPath, [BUNDLE, "scan"], { cwd: root, encoding: "utf8", timeout: 20_000 });
    expect(done.status, done.stderr).toBe(0);
  }
});
