import type { FactFinding } from "../../contract/finding.ts";
import { groupBy } from "../../contract/group-by.ts";
import { isFilled, itemsOf } from "../../contract/objects.ts";
import { generateKustomization } from "../../delivery/kustomize/file.ts";
import { type KustomizationFile, kustomizationOf, reach } from "../../delivery/kustomize/index.ts";
import { locateIn } from "../../delivery/kustomize/locate-value.ts";
import { join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { kustomizationObject, readKustomizationPatches } from "../remote-install.ts";
import type { Install } from "../types.ts";

const RENAMING = ["nameSuffix", "namePrefix"] as const;

/**
 * The kustomizations that build the file of the install once more under other names, beside the install itself: shards, as
 * Flux documents them. What they say is about the second set alone. One that renames the only set is no copy.
 * @param top folder that the FluxKustomization of the install builds, @param others folders that the others build.
 */
export function findCopies(tree: Tree, top: string, others: readonly string[], file: string): KustomizationFile[] {
  const inside = renamingOf(tree, top, file).filter(({ dir }) => dir !== top);
  const isBeside = inside.length > 0 && listsOutside(tree, top, file, new Set(inside.map(({ dir }) => dir)));
  const copies = [
    ...(isBeside ? inside : []),
    ...others.filter((dir) => dir !== top).flatMap((dir) => renamingOf(tree, dir, file)),
  ];
  return [...new Map(copies.map((copy) => [copy.path, copy])).values()];
}

/** Kustomizations of a build that rename what they make of a file. */
function renamingOf(tree: Tree, top: string, file: string): KustomizationFile[] {
  return reach(tree, top).kustomizations.flatMap((dir) => {
    const found = kustomizationOf(tree, dir, dir === top);
    const isRenaming = found && RENAMING.some((field) => isFilled(found.data[field]));
    return isRenaming && reach(tree, dir).resources.includes(file) ? [found] : [];
  });
}

/** Whether a folder builds a file on a way that leads through none of the others. */
function listsOutside(tree: Tree, top: string, file: string, others: ReadonlySet<string>): boolean {
  // A set goes on with what is added while it is walked, and holds each folder once.
  const dirs = new Set([top]);
  for (const dir of dirs) {
    if (others.has(dir)) continue;
    const data = (kustomizationOf(tree, dir, dir === top) ?? generateKustomization(tree, dir)).data;
    const entries = ["resources", "bases", "components"].flatMap((field) => itemsOf(data[field]));
    const paths = entries.map((entry) => join(dir, String(entry)));
    if (paths.includes(file)) return true;
    for (const path of paths) if (tree.isDir(path)) dirs.add(path);
  }
  return false;
}

/** How the kustomization of a release of Flux renames its controllers, as one of a shard does: `nameSuffix: -shard1`. */
export function renamesRelease(tree: Tree, { style, dir }: Install): string | undefined {
  const found = style === "remote-install" && dir !== undefined ? kustomizationOf(tree, dir, false) : undefined;
  const field = RENAMING.find((name) => isFilled(found?.data[name]));
  return field && `${field}: ${String(found?.data[field])}`;
}

/**
 * Says of other sets of controllers that they are not carried over, and how shards get into the FluxInstance: once for all
 * that share a key, of which a fleet may have dozens.
 */
export function reportCopies(tree: Tree, copies: readonly KustomizationFile[]): FactFinding[] {
  const read = copies.map((copy) => readCopy(tree, copy));
  const groups = groupBy(read, ({ key, folder }) => (key === undefined ? ` ${folder}` : key));
  return [...groups.values()].map((group): FactFinding => {
    const [{ key, at }] = group as [(typeof group)[number]];
    const all = { settings: group.map(({ setting }) => setting), folders: group.map(({ folder }) => folder) };
    const shards = key === undefined ? {} : { key, shards: group.map(({ shard }) => shard!) };
    return { rule: "gotk-second-set", level: "blocker", at, facts: { ...all, ...shards } };
  });
}

function readCopy(tree: Tree, copy: KustomizationFile) {
  const field = RENAMING.find((name) => isFilled(copy.data[name]))!;
  const name = String(copy.data[field]);
  const bodies = readKustomizationPatches(tree, kustomizationObject(copy)).map(({ body }) => body);
  const found = bodies.map((body) => /--watch-label-selector=([\w./-]+)(?:=| in \()([\w.-]+)/.exec(body)).find(Boolean);
  const place = { at: locateIn(tree, copy.path, field, name), setting: `${field} ${name}`, folder: copy.dir };
  return { ...place, key: found?.[1], shard: found?.[2] };
}
