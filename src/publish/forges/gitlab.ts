import { md } from "../../report/markdown-escape.ts";
import type { Connection, Forge } from "../forge.ts";
import { loadGitlab } from "../libraries.ts";

/** GitLab takes a million characters; a page that long is read by nobody. */
const COMMENT_BYTES = 65_000;

/** A merge request on GitLab, through gitbeaker. */
export async function openGitlab({ api, token, repository, pull, timeout }: Connection): Promise<Forge> {
  const Gitlab = await loadGitlab();
  // As a bearer, which a redirect to another server does not get; the header of a private token would go along.
  const client = new Gitlab({ host: api.replace(/\/api\/v4$/, ""), oauthToken: token, queryTimeout: timeout });
  return {
    name: "GitLab",
    commentBytes: COMMENT_BYTES,
    hide: (mark) => md`<!-- ${mark} -->`,
    async readHead() {
      return (await client.MergeRequests.show(repository, pull)).sha;
    },
    async listOwnComments() {
      const me = await client.Users.showCurrentUser();
      const all = await client.MergeRequestNotes.all(repository, pull, { perPage: 100, sort: "asc" });
      return all
        .filter(({ author, system }) => !system && author.id === me.id)
        .map(({ id, body }) => ({ id: String(id), body }));
    },
    async createComment(body) {
      await client.MergeRequestNotes.create(repository, pull, body);
    },
    async editComment(id, body) {
      await client.MergeRequestNotes.edit(repository, pull, Number(id), { body });
    },
    async setStatus(commit, { state, name, description, url }) {
      const page = url === undefined ? {} : { targetUrl: url };
      const said = state === "success" ? "success" : "failed";
      await client.Commits.editStatus(repository, commit, said, { name, description, ...page });
    },
  };
}
