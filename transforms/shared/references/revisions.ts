import { repositoryPath } from "../../../src/cluster/graph.ts";
import { printRef, resolveSource, sourceRefOf } from "../../../src/cluster/sources.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { repositoryIdentity } from "../../../src/contract/address.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { groupBy } from "../../../src/contract/group-by.ts";
import { type DeliveredFluxObject, readableSpec } from "../../../src/contract/objects.ts";
import { describe } from "../../../src/delivery/kinds.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import type { TransformContext } from "../../contract.ts";
import { type Rename, SOURCE } from "./renames.ts";

/** A FluxKustomization that builds this repository at another branch, tag or commit than the root. */
interface Reader {
  item: DeliveredFluxObject;
  /** `branch staging`. */
  revision: string;
}

function findReaders({ model, cluster }: Pick<TransformContext, "model" | "cluster">): Reader[] {
  const url = cluster.source?.data?.spec?.url;
  if (typeof url !== "string") return [];
  const local = new Set(cluster.local);
  return cluster.kustomizations.flatMap((item): Reader[] => {
    const spec = local.has(item) ? undefined : readableSpec(item);
    const ref = spec?.kubeConfig ? undefined : sourceRefOf(spec, item.namespace);
    const source = ref && resolveSource(ref, item.object.file, model.objects);
    const known = source?.data?.spec;
    if (typeof known?.url !== "string" || repositoryIdentity(known.url) !== repositoryIdentity(url)) return [];
    return [{ item, revision: printRef(source!.kind, known.ref) }];
  });
}

/** Folders that are built of this repository, though not of the files that are merged here. */
export function foldersElsewhere(context: Pick<TransformContext, "model" | "cluster">): string[] {
  const { artifactRoot }: Cluster = context.cluster;
  return findReaders(context).flatMap(({ item }) => repositoryPath(readableSpec(item), artifactRoot) ?? []);
}

/** Says which other branches may name a source that gets another name: no phase reaches them. */
export function reportRevisions(context: TransformContext, renames: readonly Rename[]): DraftFinding[] {
  const rename = renames.find(({ group, to }) => group === SOURCE && to !== undefined);
  const to = rename?.to;
  if (!rename || to === undefined) return [];
  return [...groupBy(findReaders(context), ({ revision }) => revision)].map(([revision, readers]): DraftFinding => {
    const { object } = readers[0]!.item;
    const facts = {
      readers: readers.map(({ item }) => describe(item.object)),
      revision,
      name: `${rename.kind} ${rename.name}`,
      to,
    };
    const at = locateField(context.before, object, ["spec", "sourceRef"]);
    return { rule: "other-revision", level: "caution", at, facts };
  });
}
