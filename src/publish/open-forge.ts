import type { Connection, Forge } from "./forge.ts";
import type { Target } from "./target.ts";

const PATIENCE = { timeout: 30_000, pause: 1000 };

/** The adapter of a forge, with its client; each is read only when it is asked for. */
export async function openForge(
  { forge, api, repository, pull }: Target,
  token: string,
  patience: Pick<Connection, "timeout" | "pause"> = PATIENCE,
): Promise<Forge> {
  const connection: Connection = { api, token, repository, pull, ...patience };
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
