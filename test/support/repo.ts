import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { git } from "./git.ts";
import { readEntries, type Tree, writeEntries } from "./tree.ts";

export { git } from "./git.ts";

/** A temporary folder that is gone when the running test ends. */
export function makeTempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "fluxlift-test-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export interface RepoSettings {
  /** Branch checked out; `main` unless told. `false`: no git at all. */
  branch?: string | false;
  /** URL of `origin`. */
  remote?: string;
}

/** A committed git repository with a copy of a folder, a tree or the given files; gone when the running test ends. */
export function makeRepo(content: string | Tree | Record<string, string>, settings: RepoSettings = {}): string {
  const root = makeTempDir();
  if (typeof content === "string") writeEntries(root, readEntries(content));
  else if (content instanceof Map) writeEntries(root, content);
  else writeFiles(root, content as Record<string, string>);
  if (settings.branch === false) return root;
  startGit(root, settings);
  commitAll(root, "Start");
  return root;
}

/** What `git init` writes, less its samples; a process and some twenty files fewer for each of the many repositories. */
function startGit(root: string, { branch, remote }: RepoSettings): void {
  for (const folder of ["objects", "refs"]) mkdirSync(join(root, ".git", folder), { recursive: true });
  writeFileSync(join(root, ".git/HEAD"), `ref: refs/heads/${branch ?? "main"}\n`);
  // Byte-exact: neither line endings nor file modes may depend on the machine. And no housekeeping behind the test's back.
  const core = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tfilemode = true\n\tautocrlf = false\n";
  const origin = remote ? `[remote "origin"]\n\turl = ${remote}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n` : "";
  writeFileSync(join(root, ".git/config"), `${core}[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n${origin}`);
}

export function commitAll(root: string, message: string): void {
  git(root, "add", "--all");
  git(root, "commit", "--quiet", "--allow-empty", "--message", message);
}

export function writeFiles(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** Every file below a folder, `.git` excluded, path to content; bytes as latin1, so that any two differ if they do. */
export function readTree(root: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(root, { recursive: true, encoding: "utf8" }).sort()) {
    const path = entry.split("\\").join("/");
    if (path === ".git" || path.startsWith(".git/") || !statSync(join(root, entry)).isFile()) continue;
    files[path] = readFileSync(join(root, entry), "latin1");
  }
  return files;
}
