import { inCluster, splitKey } from "../../admission/key.ts";
import type { ClusterChange } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import { listOperators } from "../../change/operator-releases.ts";
import type { Held } from "../../change/world.ts";
import type { YamlData } from "../../contract/objects.ts";
import { OPERATOR_RESOURCES } from "../../instance/operator-pod.ts";
import { isMap } from "../../yaml/is-map.ts";

/** The pod of a release of Flux Operator. */
export interface OperatorPod {
  held: Held;
  /** Its namespace, with the cluster that it is in. */
  home: string;
  /** Its spec, as far as a quota or a LimitRange looks at it. */
  spec: YamlData;
}

/** Pods of Flux Operator, of which nothing is rendered here, on both sides of a change, by the releases of its chart. */
export function listOperatorPods(
  given: Given,
  change: ClusterChange,
): { before: readonly OperatorPod[]; after: readonly OperatorPod[] } {
  const found = listOperators(given, change, true);
  const read = ({ held, values }: (typeof found)["after"][number]): OperatorPod | [] => {
    const { key, release, body } = held.object;
    if (!release || held.by?.spec.suspend || body?.spec?.suspend === true) return [];
    const own: YamlData = isMap(values?.resources) ? values.resources : {};
    const resources = {
      limits: { ...OPERATOR_RESOURCES.limits, ...own.limits },
      requests: { ...OPERATOR_RESOURCES.requests, ...own.requests },
    };
    return {
      held,
      home: inCluster(release.target, splitKey(key).remote),
      spec: { containers: [{ name: "manager", resources }] },
    };
  };
  return { before: found.before.flatMap(read), after: found.after.flatMap(read) };
}
