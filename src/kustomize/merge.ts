import { type Data, isMap, scalarText } from "./data.ts";

/**
 * Merge keys of the lists that kustomize's OpenAPI schema merges item by item. Only kinds of Kubernetes itself have a
 * schema: lists of custom resources are replaced as a whole.
 */
const mergeKeys: Record<string, readonly string[]> = {
  containers: ["name"],
  initContainers: ["name"],
  ephemeralContainers: ["name"],
  env: ["name"],
  volumes: ["name"],
  volumeMounts: ["mountPath"],
  volumeDevices: ["devicePath"],
  imagePullSecrets: ["name"],
  secrets: ["name"],
  hostAliases: ["ip"],
  topologySpreadConstraints: ["topologyKey", "whenUnsatisfiable"],
  conditions: ["type"],
  ownerReferences: ["uid"],
  webhooks: ["name"],
};
const builtinGroups =
  /^(v1|(apps|batch|extensions|policy|autoscaling|(admissionregistration|apiextensions|apiregistration|certificates|coordination|discovery|events|flowcontrol\.apiserver|networking|node|rbac\.authorization|scheduling|storage)\.k8s\.io)\/.*)$/;

/** Two values that a strategic-merge patch cannot bring together. */
export class MergeFailure extends Error {}

/**
 * Strategic-merge patch: null deletes, `$patch: delete|replace|merge` direct. Undefined when the object itself is deleted.
 * Throws `MergeFailure`.
 */
export function mergeObject(target: Data, patch: Data): Data | undefined {
  return mergeMap(target, patch, builtinGroups.test(scalarText(target.apiVersion)), "") as Data | undefined;
}

function mergeMap(target: Data, patch: Data, hasSchema: boolean, path: string): Data | undefined {
  const directive = patch.$patch;
  if (directive === "delete") return undefined;
  if (directive === "replace") return strip(patch) as Data;
  if (directive !== undefined && directive !== "merge") {
    throw new MergeFailure(`unknown patch strategy '${scalarText(directive)}'`);
  }
  const result: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (key === "$patch") continue;
    const merged = mergeValue(result[key], value, hasSchema, `${path}.${key}`, key);
    if (merged === undefined) delete result[key];
    else result[key] = merged;
  }
  return result;
}

function mergeValue(target: unknown, patch: unknown, hasSchema: boolean, path: string, key: string): unknown {
  if (patch === null) return undefined;
  if (target === undefined || target === null)
    return isMap(patch) && patch.$patch === "delete" ? undefined : strip(patch);
  if (kindOf(target) !== kindOf(patch)) {
    throw new MergeFailure(`wrong node kind at ${path.slice(1)}: ${kindOf(target)} and ${kindOf(patch)}`);
  }
  if (isMap(patch)) return mergeMap(target as Data, patch, hasSchema, path);
  if (!Array.isArray(patch)) return patch;
  const keys = listKeys(key, path, hasSchema);
  return keys === undefined ? strip(patch) : mergeList(target as unknown[], patch, keys, hasSchema, path);
}

function listKeys(key: string, path: string, hasSchema: boolean): readonly string[] | undefined {
  if (!hasSchema) return undefined;
  if (key === "ports") return path.includes("containers") || path.includes("Containers") ? ["containerPort"] : ["port"];
  return mergeKeys[key];
}

/** Patched items come first, then the untouched ones. */
function mergeList(
  target: unknown[],
  patch: unknown[],
  keys: readonly string[],
  hasSchema: boolean,
  path: string,
): unknown[] {
  if (patch.some((item) => isMap(item) && item.$patch === "replace")) {
    return patch.filter((item) => !(isMap(item) && item.$patch === "replace"));
  }
  const keyOf = (item: unknown) => (isMap(item) ? JSON.stringify(keys.map((key) => item[key])) : undefined);
  const rest = [...target];
  const merged: unknown[] = [];
  for (const item of patch) {
    const index = keyOf(item) === undefined ? -1 : rest.findIndex((other) => keyOf(other) === keyOf(item));
    const old = index < 0 ? undefined : rest.splice(index, 1)[0];
    const result = mergeValue(old, item, hasSchema, path, "");
    if (result !== undefined) merged.push(result);
  }
  return [...merged, ...rest];
}

/** A patch as it lands where nothing was: without directives. */
function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (key === "$patch" ? [] : [[key, strip(item)]])),
  );
}

function kindOf(value: unknown): "map" | "list" | "scalar" {
  if (Array.isArray(value)) return "list";
  return isMap(value) ? "map" : "scalar";
}
