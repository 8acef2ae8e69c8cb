import { deliverNew, keyOf, readsFile, repositoryPath } from "../../../src/cluster/graph.ts";
import { instanceOf, syncNameOf } from "../../../src/cluster/instances.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { readable } from "../../../src/contract/answer.ts";
import { given } from "../../../src/contract/given.ts";
import {
  type DeliveredFluxObject,
  itemsOf,
  type KubeObject,
  readableSpec,
  type YamlData,
} from "../../../src/contract/objects.ts";
import type { FluxObjectSpec } from "../../../src/contract/specs.ts";
import { isSubstitutionDisabled, patchObject, splitPointer } from "../../../src/delivery/kustomize/index.ts";
import { dirname, isWithin } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { Substitution } from "../../../src/instance/types.ts";
import { copyData } from "../../../src/yaml/copy.ts";
import { docsIn } from "../read.ts";
import type { Placement } from "./types.ts";

/** The FluxKustomization of a cluster that applies a file; undefined for files that nothing delivers. */
export function findDeliverer(tree: Tree, cluster: Cluster, file: string): DeliveredFluxObject | undefined {
  const { files, artifactRoot } = cluster;
  if (!files.has(file)) return undefined;
  const kustomizations = cluster.kustomizations.filter((item) => readsThis(cluster, readableSpec(item)));
  const around = (item: DeliveredFluxObject) => {
    const path = repositoryPath(readableSpec(item), artifactRoot);
    return path !== undefined && isWithin(dirname(file), path);
  };
  const builds = (item: DeliveredFluxObject) => readsFile(tree, readableSpec(item), artifactRoot, file);
  // Builds are walked only where the path makes them likely; a file reached through `../` costs the second pass.
  return (
    kustomizations.find((item) => around(item) && builds(item)) ??
    kustomizations.find((item) => !around(item) && builds(item))
  );
}

/** Whether a FluxKustomization reads this repository: `path: ./` of the flux-manifests artifact is no folder of it. */
function readsThis(cluster: Cluster, spec: FluxObjectSpec | undefined): boolean {
  const instance = instanceOf(cluster);
  const names = [cluster.root.data.spec?.sourceRef?.name, cluster.source?.name];
  if (instance) names.push(syncNameOf(instance, cluster.namespace));
  return names.includes(spec?.sourceRef?.name);
}

/** A FluxKustomization, then those above it, up to the root. */
export type Chain = readonly [DeliveredFluxObject, ...DeliveredFluxObject[]];

/** A FluxKustomization and those above it; each once, also where they go in a circle. */
export function chainOf(item: DeliveredFluxObject): Chain {
  const above: DeliveredFluxObject[] = [];
  const seen = new Set([keyOf(item.object)]);
  for (let at = item.parent; at && !seen.has(keyOf(at.object)); at = at.parent) {
    seen.add(keyOf(at.object));
    above.push(at);
  }
  return [item, ...above];
}

/** The FluxKustomization that will deliver the generated ones. */
export function parentOfApps(cluster: Cluster): DeliveredFluxObject {
  return cluster.layout.parent ?? cluster.kustomizations[0]!;
}

/**
 * A FluxKustomization with the empty lists and maps that the parent's JSON patches add to: an owner who appends to
 * `/spec/postBuild/substituteFrom/-` of every child writes `substituteFrom: []` in each of them, and one child without
 * it fails the whole build. What fails for another reason is left to the build to say.
 */
export function withScaffold(cluster: Cluster, data: YamlData): YamlData {
  const patches = itemsOf(readableSpec(parentOfApps(cluster))?.patches);
  let grown = data;
  for (;;) {
    const patched = patchObject(grown, patches);
    if (patched.ok || patched.operation === undefined) return grown;
    const next = grow(grown, patches[patched.patch]?.patch, patched.operation);
    if (next === undefined) return grown;
    grown = next;
  }
}

/** The object with a place for what the operation adds; undefined when it has one, or adds nothing. */
function grow(data: YamlData, patch: string, operation: number): YamlData | undefined {
  const { op, path } = docsIn(patch)[0]?.data?.[operation] ?? {};
  const copy = copyData(data);
  return op === "add" && typeof path === "string" && ensureParent(copy, path) ? copy : undefined;
}

/** Makes what a JSON pointer passes through; an existing scalar on the way is left for the build to reject. */
function ensureParent(data: YamlData, pointer: string): boolean {
  const keys = splitPointer(pointer);
  let at = data;
  let made = false;
  for (let index = 0; index < keys.length - 1; index++) {
    const isList = /^(?:-|\d+)$/.test(keys[index + 1]!);
    if (at === null || typeof at !== "object") return made;
    made ||= at[keys[index]!] === undefined || at[keys[index]!] === null;
    at[keys[index]!] ??= isList ? [] : {};
    at = at[keys[index]!];
  }
  return made;
}

/** `spec.postBuild` acts on what a FluxKustomization builds, not on itself (flux-facts 2.9). */
export function readSubstitution(tree: Tree, cluster: Cluster, { apps, direct }: Placement): Substitution {
  const [root] = cluster.kustomizations;
  const { fluxKustomization: file, path, name } = apps["flux-instance"];
  const metadata = { name, namespace: cluster.namespace };
  const type = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" };
  const data = withScaffold(cluster, { ...type, metadata, spec: { path } });
  const generated: KubeObject = { file, doc: 0, ...type, ...metadata, data };
  const by = direct ? root : deliverNew(tree, generated, parentOfApps(cluster), cluster.artifactRoot);
  const installer = cluster.install?.objects[0];
  const delivered = installer && cluster.kustomizations.find(({ object }) => keyOf(object) === keyOf(installer));
  const isDisabled = delivered !== undefined && isSubstitutionDisabled(readable(delivered.effective));
  const owner = readableSpec(delivered?.parent ?? delivererOf(tree, cluster, cluster.install?.at.file) ?? root);
  const next = readableSpec(by);
  return {
    old: substitutes(owner) && !isDisabled,
    ...given({ values: owner?.postBuild, nextValues: next?.postBuild }),
    sync: substitutes(readableSpec(root)),
    next: substitutes(next),
  };
}

/** The first FluxKustomization that reads a file; undefined where none does. */
function delivererOf(tree: Tree, { kustomizations, artifactRoot }: Cluster, file: string | undefined) {
  if (file === undefined) return undefined;
  return kustomizations.find((item) => readsFile(tree, readableSpec(item), artifactRoot, file));
}

/** Whether a FluxKustomization substitutes at all: an empty `postBuild` does nothing (flux-facts 2.9). */
function substitutes(spec: FluxObjectSpec | undefined): boolean {
  const { substitute, substituteFrom, substituteStrategy } = spec?.postBuild ?? {};
  return (
    Object.keys(substitute ?? {}).length > 0 || (substituteFrom?.length ?? 0) > 0 || substituteStrategy === "Always"
  );
}
