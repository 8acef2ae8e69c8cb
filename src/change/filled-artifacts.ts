import { readUnpublished } from "../cluster/artifact-root.ts";
import { type Filling, followedFolder, makeFilling } from "../cluster/other-artifacts.ts";
import { makeResolve, type SourceRef, sourceRefOf } from "../cluster/sources.ts";
import type { InstanceDescription } from "../cluster/types.ts";
import type { KubeObject } from "../contract/objects.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import type { Tree } from "../files/tree.ts";
import type { ClusterChange, Side } from "./change.ts";
import type { SourceTable } from "./source-facts.ts";

/** Artifacts beside that of the root which are filled from this repository. */
export interface FilledArtifacts {
  /** From which folder either tree fills one. */
  fillingOf: Record<Side, (source: KubeObject) => Filling>;
  /**
   * Folder that a FluxKustomization's artifact of its own is filled from; undefined where that is no artifact, or where the
   * change moves it to another folder.
   */
  folderOf: (spec: FluxObjectSpec | undefined, namespace: string) => string | undefined;
  /** What the jobs that fill them leave out is left out of the sources as well. */
  tables: Record<Side, SourceTable>;
}

/**
 * Finds those of a cluster.
 * @param sources `Kind/name` of the sources that hold this repository as the root reads it
 */
export function findFilledArtifacts(
  { before, after, cluster, objects, isDelivered }: ClusterChange,
  tables: Record<Side, SourceTable>,
  sources: ReadonlySet<string>,
  { instances, artifactPath }: { instances: readonly InstanceDescription[]; artifactPath: string | undefined },
): FilledArtifacts {
  const starts = { sources: [cluster.source, cluster.runningSource], instances, artifactPath };
  const fillingOf = { before: makeFilling(before, starts), after: makeFilling(after, starts) };
  const resolveOf = (all: readonly KubeObject[]) => makeResolve(() => all.filter(({ file }) => isDelivered(file)), all);
  const resolve = { before: resolveOf(objects.before), after: resolveOf(objects.after) };
  const fill = (side: Side, ref: SourceRef) => {
    const source = resolve[side](ref, cluster.root.file);
    return source && fillingOf[side](source);
  };
  const isDir = (path: string) => before.isDir(path) || after.isDir(path);
  const folderOf = (spec: FluxObjectSpec | undefined, namespace: string) => {
    const ref = sourceRefOf(spec, namespace);
    if (!ref || ref.kind === "GitRepository" || sources.has(`${ref.kind}/${ref.name}`)) return undefined;
    const [old, now] = [fill("before", ref), fill("after", ref)];
    const [first, last] = [old ?? now, now ?? old];
    return first?.folder?.value === last?.folder?.value ? first && followedFolder(first, spec, isDir) : undefined;
  };
  const withJobs = (side: Side, tree: Tree): SourceTable =>
    new Map(
      [...tables[side]].map(([source, facts]) => {
        const [kind = "", name = ""] = source.split("/");
        if (kind !== "OCIRepository" || sources.has(source)) return [source, facts];
        const job = fill(side, { kind, name, namespace: "" })?.folder;
        const unpublished = job ? readUnpublished(tree, job.at) : "";
        return [source, unpublished === "" ? facts : { ...facts, unpublished }];
      }),
    );
  return { fillingOf, folderOf, tables: { before: withJobs("before", before), after: withJobs("after", after) } };
}
