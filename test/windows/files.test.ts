import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../src/contract/plan.ts";
import { findAlike } from "../../src/files/alike.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { commitAll, git, makeRepo, readTree, writeFiles } from "../support/repo.ts";
import { runHere, verifyHere } from "../verify/built.ts";

const APPS = "kubernetes/apps/flux-system";
const example = () => makeRepo(join(PROJECT_ROOT, "examples/home-ops"));

describe("upper and lower case", () => {
  test("a new file that a disk takes for one that is there is found, folders too", () => {
    const there = ["apps/Media/ks.yaml", "apps/flux/KS.yaml", "Docs/a.md", "docs/b.md", "x"];
    const created = ["apps/flux/ks.yaml", "apps/media/y.yaml", "docs/c.md", "apps/flux/z.yaml", "X/y.yaml", "new/a"];
    expect([...findAlike(there, created)]).toEqual([
      ["apps/flux/ks.yaml", "apps/flux/KS.yaml"],
      ["apps/media/y.yaml", "apps/Media/ks.yaml"],
      ["X/y.yaml", "x"],
    ]);
    expect(findAlike(there, []).size).toBe(0);
  });

  test("stops a plan, and nothing is written", async () => {
    const root = example();
    const taken = `${APPS}/Flux-Operator/readme.yaml`;
    writeFiles(root, { [taken]: "# mine\n" });
    commitAll(root, "Mine");
    const before = readTree(root);
    const plan = JSON.parse((await runHere(root, ["plan", "--format", "json"])).out) as Plan;
    const blockers = plan.phases[0]!.clusters[0]!.findings.filter(({ level }) => level === "blocker");
    expect(blockers.map(({ rule, at }) => [rule, at?.file])).toContainEqual(["path-taken", taken]);
    expect(blockers[0]!.what).toContain(`${taken} is the same file on Windows and macOS`);
    expect((await runHere(root, ["migrate", "--yes"])).code).toBe(1);
    expect(readTree(root)).toEqual(before);
  });
});

describe("line endings", () => {
  /** The example as git leaves it on Windows: `CRLF` in every file. */
  function windowsRepo(autocrlf: boolean): string {
    const root = example();
    const files = Object.entries(readTree(root)).filter(([, text]) => !text.includes("\0"));
    writeFiles(root, Object.fromEntries(files.map(([path, text]) => [path, text.replace(/\r?\n/g, "\r\n")])));
    git(root, "config", "core.autocrlf", String(autocrlf));
    commitAll(root, "As on Windows");
    return root;
  }

  /** Lines of a tree that end in a way most of their file does not. */
  const mixedIn = (root: string) =>
    Object.entries(readTree(root)).flatMap(([path, text]) => {
      const bare = text.match(/(?<!\r)\n/g)?.length ?? 0;
      const pairs = text.match(/\r\n/g)?.length ?? 0;
      return bare > 0 && pairs > 0 ? [path] : [];
    });

  test.each([false, true])(
    "stay as they are in every file, with autocrlf %s, and undo brings them back",
    async (autocrlf) => {
      const root = windowsRepo(autocrlf);
      const start = readTree(root);
      const { code, err } = await runHere(root, ["migrate", "--yes"]);
      expect(code, err).toBe(0);
      const after = readTree(root);
      const created = Object.keys(after).filter((path) => start[path] === undefined);
      expect(created.length).toBeGreaterThan(7);
      expect(created.filter((path) => !/\r\n/.test(after[path]!))).toEqual([]);
      expect(mixedIn(root)).toEqual([]);
      expect((await runHere(root, ["verify", "--base", "HEAD"])).out).toContain("safe to merge");
      expect((await runHere(root, ["undo", "--yes"])).code).toBe(0);
      expect(readTree(root)).toEqual(start);
    },
  );

  test("alone are no change to verify", async () => {
    const root = example();
    const base = git(root, "rev-parse", "HEAD").trim();
    const files = Object.entries(readTree(root)).map(([path, text]) => [path, text.replace(/\n/g, "\r\n")]);
    writeFiles(root, Object.fromEntries(files) as Record<string, string>);
    commitAll(root, "Windows");
    expect((await verifyHere(root, ["--base", base])).report).toMatchObject({ verdict: "safe" });
  });

  test("a diff of them applies with git", async () => {
    const root = windowsRepo(false);
    const { out } = await runHere(root, ["plan", "--format", "diff"]);
    execFileSync("git", ["-C", root, "apply", "--whitespace=nowarn"], { input: out });
    const written = readTree(root);
    git(root, "checkout", "-q", ".");
    git(root, "clean", "-fdq");
    const plan = JSON.parse((await runHere(root, ["plan", "--format", "json"])).out) as Plan;
    for (const { path, after } of plan.phases[0]!.files)
      expect(Buffer.from(written[path]!, "latin1").toString()).toBe(after);
  });
});
