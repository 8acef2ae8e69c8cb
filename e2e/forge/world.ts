import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { homeTree } from "../../test/verify/home-tree.ts";
import type { Processes } from "../world/processes.ts";
import { type Job, runWorkflows } from "./act.ts";
import { Gitea } from "./gitea.ts";
import type { Tools } from "./install.ts";
import { giteaWorkflow, trustedWorkflow } from "./recipes.ts";

const ROOT = join(import.meta.dirname, "../..");

interface PullRequest {
  number: number;
  head: { sha: string; ref: string; repo: { owner: { login: string } } };
  base: { ref: string };
}

/** A team with a repository on a Gitea: `acme/fleet`, with the documented workflow in it, and fluxlift as a package there. */
export class World {
  readonly gitea: Gitea;
  readonly owner: string;
  readonly bot: string;
  readonly stranger: string;
  /** Where a picture of the first comment goes, if one is wanted. */
  picture?: { file: string; log: (line: string) => void };
  readonly #processes: Processes;
  readonly #tools: Tools;
  readonly #scratch: string;

  private constructor(processes: Processes, tools: Tools, scratch: string, gitea: Gitea, tokens: string[]) {
    this.#processes = processes;
    this.#tools = tools;
    this.#scratch = scratch;
    this.gitea = gitea;
    [this.owner, this.bot, this.stranger] = tokens as [string, string, string];
  }

  /** From an empty Gitea. */
  static async make(processes: Processes, tools: Tools, scratch: string): Promise<World> {
    const gitea = await Gitea.start(processes, tools, scratch);
    const tokens = [
      await gitea.addUser("acme", "all", true),
      await gitea.addUser("fluxlift-bot", "write:issue,write:repository,read:user"),
      await gitea.addUser("stranger", "all"),
    ];
    const world = new World(processes, tools, scratch, gitea, tokens);
    await gitea.ask(world.owner, "POST", "/user/repos", { name: "fleet", default_branch: "main" });
    await gitea.ask(world.owner, "PUT", "/repos/acme/fleet/collaborators/fluxlift-bot", { permission: "write" });
    const dir = world.clone("acme", "start", world.owner, true);
    world.write(dir, {
      ...homeTree(),
      ".gitea/workflows/fluxlift.yaml": giteaWorkflow("acme"),
      ".gitea/workflows/forks.yaml": trustedWorkflow("acme"),
    });
    world.push(dir, "main");
    await world.#publishPackage();
    return world;
  }

  /** fluxlift as this tree packs it, in the registry that the jobs install from. */
  async #publishPackage(): Promise<void> {
    const registry = `${this.registry}/`;
    const dir = join(this.#scratch, "pack");
    mkdirSync(dir, { recursive: true });
    execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", dir], { cwd: ROOT });
    writeFileSync(join(dir, ".npmrc"), `${registry.replace(/^http:/, "")}:_authToken=${this.owner}\n`);
    const tarball = execFileSync("sh", ["-c", "ls ./*.tgz"], { cwd: dir, encoding: "utf8" }).trim();
    const args = ["publish", tarball, "--ignore-scripts", "--userconfig", ".npmrc", "--registry", registry];
    execFileSync("npm", args, { cwd: dir, stdio: "pipe" });
  }

  get registry(): string {
    return `${this.gitea.url}/api/packages/acme/npm`;
  }

  /** A working copy of `user/fleet`. @param fresh of a repository that is still empty */
  clone(user: string, name: string, token: string, fresh = false, gitea = this.gitea): string {
    const dir = join(this.#scratch, "copies", name);
    const url = gitea.url.replace("://", `://${user}:${token}@`);
    mkdirSync(dirname(dir), { recursive: true });
    execFileSync("git", ["clone", "-q", `${url}/${user}/fleet.git`, dir], { stdio: "pipe" });
    if (fresh) this.git(dir, "checkout", "-q", "-b", "main");
    return dir;
  }

  git(dir: string, ...args: string[]): string {
    const who = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"];
    return execFileSync("git", ["-C", dir, ...who, ...args], { encoding: "utf8", stdio: "pipe" }).trim();
  }

  write(dir: string, files: Record<string, string>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
  }

  /** Commits all there is, and pushes it over whatever the branch was. @returns the commit */
  push(dir: string, branch: string): string {
    this.git(dir, "add", "--all");
    this.git(dir, "commit", "-q", "-m", "Change");
    this.git(dir, "push", "-q", "--force", "origin", `HEAD:${branch}`);
    return this.git(dir, "rev-parse", "HEAD");
  }

  async openPull(token: string, head: string): Promise<number> {
    return await this.gitea.openPull(token, "acme/fleet", head, "Change");
  }

  async readPull(number: number): Promise<PullRequest> {
    return await this.gitea.ask(this.owner, "GET", `/repos/acme/fleet/pulls/${number}`);
  }

  /** A clone as the checkout of a runner leaves it: every branch, and the head of the pull request in the folder. */
  checkout(name: string, number: number): string {
    const dir = this.clone("acme", name, this.owner);
    this.git(dir, "fetch", "-q", "origin", `refs/pull/${number}/head`);
    this.git(dir, "checkout", "-q", "FETCH_HEAD");
    return dir;
  }

  /** Another Gitea, with nothing in it. */
  async startEmpty(name: string): Promise<Gitea> {
    return await Gitea.start(this.#processes, this.#tools, this.folder(name));
  }

  /** What Gitea's runner sets for a job, besides what GitHub's does. */
  jobEnv(gitea = this.gitea, repository = "acme/fleet"): Record<string, string> {
    // A file of the user, which one of a checkout would win over.
    const npmrc = join(this.#scratch, "npmrc");
    writeFileSync(npmrc, `registry=${this.registry}/\n`);
    return {
      GITEA_ACTIONS: "true",
      GITHUB_REPOSITORY: repository,
      FLUXLIFT_API_URL: `${gitea.url}/api/v1`,
      NPM_CONFIG_USERCONFIG: npmrc,
    };
  }

  /** A script of a job that is not about a pull request itself, in a folder of its own or in a clone. */
  async runScript(script: string, cwd: string, env: Record<string, string>) {
    const variables = { PATH: process.env.PATH ?? "", HOME: cwd, GITHUB_ACTIONS: "true", ...this.jobEnv(), ...env };
    const done = await this.#processes.run("bash", ["-euo", "pipefail", "-c", script], { cwd, env: variables });
    return { status: done.status, log: `${done.stdout}${done.stderr}` };
  }

  /** An empty folder. */
  folder(name: string): string {
    const dir = join(this.#scratch, name);
    mkdirSync(dir, { recursive: true });
    return dir;
  }

  /** Runs workflows with the action of this tree. */
  async act(job: Omit<Job, "actions"> & Partial<Pick<Job, "actions">>) {
    const action = this.folder("action");
    cpSync(join(ROOT, "action.yml"), join(action, "action.yml"));
    const actions = { "acme/fluxlift@v0.1.0": action, ...job.actions };
    return await runWorkflows(this.#processes, this.#tools.act, this.#scratch, { ...job, actions });
  }

  /** The workflows of a pull request, as they are at its head. @param secrets of the repository; a fork gets none */
  async runWorkflows(name: string, number: number, { secrets, env, at }: RunSettings = {}) {
    const pull = await this.readPull(number);
    const checkout = this.checkout(name, number);
    if (at !== undefined) {
      pull.head.sha = at;
      this.git(checkout, "fetch", "-q", "origin", at);
      this.git(checkout, "checkout", "-q", at);
    }
    const event = { action: "synchronize", number, pull_request: pull, repository: { full_name: "acme/fleet" } };
    return await this.act({ checkout, event, ...(secrets && { secrets }), env: { ...this.jobEnv(), ...env } });
  }

  /** The workflows of the branch that a pull request goes to, as a forge runs them for `pull_request_target`. */
  async runTrusted(name: string, number: number, secrets: Record<string, string>) {
    const checkout = this.clone("acme", name, this.owner);
    const pull_request = await this.readPull(number);
    const event = { action: "synchronize", number, pull_request, repository: { full_name: "acme/fleet" } };
    return await this.act({ checkout, event, secrets, env: this.jobEnv(), on: "pull_request_target" });
  }
}

interface RunSettings {
  secrets?: Record<string, string>;
  env?: Record<string, string>;
  /** A commit that the pull request was at; by default the one it is at. */
  at?: string;
}
