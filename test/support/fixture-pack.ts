import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBase, type TreeSpec } from "./fixture-tree.ts";
import { diffTrees, type Entry, type Tree, writeEntries } from "./tree.ts";

const isSame = (a: Entry | undefined, b: Entry | undefined) =>
  a?.mode === b?.mode && a?.bytes.equals(b?.bytes ?? a.bytes);
const keyOf = (entry: Entry) => `${entry.mode}${entry.bytes.toString("latin1")}`;
const countLines = (text: string) => text.split("\n").length;

/**
 * Writes a tree down as the change of a base: new files whole, the rest as a patch where that is shorter than the file.
 * @param isTaken whether another file of `__fixtures__` has this content, which must not be there twice
 * @returns the files of the base that are gone
 */
export function packTree(dir: string, base: string | undefined, tree: Tree, isTaken: (entry: Entry) => boolean) {
  const before = base === undefined ? new Map<string, Entry>() : readBase(base);
  const known = new Set([...before.values()].map(keyOf));
  const whole = new Map<string, Entry>();
  for (const [path, entry] of tree) {
    const old = before.get(path);
    if (isSame(old, entry) || known.has(keyOf(entry)) || isTaken(entry)) continue;
    if (!old ? isMoved(path, entry, before, tree) : isPatchable(path, old, entry)) continue;
    known.add(keyOf(entry));
    whole.set(path, entry);
  }
  const laid = new Map([...before, ...whole]);
  const gone = [...diff(laid, tree).matchAll(/^diff --git a\/.* b\/(.*)\ndeleted file/gm)].map((match) => match[1]!);
  for (const path of gone) laid.delete(path);
  const patch = diff(laid, tree);
  for (const name of ["input", "input.patch"]) rmSync(join(dir, name), { recursive: true, force: true });
  writeEntries(join(dir, "input"), whole);
  if (patch !== "") writeFileSync(join(dir, "input.patch"), patch, "latin1");
  return joinFolders(gone, before);
}

/** Whole folders in place of their files. */
function joinFolders(gone: string[], before: Tree): string[] {
  const kept = [...before.keys()].filter((path) => !gone.includes(path));
  const topOf = (path: string) => {
    const parts = path.split("/");
    const folders = parts.slice(1).map((_, at) => `${parts.slice(0, at + 1).join("/")}/`);
    return folders.find((folder) => !kept.some((other) => other.startsWith(folder))) ?? path;
  };
  return [...new Set(gone.map(topOf))];
}

/** A file of the base that lies elsewhere now, with few changes: shown as a rename. */
function isMoved(path: string, entry: Entry, before: Tree, after: Tree): boolean {
  const name = path.slice(path.lastIndexOf("/"));
  const left = [...before].filter(([old]) => !after.has(old) && old.endsWith(name));
  return left.some(([old, was]) => /^rename to/m.test(diff(new Map([[old, was]]), new Map([[path, entry]]))));
}

function isPatchable(path: string, old: Entry, entry: Entry): boolean {
  const patch = diff(new Map([[path, old]]), new Map([[path, entry]]));
  return countLines(patch) <= countLines(entry.bytes.toString("latin1"));
}

/** Without the hashes, which say nothing to a reader; git needs them for binary files only. */
function diff(before: Tree, after: Tree): string {
  const text = diffTrees(before, after, "-M70%", "-C70%", "--find-copies-harder");
  return text.includes("GIT binary patch") ? text : text.replace(/^index [0-9a-f]+\.\.[0-9a-f]+(?: \d+)?\n/gm, "");
}

/** The spec with its fields in the order that a reader wants. */
export function withTree<Spec extends TreeSpec>(spec: Spec, base: string | undefined, gone: string[]): Spec {
  const { shows, base: _base, delete: _delete, ...rest } = spec;
  const kept = { shows, ...(base === undefined ? {} : { base }), ...(gone.length === 0 ? {} : { delete: gone }) };
  return { ...kept, ...rest } as unknown as Spec;
}
