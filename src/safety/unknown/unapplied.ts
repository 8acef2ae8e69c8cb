import { isDeepStrictEqual } from "node:util";
import { printKey } from "../../admission/key.ts";
import type { ClusterChange } from "../../change/change.ts";
import { type ReadContext, readFluxSpec } from "../../change/read-object.ts";
import { sourceOf } from "../../change/source-facts.ts";
import type { FluxSpec, OpenPoint, Snapshot } from "../../change/types.ts";
import { isArchived } from "../../cluster/automation-files.ts";
import { builtFolders, keyOf, repositoryPath } from "../../cluster/graph.ts";
import { readObjects } from "../../cluster/objects.ts";
import type { Cluster, RepoModel } from "../../cluster/types.ts";
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
import { listChartFolders } from "../sources/local-releases.ts";

export interface UnappliedInput extends ClusterChange {
  today: Snapshot;
  later: Snapshot;
  read: ReadContext;
}

/**
 * FluxKustomizations on this repository that no tree delivers: where somebody applied one by hand, or a root that is not
 * here reads it, it prunes as well, and goes with its document.
 */
export function findUnapplied(input: UnappliedInput): OpenPoint[] {
  const { model, cluster, objects, changed, before, after, today, later, read } = input;
  const { places, names, isLeftOut, declared } = lookAround(model);
  const isDelivered = ({ file, doc, name, namespace }: KubeObject) =>
    places.has(keyOf({ file, doc })) || names.has(namespace === "" ? name : `${namespace}/${name}`);
  const kept = new Set(objects.after.filter(isFluxKustomization).map(nameOf));
  const unlisted = findUnlisted(input);
  // What a chart makes is told of the chart.
  const isTemplate = makeWithin(listChartFolders({ before, after }));
  // Of a source that is in no file, this repository may be what it reads.
  const isUndeclared = (ref: YamlData) =>
    SYNC_SOURCE_KINDS.includes(String(ref?.kind)) && !declared.has(`${ref.kind}/${ref.name}`);
  return model.objects.filter(isFluxKustomization).flatMap((object) => {
    const { file, name, data } = object;
    const namespace = object.namespace || cluster.namespace;
    const spec = data.spec;
    const isOwn = read.sources.has(sourceOf(spec));
    const path = repositoryPath(spec, cluster.artifactRoot);
    if (
      !(isOwn || isUndeclared(spec?.sourceRef)) ||
      !path ||
      !before.isDir(path) ||
      spec?.prune !== true ||
      spec.interval === undefined
    )
      return [];
    // The root of a cluster is followed as it is: what its own document says counts where something applies that.
    const isRoot = keyOf(object) === keyOf(cluster.root) && !isBuilt(file, model);
    if ((isDelivered(object) && !isRoot) || isTemplate(file) || !isNearest(file, cluster, model)) return [];
    const list = isRoot ? undefined : unlisted.get(nameOf(object));
    // Each cluster may have one of that name.
    const isNext = (one: KubeObject) => isFluxKustomization(one) && nameOf(one) === nameOf(object);
    const then = changed.has(file) ? readObjects(after, file).objects.find(isNext)?.data.spec : undefined;
    const isEdited = then?.prune === true && !isDeepStrictEqual(then, spec);
    const goes = list !== undefined || !(isRoot || kept.has(nameOf(object)));
    if (goes && (isArchived(file) || isLeftOut(file))) return [];
    const isTouched = () => [...changed].some((one) => isWithin(one, path) || basename(one) === ".sourceignore");
    if (!goes && !isEdited && (isRoot || !isTouched())) return [];
    const { sourceRef } = cluster.root.data.spec ?? {};
    const fluxOf = (one: YamlData) => readFluxSpec(isOwn ? one : { ...one, sourceRef }, namespace, read);
    const flux = fluxOf(spec);
    const [old, now] = [today.build(flux), later.build(isEdited ? fluxOf(then) : flux)];
    if (!old.ok || !(goes || isEdited || now.ok)) return [];
    const lost = [...old.objects.keys()].filter((key) => goes || !(now.ok && now.objects.has(key)));
    const needs =
      isEdited && lost.length === 0 ? findTaken(input, spec, { spec: then, flux: fluxOf(then) }) : undefined;
    if (lost.length === 0 && needs === undefined) return [];
    const all = lost[0] && `${printKey(lost[0])}${andMore(lost.length - 1)}`;
    const unapplied = "and nothing in this repository applies it; where somebody does, or a root that is not here,";
    const altered = now.ok ? `Flux deletes ${all}` : "what it delivers then cannot be read here";
    const what = goes
      ? `${list === undefined ? "goes" : `leaves ${list}`}, and nothing in this repository applies it; where a root that is not here does, Flux deletes it, and with it ${all}`
      : isEdited
        ? `changes, ${unapplied} ${needs === undefined ? altered : `it loses ${needs}`}`
        : `is applied by nothing in this repository; where somebody applied it by hand, Flux deletes ${all}`;
    return {
      resource: `Kustomization ${namespace}/${name}`,
      what,
      look: `look with ${sh`flux get kustomization ${operand(name)} -n ${namespace}`.line} whether it is in the cluster; --root names the folder of a root that is not here`,
      at: locateField(before, object),
    };
  });
}

/** A setting that an edit takes out and that a file needs, in words. */
function findTaken(
  { after: tree, later: snapshot, cluster: { artifactRoot } }: UnappliedInput,
  old: YamlData,
  { spec, flux }: { spec: YamlData; flux: FluxSpec },
): string | undefined {
  for (const field of ["decryption", "postBuild"] as const) {
    const isTaken = old?.[field] !== undefined && spec?.[field] === undefined;
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

/** Whether a file lies nearest to the root of a cluster; of several the first counts. */
function isNearest(file: string, cluster: Cluster, { clusters }: RepoModel): boolean {
  const near = (one: Cluster) => sharedSegments(dirname(one.root.file), dirname(file));
  const most = Math.max(...clusters.map(near));
  return clusters.find((one) => near(one) === most) === cluster;
}
