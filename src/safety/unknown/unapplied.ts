import { isDeepStrictEqual } from "node:util";
import { type ObjectKey, printKey } from "../../admission/key.ts";
import type { ClusterChange } from "../../change/change.ts";
import { type ReadContext, readFluxSpec } from "../../change/read-object.ts";
import { sourceOf } from "../../change/source-facts.ts";
import type { FluxSpec, OpenPoint, Snapshot } from "../../change/types.ts";
import { isArchived } from "../../cluster/automation-files.ts";
import { builtFolders, keyOf, repositoryPath } from "../../cluster/graph.ts";
import { readObjects } from "../../cluster/objects.ts";
import type { Cluster, RepoModel } from "../../cluster/types.ts";
import { given } from "../../contract/given.ts";
import { groupBy, indexBy } from "../../contract/group-by.ts";
import { andMore } from "../../contract/list-some.ts";
import type { KubeObject, YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { operand, sh } from "../../contract/shell.ts";
import { isFluxKustomization, isSource, SYNC_SOURCE_KINDS } from "../../delivery/kinds.ts";
import { isKustomizationFile, reach } from "../../delivery/kustomize/index.ts";
import { locateField } from "../../delivery/locations.ts";
import { basename, dirname, isWithin, makeWithin, sharedSegments } from "../../delivery/paths.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { findNeed } from "../../references/settings/lost-settings.ts";
import { isSet } from "../../references/settings/variables.ts";
import { listChartFolders } from "../sources/local-releases.ts";

export interface UnappliedInput extends ClusterChange {
  today: Snapshot;
  later: Snapshot;
  read: ReadContext;
}

/** A FluxKustomization that prunes files of this repository, and that nothing here is seen to apply. */
interface Unapplied {
  object: KubeObject;
  namespace: string;
  spec: YamlData;
  /** Folder that it builds. */
  path: string;
  /** Whether its source reads this repository for sure. */
  isOwn: boolean;
  /** Whether it is the root of the cluster, which is followed as it is. */
  isRoot: boolean;
}

/** What a change does to the document of such a one: it goes, it is edited, or only what it builds changes. */
interface Fate {
  goes: boolean;
  /** The list that leads to it no more. */
  list?: string;
  /** Its spec after an edit that leaves it pruning. */
  edited?: YamlData;
}

/** What Flux deletes then, and which setting that a file needs goes instead. */
interface Loss {
  lost: ObjectKey[];
  needs?: string;
  /** Whether its folder can be built after the change. */
  isRead: boolean;
}

/**
 * FluxKustomizations on this repository that no tree delivers: where somebody applied one by hand, or a root that is not
 * here reads it, it prunes as well, and goes with its document.
 */
export function findUnapplied(input: UnappliedInput): OpenPoint[] {
  const { model, objects, before, after } = input;
  // What a chart makes is told of the chart.
  const isTemplate = makeWithin(listChartFolders({ before, after }));
  const kept = new Set(objects.after.filter(isFluxKustomization).map(nameOf));
  const unlisted = findUnlisted(input);
  return model.objects.filter(isFluxKustomization).flatMap((object) => {
    const one = isTemplate(object.file) ? undefined : readUnapplied(object, input);
    if (!one) return [];
    const fate = fateOf(one, input, { kept, unlisted });
    if (!fate) return [];
    const loss = lossOf(one, fate, input);
    return loss ? say(one, fate, loss, before) : [];
  });
}

function readUnapplied(object: KubeObject, { model, cluster, before, read }: UnappliedInput): Unapplied | undefined {
  const { places, names, declared } = lookAround(model);
  const { file, doc, name } = object;
  const spec = object.data.spec;
  const isOwn = read.sources.has(sourceOf(spec));
  const ref: YamlData = spec?.sourceRef;
  // Of a source that is in no file, this repository may be what it reads.
  const isUndeclared = SYNC_SOURCE_KINDS.includes(String(ref?.kind)) && !declared.has(`${ref.kind}/${ref.name}`);
  const path = isOwn || isUndeclared ? repositoryPath(spec, cluster.artifactRoot) : undefined;
  if (!path || !before.isDir(path) || spec?.prune !== true || spec.interval === undefined) return undefined;
  // The root of a cluster is followed as it is: what its own document says counts where something applies that.
  const isRoot = keyOf(object) === keyOf(cluster.root) && !isBuilt(file, model);
  const isDelivered =
    places.has(keyOf({ file, doc })) || names.has(object.namespace === "" ? name : `${object.namespace}/${name}`);
  if ((isDelivered && !isRoot) || !isNearest(file, cluster, model)) return undefined;
  return { object, namespace: object.namespace || cluster.namespace, spec, path, isOwn, isRoot };
}

/** Undefined where the change leaves it alone, or takes away what was left out on purpose. */
function fateOf(
  { object, spec, path, isRoot }: Unapplied,
  { model, changed, after }: UnappliedInput,
  { kept, unlisted }: { kept: ReadonlySet<string>; unlisted: ReadonlyMap<string, string> },
): Fate | undefined {
  const { file } = object;
  const list = isRoot ? undefined : unlisted.get(nameOf(object));
  if (list !== undefined || !(isRoot || kept.has(nameOf(object)))) {
    return isArchived(file) || lookAround(model).isLeftOut(file) ? undefined : { goes: true, ...given({ list }) };
  }
  // Each cluster may have one of that name.
  const isNext = (one: KubeObject) => isFluxKustomization(one) && nameOf(one) === nameOf(object);
  const then = changed.has(file) ? readObjects(after, file).objects.find(isNext)?.data.spec : undefined;
  if (then?.prune === true && !isDeepStrictEqual(then, spec)) return { goes: false, edited: then };
  const isTouched = () => [...changed].some((one) => isWithin(one, path) || basename(one) === ".sourceignore");
  return !isRoot && isTouched() ? { goes: false } : undefined;
}

/** Undefined where nothing is lost, or where its folder cannot be built. */
function lossOf(
  { spec, namespace, isOwn }: Unapplied,
  { goes, edited }: Fate,
  input: UnappliedInput,
): Loss | undefined {
  const { cluster, today, later, read } = input;
  const { sourceRef } = cluster.root.data.spec ?? {};
  const fluxOf = (one: YamlData) => readFluxSpec(isOwn ? one : { ...one, sourceRef }, namespace, read);
  const [old, now] = [today.build(fluxOf(spec)), later.build(fluxOf(edited ?? spec))];
  if (!old.ok || !(goes || edited || now.ok)) return undefined;
  const lost = [...old.objects.keys()].filter((key) => goes || !(now.ok && now.objects.has(key)));
  const needs =
    edited && lost.length === 0 ? findTaken(input, spec, { spec: edited, flux: fluxOf(edited) }) : undefined;
  return lost.length > 0 || needs !== undefined ? { lost, ...given({ needs }), isRead: now.ok } : undefined;
}

function say({ object, namespace }: Unapplied, { goes, list, edited }: Fate, loss: Loss, before: Tree): OpenPoint {
  const { lost, needs, isRead } = loss;
  const all = lost[0] && `${printKey(lost[0])}${andMore(lost.length - 1)}`;
  const unapplied = "and nothing in this repository applies it; where somebody does, or a root that is not here,";
  const altered = isRead ? `Flux deletes ${all}` : "what it delivers then cannot be read here";
  const what = goes
    ? `${list === undefined ? "goes" : `leaves ${list}`}, and nothing in this repository applies it; where a root that is not here does, Flux deletes it, and with it ${all}`
    : edited
      ? `changes, ${unapplied} ${needs === undefined ? altered : `it loses ${needs}`}`
      : `is applied by nothing in this repository; where somebody applied it by hand, Flux deletes ${all}`;
  return {
    resource: `Kustomization ${namespace}/${object.name}`,
    what,
    look: `look with ${sh`flux get kustomization ${operand(object.name)} -n ${namespace}`.line} whether it is in the cluster; --root names the folder of a root that is not here`,
    at: locateField(before, object),
  };
}

/** A setting that an edit takes out and that a file needs, in words. */
function findTaken(
  { after: tree, later: snapshot, cluster: { artifactRoot } }: UnappliedInput,
  old: YamlData,
  { spec, flux }: { spec: YamlData; flux: FluxSpec },
): string | undefined {
  for (const field of ["decryption", "postBuild"] as const) {
    const isTaken = isSet(old, field) && !isSet(spec, field);
    const file = isTaken ? findNeed(field, flux, { tree, snapshot, artifactRoot }) : undefined;
    if (file !== undefined) return `spec.${field}, which ${file} needs`;
  }
  return undefined;
}

/** What all clusters of a model are asked about alike. */
function lookAround(model: RepoModel) {
  return remember(model.tree, "unapplied", model, () => {
    const delivered = model.clusters.flatMap(({ kustomizations }) => kustomizations);
    return {
      places: new Set(delivered.map(({ object }) => keyOf(object))),
      names: new Set(delivered.flatMap(({ object, namespace }) => [`${namespace}/${object.name}`, object.name])),
      // What lies in a folder that is built, and that no list names, was left out on purpose.
      isLeftOut: makeWithin(builtFolders(model.clusters)),
      declared: new Set(model.objects.filter(isSource).map(({ kind, name }) => `${kind}/${name}`)),
      built: new Set(model.clusters.flatMap(({ files }) => [...files])),
    };
  });
}

/**
 * FluxKustomizations that a list leads to no more, of lists that no cluster builds: a root that is not here may build them,
 * with the outermost list that leads there. Of a folder that is gone it builds nothing, and prunes nothing.
 */
function findUnlisted({ model, objects, before, after, changed }: UnappliedInput): Map<string, string> {
  const unlisted = new Map<string, string>();
  const isOpen = (file: string) => isKustomizationFile(file) && before.has(file) && !isBuilt(file, model);
  const lists = [...changed].filter((file) => isOpen(file) && after.isDir(dirname(file)));
  if (lists.length === 0) return unlisted;
  const [old, now] = [model.objects, objects.after].map((all) =>
    groupBy(all.filter(isFluxKustomization), ({ file }) => file),
  );
  const namesIn = (tree: Tree, byFile: typeof old, list: string) =>
    reach(tree, dirname(list)).resources.flatMap((file) => byFile!.get(file)?.map(nameOf) ?? []);
  /** The lists that lead to a folder, its own among them. */
  const leading = once(() =>
    indexBy(before.paths.filter(isOpen), (file) => reach(before, dirname(file)).kustomizations),
  );
  for (const list of lists) {
    const still = new Set(namesIn(after, now, list));
    const left = namesIn(before, old, list).filter((name) => !still.has(name));
    if (left.length === 0) continue;
    const above = leading()
      .get(dirname(list))
      ?.filter((file) => file !== list);
    const kept = new Set(above?.flatMap((file) => namesIn(after, now, file)));
    for (const name of left) if (!kept.has(name)) unlisted.set(name, list);
  }
  return unlisted;
}

/** Whether a cluster of this repository builds a file. */
function isBuilt(file: string, model: RepoModel): boolean {
  return lookAround(model).built.has(file);
}

/** An object by its name, wherever its document stands. */
function nameOf({ namespace, name }: KubeObject): string {
  return `${namespace}/${name}`;
}

/** Tells whether some cluster of a model delivers a FluxKustomization. */
export function listDelivered(model: RepoModel): (object: KubeObject) => boolean {
  const { places } = lookAround(model);
  return ({ file, doc }) => places.has(keyOf({ file, doc }));
}

/** Whether a file lies nearest to the root of a cluster; of several the first counts. */
export function isNearest(file: string, cluster: Cluster, { clusters }: RepoModel): boolean {
  const near = (one: Cluster) => sharedSegments(dirname(one.root.file), dirname(file));
  const most = Math.max(...clusters.map(near));
  return clusters.find((one) => near(one) === most) === cluster;
}
