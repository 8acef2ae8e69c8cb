import { builtFolders, keyOf } from "../../../src/cluster/graph.ts";
import { objectsIn } from "../../../src/cluster/objects.ts";
import { appliesFile } from "../../../src/cluster/territory.ts";
import type { LeftOut } from "../../../src/cluster/types.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { getOrMake } from "../../../src/contract/group-by.ts";
import type { KubeObject, YamlData } from "../../../src/contract/objects.ts";
import { describe } from "../../../src/delivery/kinds.ts";
import { findKustomization, reach } from "../../../src/delivery/kustomize/index.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import { dirname, makeWithin } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import type { TransformContext } from "../../contract.ts";
import { findReferences, ownerOf } from "./find.ts";
import { filesNaming, keysOfOld, type Remaining, type Rename } from "./renames.ts";
import { findSubstituted } from "./substituted.ts";

/**
 * What a cluster's files still say of old names: in reference fields, in patches, in text too broken to parse, and in
 * variables that become the name of a source (flux-facts 2.9). Nothing is found where no name changes.
 * @param tree the files as they will be; places are given in `context.before`, which the owner sees.
 * @param assumed files whose references count as rewritten.
 */
export function findRemaining(
  { before, cluster }: Pick<TransformContext, "before" | "cluster">,
  tree: Tree,
  renames: readonly Rename[],
  assumed: ReadonlySet<string> = new Set(),
): Remaining[] {
  const changed = renames.filter(({ name, to }) => to && to !== name);
  const own = keysOfOld(cluster);
  const found = filesNaming(tree, cluster, changed).flatMap((file) => {
    const text = tree.read(file) ?? "";
    const parsed = readYamlCached(text);
    if (!parsed.ok) return findInText(file, text, changed);
    return parsed.docs.flatMap(({ data, index: doc }): Remaining[] => {
      if (own.has(keyOf({ file, doc }))) return [];
      const references = assumed.has(file) ? [] : findReferences(data, doc, changed, ownerOf(data));
      const places = references.map(({ path, rename }) => ({ at: locateField(before, { file, doc }, path), rename }));
      return hasUnreadableText(data, changed) ? [...places, ...findInText(file, text, changed)] : places;
    });
  });
  return [...found, ...findSubstituted(before, tree, cluster, changed)];
}

/** What names an old name and is in no cluster's files. */
type Use = Remaining & { object: KubeObject };

/** Whether what is left out may be in a cluster: it reads the source of that one, and is no copy. */
export function mayBeOf({ source }: Pick<TransformContext["cluster"], "source">, place: LeftOut): boolean {
  if (place.isCopy || source === undefined || place.source === undefined) return false;
  return keyOf(place.source) === keyOf(source);
}

/** Whether it lies in a folder that is built. */
function liesIdle(model: TransformContext["model"], { object }: LeftOut): boolean {
  return getOrMake(built, model, () => makeWithin(builtFolders(model.clusters)))(object.file);
}

/** By the model: every cluster asks. */
const built = new WeakMap<object, (path: string) => boolean>();

/**
 * What is left out reads the source that goes, or waits for the root by its old name: nothing delivers it, so nothing
 * rewrote it, and it may well be in the cluster. A copy or an archive is in none, and errs towards none for what lies in a
 * folder that is built and is in no list there, as an entry that is commented out.
 */
export function findLeftOutUses(
  { before, model, cluster }: Pick<TransformContext, "before" | "model" | "cluster">,
  renames: readonly Rename[],
): Use[] {
  const changed = renames.filter(({ name, to }) => to && to !== name);
  const uses = model.leftOut.filter((place) => mayBeOf(cluster, place) && !liesIdle(model, place));
  return uses.flatMap(({ object }) => {
    const [first] = findReferences(object.data, object.doc, changed, ownerOf(object.data));
    return first ? [{ object, at: locateField(before, object, first.path), rename: first.rename }] : [];
  });
}

/**
 * The same of what lies in the file of the root or of the source, in the kustomization beside one, or in the folder that
 * somebody applied to bring these, and that no root delivers: it came into the cluster with them.
 */
export function findUsesBeside(
  { tree, model, cluster }: Pick<TransformContext, "tree" | "model" | "cluster">,
  renames: readonly Rename[],
): Use[] {
  const { root, source, rootFrom, appliedIn } = cluster;
  const changed = renames.filter(({ name, to }) => to && to !== name);
  if (rootFrom === "instance" || changed.length === 0) return [];
  const ends = model.clusters.flatMap((one) => [...keysOfOld(one), ...one.rivals.map(keyOf), ...one.peers.map(keyOf)]);
  const isTold = (place: LeftOut) => place.isCopy || (place.source !== undefined && !liesIdle(model, place));
  const told = model.leftOut.filter(isTold);
  const known = new Set([...ends, ...told.map(({ object }) => keyOf(object))]);
  const starts = [root.file, ...(source ? [source.file] : [])];
  const files = new Set([...starts, ...starts.flatMap((file) => listedWith(tree, file))]);
  if (appliedIn !== undefined) for (const file of reach(tree, appliedIn).resources) files.add(file);
  const own = [...files].filter((file) => !model.clusters.some((one) => appliesFile(one, file)));
  const beside = objectsIn(tree, own).filter((object) => !known.has(keyOf(object)));
  return beside.flatMap((object) => {
    const [first] = findReferences(object.data, object.doc, changed, ownerOf(object.data));
    return first ? [{ object, at: locateField(tree, object, first.path), rename: first.rename }] : [];
  });
}

/** What the kustomization of its folder brings together with a file. */
function listedWith(tree: Tree, file: string): string[] {
  const dir = dirname(file);
  const resources = findKustomization(tree, dir) === undefined ? [] : reach(tree, dir).resources;
  return resources.includes(file) ? resources : [];
}

/** A patch body that does not parse, such as one with template expressions, hides what it refers to. */
function hasUnreadableText(data: YamlData, renames: readonly Rename[]): boolean {
  if (typeof data === "string")
    return data.includes("\n") && renames.some(({ name }) => data.includes(name)) && !readYamlCached(data).ok;
  if (typeof data !== "object" || data === null) return false;
  return Object.values(data).some((item) => hasUnreadableText(item, renames));
}

/** `sourceRef` blocks by their lines. Errs on the side of a reference: a kind or namespace left out counts as ours. */
function findInText(file: string, text: string, renames: readonly Rename[]): Remaining[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index): Remaining[] => {
    if (!/^[\s-]*["']?sourceRef["']?:/.test(line)) return [];
    const indent = line.search(/\S/);
    const below = lines.slice(index + 1);
    const end = below.findIndex((next) => /\S/.test(next) && next.search(/\S/) <= indent);
    const block = [line, ...below.slice(0, end < 0 ? undefined : end)];
    const field = (key: string) =>
      new RegExp(`(?:^|[\\s{,])["']?${key}["']?:\\s*["']?([\\w.-]+)`, "m").exec(block.join("\n"))?.[1];
    const rename = renames.find(
      ({ kind, name, namespace }) =>
        name === field("name") && (field("kind") ?? kind) === kind && (field("namespace") ?? namespace) === namespace,
    );
    if (!rename) return [];
    const offset = block.findIndex((text) => text.includes(rename.name));
    return [{ at: lineOf(file, index + 1 + offset), rename }];
  });
}

export function reportRemaining({ at, rename, expression }: Remaining, phase: string): DraftFinding {
  const { kind, namespace, name, to } = rename;
  const how = expression ? `${expression} becomes ${name} here` : `This still names ${kind} ${name}`;
  const when = phase === "cleanup" ? "goes in this phase" : `is called ${to} from now on and goes at cleanup`;
  return {
    rule: "reference-remains",
    level: "blocker",
    resource: `${kind} ${namespace}/${name}`,
    at,
    what: `${how}, which ${when}; fluxlift cannot rewrite it.`,
    why: "Flux would report the source or dependency as not found, and what reads it would no longer be reconciled.",
    next: `Write ${to} instead, which exists since the install phase was merged, commit, and run fluxlift again.`,
  };
}

/** The same of what is in no cluster's files, which the owner has to bring in or throw away. */
export function reportUse({ at, rename, object }: Use, place: "left out" | "beside the root"): DraftFinding {
  const { kind, name, to } = rename;
  const isLeftOut = place === "left out";
  const which = isLeftOut ? "is left out" : "was applied by hand with the old root or source";
  const next = isLeftOut
    ? `list it in what the root builds, commit, and run fluxlift again: it is then rewritten with the rest. Where that folder starts other clusters too, write ${to} here and in all that it delivers instead, and commit that. If it is in no cluster, delete its file.`
    : `move it into a file that the root builds, commit, and run fluxlift again: it is then rewritten with the rest. If it is in no cluster, delete it.`;
  return {
    rule: "reference-remains",
    level: "blocker",
    resource: describe(object),
    at,
    what: `${describe(object)}, which ${which}, still names ${kind} ${name}, which goes in this phase.`,
    why: "Nothing in this repository delivers it, so no phase rewrote it or what it delivers; if it is in the cluster, none of that would be reconciled any more.",
    next: `If it is in the cluster, ${next}`,
  };
}
