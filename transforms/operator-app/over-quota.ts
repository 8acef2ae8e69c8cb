import { listContainers } from "../../src/admission/pods.ts";
import { parseQuantity } from "../../src/admission/quantity.ts";
import { readHard } from "../../src/admission/quota.ts";
import { builtTree } from "../../src/cluster/artifact-tree.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import type { Loc } from "../../src/contract/errors.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import { ofOwn } from "../../src/contract/of-own.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { Tree } from "../../src/files/tree.ts";
import { readInstalled } from "../../src/instance/running.ts";
import type { WantedInstance } from "../../src/instance/want.ts";
import { listNaming } from "./naming.ts";

/** What the chart of the operator asks of its namespace, by what a quota calls it. */
const OPERATOR = {
  pods: 1,
  "count/deployments.apps": 1,
  services: 1,
  "requests.cpu": "100m",
  "requests.memory": "64Mi",
  "limits.cpu": "2000m",
  "limits.memory": "1Gi",
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

/**
 * A ResourceQuota that the controllers alone keep to, and not with the operator beside them. Errs towards none: other pods of the
 * namespace are not counted, nor what a LimitRange would fill in.
 */
export function findOverQuota(
  whole: Tree,
  cluster: Cluster,
  wanted: WantedInstance,
): { quota: string; resource: string; limit: string; at: Loc } | undefined {
  const tree = builtTree(whole, cluster);
  const quotas = listNaming(tree, cluster, "ResourceQuota").flatMap((quota) => {
    const isOwn = quota.kind === "ResourceQuota" && quota.namespace === cluster.namespace;
    const hard = isOwn ? readHard(quota.body.spec) : undefined;
    return hard ? { quota, hard } : [];
  });
  if (quotas.length === 0) return undefined;
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
