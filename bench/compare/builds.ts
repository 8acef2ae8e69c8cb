import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { git } from "./shell.ts";
import { sha256 } from "./store.ts";

/** A built CLI that nobody rebuilds while it is being used. */
export interface Bundle {
  cli: string;
  hash: string;
}

/** Copies what `npm run build` made into the cache, by content. */
export function keepBundle(cache: string, cli: string): Bundle {
  const from = dirname(cli);
  const files = readdirSync(from, { recursive: true, encoding: "utf8" }).sort();
  const isFile = (name: string): boolean => statSync(join(from, name)).isFile();
  const hash = sha256(...files.filter(isFile).flatMap((name) => [name, readFileSync(join(from, name))])).slice(0, 12);
  const dir = join(cache, "bundles", hash);
  if (!existsSync(dir)) {
    const staging = `${dir}.${process.pid}`;
    cpSync(from, staging, { recursive: true });
    if (existsSync(dir)) rmSync(staging, { recursive: true, force: true });
    else renameSync(staging, dir);
  }
  return { cli: join(dir, basename(cli)), hash };
}

/** Builds a commit in a worktree of its own below the cache, once. */
export function buildCommit(project: string, cache: string, commit: string): Bundle {
  const dir = join(cache, "builds", commit.slice(0, 12));
  const cli = join(dir, "dist/fluxlift.js");
  if (!existsSync(cli)) {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dirname(dir), { recursive: true });
    git(project, "worktree", "add", "--detach", "--force", dir, commit);
    const modules = join(project, "node_modules");
    const same = ["package-lock.json"].every(
      (file) => readFileSync(join(dir, file), "utf8") === readFileSync(join(project, file), "utf8"),
    );
    if (same) symlinkSync(modules, join(dir, "node_modules"));
    else execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--silent"], { cwd: dir, stdio: "inherit" });
    execFileSync("npm", ["run", "--silent", "build"], { cwd: dir, stdio: "inherit" });
  }
  return keepBundle(cache, cli);
}
