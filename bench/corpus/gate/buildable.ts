import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { copyTree } from "../repo.ts";
import { dirOf, isRemote, kustomizationFile, namedPaths } from "./reach.ts";
import { type Data, joinPath, type Snapshot } from "./snapshot.ts";

const exists = (tree: Snapshot, path: string): boolean => tree.has(path) || tree.isDir(path);

/** `file\0target` of everything that kustomizations of a tree name and nobody here can read: absent or remote. */
export function unreadable(tree: Snapshot): Set<string> {
  const out = new Set<string>();
  for (const file of tree.paths.filter((path) => kustomizationFile(tree, dirOf(path)) === path)) {
    for (const { target } of tree.yaml(file).docs.flatMap((doc) => namedPaths(doc.data))) {
      if (isRemote(target) || !exists(tree, joinPath(dirOf(file), target))) out.add(`${file}\0${target}`);
    }
  }
  return out;
}

/** A kustomization without the entries that `isGone` names. */
function without(data: Data, isGone: (target: string) => boolean): Data {
  const plain = (entry: Data): string => String(entry).replace(/^[^=]+=/, "");
  const out: Data = {};
  for (const [field, value] of Object.entries(data)) {
    if (!Array.isArray(value)) out[field] = value;
    else if (/Generator$/.test(field)) {
      const keep = (list: Data): Data => list?.filter((entry: Data) => !isGone(plain(entry)));
      out[field] = value.map((generator) => ({
        ...generator,
        ...(generator.files ? { files: keep(generator.files) } : {}),
        ...(generator.envs ? { envs: keep(generator.envs) } : {}),
        ...(generator.env && isGone(generator.env) ? { env: undefined } : {}),
      }));
    } else out[field] = value.filter((entry) => !isGone(typeof entry === "string" ? entry : String(entry?.path ?? "")));
  }
  return out;
}

/** A kustomization without the patches that select by their body, and replicas: with its base left out they have nothing to change. */
function withoutPatches(data: Data): Data {
  const { patchesStrategicMerge: _, replicas: _replicas, ...rest } = data;
  return Array.isArray(rest.patches) ? { ...rest, patches: rest.patches.filter((patch: Data) => patch?.target) } : rest;
}

/**
 * A copy of the tree in which kustomizations leave out what was unreadable in the tree as it was (files that the archive
 * leaves out, bases behind a URL), so that the rest of them still builds. What the migration breaks stays broken.
 * @returns the tree itself when there is nothing to leave out.
 */
export function makeBuildable(tree: Snapshot, known: Set<string>, copy: string): Snapshot {
  const now = unreadable(tree);
  const gone = new Set([...now].filter((key) => known.has(key) || isRemote(key.slice(key.indexOf("\0") + 1))));
  if (gone.size === 0) return tree;
  copyTree(tree.dir, copy);
  const write = (file: string, data: Data): void => {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), stringify(data, { lineWidth: 0 }));
  };
  for (const file of new Set([...gone].map((key) => key.slice(0, key.indexOf("\0"))))) {
    const data = tree.yaml(file).docs[0]?.data;
    const isGone = (target: string): boolean => gone.has(`${file}\0${target}`);
    const losesBase = [...(data?.resources ?? []), ...(data?.bases ?? [])].some(
      (entry) => isRemote(entry) && isGone(entry),
    );
    if (losesBase) gone.add(`${file}\0patches without target`);
    const rest = without(data, isGone);
    write(file, losesBase ? withoutPatches(rest) : rest);
    if (!losesBase) continue;
    for (const entry of data?.components ?? []) {
      const component = kustomizationFile(tree, joinPath(dirOf(file), entry));
      if (!component) continue;
      gone.add(`${component}\0patches without target`);
      write(component, withoutPatches(tree.yaml(component).docs[0]?.data ?? {}));
    }
  }
  return { ...tree, dir: copy, omitted: [...gone].sort() };
}
