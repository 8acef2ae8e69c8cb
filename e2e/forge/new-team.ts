import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { homeTree } from "../../test/verify/home-tree.ts";
import { Faults, readComments, readStatuses } from "./checks.ts";
import type { Gitea } from "./gitea.ts";
import { giteaLines, giteaWorkflow, planWorkflow } from "./recipes.ts";
import type { World } from "./world.ts";

const REPO = "team/fleet";

/** From an empty Gitea to a comment under the first pull request, with the lines of the page and no others. */
export async function tryNewTeam(world: World): Promise<string[]> {
  const faults = new Faults();
  const gitea = await world.startEmpty("new-team");
  // What a team has before it reads the page: an account, and a repository with its tree.
  const team = await gitea.addUser("team", "all", true);
  await gitea.ask(team, "POST", "/user/repos", { name: "fleet", default_branch: "main" });
  const dir = world.clone("team", "new-team", team, true, gitea);
  world.write(dir, homeTree());
  world.push(dir, "main");
  world.git(dir, "fetch", "-q");

  // The page: a file, lines for the bot, lines for the branch.
  world.write(dir, { ".gitea/workflows/fluxlift.yaml": giteaWorkflow("acme") });
  const lines = giteaLines();
  const env = { GITEA: gitea.url, REPO, MY_TOKEN: await gitea.addToken("team", "write:repository"), ...AUTHOR };
  const path = `${commandFolder(world, gitea)}:${process.env.PATH}`;
  const bot = await world.runScript(`${lines.bot}printf %s "$TOKEN" >.git/token`, dir, { ...env, PATH: path });
  faults.expect(bot.status === 0, "the lines for the bot", bot.log);
  const commit = await world.runScript(lines.commit, dir, env);
  faults.expect(commit.status === 0, "the lines for the branch", commit.log);
  // Without its branch there is nothing to ask for.
  if (faults.list.length > 0) return faults.list;
  const secrets = await gitea.ask(team, "GET", `/repos/${REPO}/actions/secrets`);
  faults.expect(secrets.map(({ name }: { name: string }) => name).join() === "FLUXLIFT_TOKEN", "the secret", secrets);

  const number = await gitea.openPull(team, REPO, "fluxlift", "First");
  const { workflow_runs: runs } = await gitea.ask(team, "GET", `/repos/${REPO}/actions/runs`);
  faults.expect(runs.length === 1 && runs[0].event === "pull_request", "Gitea starts the workflow", runs);

  const job = async () => {
    const pull_request = await gitea.ask(team, "GET", `/repos/${REPO}/pulls/${number}`);
    const event = { action: "opened", number, pull_request, repository: { full_name: REPO } };
    const token = readFileSync(join(dir, ".git/token"), "utf8");
    const ran = { secrets: { FLUXLIFT_TOKEN: token }, env: world.jobEnv(gitea, REPO) };
    return { head: pull_request.head.sha, ...(await world.act({ checkout: dir, event, ...ran })) };
  };
  const first = await job();
  faults.expect(first.status === 0, "the first pull request passes", first.log.slice(-2000));
  const seen = await readComments(world, number, gitea, team, REPO);
  faults.expect(seen.length === 1 && seen[0]?.author === "fluxlift-bot", "there is one comment, by the bot", seen);
  faults.expect(seen[0]?.body.includes("# fluxlift: safe to merge") === true, "it has the verdict", seen);
  const states = await readStatuses(world, first.head, gitea, team, REPO);
  faults.expect(states.join() === "success", "the status is green", states);

  // The migration itself, beside it.
  world.write(dir, { ".gitea/workflows/plan.yaml": planWorkflow("acme", "install") });
  world.push(dir, "fluxlift");
  const second = await job();
  faults.expect(second.status === 0, "a plan passes as well", second.log.slice(-2000));
  const [verdict, plan, ...more] = await readComments(world, number, gitea, team, REPO);
  faults.expect(verdict?.id === seen[0]?.id && more.length === 0, "a plan has a comment of its own", more);
  faults.expect(plan?.body.includes("FluxInstance") === true, "with what it would change", plan);
  const planned = await readStatuses(world, second.head, gitea, team, REPO, "fluxlift plan");
  faults.expect(planned.length === 1, "and a status", planned);
  return faults.list;
}

const AUTHOR = {
  GIT_AUTHOR_NAME: "team",
  GIT_AUTHOR_EMAIL: "team@example.org",
  GIT_COMMITTER_NAME: "team",
  GIT_COMMITTER_EMAIL: "team@example.org",
};

/** A folder with the command `gitea`, as an administrator has it. */
function commandFolder(world: World, { command }: Gitea): string {
  const folder = world.folder("new-team/bin");
  const words = command.map((word) => `'${word}'`).join(" ");
  world.write(folder, { gitea: `#!/bin/sh\nexec ${words} "$@"\n` });
  chmodSync(join(folder, "gitea"), 0o755);
  return folder;
}
