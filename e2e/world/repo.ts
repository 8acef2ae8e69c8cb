import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export type Files = Record<string, string>;

/** A working copy and the bare repository that the clusters read. */
export class Repo {
  readonly dir: string;
  readonly #bare: string;
  /** Branches that every push moves. */
  branches = ["main"];
  readonly url: string;

  /** `served` is the folder of the Git server, `base` its URL; `origin` what the work tree calls its remote. */
  constructor(dir: string, served: string, base: string, name: string, origin?: string) {
    this.dir = dir;
    this.#bare = join(served, `${name}.git`);
    this.url = origin ?? `${base}/${name}.git`;
    mkdirSync(dir, { recursive: true });
    execFileSync("git", ["init", "-q", "--bare", "-b", "main", this.#bare]);
    // `git push origin` of a runbook, which nobody here has to log in for.
    execFileSync("git", ["-C", this.#bare, "config", "http.receivepack", "true"]);
    this.git("init", "-q", "-b", "main");
    this.git("config", "user.name", "e2e");
    this.git("config", "user.email", "e2e@example.org");
    this.git("remote", "add", "origin", this.url);
  }

  git(...args: string[]): string {
    return execFileSync("git", ["-C", this.dir, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  }

  /** Writes files; `__GIT__` in them becomes the URL of this repository. */
  write(files: Files): void {
    for (const [path, text] of Object.entries(files)) {
      const target = join(this.dir, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text.replaceAll("__GIT__", this.url));
    }
  }

  read(path: string): string {
    return readFileSync(join(this.dir, path), "utf8");
  }

  has(path: string): boolean {
    return existsSync(join(this.dir, path));
  }

  remove(...paths: string[]): void {
    for (const path of paths) rmSync(join(this.dir, path), { recursive: true });
  }

  /** Replaces text that must be there. */
  replace(path: string, from: string | RegExp, to: string): void {
    const text = this.read(path);
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`${path} holds no ${from}`);
    writeFileSync(join(this.dir, path), changed);
  }

  /** Commits everything there is and returns the commit; the last one when nothing changed. */
  commit(message: string): string {
    this.git("add", "-A");
    if (this.git("status", "--porcelain") !== "") this.git("commit", "-qm", message);
    return this.head();
  }

  head(): string {
    return this.git("rev-parse", "HEAD");
  }

  /** A clean clone of the newest commit. */
  checkout(dir: string): void {
    execFileSync("git", ["clone", "-q", "--no-hardlinks", this.dir, dir], { stdio: ["ignore", "ignore", "inherit"] });
  }

  push(): void {
    this.git("push", "-q", this.#bare, ...this.branches.map((branch) => `HEAD:refs/heads/${branch}`));
  }
}
