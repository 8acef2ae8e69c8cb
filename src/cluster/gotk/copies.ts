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
import { findGotkFiles, type GotkFiles, isController } from "./detect.ts";

const RENAMING = ["nameSuffix", "namePrefix"] as const;

/**
 * The kustomizations that build the file of the install once more under other names, beside the install itself: shards, as
 * Flux documents them. What they say is about the second set alone. One that renames the only set is no copy.
 * @param top folder that the FluxKustomization of the install builds, @param others folders that the others build.
 */
export function findCopies(tree: Tree, top: string, others: readonly string[], file: string): KustomizationFile[] {
  const inside = renamingOf(tree, top, file).filter(({ dir }) => dir !== top);
  const isBeside = inside.length > 0 && filesOutside(tree, top, new Set(inside.map(({ dir }) => dir))).has(file);
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
    return found && isRenaming(found) && reach(tree, dir).resources.includes(file) ? [found] : [];
  });
}

/** A folder that brings controllers under other names from files of its own: a shard whose install was exported once more. */
export interface OwnCopies {
  copies: KustomizationFile[];
  /** The files that no way brings in but through one of them. */
  files: ReadonlySet<string>;
}

/**
 * Finds these beside an install that is whole without them. Where it is not, what renames is a part of the only set.
 * @param found what installs Flux among all that `top` builds
 */
export function findOwnCopies(tree: Tree, top: string, found: GotkFiles): OwnCopies {
  const renaming = reach(tree, top).kustomizations.flatMap((dir) => {
    const one = dir === top ? undefined : kustomizationOf(tree, dir, false);
    return one && isRenaming(one) ? [one] : [];
  });
  const none = { copies: [], files: new Set<string>() };
  if (renaming.length === 0) return none;
  const outside = filesOutside(tree, top, new Set(renaming.map(({ dir }) => dir)));
  const inside = (dir: string) => reach(tree, dir).resources.filter((file) => !outside.has(file));
  const files = new Set(renaming.flatMap(({ dir }) => inside(dir)));
  const left = findGotkFiles(
    tree,
    found.files.filter((file) => !files.has(file)),
  );
  const namesOf = ({ documents }: GotkFiles) => new Set(documents.filter(isController).map(({ name }) => name));
  const kept = left ? namesOf(left) : new Set<string>();
  if (!left?.isWhole || [...namesOf(found)].some((name) => !kept.has(name))) return none;
  const brings = new Set(found.files.filter((file) => files.has(file)));
  return { copies: renaming.filter(({ dir }) => inside(dir).some((file) => brings.has(file))), files };
}

function isRenaming({ data }: KustomizationFile): boolean {
  return RENAMING.some((field) => isFilled(data[field]));
}

/** The files that a folder builds on ways that lead through none of the others. */
function filesOutside(tree: Tree, top: string, others: ReadonlySet<string>): Set<string> {
  // A set goes on with what is added while it is walked, and holds each folder once.
  const dirs = new Set([top]);
  const files = new Set<string>();
  for (const dir of dirs) {
    if (others.has(dir)) continue;
    const data = (kustomizationOf(tree, dir, dir === top) ?? generateKustomization(tree, dir)).data;
    const entries = ["resources", "bases", "components"].flatMap((field) => itemsOf(data[field]));
    const paths = entries.map((entry) => join(dir, String(entry)));
    for (const path of paths) (tree.isDir(path) ? dirs : files).add(path);
  }
  return files;
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
 * @param own whether they are made of files of their own
 */
export function reportCopies(tree: Tree, copies: readonly KustomizationFile[], own = false): FactFinding[] {
  const read = copies.map((copy) => readCopy(tree, copy, own));
  const groups = groupBy(read, ({ key, folder }) => (key === undefined ? ` ${folder}` : key));
  return [...groups.values()].map((group): FactFinding => {
    const [{ key, at }] = group as [(typeof group)[number]];
    const all = { settings: group.map(({ setting }) => setting), folders: group.map(({ folder }) => folder) };
    const shards = key === undefined ? {} : { key, shards: group.map(({ shard }) => shard!) };
    const facts = { ...all, ...shards, ...(own ? { own } : {}) };
    return { rule: "gotk-second-set", level: "blocker", at, facts };
  });
}

function readCopy(tree: Tree, copy: KustomizationFile, own: boolean) {
  const field = RENAMING.find((name) => isFilled(copy.data[name]))!;
  const name = String(copy.data[field]);
  const patches = readKustomizationPatches(tree, kustomizationObject(copy)).map(({ body }) => body);
  const bodies = [...patches, ...(own ? reach(tree, copy.dir).resources.map((file) => tree.read(file) ?? "") : [])];
  const found = bodies.map((body) => /--watch-label-selector=([\w./-]+)(?:=| in \()([\w.-]+)/.exec(body)).find(Boolean);
  const place = { at: locateIn(tree, copy.path, field, name), setting: `${field} ${name}`, folder: copy.dir };
  return { ...place, key: found?.[1], shard: found?.[2] };
}
