import { VERSION } from "../../contract/version.ts";
import { md } from "../../report/markdown-escape.ts";
import type { Connection, Forge, OpenPull } from "../forge.ts";
import { loadOctokit } from "../libraries.ts";
import type { Origin } from "../target.ts";
import { pauseBudget, timedFetch } from "./patient-fetch.ts";

/** GitHub takes 65,536 characters, and bytes are never fewer. */
const COMMENT_BYTES = 65_000;
/** Pages of comments, of a hundred each. */
const PAGES = 100;
/** Who a workflow is, where the token may not ask. */
const WORKFLOW = "github-actions[bot]";

/** A pull request on GitHub or GitHub Enterprise Server, through Octokit. */
export async function openGithub({ pull, ...connection }: Connection): Promise<Forge> {
  const { client, at } = await connect(connection);
  return {
    name: "GitHub",
    commentBytes: COMMENT_BYTES,
    hide: (mark) => md`<!-- ${mark} -->`,
    async readHead() {
      return (await client.rest.pulls.get({ ...at, pull_number: pull })).data.head.sha;
    },
    async listOwnComments() {
      const me = await readLogin(client);
      const comments = { ...at, issue_number: pull, per_page: 100 };
      let pages = 0;
      const all = await client.paginate(client.rest.issues.listComments, comments, ({ data }, done) => {
        pages += 1;
        if (pages >= PAGES) done();
        return data;
      });
      return all
        .filter(({ user }) => user != null && isMe(user, me))
        .map(({ id, body }) => ({ id: String(id), body: body ?? "" }));
    },
    async createComment(body) {
      await client.rest.issues.createComment({ ...at, issue_number: pull, body });
    },
    async editComment(id, body) {
      await client.rest.issues.updateComment({ ...at, comment_id: Number(id), body });
    },
    async setStatus(sha, { state, name, description, url }) {
      const page = url === undefined ? {} : { target_url: url };
      await client.rest.repos.createCommitStatus({ ...at, sha, state, context: name, description, ...page });
    },
  };
}

/** Open pull requests from a branch; a fork may have made several. */
export async function findGithubPulls(
  connection: Omit<Connection, "pull">,
  { owner, branch }: Origin,
): Promise<OpenPull[]> {
  const { client, at } = await connect(connection);
  const { data } = await client.rest.pulls.list({ ...at, state: "open", head: `${owner}:${branch}`, per_page: 100 });
  return data.map(({ number, head }) => ({ number, head: head.sha }));
}

async function connect({ api, token, repository, timeout, pause }: Omit<Connection, "pull">) {
  const Octokit = await loadOctokit();
  const [owner = "", repo = ""] = repository.split("/");
  const hasTime = pauseBudget();
  const isSoon = (after: number, _options: unknown, _client: unknown, count: number) =>
    count < 2 && hasTime(after * 1000);
  const client = new Octokit({
    auth: token,
    baseUrl: api,
    userAgent: `fluxlift/${VERSION}`,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    request: { fetch: timedFetch(timeout) },
    retry: { retryAfterBaseValue: pause },
    throttle: { onRateLimit: isSoon, onSecondaryRateLimit: isSoon, retryAfterBaseValue: pause },
  });
  return { client, at: { owner, repo } };
}

/** The REST API tells a workflow nothing about itself; GraphQL does. */
async function readLogin(client: Awaited<ReturnType<typeof connect>>["client"]): Promise<string> {
  try {
    return (await client.graphql<{ viewer: { login: string } }>("query { viewer { login } }")).viewer.login;
  } catch {
    return WORKFLOW;
  }
}

/** An app is `name[bot]` in one API and may be `name` in the other; no person can take a name with a bracket. */
function isMe({ login, type }: { login: string; type?: string }, me: string): boolean {
  return login === me || (type === "Bot" && login === `${me}[bot]`);
}
