import { keyOfObject } from "../admission/key.ts";
import { objectsIn } from "../cluster/objects.ts";
import { getOrMake } from "../contract/group-by.ts";
import { bodyOf, itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import { listGenerated } from "./generated-values.ts";
import { type Given, goes } from "./given.ts";
import { makeKeysOf } from "./made-keys.ts";
import { perWorld } from "./per-world.ts";

/** `Kind/name` of what a FluxKustomization substitutes from. */
export function listValueSources(spec: YamlData): string[] {
  const from = itemsOf(spec?.postBuild?.substituteFrom);
  return from.map((ref) => `${ref.kind}/${ref.name}`);
}

/** The same with the namespace of the FluxKustomization, as far as that is known: several may have one of a name each. */
export function listPlacedSources(spec: YamlData): PlacedSource[] {
  return itemsOf(spec?.postBuild?.substituteFrom).map(({ kind, name, namespace = "", optional }) => {
    return { id: `${kind}/${name}`, place: `${kind}/${namespace}/${name}`, namespace, optional: optional === true };
  });
}

export interface PlacedSource {
  id: string;
  place: string;
  /** `''` where it is not known. */
  namespace: string;
  optional: boolean;
}

/** A spec whose sources of values are named with the namespace in which kustomize-controller looks for them (flux-facts 2.9). */
export function placeSources(spec: YamlData, namespace: string): YamlData {
  const { postBuild } = spec ?? {};
  if (namespace === "" || !Array.isArray(postBuild?.substituteFrom)) return spec;
  const substituteFrom = postBuild.substituteFrom.map((one: YamlData) => (isMap(one) ? { ...one, namespace } : one));
  return { ...spec, postBuild: { ...postBuild, substituteFrom } };
}

/** What a ConfigMap or Secret holds, or a SealedSecret makes one of, encrypted or not. */
export function valuesOf(body: YamlData): Record<string, unknown> {
  const { data, stringData, spec } = body ?? {};
  const [plain, text, sealed, template] = [data, stringData, spec?.encryptedData, spec?.template?.data].map(mapOf);
  return { ...plain, ...text, ...sealed, ...template };
}

/** The letters of a text are no keys of it. */
const mapOf = (value: unknown) => (isMap(value) ? value : {});

/** Keys that two of them hold and whose values differ, those that only one has included. */
export function differingKeys(
  was: Readonly<Record<string, unknown>>,
  is: Readonly<Record<string, unknown>>,
): Set<string> {
  const keys = [...Object.keys(was), ...Object.keys(is)];
  return new Set(keys.filter((key) => JSON.stringify(was[key]) !== JSON.stringify(is[key])));
}

/** Whether a cluster reads a file. */
type IsOwn = (file: string) => boolean;

/** A place that declares a ConfigMap or Secret; without keys where they cannot be told. */
interface Declared {
  file: string;
  keys: readonly string[] | undefined;
}

/**
 * Keys of a ConfigMap or Secret, `Kind/name`, over all places that declare it; those of encrypted ones can be read.
 * Undefined where none does, or where something else may make it: what a controller makes is not told from its document.
 * @param isOwn of several clusters, each with one of that name, which files count where some do
 */
export function readKeys(tree: Tree, id: string, isOwn: IsOwn = () => true): ReadonlySet<string> | undefined {
  const all = pickOwn(listDeclared(tree, id), isOwn);
  if (all.length === 0 || all.some(({ keys }) => keys === undefined)) return undefined;
  return openWhenEmpty(new Set(all.flatMap(({ keys }) => keys ?? [])));
}

/** How many places that a cluster reads declare a ConfigMap or Secret, `Kind/name`, in whatever namespace. */
export function countDeclared(tree: Tree, id: string, isOwn: IsOwn): number {
  return listDeclared(tree, id).filter(({ file }) => isOwn(file)).length;
}

function pickOwn(all: readonly Declared[], isOwn: IsOwn): readonly Declared[] {
  const own = all.filter(({ file }) => isOwn(file));
  return own.length > 0 ? own : all;
}

/** Of documents that declare ConfigMaps and Secrets those that count for a cluster: another one's do not where it has its own. */
export function ofCluster(objects: readonly KubeObject[], trees: readonly Tree[], isOwn: IsOwn): readonly KubeObject[] {
  return objects.filter(({ file, kind, name }) => {
    const id = `${kind.replace("Sealed", "")}/${name}`;
    return isOwn(file) || !trees.some((tree) => listDeclared(tree, id).some((one) => isOwn(one.file)));
  });
}

function listDeclared(tree: Tree, id: string): readonly Declared[] {
  return remember(tree, "makers of values", id, () => {
    const [kind = "", name = ""] = id.split("/");
    const files = tree.grep(name);
    const generated = files.filter(isKustomizationFile).flatMap((file) =>
      listGenerated(tree, file)
        .filter((one) => one.kind === kind && one.name === name)
        .map((one) => ({ file, values: one.readValues() })),
    );
    const found = objectsIn(tree, files).filter((one) => one.name === name && one.kind !== "Namespace");
    const isKnown = (one: KubeObject) => (one.kind === "SealedSecret" ? "Secret" : one.kind) === kind;
    const written = found.map((one) => ({ file: one.file, values: isKnown(one) ? valuesOf(bodyOf(one)) : undefined }));
    return [...written, ...generated].map(({ file, values }) => ({ file, keys: values && Object.keys(values) }));
  });
}

/** Keys of a ConfigMap or Secret, where they can be told. */
export interface GivenKeys {
  keys: ReadonlySet<string> | undefined;
  /** It has no others. */
  whole: boolean;
  /** Git holds it, under that very name. */
  isWritten: boolean;
}

/**
 * The same as one cluster is given it: several clusters of a repository often have one each, under one name. Where nothing
 * that is built delivers it, what the files say. To one that is laid over another (`ssa: Merge`) somebody else may give more;
 * what Git gives it no more is gone all the same.
 */
export function readDeliveredKeys(
  given: Given,
  side: "before" | "after",
  tree: Tree,
  { namespace, id }: { namespace: string; id: string },
): GivenKeys {
  const [kind = "", name = ""] = id.split("/");
  const key = keyOfObject({ apiVersion: "v1", kind, namespace, name });
  const world = given[side];
  const isMade = world.makes(key);
  const isGone = side === "after" && !isMade && (goes(given, key) || ownedIn(given.before).has(key));
  if (isGone) return { keys: new Set(), whole: true, isWritten: false };
  const { body, isPart } = world.find(key)?.object ?? {};
  const keys = body
    ? openWhenEmpty(getOrMake(keysOfBody, body, () => new Set(Object.keys(valuesOf(body)))))
    : ((isMade ? tellKeys(world)(key) : undefined) ?? readKeys(tree, id));
  return { keys, whole: keys !== undefined && !isPart, isWritten: body !== undefined };
}

/** Those of what a controller makes by a document that lists them. */
const tellKeys = perWorld((world) => makeKeysOf(world));
const ownedIn = perWorld((world) => new Set(world.ownedKeys()));

const keysOfBody = new WeakMap<object, ReadonlySet<string>>();

/** What holds no key is there for somebody else to fill, by hand or as a copy of another one. */
export function openWhenEmpty(keys: ReadonlySet<string>): ReadonlySet<string> | undefined {
  return keys.size === 0 ? undefined : keys;
}
