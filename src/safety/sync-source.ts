import { findFilling } from "../cluster/artifact-root.ts";
import type { InstanceDescription } from "../cluster/types.ts";
import type { ClusterChange, Side } from "./change.ts";
import type { SourceSwitch, SourceTable } from "./source-facts.ts";

/**
 * An artifact or a bucket that the FluxInstance comes to sync instead of the source of the root: where no job or task here
 * says what is published there, nobody can tell whether it holds this repository, nor from which folder.
 */
export function findNewSync(
  { after, cluster }: Pick<ClusterChange, "after" | "cluster">,
  tables: Record<Side, SourceTable>,
  instance: InstanceDescription | undefined,
): SourceSwitch[] {
  const { kind, url, ref, name = cluster.namespace } = instance?.spec?.sync ?? {};
  const isBucket = kind === "Bucket";
  if (!instance || (!isBucket && kind !== "OCIRepository") || typeof url !== "string") return [];
  const { kind: oldKind, name: oldName } = cluster.root.data.spec?.sourceRef ?? {};
  const source = `${kind}/${name}`;
  const now = tables.after.get(source);
  // One that was there before is compared by what it reads, and a folder that somebody has named is known.
  if (!now || tables.before.has(source) || source === `${oldKind}/${oldName}` || cluster.artifactRoot !== "") return [];
  const described = { kind, file: instance.object.file, data: { spec: isBucket ? { bucketName: ref } : { url } } };
  if (findFilling(after, described)) return [];
  const says = `is what Flux reads from then on instead of ${oldKind} ${oldName}, and no job or task here says what is published there: what is in it cannot be seen here, and what it lacks is pruned`;
  return [{ source, name: `${kind} ${name}`, says, at: now.at, own: true }];
}
