import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openWorkspace } from "../../src/files/snapshot.ts";
import { findForeign } from "../report/html/markup.ts";
import { samplePlan } from "../report/sample-plan.ts";
import { commitAll, makeRepo, writeFiles } from "../support/repo.ts";
import { engineThatPlans, runCli } from "../support/run-cli.ts";
import { homeTree } from "../verify/home-tree.ts";

const loader = engineThatPlans(() => samplePlan());

test("plan saves a page where the name of the file asks for one, and says so to the person", async () => {
  const root = makeRepo(homeTree());
  const saved = await runCli(["plan", "-o", "report.html", root], { cwd: root, loader });
  expect([saved.out, saved.err.includes("Saved report.html")]).toEqual(["", true]);
  const page = readFileSync(join(root, "report.html"), "utf8");
  expect(findForeign(page)).toEqual([]);
  const printed = await runCli(["plan", "--format", "html", root], { cwd: root, loader });
  expect([printed.out === page, printed.err]).toEqual([true, ""]);
});

test("migrate and oci print it as well, and a page is never what was written to the repository", async () => {
  const root = makeRepo(homeTree());
  const before = (await openWorkspace(root)).tree.paths;
  const run = await runCli(["migrate", "--dry-run", "--format", "html", root], { cwd: root, loader });
  expect(run.out.startsWith("<!doctype html>")).toBe(true);
  expect((await openWorkspace(root)).tree.paths).toEqual(before);
});

test("verify saves and prints a page, with the exit code of the verdict", async () => {
  const root = makeRepo(homeTree());
  writeFiles(root, { "kubernetes/apps/media/kustomization.yaml": "resources: [nowhere.yaml]\n" });
  commitAll(root, "Break");
  const saved = await runCli(["verify", "--base", "HEAD~1", "-o", "v.html", root], { cwd: root });
  const printed = await runCli(["verify", "--base", "HEAD~1", "--format", "html", root]);
  const page = readFileSync(join(root, "v.html"), "utf8");
  expect([saved.code, saved.out, printed.code, printed.out === page]).toEqual([1, "", 1, true]);
  expect(page).toContain("<h1>Not safe to merge</h1>");
  expect(page).toContain("nowhere.yaml");
});

test("what has no page of its own does not write text into one", async () => {
  const root = makeRepo(homeTree());
  const run = await runCli(["scan", "-o", "scan.html", root], { cwd: root, loader });
  expect([run.code, run.err.includes("plan -o")]).toEqual([2, true]);
});
