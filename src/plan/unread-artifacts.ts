import { makeFilling } from "../cluster/other-artifacts.ts";
import { makeResolve, sourceRefOf } from "../cluster/sources.ts";
import type { Cluster, RepoModel } from "../cluster/types.ts";
import { lineOf } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";
import { groupBy } from "../contract/group-by.ts";
import { type KubeObject, readableSpec } from "../contract/objects.ts";
import type { Options } from "../contract/options.ts";
import { describe, isSyncSource } from "../delivery/kinds.ts";
import { sayFinding } from "../findings/say.ts";

/** Artifacts that a cluster reads besides that of its root, and that may be filled from a folder of this repository which nothing tells. */
export function reportUnreadArtifacts(
  { tree, objects }: RepoModel,
  cluster: Cluster,
  { artifactPath }: Options,
): Finding[] {
  const { name, source: root, instances, kustomizations, local, files } = cluster;
  const fillingOf = makeFilling(tree, { sources: [root], instances, artifactPath });
  const sources = objects.filter(isSyncSource);
  const resolve = makeResolve(() => sources.filter(({ file }) => files.has(file)), sources);
  const isFollowed = new Set(local);
  const read = kustomizations.flatMap((item): { by: KubeObject; from: KubeObject }[] => {
    const ref = isFollowed.has(item) ? undefined : sourceRefOf(readableSpec(item), item.namespace);
    const from = ref && resolve(ref, item.object.file);
    return from && fillingOf(from).isOpen ? [{ by: item.object, from }] : [];
  });
  return [...groupBy(read, ({ from }) => describe(from))].map(([source, readers]) => {
    const { from } = readers[0]!;
    const facts = { source, name: from.name, readers: readers.map(({ by }) => describe(by)) };
    const finding = { rule: "artifact-unread" as const, level: "caution" as const, at: lineOf(from.file), facts };
    return { ...sayFinding(finding), cluster: name };
  });
}
