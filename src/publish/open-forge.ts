import type { Connection, Forge } from "./forge.ts";
import type { ForgeName } from "./forge-names.ts";
import type { Origin, Target } from "./target.ts";

const PATIENCE = { timeout: 30_000, pause: 1000 };

/** The adapter of a forge, with its client; each is read only when it is asked for. */
export async function openForge(
  { forge, api, repository, pull, from, head, queued }: Target,
  token: string,
  patience: Pick<Connection, "timeout" | "pause"> = PATIENCE,
): Promise<Forge> {
  const connect = { api, token, repository, ...patience };
  // Of a commit in a merge queue only the status is set, which asks for no pull request.
  const number = pull ?? (queued ? 0 : await findPull(forge, connect, from!, head));
  const connection: Connection = { ...connect, pull: number };
  switch (forge) {
    case "github":
      return (await import("./forges/github.ts")).openGithub(connection);
    case "gitea":
      return (await import("./forges/gitea.ts")).openGitea(connection, "Gitea");
    case "forgejo":
      return (await import("./forges/gitea.ts")).openGitea(connection, "Forgejo");
    case "gitlab":
      return (await import("./forges/gitlab.ts")).openGitlab(connection);
    case "azure":
      return (await import("./forges/azure.ts")).openAzure(connection);
    case "bitbucket":
      return (await import("./forges/bitbucket.ts")).openBitbucket(connection);
  }
}

/** The open pull request that comes from a branch. @throws Error where none does, or where it is at another commit by now */
async function findPull(
  forge: ForgeName,
  connection: Omit<Connection, "pull">,
  from: Origin,
  head: string | undefined,
): Promise<number> {
  const { findGithubPulls } = await import("./forges/github.ts");
  const { findGiteaPulls } = await import("./forges/gitea.ts");
  const find = forge === "github" ? findGithubPulls : findGiteaPulls;
  const found = (await find(connection, from)).find((one) => one.head === head);
  if (!found) throw new Error(`No open pull request from ${from.owner}:${from.branch} is at ${head?.slice(0, 7)}.`);
  return found.number;
}
