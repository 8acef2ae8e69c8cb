import { chmodSync, chownSync, copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { freePort } from "../world/ports.ts";
import type { Processes } from "../world/processes.ts";
import { until } from "../world/wait.ts";
import type { Tools } from "./install.ts";

/** Gitea refuses to run as root; then it runs as nobody. */
const NOBODY = 65_534;

/** A Gitea of this run alone, on loopback. */
export class Gitea {
  readonly url: string;
  readonly #processes: Processes;
  /** What stands before the arguments of its command line. */
  readonly command: string[];

  private constructor(processes: Processes, url: string, command: string[]) {
    this.#processes = processes;
    this.url = url;
    this.command = command;
  }

  static async start(processes: Processes, { gitea, giteaSource }: Tools, scratch: string): Promise<Gitea> {
    const dir = join(scratch, "gitea");
    const url = await lay(dir, gitea, giteaSource);
    const started = new Gitea(processes, url, commandIn(dir));
    await started.#run("migrate");
    const [command, ...args] = started.command;
    processes.start(`gitea-${basename(scratch)}`, command!, [...args, "web"], { HOME: dir, USER: "nobody" });
    await until("Gitea answers", 60, async () => (await fetch(`${url}/api/healthz`)).ok);
    return started;
  }

  /** Makes a user and a token for it. @param scopes as in its settings: `write:issue,read:user` */
  async addUser(name: string, scopes: string, isAdmin = false): Promise<string> {
    const email = `${name}@example.org`;
    const flags = ["--username", name, "--password", `pw-${name}-1A`, "--email", email, "--must-change-password=false"];
    await this.#run("admin", "user", "create", ...flags, ...(isAdmin ? ["--admin"] : []));
    return this.addToken(name, scopes);
  }

  async addToken(name: string, scopes: string): Promise<string> {
    const title = scopes.replaceAll(/\W/g, "-");
    const made = ["--username", name, "--token-name", title, "--scopes", scopes, "--raw"];
    return (await this.#run("admin", "user", "generate-access-token", ...made)).trim().split("\n").at(-1)!;
  }

  /** Asks the API; throws what it answers where that is no success. */
  // biome-ignore lint/suspicious/noExplicitAny: what the API answers is looked at, not worked with
  async ask(token: string, method: string, path: string, body?: unknown): Promise<any> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `token ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Opens a pull request to `main` of `repo`. @param head a branch there, or `owner:branch` of a fork @returns its number */
  async openPull(token: string, repo: string, head: string, title: string): Promise<number> {
    const [branch = "", owner = repo.split("/")[0]] = head.split(":").reverse();
    // After a push Gitea takes the branch up at its leisure, and knows of none until then.
    const path = `/repos/${owner}/${repo.split("/")[1]}/branches/${encodeURIComponent(branch)}`;
    await until(`Gitea knows the branch ${head}`, 30, async () => (await this.ask(token, "GET", path)) !== undefined);
    return (await this.ask(token, "POST", `/repos/${repo}/pulls`, { title, head, base: "main" })).number;
  }

  async #run(...args: string[]): Promise<string> {
    const [command, ...before] = this.command;
    const { status, stdout, stderr } = await this.#processes.run(command!, [...before, ...args]);
    if (status !== 0) throw new Error(`gitea ${args.slice(0, 3).join(" ")}: ${stderr}${stdout}`);
    return stdout;
  }
}

/** Lays out its folder, readable for the user it runs as. @returns its address */
async function lay(dir: string, gitea: string, source: string): Promise<string> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  for (const folder of ["data", "custom", "static"]) mkdirSync(join(dir, folder), { recursive: true });
  copyFileSync(gitea, join(dir, "gitea"));
  chmodSync(join(dir, "gitea"), 0o755);
  for (const folder of ["templates", "options", "public"]) {
    cpSync(join(source, folder), join(dir, "static", folder), { recursive: true });
  }
  writeFileSync(join(dir, "app.ini"), settings(dir, port, url));
  if (process.getuid?.() === 0)
    for (const path of [dir, ...["data", "custom", "app.ini"].map((one) => join(dir, one))])
      chownSync(path, NOBODY, NOBODY);
  return url;
}

function settings(dir: string, port: number, url: string): string {
  const sections = {
    "": { APP_NAME: "forge bench", RUN_MODE: "prod", WORK_PATH: dir },
    server: {
      HTTP_ADDR: "127.0.0.1",
      HTTP_PORT: port,
      ROOT_URL: `${url}/`,
      DISABLE_SSH: true,
      OFFLINE_MODE: true,
      STATIC_ROOT_PATH: join(dir, "static"),
    },
    database: { DB_TYPE: "sqlite3", PATH: join(dir, "data/gitea.db") },
    security: { INSTALL_LOCK: true, SECRET_KEY: "bench" },
    service: { DISABLE_REGISTRATION: true },
    session: { PROVIDER: "memory" },
    log: { LEVEL: "Warn" },
  };
  return Object.entries(sections)
    .map(([name, keys]) =>
      [...(name === "" ? [] : [`[${name}]`]), ...Object.entries(keys).map(([key, value]) => `${key} = ${value}`)].join(
        "\n",
      ),
    )
    .join("\n");
}

function commandIn(dir: string): string[] {
  const gitea = [join(dir, "gitea"), "--config", join(dir, "app.ini")];
  if (process.getuid?.() !== 0) return gitea;
  const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  return ["setpriv", ...user, "env", `HOME=${dir}`, "USER=nobody", ...gitea];
}
