import { isChosen } from "../../../src/cluster/clusters.ts";
import { isYamlPath } from "../../../src/cluster/objects.ts";
import { printRef } from "../../../src/cluster/sources.ts";
import { readersOf } from "../../../src/cluster/territory.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { repositoryIdentity } from "../../../src/contract/address.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { apiVersionsFor } from "../../../src/release/releases.ts";
import type { YamlOp } from "../../../src/yaml/types.ts";
import type { Outcome, TransformContext } from "../../contract.ts";
import { editFile } from "../edit-file.ts";
import { docsIn } from "../read.ts";
import { reportUnread } from "../references/maybe-delivered.ts";
import { findElsewhere } from "../references/revisions.ts";
import { gitNameOf, readInstanceSync } from "./sync.ts";
import type { SourceMove, Verdict } from "./template-text.ts";
import type { InstanceSync, OciTarget } from "./types.ts";
import { findSourceUses, type SourceUse } from "./uses.ts";

export interface FileUses {
  file: string;
  uses: SourceUse[];
}

/** References to the synced GitRepository in everything the cluster delivers, by file. */
export function findUses(
  { tree, cluster }: Pick<TransformContext, "tree" | "cluster">,
  move: SourceMove,
  verdicts: readonly Verdict[],
): FileUses[] {
  return candidateFiles(tree, move.name)
    .filter((file) => cluster.manifests.has(file))
    .flatMap((file) => {
      const uses = usesIn(tree, file, move).filter(({ verdict }) => verdicts.includes(verdict));
      return uses.length > 0 ? [{ file, uses }] : [];
    });
}

/** Who refers to the source, and where. */
export function pointAtUse(tree: Tree, file: string, { kind, name, doc, path }: SourceUse) {
  return { resource: `${kind} ${name}`.trim(), at: locateField(tree, { file, doc }, path) };
}

function candidateFiles(tree: Tree, name: string): string[] {
  return tree
    .grep(name)
    .filter((file) => isYamlPath(file) && /GitRepository|sourceRef|repositoryRef/.test(tree.read(file) ?? ""));
}

function usesIn(tree: Tree, file: string, move: SourceMove): SourceUse[] {
  return docsIn(tree.read(file)).flatMap(({ data, index }) => findSourceUses(data, index, move));
}

/** What takes the place of the synced GitRepository. */
export function moveOf({ cluster }: Pick<TransformContext, "cluster">, sync: InstanceSync): SourceMove {
  return {
    name: sync.name,
    namespace: sync.namespace,
    apiVersion: apiVersionsFor(sync.version).ociRepository,
    gitName: findOtherGit(cluster, sync)?.name ?? gitNameOf(sync),
  };
}

/** A GitRepository that the cluster has under another name already, and that reads the same branch of this repository. */
export function findOtherGit(cluster: Cluster, sync: InstanceSync) {
  if (sync.kind !== "GitRepository") return undefined;
  const own = repositoryIdentity(sync.url);
  const read = printRef(sync.kind, { name: sync.ref });
  return cluster.objects.find(
    ({ object, namespace }) =>
      object.kind === "GitRepository" &&
      object.name !== sync.name &&
      (namespace === "" || namespace === sync.namespace) &&
      repositoryIdentity(String(object.data.spec?.url ?? "")) === own &&
      printRef(object.kind, object.data.spec?.ref) === read,
  )?.object;
}

/**
 * Another cluster that delivers the same file and goes on reading Git: it is not taken along, or syncs under another name.
 * One that switches in the same phase, or has switched before, is no obstacle.
 */
function findGitReader(context: TransformContext, file: string): Cluster | undefined {
  const own = readInstanceSync(context.tree, context.cluster);
  return context.model.clusters.find((other) => {
    if (other === context.cluster || !other.files.has(file)) return false;
    const sync = readInstanceSync(context.tree, other);
    if (!sync || sync.name !== own?.name || sync.namespace !== own.namespace) return true;
    return sync.kind !== "OCIRepository" && !isChosen(other, context.options);
  });
}

/** An edit of a file of the switch, or the finding that another cluster goes on reading Git through it. */
export function editUnshared(
  context: TransformContext,
  { sync, at }: OciTarget,
  file: string,
  ops: readonly YamlOp[],
  why: string,
  use: SourceUse | undefined,
): Outcome {
  const { tree, cluster } = context;
  const reader = findGitReader(context, file);
  if (!reader) return editFile(tree, file, ops, why, [at]);
  const facts = { cluster: cluster.name, other: reader.name, source: sync.name };
  const place = use ? pointAtUse(tree, file, use).at : lineOf(file);
  return { findings: [{ rule: "oci-shared-file", level: "blocker", at: place, facts }] };
}

/** That files which nothing delivers name the source too; none where there are no such files. */
export function reportIdle(context: TransformContext, move: SourceMove): DraftFinding[] {
  const { tree, model } = context;
  const isElsewhere = findElsewhere(context);
  const files = candidateFiles(tree, move.name)
    .filter((file) => readersOf(file, model.clusters).length === 0)
    .filter((file) => !isElsewhere(file))
    .filter((file) => usesIn(tree, file, move).length > 0);
  const instead = `Read OCIRepository ${move.name}`;
  return reportUnread(context, files, { name: `GitRepository ${move.name}`, instead });
}
