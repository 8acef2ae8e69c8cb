import { isDeepStrictEqual } from "node:util";
import type { YamlData } from "../../contract/objects.ts";
import { effectiveFlags } from "../../release/compare.ts";
import { printBody } from "../../release/print.ts";
import type { LazyDocument } from "../types.ts";
import { BOOTSTRAP_LABELS } from "./digest.ts";
import { diffToOps } from "./object-diff.ts";

export interface DeploymentEdit {
  document: LazyDocument;
  /** JSON6902 bodies, one for each thing that differs, so that equal ones can be shared by several controllers. */
  bodies: string[];
}

const ARGS = "/spec/template/spec/containers/0/args";
const POD = "/spec/template/spec";

/** Fields bootstrap flags write into every pod (flux-facts 4.3). */
const POD_FIELDS = ["imagePullSecrets", "tolerations", "nodeSelector"] as const;

/**
 * What a controller Deployment says beyond the release: flags as the last value of each, pod fields of bootstrap flags,
 * and anything else operation by operation.
 * @param isExact whether `pristine` is the very release; else only flags and pod fields of bootstrap are compared.
 */
export function diffDeployment(
  document: LazyDocument,
  pristine: YamlData,
  namespace: string,
  isExact: boolean,
): DeploymentEdit {
  const [before, after] = [clean(pristine), clean(document.data())];
  const bodies: string[] = [];
  const add = (ops: YamlData[]) => {
    if (ops.length > 0) bodies.push(printBody(ops));
  };
  const [old, now] = [takeArgs(before), takeArgs(after)];
  for (const ops of diffArgs(old, now, namespace)) add(ops);
  for (const field of POD_FIELDS) {
    const [was, is] = [take(before, field), take(after, field)];
    if (isDeepStrictEqual(was, is)) continue;
    if (is === undefined) add([{ op: "remove", path: `${POD}/${field}` }]);
    else add([{ op: was === undefined ? "add" : "replace", path: `${POD}/${field}`, value: is }]);
  }
  if (isExact) add(diffToOps(before, after));
  return { document, bodies };
}

function diffArgs(before: YamlData[], after: YamlData[], namespace: string): YamlData[][] {
  // From 2.7.2 bootstrap leaves the namespace in --events-addr to the kubelet, the operator spells it out.
  const isSame = (a: string | undefined, b: string) => a === b || a === b.replace("$(RUNTIME_NAMESPACE)", namespace);
  if (isDeepStrictEqual(before, after)) return [];
  const [old, now] = [effectiveFlags(before), effectiveFlags(after)];
  const ops: YamlData[][] = [];
  for (const [flag, given] of now) {
    if (isSame(old.get(flag), given)) continue;
    const value = flag === "--events-addr" ? given.replace("$(RUNTIME_NAMESPACE)", namespace) : given;
    const gate = /^--feature-gates (.*)$/.exec(flag)?.[1];
    const text = gate
      ? `--feature-gates=${gate}=${value}`
      : flag.startsWith("-") && value !== ""
        ? `${flag}=${value}`
        : flag;
    ops.push([{ op: "add", path: `${ARGS}/-`, value: text }]);
  }
  const removed = before
    .map((arg, index) => ({ flag: /^[^=]*/.exec(String(arg))![0], index }))
    .filter(({ flag }) => flag !== "--feature-gates" && !now.has(flag))
    .sort((a, b) => b.index - a.index);
  if (removed.length > 0) ops.push(removed.map(({ index }) => ({ op: "remove", path: `${ARGS}/${index}` })));
  return ops;
}

function takeArgs(deployment: YamlData): YamlData[] {
  const container = deployment.spec?.template?.spec?.containers?.[0];
  const args = Array.isArray(container?.args) ? container.args : [];
  if (container) delete container.args;
  return args;
}

function take(deployment: YamlData, field: string): YamlData {
  const pod = deployment.spec?.template?.spec;
  const value = pod?.[field];
  if (pod) delete pod[field];
  return value;
}

/** A Deployment without bootstrap's stamps and image references, which are compared apart. */
function clean(data: YamlData): YamlData {
  const copy = structuredClone(data);
  delete copy.status;
  delete copy.metadata.creationTimestamp;
  delete copy.metadata.namespace;
  const pod = copy.spec?.template;
  if (pod?.metadata) delete pod.metadata.creationTimestamp;
  for (const metadata of [copy.metadata, pod?.metadata]) {
    if (!metadata?.labels) continue;
    for (const key of BOOTSTRAP_LABELS) delete metadata.labels[key];
  }
  for (const container of pod?.spec?.containers ?? []) delete container.image;
  return copy;
}
