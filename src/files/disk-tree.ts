import { accessSync, constants, lstatSync, type Stats } from "node:fs";
import { getOrMake } from "../contract/group-by.ts";
import { type FileContent, HUGE_BYTES, mayHold, readContent } from "./file-text.ts";
import { indexPaths } from "./path-index.ts";
import type { Tree } from "./tree.ts";
import { codeOf } from "./write-disk.ts";

/**
 * Finds files that contain at least one of some literal strings without reading them all.
 * @returns candidates, relative to the root; undefined when it cannot say, and every file must be looked at.
 */
export type Search = (needles: readonly string[]) => readonly string[] | undefined;

/** So many files are read in the processor time that a search by git takes; they answer all later searches as well. */
const CHEAP_TO_READ = 2500;

/** Texts of so many characters are kept, and searched, once: clusters of one fleet hold the same install. */
const LONG = 20_000;

/** A tree of files on disk, which can look several needles up at once. */
export interface DiskTree extends Tree {
  /** Answers later `grep` calls for these needles, and for any that contain one of them, without a process. */
  prefetch(needles: readonly string[]): void;
}

/** Too large, or closed to this user. */
export type Unread = "huge" | "unreadable";

/**
 * Builds the view of a folder; a file is read when first asked for, and never again.
 * @param root absolute, without symlinks in it
 * @param unsearched files that the search does not look at, and that are read here
 * @param later needles that may be asked for: a search for others takes them along
 */
export function buildDiskTree(
  root: string,
  paths: readonly string[],
  unsearched: readonly string[],
  search: Search,
  later: readonly string[] = [],
): { tree: DiskTree; unread: (path: string, word: string) => Unread | undefined } {
  const index = indexPaths(paths);
  const contents = new Map<string, FileContent>();
  const isPlainFolder = folderGuard(root);
  const long = new Map<string, FileContent>();
  const keepOnce = (content: FileContent): FileContent =>
    content.text === undefined || content.text.length < LONG ? content : getOrMake(long, content.text, () => content);

  const load = (path: string): FileContent | undefined => {
    let content = contents.get(path);
    if (!content && index.has(path)) {
      content = isPlainFolder(parentOf(path)) ? keepOnce(readContent(`${root}/${path}`)) : { status: "symlink" };
      contents.set(path, content);
    }
    return content;
  };
  const read = (path: string) => load(path)?.text;
  /** Needle -> files that contain it, sorted. */
  const candidates = new Map<string, readonly string[]>();

  /** The shortest list that has to hold all files with a needle: those with a part of it. */
  const narrow = (needle: string): readonly string[] | undefined => {
    let narrowest: readonly string[] | undefined;
    for (const [part, paths] of candidates) {
      if (needle.includes(part) && (!narrowest || paths.length < narrowest.length)) narrowest = paths;
    }
    return narrowest;
  };
  const prefetch = (needles: readonly string[]): void => {
    const isOpen = (needle: string) => isSearchable(needle) && !narrow(needle);
    if (!needles.some(isOpen)) return;
    const isCheap = index.paths.length - contents.size <= CHEAP_TO_READ;
    const open = [...needles, ...(isCheap ? [] : later)].filter(isOpen);
    const found = isCheap ? undefined : search(open);
    const files = found ? [...new Set([...found, ...unsearched])].filter(index.has).sort() : index.paths;
    const hits = open.map((needle): [string, string[]] => [needle, []]);
    // One file after the other, while the processor still has its text at hand.
    const tests = hits.map(([needle, paths]) => ({ holds: makeTest(needle), paths }));
    for (const path of files) {
      const text = read(path);
      for (const { holds, paths } of text === undefined ? [] : tests) if (holds(text)) paths.push(path);
    }
    for (const [needle, paths] of hits) candidates.set(needle, paths);
  };

  const unread = (path: string, word: string): Unread | undefined => {
    const known = contents.get(path)?.status ?? (isPlainFolder(parentOf(path)) ? guessUnread(root, path) : undefined);
    if (known === "huge") return mayHold(`${root}/${path}`, word) ? known : undefined;
    return known === "unreadable" ? known : undefined;
  };

  const tree: DiskTree = {
    ...index,
    status: (path) => load(path)?.status,
    executable: (path) => index.has(path) && isExecutable(`${root}/${path}`),
    read,
    prefetch,
    grep(needle) {
      if (!candidates.has(needle)) prefetch([needle]);
      return getOrMake(candidates, needle, () => {
        const holds = makeTest(needle);
        return (narrow(needle) ?? index.paths).filter((path) => holds(read(path)));
      });
    },
  };
  return { tree, unread };
}

/** Whether a text holds a needle; of one that many files have it is looked for once. */
function makeTest(needle: string): (text: string | undefined) => boolean {
  const known = new Map<string, boolean>();
  const holds = (text: string) => text.includes(needle);
  return (text) => text !== undefined && (text.length < LONG ? holds(text) : getOrMake(known, text, () => holds(text)));
}

/** Whether git can look for a needle: it reads a line break as the end of a pattern. */
function isSearchable(needle: string): boolean {
  return needle !== "" && !needle.includes("\n");
}

/** Says whether a folder below the root is reached without a symlink; each folder is looked at once. */
function folderGuard(root: string): (dir: string) => boolean {
  const known = new Map([["", true]]);
  // As deep as a path that the system opens has folders.
  const isPlain = (dir: string): boolean =>
    getOrMake(
      known,
      dir,
      // What cannot be looked at is no link that is known of: to read what is in it fails, and says so.
      () => isPlain(parentOf(dir)) && isFolderOrKept(`${root}/${dir}`),
    );
  return isPlain;
}

function isFolderOrKept(absolute: string): boolean {
  const stat = lookAt(absolute);
  return stat === "kept" || stat?.isDirectory() === true;
}

/** The folder of a path; `''` for what lies in the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Every folder above a path, the innermost first, without the root. */
export function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let dir = parentOf(path); dir !== ""; dir = parentOf(dir)) folders.push(dir);
  return folders;
}

/** Every folder above some paths, each looked at once: they may be many, and deep. */
export function foldersHolding(paths: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let dir = parentOf(path); dir !== "" && !folders.has(dir); dir = parentOf(dir)) folders.add(dir);
  }
  return folders;
}

function isExecutable(absolute: string): boolean {
  const stat = lookAt(absolute);
  return typeof stat === "object" && stat.isFile() && (stat.mode & 0o100) !== 0;
}

/** What lies at a path; `kept` where a folder above it is closed to this user. */
export function lookAt(absolute: string): Stats | "kept" | undefined {
  try {
    return lstatSync(absolute, { throwIfNoEntry: false });
  } catch (error) {
    return ["EACCES", "EPERM"].includes(codeOf(error) ?? "") ? "kept" : undefined;
  }
}

function guessUnread(root: string, path: string): Unread | undefined {
  const stat = lookAt(`${root}/${path}`);
  if (stat === "kept") return "unreadable";
  if (!stat?.isFile()) return undefined;
  if (stat.size > HUGE_BYTES) return "huge";
  try {
    accessSync(`${root}/${path}`, constants.R_OK);
    return undefined;
  } catch {
    return "unreadable";
  }
}
