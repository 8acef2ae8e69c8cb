import type { User } from "gitea-js";
import { md } from "../../report/markdown-escape.ts";
import type { Connection, Forge, OpenPull } from "../forge.ts";
import { loadGitea } from "../libraries.ts";
import type { Origin } from "../target.ts";
import { patientFetch } from "./patient-fetch.ts";

/** Forges take more; a page that long is read by nobody, and some databases stop at 64 KiB. */
const COMMENT_BYTES = 65_000;
/** Pages of open pull requests, of fifty each. */
const PAGES = 20;

/** A pull request on Gitea or Forgejo, whose API is the same. */
export async function openGitea({ pull, ...connection }: Connection, name: string): Promise<Forge> {
  const { client, owner, repo } = await connect(connection);
  return {
    name,
    commentBytes: COMMENT_BYTES,
    hide: (mark) => md`<!-- ${mark} -->`,
    async readHead() {
      return (await client.repos.repoGetPullRequest(owner, repo, pull)).data.head?.sha;
    },
    async listOwnComments() {
      // The token of a job belongs to a user of the forge's own, who has no account to ask about.
      const me = await client.user.userGetCurrent().then(
        ({ data }) => data,
        () => undefined,
      );
      const { data } = await client.repos.issueGetComments(owner, repo, pull);
      return data
        .filter(({ id, user }) => id !== undefined && isMe(user, me))
        .map(({ id, body = "" }) => ({ id: String(id), body }));
    },
    async createComment(body) {
      await client.repos.issueCreateComment(owner, repo, pull, { body });
    },
    async editComment(id, body) {
      await client.repos.issueEditComment(owner, repo, Number(id), { body });
    },
    async setStatus(sha, { state, name, description, url }) {
      const page = url === undefined ? {} : { target_url: url };
      await client.repos.repoCreateStatus(owner, repo, sha, { state, context: name, description, ...page });
    },
  };
}

/** Open pull requests from a branch; the newest pages of the list have them. */
export async function findGiteaPulls(connection: Omit<Connection, "pull">, from: Origin): Promise<OpenPull[]> {
  const { client, owner, repo } = await connect(connection);
  const found: OpenPull[] = [];
  for (let page = 1; page <= PAGES; page++) {
    const { data } = await client.repos.repoListPullRequests(owner, repo, { state: "open", page, limit: 50 });
    for (const { number, head } of data) {
      const isFrom = head?.ref === from.branch && head.repo?.owner?.login === from.owner;
      if (isFrom && number !== undefined && head.sha !== undefined) found.push({ number, head: head.sha });
    }
    if (data.length === 0) break;
  }
  return found;
}

async function connect({ api, token, repository, timeout, pause }: Omit<Connection, "pull">) {
  const giteaApi = await loadGitea();
  const [owner = "", repo = ""] = repository.split("/");
  const client = giteaApi(api.replace(/\/api\/v1\/?$/, ""), { token, customFetch: patientFetch(timeout, pause) });
  return { client, owner, repo };
}

/** Users that the forge made for itself have ids below zero; people cannot. */
function isMe(user: User | undefined, me: User | undefined): boolean {
  if (user?.id === undefined) return false;
  return me?.id === undefined ? user.id < 0 : user.id === me.id;
}
