import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "../support/fixtures.ts";
import { commitAll, git, makeRepo } from "../support/repo.ts";
import { homeTree } from "../verify/home-tree.ts";
import { type ForgeServer, TOKEN } from "./forge-server.ts";

const BIN = join(PROJECT_ROOT, "dist/fluxlift.js");

/** A job of Gitea Actions for pull request 7 of a repository; the built fluxlift runs in it. */
export function openJob(server: ForgeServer, root: string, more: Record<string, string | undefined> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "fluxlift-job-"));
  const head = git(root, "rev-parse", "HEAD").trim();
  server.state.head = head;
  const event = join(folder, "event.json");
  writeFileSync(event, JSON.stringify({ pull_request: { number: 7, head: { sha: head } } }));
  const env = {
    PATH: process.env.PATH,
    CI: "true",
    GITEA_ACTIONS: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_API_URL: server.api,
    GITHUB_REPOSITORY: "acme/fleet",
    GITHUB_EVENT_PATH: event,
    GITHUB_STEP_SUMMARY: join(folder, "summary.md"),
    GITHUB_TOKEN: TOKEN,
    ...more,
  };
  const run = (...args: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((done) => {
      execFile(process.execPath, [BIN, ...args], { cwd: root, env }, (error, out, err) => {
        done({ code: error ? Number(error.code) : 0, out, err });
      });
    });
  return { folder, head, run };
}

/** A repository whose last commit takes out a namespace that is in use. */
export function harmfulRepo(): string {
  const root = makeRepo(homeTree());
  git(root, "rm", "-q", "kubernetes/apps/media/namespace.yaml");
  commitAll(root, "Harmful");
  return root;
}
