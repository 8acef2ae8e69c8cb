import type { ForgeName } from "../../src/publish/forge-names.ts";
import { type Check, type ForgeState, ME, need, needOneOf, type Routes, startForge } from "./forge-server.ts";
import { checkGithub } from "./github-api.ts";

interface Fake {
  prefix: string;
  repository: string;
  /** Most characters of a comment. */
  most: number;
  routes: (state: ForgeState) => Routes;
  /** Throws where a request is not what the published description of the API has. */
  check?: Check;
}

/** How each forge is set up: where its API lies, what a repository is called, and its routes as its API documents them. */
export const FAKES: Readonly<Record<ForgeName, Fake>> = {
  github: { prefix: "/api/v3", repository: "acme/fleet", most: 65_536, routes: githubRoutes, check: checkGithub },
  gitea: { prefix: "/api/v1", repository: "acme/fleet", most: 65_536, routes: giteaRoutes },
  forgejo: { prefix: "/api/v1", repository: "acme/fleet", most: 65_536, routes: giteaRoutes },
  gitlab: { prefix: "/api/v4", repository: "42", most: 1_000_000, routes: gitlabRoutes },
  azure: { prefix: "/acme", repository: "fleet-project/fleet", most: 150_000, routes: azureRoutes },
  bitbucket: { prefix: "/2.0", repository: "acme/fleet", most: 32_768, routes: bitbucketRoutes },
};

export function startFake(forge: ForgeName) {
  const { prefix, routes, check } = FAKES[forge];
  return startForge(prefix, routes, check);
}

function store(state: ForgeState, body: string) {
  const comment = { id: state.comments.length + 1, author: ME, body };
  state.comments.push(comment);
  return comment;
}

/** Only what is there can be edited. */
function edit(state: ForgeState, id: string, body: string) {
  const comment = state.comments.find((one) => one.id === Number(id));
  if (!comment) throw new Error(`no comment ${id}`);
  comment.body = body;
  return comment;
}

function githubRoutes(state: ForgeState): Routes {
  const show = ({ id, author, body }: ForgeState["comments"][number]) => ({
    id,
    body,
    user: { login: author, type: "User" },
  });
  return {
    // GraphQL of GitHub Enterprise Server lies beside v3.
    "POST /api/graphql": () => ({ data: { viewer: { login: ME } } }),
    "GET /repos/acme/fleet/pulls/7": () => ({ number: 7, head: { sha: state.head } }),
    "GET /repos/acme/fleet/issues/7/comments": ({ url, headers }) => {
      const origin = `http://${headers.host}`;
      // Two on a page, so that a second page is asked for.
      const page = Number(new URL(url, "http://x").searchParams.get("page") ?? 1);
      const body = state.comments.slice((page - 1) * 2, page * 2).map(show);
      const link = `<${origin}/api/v3/repos/acme/fleet/issues/7/comments?per_page=100&page=${page + 1}>; rel="next"`;
      return { status: 200, body, headers: page * 2 < state.comments.length ? { link } : {} };
    },
    "POST /repos/acme/fleet/issues/7/comments": ({ body }) => {
      need(body, "body", "string", 65_536);
      return { status: 201, body: show(store(state, body.body)) };
    },
    "PATCH /repos/acme/fleet/issues/comments/(\\d+)": ({ body }, id) => {
      need(body, "body", "string", 65_536);
      return show(edit(state, id!, body.body));
    },
    "POST /repos/acme/fleet/statuses/([0-9a-f]{40})": ({ body }, commit) => setStatus(state, body, commit!, 140),
  };
}

function setStatus(
  state: ForgeState,
  body: { state: string; context: string; description: string; target_url?: string },
  commit: string,
  most: number,
) {
  needOneOf(body.state, ["error", "failure", "pending", "success"]);
  need(body, "context", "string");
  need(body, "description", "string", most);
  const { context, description, target_url } = body;
  state.statuses.push({
    commit,
    state: body.state,
    name: context,
    description,
    ...(target_url && { url: target_url }),
  });
  return { status: 201, body: { id: 1 } };
}

function giteaRoutes(state: ForgeState): Routes {
  const ids: Record<string, number> = { [ME]: 3 };
  const show = ({ id, author, body }: ForgeState["comments"][number]) => ({
    id,
    body,
    user: { id: ids[author] ?? 9, login: author },
  });
  return {
    "GET /user": () => ({ id: 3, login: ME }),
    "GET /repos/acme/fleet/pulls": ({ url }) => {
      const from = { owner: { login: "stranger" } };
      const old = { number: 6, head: { sha: "0".repeat(40), ref: "feature", repo: from } };
      const other = { number: 5, head: { sha: state.head, ref: "feature", repo: { owner: { login: "acme" } } } };
      const page = Number(new URL(url, "http://x").searchParams.get("page"));
      return page > 1 ? [] : [old, other, { number: 7, head: { sha: state.head, ref: "feature", repo: from } }];
    },
    "GET /repos/acme/fleet/pulls/7": () => ({ number: 7, head: { sha: state.head } }),
    "GET /repos/acme/fleet/issues/7/comments": () => state.comments.map(show),
    "POST /repos/acme/fleet/issues/7/comments": ({ body }) => {
      need(body, "body", "string");
      return { status: 201, body: show(store(state, body.body)) };
    },
    "PATCH /repos/acme/fleet/issues/comments/(\\d+)": ({ body }, id) => {
      need(body, "body", "string");
      return show(edit(state, id!, body.body));
    },
    "POST /repos/acme/fleet/statuses/([0-9a-f]{40})": ({ body }, commit) => setStatus(state, body, commit!, 255),
  };
}

function gitlabRoutes(state: ForgeState): Routes {
  const ids: Record<string, number> = { [ME]: 3 };
  const show = ({ id, author, body }: ForgeState["comments"][number]) => ({
    id,
    body,
    system: false,
    author: { id: ids[author] ?? 9 },
  });
  return {
    "GET /user": () => ({ id: 3, username: ME }),
    "GET /projects/42/merge_requests/7": () => ({ iid: 7, sha: state.head }),
    "GET /projects/42/merge_requests/7/notes": () => state.comments.map(show),
    "POST /projects/42/merge_requests/7/notes": ({ body }) => {
      need(body, "body", "string", 1_000_000);
      return { status: 201, body: show(store(state, body.body)) };
    },
    "PUT /projects/42/merge_requests/7/notes/(\\d+)": ({ body }, id) => {
      need(body, "body", "string", 1_000_000);
      return show(edit(state, id!, body.body));
    },
    "POST /projects/42/statuses/([0-9a-f]{40})": ({ body }, commit) => {
      needOneOf(body.state, ["pending", "running", "success", "failed", "canceled"]);
      need(body, "name", "string");
      need(body, "description", "string", 255);
      const said = body.state === "success" ? "success" : "failure";
      const page = body.target_url ? { url: body.target_url } : {};
      state.statuses.push({ commit: commit!, state: said, name: body.name, description: body.description, ...page });
      return { status: 201, body: { id: 1 } };
    },
  };
}

/** Places of the API that Microsoft's client asks for before it uses them. */
const GIT_AREA = [
  ["01a46dea-7d46-4d40-bc84-319e7c260d99", "{project}/_apis/git/pullRequests/{pullRequestId}"],
  [
    "ab6e2e5d-a0b7-4153-b64a-a4efe0d49449",
    "{project}/_apis/git/repositories/{repositoryId}/pullRequests/{pullRequestId}/threads/{threadId}",
  ],
  [
    "965a3ec7-5ed8-455a-bdcb-835a5ea7fe7b",
    "{project}/_apis/git/repositories/{repositoryId}/pullRequests/{pullRequestId}/threads/{threadId}/comments/{commentId}",
  ],
  [
    "d43911ee-6958-46b0-a42b-8445b8a0d004",
    "{project}/_apis/git/repositories/{repositoryId}/pullRequests/{pullRequestId}/iterations/{iterationId}",
  ],
  [
    "b5f6bb4f-8d1e-4d79-8d11-4c9172c99c35",
    "{project}/_apis/git/repositories/{repositoryId}/pullRequests/{pullRequestId}/statuses/{statusId}",
  ],
] as const;

function azureRoutes(state: ForgeState): Routes {
  const pull = "/fleet-project/_apis/git/repositories/fleet/pullRequests/7";
  const show = ({ id, author, body }: ForgeState["comments"][number]) => ({
    id,
    status: 4,
    comments: [{ id: 1, content: body, author: { id: author } }],
  });
  const area = GIT_AREA.map(([id, routeTemplate]) => ({
    id,
    area: "git",
    resourceName: "x",
    routeTemplate,
    resourceVersion: 1,
    minVersion: "1.0",
    maxVersion: "7.2",
    releasedVersion: "7.1",
  }));
  return {
    "GET /_apis/ResourceAreas/.*": () => ({ status: 404, body: null }),
    "GET /_apis/ResourceAreas": () => ({ count: 0, value: [] }),
    "OPTIONS /_apis/Location": () => ({
      count: 1,
      value: [{ ...area[0], id: "e81700f7-3be2-46de-8624-2eb35882fcaa", routeTemplate: "_apis/{resource}/{areaId}" }],
    }),
    "OPTIONS /_apis/Location/?": () => ({ count: 0, value: [] }),
    "OPTIONS /_apis/git": () => ({ count: area.length, value: area }),
    "GET /_apis/connectionData": () => ({ authenticatedUser: { id: ME } }),
    "GET /fleet-project/_apis/git/pullRequests/7": () => ({ lastMergeSourceCommit: { commitId: state.head } }),
    [`GET ${pull}/threads`]: () => ({ count: state.comments.length, value: state.comments.map(show) }),
    [`POST ${pull}/threads`]: ({ body }) => {
      need(body.comments[0], "content", "string", 150_000);
      return show(store(state, body.comments[0].content));
    },
    [`PATCH ${pull}/threads/(\\d+)/comments/1`]: ({ body }, id) => {
      need(body, "content", "string", 150_000);
      return show(edit(state, id!, body.content)).comments[0];
    },
    [`GET ${pull}/iterations`]: () => ({
      value: [
        { id: 1, sourceRefCommit: { commitId: "0".repeat(40) } },
        { id: 2, sourceRefCommit: { commitId: state.head } },
      ],
    }),
    [`POST ${pull}/statuses`]: ({ body }) => {
      needOneOf(body.state, [2, 3, 4]);
      needOneOf(body.iterationId, [2]);
      need(body.context, "name", "string");
      need(body, "description", "string");
      const said = { 2: "success", 3: "failure", 4: "error" }[body.state as 2 | 3 | 4];
      const name = `${body.context.genre} ${body.context.name}`;
      const page = body.targetUrl ? { url: body.targetUrl } : {};
      state.statuses.push({ commit: state.head, state: said, name, description: body.description, ...page });
      return { id: 1 };
    },
  };
}

function bitbucketRoutes(state: ForgeState): Routes {
  const show = ({ id, author, body }: ForgeState["comments"][number]) => ({
    id,
    content: { raw: body },
    user: { uuid: `{${author}}` },
  });
  const base = "/repositories/acme/fleet";
  return {
    "GET /user": () => ({ uuid: `{${ME}}` }),
    [`GET ${base}/pullrequests/7`]: () => ({ source: { commit: { hash: state.head.slice(0, 12) } } }),
    [`GET ${base}/commit/([0-9a-f]{12})`]: () => ({ hash: state.head }),
    [`GET ${base}/pullrequests/7/comments`]: () => ({ values: state.comments.map(show) }),
    [`POST ${base}/pullrequests/7/comments`]: ({ body }) => {
      need(body.content, "raw", "string", 32_768);
      return { status: 201, body: show(store(state, body.content.raw)) };
    },
    [`PUT ${base}/pullrequests/7/comments/(\\d+)`]: ({ body }, id) => {
      need(body.content, "raw", "string", 32_768);
      return show(edit(state, id!, body.content.raw));
    },
    [`POST ${base}/commit/([0-9a-f]{40})/statuses/build`]: ({ body }, commit) => {
      needOneOf(body.state, ["SUCCESSFUL", "FAILED", "INPROGRESS", "STOPPED"]);
      for (const field of ["key", "name", "url"]) need(body, field, "string");
      const said = body.state === "SUCCESSFUL" ? "success" : "failure";
      state.statuses.push({
        commit: commit!,
        state: said,
        name: body.name,
        description: body.description,
        url: body.url,
      });
      return { status: 201, body: {} };
    },
    [`PUT ${base}/commit/[0-9a-f]{40}/reports/fluxlift-verify`]: ({ body }) => {
      needOneOf(body.result, ["PASSED", "FAILED"]);
      needOneOf(body.report_type, ["SECURITY", "COVERAGE", "TEST", "BUG"]);
      return {};
    },
    [`POST ${base}/commit/[0-9a-f]{40}/reports/fluxlift-verify/annotations`]: ({ body }) => {
      state.annotations.push(...body);
      return body;
    },
  };
}
