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

/** The Flux objects a cluster gets whose version may not be the one its Flux stores, in the order of their files. */
export function listCandidates(cluster: Cluster, version: FluxVersion): KubeObject[] {
  const delivered = [...cluster.kustomizations, ...cluster.findObjects(findsOld(version))];
  return delivered.map(({ object }) => object).sort(byPlace);
}

function byPlace(a: KubeObject, b: KubeObject): number {
  return compareText(a.file, b.file) || a.doc - b.doc;
}

/** Those in an older version, see {@link OldApi}. */
export function findOldApis(candidates: readonly KubeObject[], version: FluxVersion): OldApi[] {
  return candidates.flatMap((object) => judge(object, version, false));
}

/** Those of them, and of the install, in a version that came with a later minor of Flux 2 than the one they are read for. */
export function findEarlyApis(
  candidates: readonly KubeObject[],
  { install }: Cluster,
  version: FluxVersion,
): { object: KubeObject; since: number }[] {
  const unique = new Map([...candidates, ...(install?.objects ?? [])].map((object) => [keyOf(object), object]));
  return [...unique.values()].sort(byPlace).flatMap((object) => {
    const since = servedLater(object.apiVersion, object.kind, version);
    return since === undefined ? [] : [{ object, since }];
  });
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
