import { builtTree } from "../../src/cluster/artifact-tree.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import type { Loc } from "../../src/contract/errors.ts";
import { itemsOf, type YamlData } from "../../src/contract/objects.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { Tree } from "../../src/files/tree.ts";
import { letsThrough, limits } from "../../src/references/network/cut-off.ts";
import { isSelected } from "../../src/references/network/selectors.ts";
import { isMap } from "../../src/yaml/is-map.ts";
import { listNaming } from "./naming.ts";

/**
 * A NetworkPolicy that keeps the operator's pod from all it has to reach, where no other one lets it out: policies add up, and the
 * owner's let the controllers out by their labels. Errs towards none, and looks only where the install has no policies of Flux,
 * which let everything in the namespace out.
 * @param release the Helm release, after which the chart labels the pod
 */
export function findShutIn(whole: Tree, cluster: Cluster, release: string): { policy: string; at: Loc } | undefined {
  const tree = builtTree(whole, cluster);
  const labels = { "app.kubernetes.io/name": "flux-operator", "app.kubernetes.io/instance": release };
  const policies = listNaming(tree, cluster, "NetworkPolicy").filter(
    ({ kind, namespace }) => kind === "NetworkPolicy" && namespace === cluster.namespace,
  );
  const isOut = ({ body, hidden = [] }: (typeof policies)[number]) => {
    const { podSelector, egress }: YamlData = body.spec ?? {};
    const mayMean = itemsOf(podSelector?.matchExpressions).length > 0 || means(podSelector, labels);
    return hidden.length > 0 || (mayMean && itemsOf(egress).some(letsThrough));
  };
  if (policies.some(isOut)) return undefined;
  const shuts = policies.filter(({ body }) => {
    const spec: YamlData = body.spec ?? {};
    return (
      limits(spec, "Egress") && spec.podSelector?.matchExpressions === undefined && means(spec.podSelector, labels)
    );
  });
  // One that lets nothing out says it best; `allow-dns` beside it only takes part.
  const shut = shuts.find(({ body }) => itemsOf((body.spec as YamlData).egress).length === 0) ?? shuts[0];
  return shut && { policy: describe(shut), at: locateField(tree, shut, ["metadata", "name"]) };
}

/** Whether all labels that a selector names are those of the pod. */
function means(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  return isMap(selector) && isSelected({ matchLabels: selector.matchLabels }, { known: labels, isWhole: true });
}
