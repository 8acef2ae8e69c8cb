import { isDeepStrictEqual } from "node:util";
import { itemsOf, sortKeys, type YamlData } from "../contract/objects.ts";
import { copyData } from "../yaml/copy.ts";
import { isMap } from "../yaml/is-map.ts";
import type { SimObject } from "./types.ts";

/** Labels that the operator sets on every object after all patches (flux-facts 2.1). */
export const OWN_LABELS: ReadonlySet<string> = new Set([
  "app.kubernetes.io/instance",
  "app.kubernetes.io/version",
  "app.kubernetes.io/part-of",
  "app.kubernetes.io/managed-by",
]);

/** With `disabled`, what the operator leaves in the cluster when it is no longer generated, or the instance is deleted. */
export const PRUNE = "fluxcd.controlplane.io/prune";

/** Labels and annotations that bootstrap or the operator writes, whatever patches say. */
const OWN_KEYS = new Set([
  ...OWN_LABELS,
  "cluster-autoscaler.kubernetes.io/safe-to-evict",
  PRUNE,
  "pod-security.kubernetes.io/warn",
  "pod-security.kubernetes.io/warn-version",
]);

/** Effective flags of a controller: the last value of each, feature gates merged (flux-facts 1.6). */
export function effectiveFlags(args: readonly unknown[]): Map<string, string> {
  const flags = new Map<string, string>();
  const gates = new Map<string, string>();
  for (const arg of joinValues(args)) {
    const match = /^(--?[^=]+)(?:=([\s\S]*))?$/.exec(arg);
    if (!match) flags.set(arg, "");
    else if (match[1] === "--feature-gates")
      for (const [gate, value] of splitGates(match[2] ?? "")) gates.set(gate, value);
    else flags.set(match[1]!, match[2] ?? "true");
  }
  for (const [gate, value] of gates) flags.set(`--feature-gates ${gate}`, value);
  return flags;
}

/** A value may be an argument of its own behind its flag: `--log-level`, `debug`. */
function joinValues(args: readonly unknown[]): string[] {
  const joined: string[] = [];
  for (const arg of args.map(String)) {
    const last = joined.at(-1);
    if (last !== undefined && !arg.startsWith("-") && /^--[\w-]+$/.test(last))
      joined[joined.length - 1] = `${last}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

/** `A=true,B=false` as pairs. */
export function splitGates(text: string): [string, string][] {
  return text
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const [gate, value] = part.split("=");
      return [gate!.trim(), (value ?? "").trim()];
    });
}

/** The container of a Deployment that runs the controller: `manager`, beside which a patch may have put others; else the first. */
export function controllerOf(deployment: YamlData): YamlData {
  const containers: YamlData[] = itemsOf(deployment?.spec?.template?.spec?.containers);
  return containers.find(({ name }) => name === "manager") ?? containers[0];
}

/** Flags of a controller; its command may hold some before those of its arguments, or a shell that starts it. */
export function flagsOf(deployment: YamlData): Map<string, string> {
  const { command, args } = controllerOf(deployment) ?? {};
  const words = itemsOf(command).map(String);
  const script = scriptOf([...words, ...itemsOf(args).map(String)]);
  if (script !== undefined) return effectiveFlags(script.filter((word) => word.startsWith("--")));
  const first = words.findIndex((word) => /^--\w/.test(word));
  return effectiveFlags([...(first < 0 ? [] : words.slice(first)), ...itemsOf(args)]);
}

/** The words of what `sh -c` is given, without quotes. */
function scriptOf([shell = "", ...words]: readonly string[]): string[] | undefined {
  const at = /(?:^|\/)\w*sh$/.test(shell) ? words.findIndex((word) => /^-\w*c$/.test(word)) : -1;
  if (at < 0) return undefined;
  const said = (words[at + 1] ?? "").match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return said.map((word) => word.replace(/["']/g, ""));
}

/** An object as it is, but for the arguments of containers: what counts of them, so that one that is given twice counts once. */
export function withFlagsThatCount(data: YamlData): YamlData {
  const copy = copyData(data);
  for (const container of itemsOf(copy.spec?.template?.spec?.containers).filter(isMap) as YamlData[])
    container.args = Object.fromEntries(effectiveFlags(itemsOf(container.args)));
  return copy;
}

/**
 * Which objects of the two builds differ in something a patch could have meant. Left aside: labels and annotations of
 * bootstrap and operator, image references, the node selector, the workload identity gate and its RBAC rule.
 * @param touched ids any patch changed; Deployments are compared in any case.
 * @returns ids in the order of the old build.
 */
export function differingObjects(
  before: readonly SimObject[],
  after: readonly SimObject[],
  touched: ReadonlySet<string>,
): string[] {
  const ids: string[] = [];
  for (const old of before) {
    if (old.data.kind !== "Deployment" && !touched.has(old.id)) continue;
    const next = after.find((object) => object.id === old.id);
    if (old.id.startsWith("sync/")) continue;
    const oldData = old.deleted ? undefined : normalise(old.data);
    const nextData = !next || next.deleted ? undefined : normalise(next.data);
    if (!isDeepStrictEqual(oldData, nextData)) ids.push(old.id);
  }
  return ids;
}

/**
 * Where two builds of an object first differ in something a patch could have meant, such as `spec.replicas`; undefined where
 * they do not, and `""` where one of them is not there.
 */
export function firstDifference(before: YamlData, after: YamlData | undefined): string | undefined {
  if (after === undefined) return "";
  const stack: [path: string, left: YamlData, right: YamlData][] = [["", normalise(before), normalise(after)]];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const [path, left, right] = next;
    if (isDeepStrictEqual(left, right)) continue;
    const isPair = [left, right].every((one) => one !== null && typeof one === "object");
    if (!isPair || Array.isArray(left) !== Array.isArray(right)) return path;
    const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    for (const key of keys.reverse()) stack.push([path === "" ? key : `${path}.${key}`, left[key], right[key]]);
  }
  return undefined;
}

function normalise(data: YamlData): YamlData {
  const copy = copyData(data);
  delete copy.metadata.namespace;
  delete copy.metadata.name;
  cleanMetadata(copy.metadata);
  if (copy.kind === "ClusterRole" && Array.isArray(copy.rules)) {
    copy.rules = copy.rules.filter(
      (rule: YamlData) =>
        !rule?.resources?.includes?.("serviceaccounts/token") && rule?.apiGroups?.[0] !== "fluxcd.controlplane.io",
    );
  }
  const pod = copy.kind === "Deployment" ? copy.spec?.template : undefined;
  if (!pod) return copy;
  cleanMetadata(pod.metadata ?? {});
  delete pod.spec?.nodeSelector?.["kubernetes.io/os"];
  if (pod.spec?.nodeSelector && Object.keys(pod.spec.nodeSelector).length === 0) delete pod.spec.nodeSelector;
  for (const container of itemsOf(pod.spec?.containers).filter(isMap) as YamlData[]) {
    delete container.image;
    const flags = effectiveFlags(itemsOf(container.args));
    flags.delete("--feature-gates ObjectLevelWorkloadIdentity");
    container.args = [...flags].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const list of ["env", "volumeMounts"]) container[list] = sorted(container[list]);
  }
  if (isMap(pod.spec)) pod.spec.volumes = sorted(pod.spec.volumes);
  return copy;
}

function sorted(list: YamlData): YamlData {
  if (!Array.isArray(list)) return [];
  const print = (one: YamlData) => JSON.stringify(sortKeys(one));
  return [...list].sort((a, b) => (print(a) < print(b) ? -1 : 1));
}

function cleanMetadata(metadata: YamlData): void {
  for (const field of ["labels", "annotations"]) {
    if (!metadata[field]) continue;
    for (const key of Object.keys(metadata[field])) if (OWN_KEYS.has(key)) delete metadata[field][key];
    if (Object.keys(metadata[field]).length === 0) delete metadata[field];
  }
}
