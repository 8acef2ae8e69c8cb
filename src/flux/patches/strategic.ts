import { groupOf } from "../kinds.ts";
import type { YamlData } from "../types.ts";

/** Lists that a strategic merge joins by key in the objects a Flux install holds; every other list is replaced. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  ephemeralContainers: "name",
  env: "name",
  volumes: "name",
  volumeMounts: "mountPath",
  volumeDevices: "devicePath",
  imagePullSecrets: "name",
  secrets: "name",
  hostAliases: "ip",
  topologySpreadConstraints: "topologyKey",
  ownerReferences: "uid",
};

const DIRECTIVE = "$patch";

/**
 * Merges a strategic-merge body into an object in place, as kustomize does: maps merge, null removes, lists of built-in
 * kinds merge by their key with the items of the body in front, every other list is replaced. Name, kind and namespace of the object
 * stay (flux-semantics 3).
 * @returns `deleted` when the body carries `$patch: delete` at its root.
 */
export function mergeStrategic(object: YamlData, body: YamlData): "merged" | "deleted" {
  if (body[DIRECTIVE] === "delete") return "deleted";
  const { apiVersion, kind } = object;
  const { name, namespace } = object.metadata;
  const isBuiltIn = !groupOf(apiVersion).endsWith("fluxcd.io");
  mergeMap(object, body, isBuiltIn, kind);
  object.apiVersion = apiVersion;
  object.kind = kind;
  object.metadata.name = name;
  if (namespace === undefined) delete object.metadata.namespace;
  else object.metadata.namespace = namespace;
  return "merged";
}

function mergeMap(target: YamlData, patch: YamlData, byKey: boolean, kind: string): void {
  if (patch[DIRECTIVE] === "replace") for (const key of Object.keys(target)) delete target[key];
  for (const [key, value] of Object.entries<YamlData>(patch)) {
    if (key === DIRECTIVE) continue;
    if (value === null || value?.[DIRECTIVE] === "delete") delete target[key];
    else if (isMap(value)) {
      if (!isMap(target[key])) target[key] = {};
      mergeMap(target[key], value, byKey, kind);
    } else if (Array.isArray(value) && byKey && Array.isArray(target[key]) && mergeKey(key, kind)) {
      target[key] = mergeList(target[key], value, mergeKey(key, kind)!, kind);
    } else target[key] = structuredClone(value);
  }
}

function mergeKey(field: string, kind: string): string | undefined {
  if (field === "ports") return kind === "Service" ? "port" : "containerPort";
  return MERGE_KEYS[field];
}

function mergeList(target: YamlData[], patch: YamlData[], key: string, kind: string): YamlData[] {
  if (patch.some((item) => item?.[DIRECTIVE] === "replace")) {
    return structuredClone(patch.filter((item) => item?.[DIRECTIVE] !== "replace"));
  }
  const front: YamlData[] = [];
  const named = new Set(patch.map((item) => item?.[key]));
  for (const item of patch) {
    if (item?.[DIRECTIVE] === "delete") continue;
    const found = target.find((candidate) => candidate?.[key] === item?.[key]);
    if (found) mergeMap(found, item, true, kind);
    front.push(found ?? structuredClone(item));
  }
  return [...front, ...target.filter((candidate) => !named.has(candidate?.[key]))];
}

function isMap(value: YamlData): boolean {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
