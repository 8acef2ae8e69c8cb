import type { Cluster, Install } from "../cluster/types.ts";
import { hiddenIn } from "../contract/answer.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { type DeliveredFluxObject, itemsOf, type YamlData } from "../contract/objects.ts";
import type { KubeData } from "../contract/specs.ts";
import { describe, isFluxKustomization, isHelmRelease } from "../delivery/kinds.ts";
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
 * root: waiting for it would keep an empty cluster from ever starting (trap 13), and a check of what is gone would hold up
 * all that depends on the root.
 */
export function withoutInstallDependency(
  tree: Tree,
  cluster: Cluster,
  data: KubeData | undefined,
): { data: KubeData | undefined; findings: DraftFinding[] } {
  const { objects = [], deliverers = [] } = cluster.install ?? {};
  const installers = [...objects, ...deliverers].filter(
    (object) => isFluxKustomization(object) || isHelmRelease(object),
  );
  const isInstaller = (kind: unknown, name: unknown) =>
    installers.some((object) => object.kind === kind && object.name === name);
  const spec = { ...data?.spec };
  const dropped = WAITS.flatMap(({ field, kindOf }) => {
    const waits = itemsOf(spec[field]);
    const left = waits.filter((item) => !isInstaller(kindOf(item), item.name));
    if (left.length === waits.length) return [];
    if (left.length > 0) spec[field] = left;
    else delete spec[field];
    return [field];
  });
  const [field] = dropped;
  if (field === undefined) return { data, findings: [] };
  const facts = { installers: [...new Set(installers.map(({ name }) => name))] };
  const at = pointAt(tree, cluster.root, ["spec", field]);
  return { data: { ...data, spec }, findings: [{ rule: "root-dependency-dropped", level: "info", ...at, facts }] };
}

/** Where a FluxKustomization says for whom it waits. */
const WAITS = [
  { field: "dependsOn", kindOf: () => "Kustomization" },
  { field: "healthChecks", kindOf: ({ kind }: YamlData) => kind },
] as const;

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
