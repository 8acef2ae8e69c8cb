import { isArchived, isSample } from "../cluster/automation-files.ts";
import { findListed, type ListedObject, sayUnlist } from "../cluster/listed-objects.ts";
import { appliesFile } from "../cluster/territory.ts";
import type { Cluster } from "../cluster/types.ts";
import type { DraftFinding, Finding } from "../contract/finding.ts";
import { groupBy } from "../contract/group-by.ts";
import { listSome } from "../contract/list-some.ts";
import type { KubeObject, YamlData } from "../contract/objects.ts";
import { describe, isFluxInstance, isFluxKustomization, isSyncSource } from "../delivery/kinds.ts";
import type { Tree } from "../files/tree.ts";

const NOT_READ = "fluxlift reads objects of Flux only where each is a document of its own";

/** Objects of Flux that a cluster applies out of a List: no phase changes them, nor sees what they apply or need. */
export function checkListed(tree: Tree, cluster: Cluster): DraftFinding[] {
  const listed = findListed(tree).filter(({ at }) => cluster.files.has(at.file));
  return [...groupBy(listed, ({ at }) => at.file)].map(([file, all]) => ({
    rule: "file-not-read",
    level: "blocker",
    resource: describe(all[0]!.object),
    at: all[0]!.at,
    what: `${file} has ${listSome(all.map(sayOne), 3)} in a List: ${NOT_READ}.`,
    why: "What is in it stays as it is, such as a reference to what a phase renames or removes, and what it applies is not seen.",
    next: sayUnlist(file),
  }));
}

/** Where no cluster was found: a root or a source that stands in a List may be what starts one. */
export function reportListedStart(tree: Tree): Finding | undefined {
  const starts = listStarts(tree);
  const first = starts.find(({ object }) => isFluxKustomization(object)) ?? starts[0];
  if (!first) return undefined;
  const { file, line } = first.at;
  return {
    rule: "root-not-found",
    level: "blocker",
    resource: describe(first.object),
    at: first.at,
    what: `No root was found. ${describe(first.object)} stands in a List (${file}:${line}): ${NOT_READ}.`,
    why: "It may be what starts a cluster, or what such a start reads from.",
    next: sayUnlist(file),
  };
}

/** FluxKustomizations in a List that belong to no cluster here: each may start one. A file with dozens says so once. */
export function reportListedElsewhere(tree: Tree, clusters: readonly Cluster[]): Finding[] {
  const others = listStarts(tree).filter(
    ({ object, at }) =>
      isFluxKustomization(object) && !isDump(object) && !clusters.some((cluster) => appliesFile(cluster, at.file)),
  );
  return [...groupBy(others, ({ at }) => at.file)].map(([file, all]) => {
    const [{ object, at }] = all as [ListedObject, ...ListedObject[]];
    const [names, is, stands] =
      all.length === 1 ? [describe(object), "is", "it stands"] : [listSome(all.map(sayOne), 3), "are", "they stand"];
    return {
      rule: "cluster-left-out",
      level: "caution",
      resource: describe(object),
      at,
      what: `${names} ${is} left out, for ${stands} in a List: ${NOT_READ}.`,
      why: `fluxlift edits and deletes nothing that belongs to ${all.length === 1 ? "it" : "them"}.`,
      next: `If a cluster starts with ${all.length === 1 ? "it" : "one of them"}: ${sayUnlist(file)} Else leave ${all.length === 1 ? "it" : "them"}.`,
    };
  });
}

/** What `kubectl get -o yaml` has printed is kept for memory: only the API server makes such an id. */
function isDump({ data }: KubeObject): boolean {
  return (data as YamlData).metadata?.uid !== undefined;
}

function listStarts(tree: Tree): ListedObject[] {
  return findListed(tree).filter(
    ({ object, at }) =>
      (isFluxKustomization(object) || isSyncSource(object) || isFluxInstance(object)) &&
      !isArchived(at.file) &&
      !isSample(at.file),
  );
}

const sayOne = ({ object, at }: ListedObject) => `${describe(object)} (line ${at.line})`;
