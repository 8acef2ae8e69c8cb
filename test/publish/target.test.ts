import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { detectForge, readTarget } from "../../src/publish/target.ts";

const SHA = "c".repeat(40);
const MERGE = "d".repeat(40);

function eventFile(event: unknown): string {
  const file = join(mkdtempSync(join(tmpdir(), "fluxlift-event-")), "event.json");
  writeFileSync(file, typeof event === "string" ? event : JSON.stringify(event));
  return file;
}

const ACTIONS = {
  GITHUB_ACTIONS: "true",
  GITHUB_SERVER_URL: "https://git.example",
  GITHUB_API_URL: "https://git.example/api/v3",
  GITHUB_REPOSITORY: "acme/fleet",
  GITHUB_RUN_ID: "12",
  GITHUB_SHA: MERGE,
  GITHUB_REF: "refs/pull/7/merge",
  GITHUB_TOKEN: "t",
};

test("GitHub: number and head come from the event", () => {
  const GITHUB_EVENT_PATH = eventFile({ pull_request: { number: 7, head: { sha: SHA } } });
  expect(readTarget({ ...ACTIONS, GITHUB_EVENT_PATH }, "auto")).toEqual({
    forge: "github",
    api: "https://git.example/api/v3",
    repository: "acme/fleet",
    pull: 7,
    token: "t",
    head: SHA,
    merged: MERGE,
    job: "https://git.example/acme/fleet/actions/runs/12",
  });
});

test("GitHub: the commit of a merge queue is about no pull request, and gets a status", () => {
  const event = { merge_group: { head_sha: SHA, base_sha: MERGE, head_ref: "refs/heads/gh-readonly-queue/main/pr-7" } };
  const env = { ...ACTIONS, GITHUB_REF: event.merge_group.head_ref, GITHUB_SHA: SHA };
  const target = readTarget({ ...env, GITHUB_EVENT_PATH: eventFile(event) }, "auto");
  expect(target).toMatchObject({ head: SHA, queued: true });
  expect(target).not.toHaveProperty("pull");
  expect(readTarget({ ...env, GITHUB_EVENT_PATH: eventFile(event) }, "auto", 7)).not.toHaveProperty("queued");
  const odd = eventFile({ merge_group: { head_sha: "main" } });
  expect(readTarget({ ...env, GITHUB_EVENT_PATH: odd }, "auto")).toHaveProperty("missing");
});

test.each([
  ["an event that is no JSON", "{"],
  ["an event of another kind", { push: {} }],
  ["a number that is none", { pull_request: { number: "7/../8", head: { sha: SHA } } }],
  ["null", "null"],
])("GitHub: %s is about no pull request", (_, event) => {
  const env = { ...ACTIONS, GITHUB_REF: "refs/heads/main", GITHUB_EVENT_PATH: eventFile(event) };
  expect(readTarget(env, "auto")).toHaveProperty("missing");
});

test("Gitea and Forgejo are told from GitHub, whose variables they set too", () => {
  expect(detectForge({ ...ACTIONS, GITEA_ACTIONS: "true" })).toBe("gitea");
  expect(detectForge({ ...ACTIONS, GITEA_ACTIONS: "true", FORGEJO_ACTIONS: "true" })).toBe("forgejo");
  expect(detectForge({ ...ACTIONS, GITHUB_API_URL: "https://git.example/api/v1" })).toBe("gitea");
  expect(detectForge(ACTIONS)).toBe("github");
  expect(detectForge({})).toBeUndefined();
});

test("GitLab: the head of the branch, not the merged result that a pipeline may run on", () => {
  const env = { GITLAB_CI: "true", CI_API_V4_URL: "https://gl/api/v4", CI_PROJECT_ID: "42", CI_MERGE_REQUEST_IID: "7" };
  const merged = { ...env, CI_COMMIT_SHA: MERGE, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: SHA, CI_JOB_TOKEN: "no" };
  expect(readTarget(merged, "auto")).toEqual({
    forge: "gitlab",
    api: "https://gl/api/v4",
    repository: "42",
    pull: 7,
    head: SHA,
    merged: MERGE,
  });
  expect(readTarget({ ...env, CI_COMMIT_SHA: SHA, FLUXLIFT_TOKEN: "t" }, "auto")).toMatchObject({
    head: SHA,
    token: "t",
  });
});

test("Azure and Bitbucket", () => {
  const azure = {
    TF_BUILD: "True",
    SYSTEM_COLLECTIONURI: "https://dev.azure.com/acme/",
    SYSTEM_TEAMPROJECTID: "p",
    BUILD_REPOSITORY_ID: "r",
    BUILD_BUILDID: "5",
    SYSTEM_PULLREQUEST_PULLREQUESTID: "7",
    SYSTEM_PULLREQUEST_SOURCECOMMITID: SHA,
    BUILD_SOURCEVERSION: MERGE,
    SYSTEM_ACCESSTOKEN: "t",
  };
  expect(readTarget(azure, "auto")).toMatchObject({
    api: "https://dev.azure.com/acme",
    repository: "p/r",
    pull: 7,
    head: SHA,
    job: "https://dev.azure.com/acme/p/_build/results?buildId=5",
  });
  const bitbucket = { BITBUCKET_BUILD_NUMBER: "5", BITBUCKET_WORKSPACE: "acme", BITBUCKET_REPO_SLUG: "fleet" };
  expect(readTarget({ ...bitbucket, BITBUCKET_PR_ID: "7", BITBUCKET_COMMIT: SHA }, "auto")).toMatchObject({
    repository: "acme/fleet",
    pull: 7,
    head: SHA,
  });
  expect(readTarget(bitbucket, "auto")).toEqual({ missing: "This job is not about a pull request." });
});

test("nothing is guessed outside of CI", () => {
  expect(readTarget({}, "auto")).toHaveProperty("missing");
  expect(readTarget({}, "github")).toHaveProperty("missing");
});

test("a job of another branch lends its commit to no pull request", () => {
  const gitlab = { GITLAB_CI: "true", CI_API_V4_URL: "https://gl/api/v4", CI_PROJECT_ID: "42", CI_COMMIT_SHA: SHA };
  expect(readTarget(gitlab, "auto", 7)).toEqual({
    forge: "gitlab",
    api: "https://gl/api/v4",
    repository: "42",
    pull: 7,
  });
  const run = { event: "pull_request", head_sha: SHA, head_branch: "x", head_repository: { owner: { login: "y" } } };
  const GITHUB_EVENT_PATH = eventFile({ workflow_run: run });
  const actions = { ...ACTIONS, GITHUB_REF: "refs/heads/main", GITHUB_EVENT_PATH };
  expect(readTarget(actions, "auto", 7)).toMatchObject({ pull: 7, head: SHA });
  expect(readTarget(actions, "auto")).toMatchObject({ from: { owner: "y", branch: "x" }, head: SHA });
  const push = eventFile({ workflow_run: { ...run, event: "push" } });
  expect(readTarget({ ...actions, GITHUB_EVENT_PATH: push }, "auto")).toHaveProperty("missing");
});
