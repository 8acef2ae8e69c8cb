import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startFake } from "./fake-forges.ts";
import type { ForgeServer } from "./forge-server.ts";
import { harmfulRepo, openJob } from "./job.ts";

let server: ForgeServer;
beforeEach(async () => {
  server = await startFake("gitea");
});
afterEach(() => server.close());

/** The run for a fork, which may write nothing but a report; then the job that may comment. */
async function judgeFork() {
  const root = harmfulRepo();
  const fork = openJob(server, root, { GITHUB_TOKEN: undefined });
  const reports = join(fork.folder, "reports");
  const judged = await fork.run("verify", "--base", "HEAD~1", "--reports", reports);
  expect([judged.code, server.requests]).toEqual([1, []]);
  const { head, folder, ...job } = openJob(server, root);
  const trigger = (sha: string, branch = "feature") => {
    const head_repository = { owner: { login: "stranger" } };
    const workflow_run = { event: "pull_request", head_sha: sha, head_branch: branch, head_repository };
    writeFileSync(join(folder, "event.json"), JSON.stringify({ workflow_run }));
  };
  trigger(head);
  return { file: join(reports, "report.json"), head, trigger, ...job };
}

test("comments under the pull request that the forge names, and says whose word it is", async () => {
  const { file, head, run } = await judgeFork();
  const done = await run("publish", "--from", file);
  expect([done.code, done.err.includes("✔ The comment on Gitea is written.")]).toEqual([0, true]);
  const { body } = server.state.comments[0]!;
  expect(body).toContain("# fluxlift: not safe to merge");
  expect(body).toContain("which its author can change");
  expect(server.state.statuses).toMatchObject([{ commit: head, state: "failure" }]);
});

test("a report that was made to look safe gets no green status", async () => {
  const { file, run } = await judgeFork();
  const report = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...report, verdict: "safe", clusters: [], findings: [] }));
  expect((await run("publish", "--from", file)).code).toBe(0);
  expect(server.state.comments[0]!.body).toContain("which its author can change");
  expect(server.state.statuses).toEqual([]);
});

test.each([
  ["another commit than that of the run", "f".repeat(40), "feature", "the run that wrote it was for fffffff"],
  ["a branch without a pull request", undefined, "other", "No open pull request from stranger:other"],
])("a report for %s is not published", async (_, sha, branch, says) => {
  const { file, head, trigger, run } = await judgeFork();
  trigger(sha ?? head, branch);
  const done = await run("publish", "--from", file);
  expect([done.code, done.err.includes(says)]).toEqual([2, true]);
  expect(server.state.comments).toEqual([]);
});

test("--pull names the pull request for a job that does not tell; nonsense is wrong usage", async () => {
  const { file, trigger, run } = await judgeFork();
  trigger("0".repeat(39));
  expect((await run("publish", "--from", file, "--pull", "7")).code).toBe(0);
  expect(server.state.comments).toHaveLength(1);
  expect((await run("publish", "--from", file, "--pull", "7/../8")).code).toBe(2);
  expect((await run("publish", "--from", "nowhere.json")).code).toBe(2);
  expect((await run("publish")).code).toBe(2);
});

test.runIf(existsSync("/dev/zero"))("a report that never ends is told from one", async () => {
  const { run } = await judgeFork();
  const done = await run("publish", "--from", "/dev/zero");
  expect([done.code, done.err]).toEqual([2, expect.stringContaining("The report /dev/zero is larger than it can be.")]);
});

test("--to names the forge where the job does not tell", async () => {
  const { file, run } = await judgeFork();
  const elsewhere = await run("publish", "--from", file, "--to", "gitlab", "--pull", "7");
  expect([elsewhere.code, elsewhere.err.includes("which repository of gitlab")]).toEqual([2, true]);
  expect((await run("publish", "--from", file, "--to", "gitea")).code).toBe(0);
});

test("a report names no commit to be marked but that of the pull request", async () => {
  const { file, trigger, run } = await judgeFork();
  trigger("0".repeat(39));
  const report = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...report, head: { ...report.head, commit: "e".repeat(40) } }));
  const done = await run("publish", "--from", file, "--pull", "7");
  expect([done.code, done.err.includes("No status is set")]).toEqual([0, true]);
  expect(server.state.comments[0]!.body).toContain("**Out of date.**");
  expect(server.state.statuses).toEqual([]);
});
