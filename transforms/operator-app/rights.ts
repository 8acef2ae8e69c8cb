import { builtTree } from "../../src/cluster/artifact-tree.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import type { Loc } from "../../src/contract/errors.ts";
import { itemsOf, type YamlData } from "../../src/contract/objects.ts";
import type { Tree } from "../../src/files/tree.ts";
import { readInstalled } from "../../src/instance/running.ts";
import type { WantedInstance } from "../../src/instance/want.ts";
import { subjectsOf } from "../../src/references/rights/subjects.ts";
import { listNaming } from "./naming.ts";

const INSTALLER = "helm-controller";

/**
 * The account that installs the chart of the operator, as `namespace/name`, where a patch takes from it what the install of a
 * release gives it, and nothing in Git lets it make a binding to cluster-admin, as that chart does. Errs towards none: a
 * role that is not in Git may give any rights.
 */
export function findPowerless(
  whole: Tree,
  cluster: Cluster,
  wanted: WantedInstance,
): { account: string; at: Loc } | undefined {
  const { namespace } = cluster;
  const { patches, spec } = wanted;
  const account = `${namespace}/${INSTALLER}`;
  const objects = patches.length > 0 ? readInstalled({ ...wanted, components: spec.components }, namespace) : undefined;
  const installed = objects?.filter(({ deleted }) => !deleted).map(({ data }) => data);
  if (!installed || installed.some((one) => binds(one, account, isAdmin))) return undefined;
  const delivered = listNaming(builtTree(whole, cluster), cluster, "ClusterRoleBinding").map(({ body }) => body);
  if (delivered.some((one) => binds(one, account, (role) => mayBind(role, delivered)))) return undefined;
  const naming = (word: string) => patches.find(({ data }) => JSON.stringify(data).includes(word));
  return { account, at: (naming("cluster-reconciler") ?? naming("ClusterRoleBinding") ?? patches[0]!).from };
}

function binds(one: YamlData, account: string, counts: (role: string) => boolean): boolean {
  if (one?.kind !== "ClusterRoleBinding" || !counts(String(one.roleRef?.name))) return false;
  return subjectsOf(one).some(
    (subject) => subject === account || subject.startsWith("system:") || subject.includes("$"),
  );
}

const isAdmin = (role: string): boolean => role === "cluster-admin";
/** Of the roles that Kubernetes brings those that let nobody bind a role of the cluster. */
const LESSER = ["admin", "edit", "view"];

/** Whether a role lets somebody give rights that they do not have, or has them all. */
function mayBind(role: string, all: readonly YamlData[]): boolean {
  const found = all.filter((one) => one?.kind === "ClusterRole" && one.metadata?.name === role);
  if (isAdmin(role) || found.length === 0) return !LESSER.includes(role);
  return found.some(({ rules, aggregationRule }) => aggregationRule || itemsOf(rules).some(isMighty));
}

function isMighty({ apiGroups, resources, verbs }: YamlData): boolean {
  const has = (list: unknown, ...words: string[]) => itemsOf(list).some((one) => words.includes(String(one)));
  return has(verbs, "bind", "escalate") || (has(verbs, "*") && has(resources, "*") && has(apiGroups, "*"));
}
