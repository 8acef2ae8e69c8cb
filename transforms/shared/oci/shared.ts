import { matchesClusterName } from "../../../src/cluster/clusters.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import type { TransformContext } from "../../contract.ts";
import { readInstanceSync } from "./sync.ts";
import type { InstanceSync } from "./types.ts";
import type { SourceUse } from "./uses.ts";

/**
 * Another cluster that delivers the same file and goes on reading Git: it is not taken along, or syncs under another name.
 * One that switches in the same phase, or has switched before, is no obstacle.
 */
export function findGitReader(context: TransformContext, file: string): Cluster | undefined {
  const own = readInstanceSync(context.tree, context.cluster);
  return context.model.clusters.find((other) => {
    if (other === context.cluster || !other.files.has(file)) return false;
    const sync = readInstanceSync(context.tree, other);
    if (!sync || sync.name !== own?.name || sync.namespace !== own.namespace) return true;
    return sync.kind !== "OCIRepository" && !isTakenAlong(context, other);
  });
}

function isTakenAlong({ options }: TransformContext, cluster: Cluster): boolean {
  return options.clusters.length === 0 || options.clusters.some((name) => matchesClusterName(cluster, name));
}

export function sharedFile(
  { tree, cluster }: TransformContext,
  file: string,
  use: SourceUse | undefined,
  other: Cluster,
  sync: InstanceSync,
): DraftFinding {
  return {
    rule: "oci-shared-file",
    level: "blocker",
    at: use ? locateField(tree, { file, doc: use.doc }, use.path) : lineOf(file),
    facts: { cluster: cluster.name, other: other.name, source: sync.name },
  };
}

export function idleMentions(files: readonly string[], { name }: InstanceSync): DraftFinding {
  const several = files.length > 1;
  const list = `${files.slice(0, 3).join(", ")}${files.length > 3 ? ", …" : ""}`;
  return {
    rule: "undelivered-reference",
    level: "info",
    at: { file: files[0]!, line: 1, col: 1 },
    what: `${files.length} file${several ? "s" : ""} that nothing delivers still name${several ? "" : "s"} GitRepository ${name}${several ? ` (${list})` : ""}.`,
    why: "fluxlift leaves files alone that Flux does not read.",
    next: `Read OCIRepository ${name} when you bring one of them back.`,
  };
}
