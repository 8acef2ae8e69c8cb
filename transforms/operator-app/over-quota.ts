import { listContainers } from "../../src/admission/pods.ts";
import { parseQuantity } from "../../src/admission/quantity.ts";
import { readHard } from "../../src/admission/quota.ts";
import { builtTree } from "../../src/cluster/artifact-tree.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import type { Loc } from "../../src/contract/errors.ts";
import { itemsOf, type YamlData } from "../../src/contract/objects.ts";
import { ofOwn } from "../../src/contract/of-own.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { Tree } from "../../src/files/tree.ts";
import { OPERATOR_RESOURCES } from "../../src/instance/operator-pod.ts";
import { readInstalled } from "../../src/instance/running.ts";
import type { WantedInstance } from "../../src/instance/want.ts";
import { listNaming } from "./naming.ts";

/** What the chart of the operator asks of its namespace, by what a quota calls it. */
const OPERATOR = {
  pods: 1,
  "count/deployments.apps": 1,
  services: 1,
  "requests.cpu": OPERATOR_RESOURCES.requests.cpu,
  "requests.memory": OPERATOR_RESOURCES.requests.memory,
  "limits.cpu": OPERATOR_RESOURCES.limits.cpu,
  "limits.memory": OPERATOR_RESOURCES.limits.memory,
};

/** Other names of the same (Kubernetes: Resource Quotas). */
const ALIASES: Readonly<Record<string, keyof typeof OPERATOR>> = {
  "count/pods": "pods",
  "count/services": "services",
  cpu: "requests.cpu",
  memory: "requests.memory",
};

/** Thousandths, which add up without a rest. */
const thousandths = (value: unknown): number => Math.round((parseQuantity(value) ?? 0) * 1000);

type OverQuota = { quota: string; at: Loc } & ({ resource: string; limit: string } | { says: string });

/**
 * A LimitRange that does not take what the chart of the operator says of its pod, or a ResourceQuota that the controllers alone
 * keep to, and not with the operator beside them. Errs towards none: other pods of the namespace are not counted, nor what a
 * LimitRange would fill in.
 */
export function findOverQuota(whole: Tree, cluster: Cluster, wanted: WantedInstance): OverQuota | undefined {
  const tree = builtTree(whole, cluster);
  const quotas = listNaming(tree, cluster, "ResourceQuota").flatMap((quota) => {
    const isOwn = quota.kind === "ResourceQuota" && quota.namespace === cluster.namespace;
    const hard = isOwn ? readHard(quota.body.spec) : undefined;
    return hard ? { quota, hard } : [];
  });
  const [range] = listNaming(tree, cluster, "LimitRange").flatMap((one): OverQuota | [] => {
    const isOwn = one.kind === "LimitRange" && one.namespace === cluster.namespace;
    const over = isOwn ? findOutOfRange(one.body.spec) : undefined;
    return over ? { quota: describe(one), says: over.says, at: locateField(tree, one, over.path) } : [];
  });
  if (range || quotas.length === 0) return range;
  const objects = readInstalled({ ...wanted, components: wanted.spec.components }, cluster.namespace) ?? [];
  const installed = objects.flatMap(({ deleted, data }) => (deleted ? [] : [data]));
  for (const { quota, hard } of quotas) {
    const resource = Object.keys(hard).find((name) => {
      const own = ofOwn(ALIASES, name) ?? name;
      const limit = parseQuantity(hard[name]);
      if (!isAsked(own) || limit === undefined) return false;
      const used = installed.reduce((sum, one) => sum + usedBy(one, own), 0);
      return used <= limit * 1000 && used + thousandths(OPERATOR[own]) > limit * 1000;
    });
    if (resource === undefined) continue;
    const at = locateField(tree, quota, ["spec", "hard", resource]);
    return { quota: describe(quota), resource, limit: String(hard[resource]), at };
  }
  return undefined;
}

/** The first bound of a LimitRange that the operator is beyond. */
function findOutOfRange(spec: YamlData): { says: string; path: (string | number)[] } | undefined {
  for (const [at, item] of itemsOf(spec?.limits).entries()) {
    if (item.type !== "Container" && item.type !== "Pod") continue;
    for (const resource of ["cpu", "memory"] as const) {
      const [low, high] = [thousandths(OPERATOR[`requests.${resource}`]), thousandths(OPERATOR[`limits.${resource}`])];
      const bounds: [field: string, isOut: (limit: number) => boolean, takes: string, has: string][] = [
        ["max", (limit) => high > limit, "limits up to", OPERATOR[`limits.${resource}`]],
        ["min", (limit) => low < limit, "requests from", OPERATOR[`requests.${resource}`]],
        [
          "maxLimitRequestRatio",
          (limit) => high > (low * limit) / 1000,
          "limits up to",
          `${high / low} times the request`,
        ],
      ];
      for (const [field, isOut, takes, has] of bounds) {
        const said: unknown = item[field]?.[resource];
        if (parseQuantity(said) === undefined || !isOut(thousandths(said))) continue;
        const bound = field === "maxLimitRequestRatio" ? `${said} times the request` : String(said);
        const says = `takes of ${resource} ${takes} ${bound}, and the pod of the operator has ${has}`;
        return { says, path: ["spec", "limits", at, field, resource] };
      }
    }
  }
  return undefined;
}

const isAsked = (name: string): name is keyof typeof OPERATOR => Object.hasOwn(OPERATOR, name);

/** What an object of the install takes of a resource, in thousandths. */
function usedBy({ kind, spec }: YamlData, resource: keyof typeof OPERATOR): number {
  if (resource === "services") return kind === "Service" ? 1000 : 0;
  if (kind !== "Deployment") return 0;
  if (resource === "count/deployments.apps") return 1000;
  const replicas = Number(spec?.replicas ?? 1);
  if (resource === "pods") return replicas * 1000;
  const [bound = "", unit = ""] = resource.split(".");
  const containers = listContainers({ data: spec?.template?.spec ?? {}, path: [] });
  return containers.reduce((sum, { data }) => sum + replicas * thousandths(data.resources?.[bound]?.[unit]), 0);
}
