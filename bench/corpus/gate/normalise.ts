import type { Data } from "./snapshot.ts";

const STANDARD = new Set([
  "app.kubernetes.io/instance",
  "app.kubernetes.io/part-of",
  "app.kubernetes.io/version",
  "app.kubernetes.io/managed-by",
]);

/** Labels and annotations that the operator, a FluxKustomization or a release writes by itself: who put the object there. */
const isOperatorOwned = (key: string): boolean =>
  STANDARD.has(key) || /^(fluxcd\.controlplane\.io|(kustomize|helm)\.toolkit\.fluxcd\.io)\//.test(key);

/** Labels or annotations that a person set, undefined when none is left. */
export function userMetadata(map: Data): Data {
  const kept = Object.entries(map ?? {}).filter(
    ([key, value]) =>
      !isOperatorOwned(key) && !(key === "cluster-autoscaler.kubernetes.io/safe-to-evict" && value === "true"),
  );
  return kept.length > 0 ? Object.fromEntries(kept.map(([key, value]) => [key, String(value)])) : undefined;
}

function gatesOf(values: string[]): Data {
  const gates: Data = {};
  for (const pair of values.join(",").split(",").filter(Boolean)) {
    const [name = "", value = "true"] = pair.split("=");
    if (name !== "ObjectLevelWorkloadIdentity") gates[name] = value;
  }
  return gates;
}

/** Arguments as the process sees them: the last value of each flag, feature gates merged. */
export function normaliseArgs(args: string[]): Data {
  const flags: Data = {};
  const gates: string[] = [];
  for (const arg of args) {
    const [, name = arg, value = "true"] = /^(--?[^=]+)(?:=([\s\S]*))?$/.exec(String(arg)) ?? [];
    if (name === "--feature-gates") gates.push(value);
    else flags[name] = value;
  }
  const merged = gatesOf(gates);
  return Object.keys(merged).length > 0 ? { ...flags, "--feature-gates": merged } : flags;
}

function pruned(map: Data, drop: (key: string, value: Data) => boolean): Data {
  const kept = Object.entries(map ?? {}).filter(([key, value]) => !drop(key, value));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

function normalisePod(template: Data): Data {
  const copy = structuredClone(template);
  copy.metadata = {
    labels: userMetadata(copy.metadata?.labels),
    annotations: userMetadata(copy.metadata?.annotations),
  };
  const spec = copy.spec;
  spec.nodeSelector = pruned(spec.nodeSelector, (key, value) => key === "kubernetes.io/os" && value === "linux");
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    if (Array.isArray(container.args)) container.args = normaliseArgs(container.args);
    if (typeof container.image === "string") container.image = container.image.replace(/@sha256:.*$/, "");
  }
  return copy;
}

/** An object without the differences that a take-over by the operator always makes (gate item 4). */
export function normaliseObject(data: Data): Data {
  const { metadata, status: _status, ...rest } = structuredClone(data);
  const out: Data = {
    ...rest,
    metadata: {
      name: metadata?.name,
      labels: userMetadata(metadata?.labels),
      annotations: userMetadata(metadata?.annotations),
    },
  };
  if (data.kind === "Deployment") out.spec = { ...out.spec, template: normalisePod(out.spec.template) };
  return out;
}

const short = (value: Data): string => {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};

/** Differences of two values as `path: old -> new`; an absent value equals undefined. */
export function differences(before: Data, after: Data, path = ""): string[] {
  if (before === after || (before == null && after == null)) return [];
  const bothMaps = [before, after].every((value) => value && typeof value === "object" && !Array.isArray(value));
  if (bothMaps) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differences(before[key], after[key], path ? `${path}.${key}` : key));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => differences(item, after[index], `${path}[${index}]`));
  }
  if (typeof before !== "object" && typeof after !== "object" && String(before) === String(after)) return [];
  return [`${path}: ${short(before)} -> ${short(after)}`];
}
