import type { World } from "./world.ts";

/** What a scenario found wrong. */
export class Faults {
  readonly list: string[] = [];

  expect(is: boolean, says: string, seen?: unknown): void {
    if (!is) this.list.push(seen === undefined ? says : `${says}; it is ${JSON.stringify(seen)?.slice(0, 400)}`);
  }
}

export interface SeenComment {
  id: number;
  author: string;
  body: string;
}

/** Comments below a pull request, as the API gives them back. */
export async function readComments(
  world: World,
  pull: number,
  gitea = world.gitea,
  token = world.owner,
  repo = "acme/fleet",
): Promise<SeenComment[]> {
  const all = await gitea.ask(token, "GET", `/repos/${repo}/issues/${pull}/comments`);
  return all.map(({ id, user, body }: { id: number; user: { login: string }; body: string }) => {
    return { id, author: user.login, body };
  });
}

/** States of a commit that fluxlift has set, the newest first. */
export async function readStatuses(
  world: World,
  commit: string,
  gitea = world.gitea,
  token = world.owner,
  repo = "acme/fleet",
  name = "fluxlift verify",
): Promise<string[]> {
  const all = await gitea.ask(token, "GET", `/repos/${repo}/commits/${commit}/statuses?sort=recentupdate`);
  return all
    .filter(({ context }: { context: string }) => context === name)
    .map(({ status }: { status: string }) => status);
}
