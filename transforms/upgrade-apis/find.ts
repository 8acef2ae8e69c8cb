import { keyOf } from "../../src/cluster/graph.ts";
import { readObjects } from "../../src/cluster/objects.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { compareText } from "../../src/contract/compare-text.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { isKustomizationFile } from "../../src/delivery/kustomize/index.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { FluxVersion } from "../../src/release/releases.ts";
import { bodyFilesOf } from "../shared/automation/stale-patches.ts";
import { type ApiStanding, findsOld, servedLater, standingOf } from "./table.ts";

/** A Flux object, or the body of a patch file, in a version older than the one its Flux stores. */
export interface OldApi extends ApiStanding {
  object: KubeObject;
  /** Whether another document patches it, so that this one only repeats its identity. */
  isPatch: boolean;
}

/** The objects a cluster gets in such a version, in the order of their files. */
export function findOldApis(cluster: Cluster, version: FluxVersion): OldApi[] {
  const others = cluster.findObjects(findsOld(version));
  return [...cluster.kustomizations, ...others]
    .flatMap(({ object }) => judge(object, version, false))
    .sort((a, b) => compareText(a.object.file, b.object.file) || a.object.doc - b.object.doc);
}

/** An object in a version that came with a later Flux than the one it is read for. */
export interface EarlyApi {
  object: KubeObject;
  /** The first minor of Flux 2 that takes it. */
  since: number;
}

/** The objects of a cluster, and those of its install, that its Flux does not know yet; in the order of their files. */
export function findEarlyApis(cluster: Cluster, version: FluxVersion): EarlyApi[] {
  const others = cluster.findObjects(findsOld(version));
  const delivered = [...cluster.kustomizations, ...others].map(({ object }) => object);
  const unique = new Map([...delivered, ...(cluster.install?.objects ?? [])].map((object) => [keyOf(object), object]));
  return [...unique.values()]
    .flatMap((object) => {
      const since = servedLater(object.apiVersion, object.kind, version);
      return since === undefined ? [] : [{ object, since }];
    })
    .sort((a, b) => compareText(a.object.file, b.object.file) || a.object.doc - b.object.doc);
}

/** Bodies of patch files in such a version: kustomize finds what they change by it. */
export function findOldPatches(tree: Tree, cluster: Cluster, version: FluxVersion): OldApi[] {
  const files = new Set([...cluster.files].filter(isKustomizationFile).flatMap((file) => bodyFilesOf(tree, file)));
  return [...files]
    .flatMap((file) => readObjects(tree, file).objects)
    .flatMap((object) => judge(object, version, true));
}

function judge(object: KubeObject, version: FluxVersion, isPatch: boolean): OldApi[] {
  const standing = standingOf(object.apiVersion, object.kind, version);
  return standing ? [{ ...standing, object, isPatch }] : [];
}
