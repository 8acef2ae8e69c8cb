import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { stringify } from "yaml";
import type { Build, Builder } from "../kustomize.ts";
import { dirOf, isRemote, kustomizationFile, namedPaths, reach } from "../reach.ts";
import { type Data, joinPath, type Snapshot } from "../snapshot.ts";

/** Lists of a kustomization whose entries change what the other entries yield, or add to it. */
const LISTS = [
  "resources",
  "components",
  "configurations",
  "patches",
  "patchesStrategicMerge",
  "patchesJson6902",
  "replacements",
  "transformers",
];

interface Entry {
  field: string;
  value: Data;
}

const entriesOf = (data: Data): Entry[] =>
  LISTS.flatMap((field) => (Array.isArray(data?.[field]) ? data[field].map((value: Data) => ({ field, value })) : []));

const sayEntry = ({ field, value }: Entry): string => {
  const text = typeof value === "string" ? value : (value?.path ?? JSON.stringify(value?.target ?? value));
  return `${field} ${String(text).split("\n")[0]?.slice(0, 80)}`;
};

/** What a build of a folder depends on, for the cache of builds. */
const identity = (tree: Snapshot, dir: string, without?: Entry): string =>
  JSON.stringify(["folder", dir, reach(tree, dir).map((path) => [path, tree.text(path)]), without]);

/** Builds a folder as if its kustomization did not have one of its entries. */
async function buildWithout(
  builder: Builder,
  tree: Snapshot,
  file: string,
  entry: Entry,
  copy: string,
): Promise<Build | undefined> {
  const dir = dirOf(file);
  const data = tree.yaml(file).docs[0]?.data;
  const rest = (data[entry.field] as Data[]).filter((value) => !isDeepStrictEqual(value, entry.value));
  rmSync(copy, { recursive: true, force: true });
  for (const path of reach(tree, dir)) {
    mkdirSync(join(copy, dirOf(path)), { recursive: true });
    cpSync(join(tree.dir, path), join(copy, path));
  }
  writeFileSync(join(copy, file), stringify({ ...data, [entry.field]: rest }, { lineWidth: 0 }));
  return builder.build(join(copy, dir), identity(tree, dir, entry));
}

const sameBuild = (a: Build, b: Build): boolean => a.ok && b.ok && isDeepStrictEqual(a.objects, b.objects);

const contentOf = (tree: Snapshot, path: string): string =>
  JSON.stringify(reach(tree, path).map((file) => [file, tree.text(file)]));

export interface IdleEntriesInput {
  before: Snapshot;
  after: Snapshot;
  builder: Builder;
  /** Folder for copies; nothing else may lie in it. */
  copy: string;
}

/** Whether everything that the folder reads is here, so that a build says something. */
const isWhole = (tree: Snapshot, dir: string): boolean =>
  reach(tree, dir)
    .filter((path) => kustomizationFile(tree, dirOf(path)) === path)
    .every((file) =>
      tree
        .yaml(file)
        .docs.flatMap((doc) => namedPaths(doc.data))
        .every(({ target }) => !isRemote(target)),
    );

/**
 * Entries of kustomizations that made a difference before and make none now, such as a patch whose target is gone or the
 * configuration of a generator that is gone. Each is taken out, and the folder built again with the real kustomize.
 */
export async function findIdleEntries({ before, after, builder, copy }: IdleEntriesInput): Promise<string[]> {
  const out: string[] = [];
  const files = after.paths.filter((path) => before.has(path) && kustomizationFile(after, dirOf(path)) === path);
  for (const file of files) {
    const dir = dirOf(file);
    if (contentOf(before, dir) === contentOf(after, dir)) continue;
    const [was, is] = [before, after].map((tree) => entriesOf(tree.yaml(file).docs[0]?.data));
    const kept = (is ?? []).filter((entry) => (was ?? []).some((one) => isDeepStrictEqual(one, entry)));
    const asked = kept.filter((entry) => entry.field !== "resources" || isChanged(before, after, dir, entry));
    if (asked.length === 0 || !isWhole(before, dir) || !isWhole(after, dir)) continue;
    const full = await builder.build(join(after.dir, dir), identity(after, dir));
    if (!full.ok) continue;
    for (const entry of asked) {
      const now = await buildWithout(builder, after, file, entry, copy);
      if (!now || !sameBuild(full, now)) continue;
      const old = await builder.build(join(before.dir, dir), identity(before, dir));
      const without = await buildWithout(builder, before, file, entry, copy);
      if (old.ok && without && !sameBuild(old, without)) out.push(`${file} keeps ${sayEntry(entry)}`);
    }
  }
  rmSync(copy, { recursive: true, force: true });
  return out;
}

/** A resource that nothing changed below yields what it did. */
function isChanged(before: Snapshot, after: Snapshot, dir: string, { value }: Entry): boolean {
  if (typeof value !== "string") return true;
  const path = joinPath(dir, value);
  return contentOf(before, path) !== contentOf(after, path);
}
