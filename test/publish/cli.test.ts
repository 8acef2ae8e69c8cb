import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/fixtures.ts";
import { git, makeRepo } from "../support/repo.ts";
import { startFake } from "./fake-forges.ts";
import { type ForgeServer, TOKEN } from "./forge-server.ts";
import { harmfulRepo, openJob } from "./job.ts";

let server: ForgeServer;
beforeEach(async () => {
  server = await startFake("gitea");
});
afterEach(() => server.close());

test("comments, sets the status, writes the summary and the reports; the verdict decides the exit code", async () => {
  const { folder, head, run } = openJob(server, harmfulRepo());
  const reports = join(folder, "reports");
  const done = await run("verify", "--base", "HEAD~1", "--publish", "auto", "--reports", reports);
  expect([done.code, done.out.includes("not safe to merge")]).toEqual([1, true]);
  expect(done.err).toContain("✔ The comment on Gitea is written.");
  expect(server.state.comments[0]!.body).toContain("# fluxlift: not safe to merge");
  expect(server.state.statuses).toMatchObject([{ commit: head, state: "failure", name: "fluxlift verify" }]);
  expect(readFileSync(join(folder, "summary.md"), "utf8")).toContain("# fluxlift: not safe to merge");
  const files = ["code-quality.json", "fluxlift.sarif", "report.html", "report.json", "report.md"];
  expect(readdirSync(reports).sort()).toEqual(files);
  for (const file of files) expect(readFileSync(join(reports, file), "utf8").length).toBeGreaterThan(100);
  expect(done.out + done.err + files.map((file) => readFileSync(join(reports, file), "utf8")).join()).not.toContain(
    TOKEN,
  );
});

test("the runner gets findings as commands, and nothing else does", async () => {
  const { run } = openJob(server, harmfulRepo(), { GITEA_ACTIONS: undefined, GITHUB_API_URL: "", GITHUB_TOKEN: "" });
  const { err } = await run("verify", "--base", "HEAD~1", "--publish", "auto");
  expect(err.split("\n").filter((line) => /^::(?:error|warning) file=[^:]+::/.test(line))).not.toEqual([]);
  expect(err.split("\n").filter((line) => line.startsWith("::") && !/^::(?:error|warning) file=/.test(line))).toEqual(
    [],
  );
});

test("a trial merge that CI checked out is told about the commit that was pushed", async () => {
  const root = harmfulRepo();
  const merged = git(root, "rev-parse", "HEAD").trim();
  const pushed = "e".repeat(40);
  const { folder, run } = openJob(server, root, { GITHUB_SHA: merged, GITHUB_REF: "refs/pull/7/merge" });
  writeFileSync(join(folder, "event.json"), JSON.stringify({ pull_request: { number: 7, head: { sha: pushed } } }));
  server.state.head = pushed;
  await run("verify", "--base", "HEAD~1", "--publish", "auto");
  expect(server.state.statuses.map(({ commit }) => commit)).toEqual([pushed]);
});

test("a commit in a merge queue gets the status that the queue waits for, and no comment", async () => {
  const github = await startFake("github");
  try {
    const { folder, head, run } = openJob(github, harmfulRepo(), { GITEA_ACTIONS: undefined });
    const queue = { merge_group: { head_sha: head, base_sha: "f".repeat(40) } };
    writeFileSync(join(folder, "event.json"), JSON.stringify(queue));
    const { code, err } = await run("verify", "--base", "HEAD~1", "--publish", "auto");
    expect([code, err]).toEqual([1, expect.stringContaining(`The status of ${head.slice(0, 7)} is failure.`)]);
    expect(github.state.statuses).toMatchObject([{ commit: head, state: "failure", name: "fluxlift verify" }]);
    expect(github.state.comments).toEqual([]);
    expect(github.requests.length).toBe(1);
    await run("verify", "--base", "nowhere", "--publish", "auto");
    expect(github.state.statuses.at(-1)).toMatchObject({ commit: head, state: "error" });
    expect(github.state.comments).toEqual([]);
  } finally {
    await github.close();
  }
});

test("a job that has checked out the base says nothing good of the change", async () => {
  const root = harmfulRepo();
  const base = git(root, "rev-parse", "HEAD~1").trim();
  const { head, run } = openJob(server, root, { GITHUB_SHA: base, GITHUB_REF: "refs/heads/main" });
  git(root, "checkout", "-q", base);
  expect((await run("verify", "--base", base, "--publish", "auto")).code).toBe(0);
  expect(server.state.statuses.filter(({ commit }) => commit === head)).toEqual([]);
  expect(server.state.comments[0]!.body).toContain("**Out of date.**");
});

test.each([
  ["refuses the token", { GITHUB_TOKEN: "expired" }, "401"],
  ["is down", { GITHUB_API_URL: "http://127.0.0.1:59998/api/v1" }, "ECONNREFUSED"],
  ["gave no token", { GITHUB_TOKEN: "" }, "the job has no token"],
  ["runs a job that is about no pull request", { GITHUB_EVENT_PATH: "/nowhere" }, "not about a pull request"],
])("a forge that %s fails the publishing, never the verdict", async (_, env, says) => {
  const { run } = openJob(server, harmfulRepo(), env);
  const harmful = await run("verify", "--base", "HEAD~1", "--publish", "auto");
  expect([harmful.code, harmful.out.includes("not safe to merge")]).toEqual([1, true]);
  expect(harmful.err).toContain(says);
  const safe = await run("verify", "--base", "HEAD", "--publish", "auto");
  expect([safe.code, safe.err.includes(says)]).toEqual([0, true]);
});

test("opens no connection without --publish", async () => {
  const { run } = openJob(server, harmfulRepo());
  await run("verify", "--base", "HEAD~1");
  expect(server.requests).toEqual([]);
});

test("a change that is no commit, and a forge that is none, are wrong usage", async () => {
  const { run } = openJob(server, harmfulRepo());
  expect((await run("verify", "--staged", "--publish", "auto")).code).toBe(2);
  expect((await run("verify", "--base", "HEAD~1", "--publish", "gerrit")).code).toBe(2);
  expect(server.requests).toEqual([]);
});

test("where nothing can be judged, an older answer does not go on standing there", async () => {
  const root = harmfulRepo();
  const { head, run } = openJob(server, root);
  await run("verify", "--base", "HEAD~1", "--publish", "auto");
  const done = await run("verify", "--base", "no`where`@team", "--publish", "auto");
  expect([done.code, done.err.includes("no`where`@team")]).toEqual([2, true]);
  expect(server.state.comments.map(({ body }) => body.includes("# fluxlift: could not be judged"))).toEqual([true]);
  expect(server.state.comments[0]!.body).not.toContain("@team");
  expect(server.state.statuses.map(({ commit, state }) => [commit, state])).toEqual([
    [head, "failure"],
    [head, "error"],
  ]);
});

test("plan has a comment and a status of its own", async () => {
  const root = makeRepo(join(PROJECT_ROOT, "examples/home-ops"));
  const { folder, head, run } = openJob(server, root);
  const reports = join(folder, "reports");
  const done = await run("plan", "--phase", "install", "--publish", "auto", "--reports", reports);
  expect([done.code, server.state.statuses]).toMatchObject([
    0,
    [{ commit: head, state: "success", name: "fluxlift plan" }],
  ]);
  const { body } = server.state.comments[0]!;
  expect(body).toContain("# fluxlift: install for 1 cluster");
  expect(body).toContain("```diff\ndiff --git a/");
  expect(body.length).toBeLessThan(65_536);
  expect(readdirSync(reports)).toContain("report.patch");
  expect((await run("plan", "--check", "--publish", "auto")).code).toBe(1);
  expect(server.state.statuses.at(-1)).toMatchObject({ state: "failure" });
  await run("verify", "--base", "HEAD", "--publish", "auto");
  expect(server.state.comments.map(({ body }) => /fluxlift:(\w+):/.exec(body)?.[1])).toEqual(["plan", "verify"]);
});
