import { isDeepStrictEqual } from "node:util";
import jsonpatch from "fast-json-patch";
import { itemsOf, valueAt, type YamlData } from "../../contract/objects.ts";
import { splitPointer } from "../../delivery/kustomize/index.ts";
import { controllerOf, effectiveFlags } from "../../release/compare.ts";
import { printBody } from "../../release/print.ts";
import { copyData } from "../../yaml/copy.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { LazyDocument } from "../types.ts";
import { BOOTSTRAP_LABELS } from "./facts.ts";

/**
 * JSON6902 operations that make `before` into `after`. Lists that only grew get `/-`, so that they also fit a base with
 * more items; the rest is by index, which the proof of equality afterwards checks.
 */
export function diffToOps(before: YamlData, after: YamlData): YamlData[] {
  const ops = jsonpatch.compare(before, after).filter(({ op }) => op !== "test");
  return ops.map((operation) => {
    const match = /^(.*)\/(\d+)$/.exec(operation.path);
    if (operation.op !== "add" || !match) return operation;
    const list = valueAt(before, splitPointer(match[1]!));
    if (!Array.isArray(list) || Number(match[2]) < list.length) return operation;
    return { op: "add", path: `${match[1]}/-`, value: operation.value };
  });
}

/** The object without what bootstrap stamps on all of them. */
export function withoutBootstrap(data: YamlData): YamlData {
  const copy = copyData(data);
  delete copy.status;
  delete copy.metadata.creationTimestamp;
  delete copy.metadata.namespace;
  for (const key of BOOTSTRAP_LABELS) delete copy.metadata.labels?.[key];
  return copy;
}

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
  const args = (deployment: YamlData) => itemsOf(take(controllerOf(deployment), "args"));
  const edits = diffArgs(args(before), args(after), namespace);
  for (const field of POD_FIELDS) {
    const [was, is] = [take(before.spec?.template?.spec, field), take(after.spec?.template?.spec, field)];
    if (isDeepStrictEqual(was, is)) continue;
    const path = `${POD}/${field}`;
    edits.push([
      is === undefined ? { op: "remove", path } : { op: was === undefined ? "add" : "replace", path, value: is },
    ]);
  }
  if (isExact) edits.push(diffToOps(before, after));
  return { document, bodies: edits.filter((ops) => ops.length > 0).map(printBody) };
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

/** The value of a field, which is taken out. */
function take(map: YamlData, field: string): YamlData {
  const value = map?.[field];
  if (map) delete map[field];
  return value;
}

/** A Deployment without bootstrap's stamps and the image of its controller, which is compared apart. */
function clean(data: YamlData): YamlData {
  const copy = withoutBootstrap(data);
  const pod = copy.spec?.template;
  if (pod?.metadata) delete pod.metadata.creationTimestamp;
  for (const key of BOOTSTRAP_LABELS) delete pod?.metadata?.labels?.[key];
  const controller = controllerOf(copy);
  if (isMap(controller)) delete (controller as YamlData).image;
  return copy;
}
