import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commitAll, git, makeRepo, writeFiles } from "../support/repo.ts";
import { realEngine, runCli } from "../support/run-cli.ts";
import { homeTree } from "../verify/home-tree.ts";

test("exits 0 for a safe change, 1 for a harmful one, 2 for wrong usage", async () => {
  const root = makeRepo(homeTree());
  writeFiles(root, { "README.md": "Hello\n" });
  commitAll(root, "Safe");
  const safe = await runCli(["verify", "--base", "HEAD~1", root]);
  expect([safe.code, safe.out.includes("safe to merge")]).toEqual([0, true]);

  git(root, "rm", "-q", "kubernetes/apps/media/namespace.yaml");
  commitAll(root, "Harmful");
  const harmful = await runCli(["verify", "--base", "HEAD~1", root]);
  expect([harmful.code, harmful.out.includes("not safe to merge")]).toEqual([1, true]);
  const older = await runCli(["verify", "--base", "HEAD~2", "--head", "HEAD~1", root]);
  expect(older.code).toBe(0);

  expect((await runCli(["verify", root])).code).toBe(2);
  expect((await runCli(["verify", "--base", "nowhere", root])).code).toBe(2);
  const byText = await runCli(["verify", "--base", ":/Harmful", root]);
  expect([byText.code, byText.err.includes("HEAD^{/Harmful}")]).toEqual([2, true]);
});

test("names files from the top for a code host, whichever folder is looked at", async () => {
  const inside = Object.fromEntries(Object.entries(homeTree()).map(([path, text]) => [`infra/${path}`, text]));
  const root = makeRepo({ "README.md": "Hello\n", ...inside });
  git(root, "rm", "-q", "infra/kubernetes/apps/media/namespace.yaml");
  commitAll(root, "Harmful");
  const run = await runCli(["verify", "--base", "HEAD~1", "--reports", "out", "infra"], { cwd: root });
  expect(run.code).toBe(1);
  const [sarif, quality, json] = ["fluxlift.sarif", "code-quality.json", "report.json"].map((file) =>
    readFileSync(join(root, "out", file), "utf8"),
  );
  expect(sarif).toContain('"uri": "infra/kubernetes/');
  expect(quality).toContain('"path": "infra/kubernetes/');
  expect(json).toContain('"file": "kubernetes/');
});

test("so does a plan of a folder, in its reports and on stdout", async () => {
  const inside = Object.fromEntries(Object.entries(homeTree()).map(([path, text]) => [`infra/${path}`, text]));
  const root = makeRepo({ "README.md": "Hello\n", ...inside });
  commitAll(root, "All");
  const run = await runCli(["plan", "--reports", "out", "--format", "sarif", "infra"], {
    cwd: root,
    loader: realEngine,
  });
  const read = (file: string) => readFileSync(join(root, "out", file), "utf8");
  for (const text of [run.out, read("fluxlift.sarif")]) {
    expect(text).toContain('"uri": "infra/kubernetes/');
    expect(text).not.toContain('"uri": "kubernetes/');
  }
  expect(read("code-quality.json")).toContain('"path": "infra/kubernetes/');
  expect(read("report.json")).toContain('"file": "kubernetes/');
});

test("saves what the file name asks for", async () => {
  const root = makeRepo(homeTree());
  commitAll(root, "Nothing");
  for (const [file, start] of [
    ["out.sarif", '{\n  "$schema"'],
    ["out.json", '{\n  "tool": "fluxlift"'],
    ["out.md", "<!-- fluxlift -->"],
    ["out.txt", "fluxlift "],
  ] as const) {
    const run = await runCli(["verify", "--base", "HEAD~1", "-o", file, root], { cwd: root });
    expect([run.code, run.out]).toEqual([0, ""]);
    expect(readFileSync(join(root, file), "utf8").startsWith(start)).toBe(true);
  }
});
