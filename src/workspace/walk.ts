import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ignore, { type Ignore } from "ignore";
import { RepoError } from "../errors.ts";

const MAX_FILES = 200_000;

interface Rules {
  /** Folder the `.gitignore` lies in, with a trailing slash; `''` for the root. */
  base: string;
  matcher: Ignore;
}

/**
 * Lists a folder outside git the way git would: `.gitignore` files count, folders with a `.git` of their own and
 * symlinked folders are not entered. Paths are POSIX, relative to `root`, in no order.
 * @throws RepoError when the folder holds more than 200,000 files.
 */
export function walkFolder(root: string): string[] {
  const files: string[] = [];
  const visit = (dir: string, inherited: readonly Rules[]): void => {
    const items = listFolder(join(root, dir));
    if (dir !== "" && items.some((item) => item.name === ".git")) return;
    const rules = items.some((item) => item.name === ".gitignore") ? addRules(root, dir, inherited) : inherited;
    for (const item of items) {
      const path = dir + item.name;
      if (item.isDirectory()) {
        if (item.name !== ".git" && !isIgnored(`${path}/`, rules)) visit(`${path}/`, rules);
      } else if ((item.isFile() || item.isSymbolicLink()) && !isIgnored(path, rules)) {
        files.push(path);
        if (files.length > MAX_FILES) throw tooMany(root);
      }
    }
  };
  visit("", []);
  return files;
}

function listFolder(absolute: string): Dirent[] {
  try {
    return readdirSync(absolute, { withFileTypes: true });
  } catch {
    return [];
  }
}

function addRules(root: string, dir: string, inherited: readonly Rules[]): readonly Rules[] {
  try {
    return [...inherited, { base: dir, matcher: ignore().add(readFileSync(join(root, dir, ".gitignore"), "utf8")) }];
  } catch {
    return inherited;
  }
}

/** The deepest `.gitignore` with an opinion decides. */
function isIgnored(path: string, rules: readonly Rules[]): boolean {
  for (let i = rules.length - 1; i >= 0; i--) {
    const { base, matcher } = rules[i] as Rules;
    const result = matcher.test(path.slice(base.length));
    if (result.ignored) return true;
    if (result.unignored) return false;
  }
  return false;
}

function tooMany(root: string): RepoError {
  return new RepoError(
    "too-many-files",
    `${root} holds more than ${MAX_FILES} files and is no git repository`,
    "Name the folder of the GitOps repository, such as `fluxlift plan ~/home-ops`.",
  );
}
