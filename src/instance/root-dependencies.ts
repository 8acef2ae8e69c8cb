import type { Cluster } from "../cluster/types.ts";
import type { DraftFinding } from "../contract/finding.ts";
import type { YamlData } from "../contract/objects.ts";
import { describe, isFluxKustomization } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";

/** Names of the FluxKustomizations that install Flux today. */
function installerNames(cluster: Cluster): Set<string> {
  return new Set(
    [...(cluster.install?.objects ?? []), ...(cluster.install?.deliverers ?? [])]
      .filter(isFluxKustomization)
      .map(({ name }) => name),
  );
}

/**
 * The root without its dependency on the old install. The install goes, and what takes its place is delivered below the
 * root: waiting for it would keep an empty cluster from ever starting (trap 13).
 */
export function withoutInstallDependency(
  tree: Tree,
  cluster: Cluster,
  data: YamlData,
): { data: YamlData; findings: DraftFinding[] } {
  const dependsOn = data?.spec?.dependsOn;
  const installers = installerNames(cluster);
  if (!Array.isArray(dependsOn) || !dependsOn.some((item) => installers.has(item?.name))) return { data, findings: [] };
  const left = dependsOn.filter((item: YamlData) => !installers.has(item?.name));
  const { dependsOn: _, ...spec } = data.spec;
  return {
    data: { ...data, spec: left.length > 0 ? { ...spec, dependsOn: left } : spec },
    findings: [
      {
        rule: "root-dependency-dropped",
        level: "info",
        resource: describe(cluster.root),
        at: locateField(tree, cluster.root, ["spec", "dependsOn"]),
        facts: { installers: [...installers] },
      },
    ],
  };
}
