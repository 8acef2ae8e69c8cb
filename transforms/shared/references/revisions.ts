import { repositoryPath } from "../../../src/cluster/graph.ts";
import { instanceOf } from "../../../src/cluster/instances.ts";
import { indexSources, printRef, sourceRefOf } from "../../../src/cluster/sources.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { repositoryIdentity } from "../../../src/contract/address.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { groupBy } from "../../../src/contract/group-by.ts";
import { type DeliveredFluxObject, readableSpec } from "../../../src/contract/objects.ts";
import { describe, isSyncSource } from "../../../src/delivery/kinds.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import { makeWithin } from "../../../src/delivery/paths.ts";
import type { TransformContext } from "../../contract.ts";
import { type Rename, SOURCE } from "./renames.ts";

/** A FluxKustomization that builds this repository at another branch, tag or commit than the root. */
interface Reader {
  item: DeliveredFluxObject;
  /** `branch staging`. */
  revision: string;
}

type FindSource = ReturnType<typeof indexSources>;

function findReaders(cluster: Cluster, find: FindSource): Reader[] {
  const url = cluster.source?.data.spec?.url ?? instanceOf(cluster)?.spec.sync?.url;
  if (typeof url !== "string") return [];
  const local = new Set(cluster.local);
  return cluster.kustomizations.flatMap((item): Reader[] => {
    const spec = local.has(item) ? undefined : readableSpec(item);
    const ref = spec?.kubeConfig ? undefined : sourceRefOf(spec, item.namespace);
    const source = ref && find(ref, item.object.file);
    const known = source?.data.spec;
    if (typeof known?.url !== "string" || repositoryIdentity(known.url) !== repositoryIdentity(url)) return [];
    return [{ item, revision: printRef(source!.kind, known.ref) }];
  });
}

function indexOf({ objects }: TransformContext["model"]): FindSource {
  return indexSources(objects.filter(isSyncSource));
}

/** Whether a file lies in a folder that a cluster builds of this repository, though not of the files that are merged here. */
export function findElsewhere({ model }: Pick<TransformContext, "model">): (path: string) => boolean {
  const find = indexOf(model);
  const folders = model.clusters.flatMap((cluster) =>
    findReaders(cluster, find).flatMap(({ item }) => repositoryPath(readableSpec(item), cluster.artifactRoot) ?? []),
  );
  return makeWithin(folders);
}

/** What goes from the files that are read, what takes its place, and the phases between which both are there. */
interface Change {
  /** `GitRepository home`. */
  name: string;
  to: string;
  between: readonly [from: string, until: string];
}

/** Says which other branches may name a source that goes: no phase reaches them. */
export function reportRevisions(context: TransformContext, change: Change): DraftFinding[] {
  return [...groupBy(findReaders(context.cluster, indexOf(context.model)), ({ revision }) => revision)].map(
    ([revision, readers]): DraftFinding => {
      const at = locateField(context.before, readers[0]!.item.object, ["spec", "sourceRef"]);
      const facts = { ...change, readers: readers.map(({ item }) => describe(item.object)), revision };
      return { rule: "other-revision", level: "caution", at, facts };
    },
  );
}

/** The same of a source that gets another name on the way to the operator. */
export function reportRenamed(context: TransformContext, renames: readonly Rename[]): DraftFinding[] {
  const rename = renames.find(({ group, to }) => group === SOURCE && to !== undefined);
  const { kind = "", name = "", to } = rename ?? {};
  return to ? reportRevisions(context, { name: `${kind} ${name}`, to, between: ["install", "cleanup"] }) : [];
}
