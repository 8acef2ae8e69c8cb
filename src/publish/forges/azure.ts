import { md } from "../../report/markdown-escape.ts";
import type { Connection, Forge } from "../forge.ts";
import { loadAzure } from "../libraries.ts";
import type { State } from "../publication.ts";

/** Azure takes 150,000 characters. */
const COMMENT_BYTES = 140_000;

/** Numbers of the API: a comment of text, a thread that waits for nobody, and the states of a status. */
const TEXT = 1;
const CLOSED = 4;
const STATES: Readonly<Record<State, number>> = { success: 2, failure: 3, error: 4 };

/** A pull request on Azure DevOps, through Microsoft's client. `repository`: project and repository, by id or name. */
export async function openAzure({ api, token, repository, pull, timeout }: Connection): Promise<Forge> {
  const { WebApi, getPersonalAccessTokenHandler } = await loadAzure();
  const [project = "", repo = ""] = repository.split("/");
  // The token of a job goes the same way as one of a person. A redirect elsewhere does not get it.
  const web = new WebApi(api, getPersonalAccessTokenHandler(token, false), {
    socketTimeout: timeout,
    allowRetries: true,
    maxRetries: 3,
  });
  let opened: ReturnType<typeof web.getGitApi> | undefined;
  const openGit = () => {
    opened ??= web.getGitApi();
    return opened;
  };
  return {
    name: "Azure DevOps",
    commentBytes: COMMENT_BYTES,
    hide: (mark) => md`[//]: <> (${mark})`,
    async readHead() {
      return (await (await openGit()).getPullRequestById(pull, project)).lastMergeSourceCommit?.commitId;
    },
    async listOwnComments() {
      const me = (await web.connect()).authenticatedUser?.id;
      const threads = await (await openGit()).getThreads(repo, pull, project);
      return threads.flatMap(({ id, isDeleted, comments = [] }) => {
        const [first] = comments;
        if (isDeleted || first?.isDeleted || me === undefined || first?.author?.id !== me) return [];
        return [{ id: `${id}/${first.id}`, body: first.content ?? "" }];
      });
    },
    async createComment(content) {
      const comments = [{ parentCommentId: 0, content, commentType: TEXT }];
      await (await openGit()).createThread({ comments, status: CLOSED }, repo, pull, project);
    },
    async editComment(id, content) {
      const [thread, comment] = id.split("/").map(Number);
      await (await openGit()).updateComment({ content }, repo, pull, thread!, comment!, project);
    },
    async setStatus(commit, { state, name, description, url }) {
      // A status belongs to a push: a policy that resets with the next one finds it by that.
      const git = await openGit();
      const pushes = await git.getPullRequestIterations(repo, pull, project);
      const push = pushes.findLast(({ sourceRefCommit }) => sourceRefCommit?.commitId === commit);
      if (push?.id === undefined) throw new Error(`The pull request has no push that ends at ${commit.slice(0, 7)}.`);
      const [genre, label] = name.split(" ");
      const context = { genre: genre!, name: label! };
      const page = url === undefined ? {} : { targetUrl: url };
      const status = { state: STATES[state], description, context, iterationId: push.id, ...page };
      await git.createPullRequestStatus(status, repo, pull, project);
    },
  };
}
