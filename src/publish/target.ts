import { readFileSync, statSync } from "node:fs";
import { cutEnd } from "../contract/cut.ts";
import { isCommitId } from "../contract/names.ts";
import type { ForgeName } from "./forge-names.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** A pull request, as the CI job that runs here says. */
export interface Target {
  forge: ForgeName;
  api: string;
  /** Absent where the job was given none. */
  token?: string;
  repository: string;
  /** Absent where only the branch is known that it comes from. */
  pull?: number;
  /** That branch. */
  from?: Origin;
  /** The commit the pull request was at when the job began. */
  head?: string;
  /** The trial merge that CI checked out in place of it. */
  merged?: string;
  /** `head` is a commit of a merge queue, which waits for its status; comments belong to the pull requests in it. */
  queued?: true;
  /** The page of the job. */
  job?: string;
}

/** Where a pull request comes from, which may be a fork. */
export interface Origin {
  owner: string;
  branch: string;
}

/** Why nothing can be published from here. */
export interface NoTarget {
  missing: string;
}

/** An event larger than this is none. */
const MOST_EVENT = 32 << 20;

/** The forge whose CI runs here; undefined outside of the known ones. Gitea and Forgejo set what GitHub sets as well. */
export function detectForge(env: Env): ForgeName | undefined {
  if (env.FORGEJO_ACTIONS) return "forgejo";
  if (env.GITEA_ACTIONS) return "gitea";
  if (env.GITHUB_ACTIONS) return /\/api\/v1\/?$/.test(env.GITHUB_API_URL ?? "") ? "gitea" : "github";
  if (env.GITLAB_CI) return "gitlab";
  if (env.TF_BUILD) return "azure";
  if (env.BITBUCKET_BUILD_NUMBER) return "bitbucket";
  return undefined;
}

/**
 * The pull request that a job is about.
 * @param asked a forge, or `auto` for the one that the environment tells
 * @param number of the pull request, where the job runs for something else
 */
export function readTarget(env: Env, asked: ForgeName | "auto", number?: number): Target | NoTarget {
  const forge = asked === "auto" ? detectForge(env) : asked;
  if (forge === undefined) return { missing: "No CI job of a known forge runs here. Name the forge with --publish." };
  const { pull = 0, head, merged, queued, ...target } = READERS[forge](env, forge);
  const known = number ?? (Number.isSafeInteger(pull) && pull > 0 ? pull : undefined);
  const isQueued = queued === true && known === undefined;
  if (known === undefined && !target.from && !isQueued) return { missing: "This job is not about a pull request." };
  if (target.api === "" || target.repository === "") {
    return { missing: `The environment does not say which repository of ${forge} this is.` };
  }
  // The commits of the job are those of the pull request that the job is about, and of no other.
  const isIts = number === undefined || number === pull || target.from !== undefined;
  const commits = isIts ? { ...some("head", head), ...some("merged", merged) } : {};
  return { ...target, ...commits, ...(known !== undefined && { pull: known }), ...(isQueued && { queued }) };
}

type Reader = (env: Env, forge: ForgeName) => Target;

const READERS: Readonly<Record<ForgeName, Reader>> = {
  github: readActions,
  gitea: readActions,
  forgejo: readActions,
  gitlab: readGitlab,
  azure: readAzure,
  bitbucket: readBitbucket,
};

function readActions(env: Env, forge: ForgeName): Target {
  const server = trimSlash(env.GITHUB_SERVER_URL);
  const pages = forge === "github" ? "https://api.github.com" : `${server}/api/v1`;
  const { pull_request: pull, workflow_run: run, merge_group: group } = readEvent(env.GITHUB_EVENT_PATH) ?? {};
  const queued = commit(group?.head_sha);
  const [, number, kind] = /^refs\/pull\/(\d+)\/(\w+)$/.exec(env.GITHUB_REF ?? "") ?? [];
  const repository = env.GITHUB_REPOSITORY ?? "";
  const own = forge === "github" ? env.GITHUB_TOKEN : (env.GITEA_TOKEN ?? env.FORGEJO_TOKEN ?? env.GITHUB_TOKEN);
  return {
    forge,
    api: trimSlash(env.FLUXLIFT_API_URL) || trimSlash(env.GITHUB_API_URL) || pages,
    repository,
    pull: Number(pull?.number ?? number ?? 0),
    ...originOf(run),
    ...some("token", env.FLUXLIFT_TOKEN || own),
    ...some("head", queued ?? commit(run ? run.head_sha : pull?.head?.sha)),
    ...(queued !== undefined && { queued: true as const }),
    // In a job that runs for the base branch this is the base: judging that says nothing of the change.
    ...some("merged", kind === "merge" ? commit(env.GITHUB_SHA) : undefined),
    ...some("job", server && env.GITHUB_RUN_ID && `${server}/${repository}/actions/runs/${env.GITHUB_RUN_ID}`),
  };
}

function readGitlab(env: Env): Target {
  return {
    forge: "gitlab",
    api: trimSlash(env.CI_API_V4_URL),
    repository: env.CI_PROJECT_ID ?? "",
    pull: Number(env.CI_MERGE_REQUEST_IID ?? 0),
    // The token of a job may not write comments.
    ...some("token", env.FLUXLIFT_TOKEN || env.GITLAB_TOKEN),
    ...some("head", commit(env.CI_MERGE_REQUEST_SOURCE_BRANCH_SHA) ?? commit(env.CI_COMMIT_SHA)),
    ...some("merged", commit(env.CI_COMMIT_SHA)),
    ...some("job", env.CI_JOB_URL),
  };
}

/** A build may be of a repository that lies on another forge, and so do its pull requests. */
function readAzure(env: Env): Target {
  const api = trimSlash(env.SYSTEM_COLLECTIONURI);
  const project = env.SYSTEM_TEAMPROJECTID ?? env.SYSTEM_TEAMPROJECT ?? "";
  const isHere = (env.BUILD_REPOSITORY_PROVIDER ?? "TfsGit") === "TfsGit";
  const repository = isHere && env.BUILD_REPOSITORY_ID && project && `${project}/${env.BUILD_REPOSITORY_ID}`;
  const build =
    env.BUILD_BUILDID && `${api}/${encodeURIComponent(project)}/_build/results?buildId=${env.BUILD_BUILDID}`;
  return {
    forge: "azure",
    api,
    repository: repository || "",
    pull: Number(env.SYSTEM_PULLREQUEST_PULLREQUESTID ?? 0),
    ...some("token", env.FLUXLIFT_TOKEN || env.SYSTEM_ACCESSTOKEN),
    ...some("head", commit(env.SYSTEM_PULLREQUEST_SOURCECOMMITID)),
    ...some("merged", commit(env.BUILD_SOURCEVERSION)),
    ...some("job", build),
  };
}

function readBitbucket(env: Env): Target {
  const { BITBUCKET_WORKSPACE: workspace, BITBUCKET_REPO_SLUG: slug, BITBUCKET_BUILD_NUMBER: build } = env;
  const repository = workspace && slug ? `${workspace}/${slug}` : "";
  return {
    forge: "bitbucket",
    api: "https://api.bitbucket.org/2.0",
    repository,
    pull: Number(env.BITBUCKET_PR_ID ?? 0),
    ...some("token", env.FLUXLIFT_TOKEN || env.BITBUCKET_TOKEN),
    ...some("head", commit(env.BITBUCKET_COMMIT)),
    ...some("job", build && `https://bitbucket.org/${repository}/pipelines/results/${build}`),
  };
}

/** The parts of an event that are used; anything may be missing. */
interface Event {
  pull_request?: { number?: unknown; head?: { sha?: unknown } };
  workflow_run?: WorkflowRun;
  merge_group?: { head_sha?: unknown };
}

/** A run that ended and made another one begin. The forge says what is in here, not the run. */
interface WorkflowRun {
  event?: unknown;
  head_sha?: unknown;
  head_branch?: unknown;
  head_repository?: { owner?: { login?: unknown } };
}

function originOf(run: WorkflowRun | undefined): Pick<Target, "from"> {
  const { event, head_branch: branch, head_repository: repository } = run ?? {};
  const owner = repository?.owner?.login;
  if (event !== "pull_request" || typeof owner !== "string" || typeof branch !== "string") return {};
  return { from: { owner, branch } };
}

function readEvent(path: string | undefined): Event | undefined {
  if (!path) return undefined;
  try {
    if (statSync(path).size > MOST_EVENT) return undefined;
    const event: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof event === "object" && event !== null ? event : undefined;
  } catch {
    // A job without an event is about no pull request, and that is said.
    return undefined;
  }
}

function commit(value: unknown): string | undefined {
  return typeof value === "string" && isCommitId(value) ? value : undefined;
}

function some<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value ? ({ [key]: value } as Record<K, string>) : {};
}

function trimSlash(url: string | undefined): string {
  return cutEnd(url ?? "", "/");
}
