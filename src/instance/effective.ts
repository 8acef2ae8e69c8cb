import type { Cluster, Install } from "../cluster/types.ts";
import { hiddenIn } from "../contract/answer.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { type DeliveredFluxObject, itemsOf, type YamlData } from "../contract/objects.ts";
import type { KubeData } from "../contract/specs.ts";
import { describe, isFluxKustomization } from "../delivery/kinds.ts";
import { pointAt } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";

/** What may change an object that the instance takes over, and cannot be read here. */
export function reportHidden({ object, effective }: DeliveredFluxObject): DraftFinding[] {
  const resource = describe(object);
  return hiddenIn(effective).map(({ at, what }) => {
    return { rule: "delivery-unknown", level: "blocker", resource, at, facts: { resource, unread: what } };
  });
}

/**
 * The root without its dependency on the old install. The install goes, and what takes its place is delivered below the
 * root: waiting for it would keep an empty cluster from ever starting (trap 13).
 */
export function withoutInstallDependency(
  tree: Tree,
  cluster: Cluster,
  data: KubeData | undefined,
): { data: KubeData | undefined; findings: DraftFinding[] } {
  const { dependsOn, ...spec } = data?.spec ?? {};
  const { objects = [], deliverers = [] } = cluster.install ?? {};
  const installers = new Set([...objects, ...deliverers].filter(isFluxKustomization).map(({ name }) => name));
  const left = itemsOf(dependsOn).filter((item) => !installers.has(item.name));
  if (left.length === itemsOf(dependsOn).length) return { data, findings: [] };
  return {
    data: { ...data, spec: left.length > 0 ? { ...spec, dependsOn: left } : spec },
    findings: [
      {
        rule: "root-dependency-dropped",
        level: "info",
        ...pointAt(tree, cluster.root, ["spec", "dependsOn"]),
        facts: { installers: [...installers] },
      },
    ],
  };
}

/** The object without the metadata that `commonMetadata` of the instance gives to all of them. */
export function withoutCommon({ gotk }: Install, data: YamlData): YamlData {
  const { metadata } = data ?? {};
  if (!gotk || !metadata) return data;
  const rest = { ...metadata };
  for (const field of ["labels", "annotations"] as const) {
    const common = gotk.commonMetadata[field];
    const own = Object.entries(metadata[field] ?? {}).filter(([key, value]) => common[key] !== value);
    if (own.length > 0) rest[field] = Object.fromEntries(own);
    else delete rest[field];
  }
  return { ...data, metadata: rest };
}
