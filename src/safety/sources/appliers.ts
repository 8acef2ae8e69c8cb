import { type ObjectKey, splitKey } from "../../admission/key.ts";
import type { ClusterChange, Side } from "../../change/change.ts";
import { makeOwnSpec, type ReadContext, readOwnedObject } from "../../change/read-object.ts";
import type { Build, BuildUnknown, FluxSpec, OwnedObject } from "../../change/types.ts";
import { listMadeBy } from "../../cluster/made-by-sets.ts";
import { isYamlPath, objectsIn } from "../../cluster/objects.ts";
import { closestTo } from "../../cluster/sources.ts";
import { lineOf } from "../../contract/errors.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { bodyOf, type KubeObject, type YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { isSyncSource } from "../../delivery/kinds.ts";
import { type MadeObject, makeObjects } from "../../delivery/resource-set/build.ts";
import { type Inputs, readInputs } from "../../delivery/resource-set/inputs.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import { findLocalReleases, LocalReleases, type LocalReleasesInput } from "./local-releases.ts";

export interface ApplyingContext {
  /** Files of either tree with ResourceSets. */
  sets: ReadonlySet<string>;
  /** Files of either tree with objects that apply others. */
  holders: ReadonlySet<string>;
  /** Those of them of which the change may alter what they make, from another file. */
  files: ReadonlySet<string>;
}

const OPERATOR_GROUP = "fluxcd.controlplane.io";
const PROVIDER = "ResourceSetInputProvider";
/** When a ResourceSet is applied, and as whom, decides nothing about what it makes. */
const ASIDE = new Set(["dependsOn", "serviceAccountName", "wait"]);

/**
 * Files with ResourceSets, and those whose inputs may come from a provider that the change alters; the same of releases whose
 * charts lie in this repository.
 * @param values whether the change may alter a ConfigMap or Secret
 */
export function findApplying(change: ClusterChange, values: boolean): ApplyingContext {
  const { before, after, changed, removed, added } = change;
  const mentions = (tree: Tree, file: string) =>
    isYamlPath(file) && (tree.read(file)?.includes("ResourceSet") ?? false);
  const holders = new Set([
    ...before.grep(OPERATOR_GROUP).filter((file) => mentions(before, file)),
    ...[...changed].filter((file) => mentions(after, file)),
  ]);
  const isAltered = [...removed, ...added].some(({ kind }) => kind === PROVIDER);
  const takes = (file: string) => [before, after].some((tree) => tree.read(file)?.includes("inputsFrom"));
  const releases = findLocalReleases(change, values);
  return {
    sets: holders,
    holders: new Set([...holders, ...releases.holders]),
    files: new Set([...(isAltered ? [...holders].filter(takes) : []), ...releases.files]),
  };
}

/** Sources that the ResourceSets of some files make, as documents of those files; what cannot be evaluated makes none. */
export function listMadeSources(tree: Tree, files: Iterable<string>): KubeObject[] {
  const sets = [...files].filter((file) => tree.read(file)?.includes("source.toolkit.fluxcd.io"));
  return objectsIn(tree, sets)
    .filter(({ kind }) => kind === "ResourceSet")
    .flatMap((set) => listMadeBy(set, () => readProviders(tree)))
    .filter(isSyncSource);
}

/** Input providers of a namespace, for a ResourceSet of that file: of several of one name the nearest counts. */
type Providers = (near: string) => readonly KubeObject[];

/** Objects of one tree that apply others: what they make, as one that applies its objects like a FluxKustomization. */
export class Appliers {
  readonly #tree: Tree;
  /** By what is built together, then by namespace: each of many ResourceSets asks. */
  readonly #providers = new WeakMap<ReadonlyMap<ObjectKey, OwnedObject>, Map<string, Providers>>();
  readonly #read: ReadContext;
  readonly #releases: LocalReleases;
  readonly #files: ReadonlySet<string>;

  constructor(side: Side, input: LocalReleasesInput & { applying: ApplyingContext }) {
    this.#tree = input[side];
    this.#read = input.read;
    this.#releases = new LocalReleases(side, input);
    this.#files = input.applying.files;
  }

  /**
   * An object of the cluster that Flux runs in with what it applies, as far as that is known here.
   * @param beside what is built together with it
   */
  read(object: OwnedObject, beside: ReadonlyMap<ObjectKey, OwnedObject>): OwnedObject {
    const { group, kind } = splitKey(object.key);
    if (object.release) return this.#releases.read(object, beside);
    if (kind !== "ResourceSet" || group !== OPERATOR_GROUP || !isMap(object.body)) return object;
    return { ...object, flux: this.#readSet(object, beside) };
  }

  /** A ResourceSet deletes what it makes no more, and all of it once it goes (flux-operator, resourceset_controller). */
  #readSet(object: OwnedObject, beside: ReadonlyMap<ObjectKey, OwnedObject>): FluxSpec {
    const { name, namespace } = object;
    const body = object.body;
    const inputs = readInputs({ name, namespace, data: body }, () => this.#listProviders(object, beside));
    const annotations: YamlData = body.metadata?.annotations ?? {};
    const isMarked = (mark: string, value: string) =>
      String(annotations[`${OPERATOR_GROUP}/${mark}`]).toLowerCase() === value;
    const suspend = isMarked("reconcile", "disabled");
    const force = isMarked("force", "enabled") ? { force: true as const } : {};
    const build = once(() => this.#buildSet(object, inputs));
    const made = this.#files.has(object.at?.file ?? "") && !object.made ? listOwn(build()) : [];
    const text = JSON.stringify(["ResourceSet", object.key, body.spec, inputs, suspend, force, made]);
    const own = { mayHoldFlux: /Kustomization|ResourceSet|HelmRelease/.test(text), build };
    return makeOwnSpec(text, { suspend, finalizes: !suspend, ...force, own }, this.#read);
  }

  #buildSet(object: OwnedObject, inputs: Inputs): Build {
    const at = object.at ?? lineOf("");
    const spec = object.body.spec;
    const made = inputs.ok ? makeObjects(spec, inputs.sets) : inputs;
    const read = once(() =>
      JSON.stringify([Object.entries(spec ?? {}).filter(([field]) => !ASIDE.has(field)), inputs]),
    );
    if (!made.ok) {
      if (made.fails) return { ok: false, reason: `the operator stops at ${made.what}`, at };
      const what = `what ResourceSet ${object.namespace}/${object.name} makes (${made.what})`;
      return { ok: true, objects: new Map(), unknown: [{ what, at, reads: read(), whole: true }] };
    }
    const objects = new Map<ObjectKey, OwnedObject>();
    const unknown: BuildUnknown[] = [];
    for (const one of made.objects) {
      const owned = this.#own(one, object, spec);
      if (owned.key.includes("${")) unknown.push({ what: `the name ${owned.name}`, at, reads: read() });
      if (!objects.has(owned.key)) objects.set(owned.key, owned);
    }
    for (const owned of objects.values()) objects.set(owned.key, this.read(owned, objects));
    return { ok: true, objects, unknown };
  }

  #own({ body, template, input }: MadeObject, by: OwnedObject, spec: YamlData): OwnedObject {
    const { apiVersion, kind, metadata } = body;
    const identity = { apiVersion, kind, name: metadata.name, namespace: metadata.namespace ?? "" };
    const { file, doc } = { file: by.at?.file ?? "", doc: by.doc ?? 0 };
    const owned = readOwnedObject({ ...identity, file, doc, body }, spec?.commonMetadata, this.#read, "");
    const isKept = (map: YamlData) => String(map?.[`${OPERATOR_GROUP}/prune`]).toLowerCase() === "disabled";
    const marks = { ...metadata.annotations, ...spec?.commonMetadata?.annotations };
    return { ...owned, spared: isKept(marks), made: { template, input } };
  }

  /** Those that are built beside it are as they reach the cluster; others as they are written, the nearest file first. */
  #listProviders(set: OwnedObject, beside: ReadonlyMap<ObjectKey, OwnedObject>): readonly KubeObject[] {
    const known = getOrMake(this.#providers, beside, () => new Map<string, Providers>());
    return getOrMake(known, set.namespace, () => this.#findProviders(set.namespace, beside))(set.at?.file ?? "");
  }

  #findProviders(namespace: string, beside: ReadonlyMap<ObjectKey, OwnedObject>): Providers {
    const found = new Map<string, KubeObject[]>();
    for (const { kind, name, namespace: own, body, at, doc = 0 } of beside.values()) {
      if (kind !== PROVIDER || own !== namespace || !at) continue;
      const object = { file: at.file, doc, apiVersion: "", kind, name, namespace: own, data: body };
      found.set(name, [object]);
    }
    const near = new Set(found.keys());
    for (const object of readProviders(this.#tree)) {
      const isOther = object.namespace !== "" && object.namespace !== namespace;
      if (!near.has(object.name) && !isOther) getOrMake(found, object.name, () => []).push(object);
    }
    const all = [...found.values()];
    const alone = all.filter((some) => some.length === 1).flat();
    const several = all.filter((some) => some.length > 1);
    if (several.length === 0) return () => alone;
    const byFile = new Map<string, readonly KubeObject[]>();
    return (near) => getOrMake(byFile, near, () => [...alone, ...several.map((some) => closestTo(near, some)!)]);
  }
}

function readProviders(tree: Tree): readonly KubeObject[] {
  return remember(tree, "input providers", "", () => {
    const all = objectsIn(tree, tree.grep(PROVIDER));
    return all.filter((one) => one.kind === PROVIDER && isMap(bodyOf(one).spec));
  });
}

/** What it makes that applies objects itself, such as a release of a chart in this repository. */
function listOwn(build: Build): string[] {
  return build.ok ? [...build.objects.values()].flatMap(({ flux }) => (flux?.own ? flux.id : [])) : [];
}
