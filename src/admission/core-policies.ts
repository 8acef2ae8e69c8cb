import { groupBy } from "../contract/group-by.ts";
import { itemsOf, type YamlData } from "../contract/objects.ts";
import { ofOwn } from "../contract/of-own.ts";
import { isMap } from "../yaml/is-map.ts";
import { isOpenText } from "./open-text.ts";
import { parseQuantity } from "./quantity.ts";
import type { Refusal } from "./refusal.ts";
import { show } from "./refused-words.ts";

type Path = Refusal["path"];

const isSet = (value: unknown): boolean => (value ?? undefined) !== undefined;

/** What a metric of each type reads, and what its target has to say. */
const METRICS: Readonly<Record<string, { field: string; asks: readonly string[]; either?: true }>> = {
  Resource: { field: "resource", asks: ["averageUtilization", "averageValue"], either: true },
  ContainerResource: { field: "containerResource", asks: ["averageUtilization", "averageValue"], either: true },
  Pods: { field: "pods", asks: ["averageValue"] },
  Object: { field: "object", asks: ["value", "averageValue"] },
  External: { field: "external", asks: ["value", "averageValue"], either: true },
};
const LONGEST_WINDOW = 3600;
const LONGEST_PERIOD = 1800;

/** Metrics and behavior of a HorizontalPodAutoscaler (`ValidateHorizontalPodAutoscaler` of Kubernetes). */
export function checkScaling({ apiVersion, spec }: YamlData): Refusal[] {
  if (apiVersion !== "autoscaling/v2" || !isMap(spec)) return [];
  const metrics = itemsOf(spec.metrics).flatMap((metric, index) => checkMetric(metric, ["spec", "metrics", index]));
  return [...metrics, ...["scaleUp", "scaleDown"].flatMap((way) => checkBehavior(spec.behavior, way))];
}

function checkMetric(metric: YamlData, path: Path): Refusal[] {
  const row = ofOwn(METRICS, String(metric.type));
  if (!row) return [];
  const other = Object.values(METRICS).find(({ field }) => field !== row.field && isSet(metric[field]));
  if (other) return [{ path: [...path, other.field], what: `stands beside type ${metric.type}` }];
  const { target } = metric[row.field] ?? {};
  if (!isSet(metric[row.field])) return [{ path: [...path, row.field], what: `is missing beside type ${metric.type}` }];
  if (!isMap(target)) return [];
  const said = row.asks.filter((field) => isSet(target[field]));
  const place = [...path, row.field, "target"];
  if (said.length === 0) return [{ path: [...place, row.asks[0]!], what: "is missing" }];
  if (row.either && said.length > 1) return [{ path: [...place, said[1]!], what: `stands beside ${said[0]}` }];
  const share: unknown = target.averageUtilization;
  return typeof share === "number" && share < 1
    ? [{ path: [...place, "averageUtilization"], what: "is less than 1" }]
    : [];
}

function checkBehavior(behavior: YamlData, way: string): Refusal[] {
  const { stabilizationWindowSeconds: window, policies } = isMap(behavior?.[way]) ? behavior[way] : {};
  const path = ["spec", "behavior", way];
  const within = (value: unknown, least: number, most: number, at: Path): Refusal[] =>
    typeof value === "number" && (value < least || value > most)
      ? [{ path: [...path, ...at], what: `is ${value}, and may be ${least} to ${most}` }]
      : [];
  return [
    ...within(window, 0, LONGEST_WINDOW, ["stabilizationWindowSeconds"]),
    ...itemsOf(policies).flatMap((policy, index) => [
      ...within(policy.periodSeconds, 1, LONGEST_PERIOD, ["policies", index, "periodSeconds"]),
      ...within(policy.value, 1, Number.MAX_SAFE_INTEGER, ["policies", index, "value"]),
    ]),
  ];
}

/** Which of two amounts of a LimitRange may not be above the other. */
const ORDERED = [
  ["min", "max"],
  ["min", "defaultRequest"],
  ["defaultRequest", "max"],
  ["min", "default"],
  ["default", "max"],
  ["defaultRequest", "default"],
] as const;

/** Limits that do not go together (`ValidateLimitRange` of Kubernetes). */
export function checkLimits(spec: YamlData, isWhole: boolean): Refusal[] {
  const limits = itemsOf(spec?.limits);
  const twice = [...groupBy(limits, ({ type }) => String(type))].filter(
    ([type, all]) => all.length > 1 && !isOpenText(type),
  );
  if (twice.length > 0) return [{ path: ["spec", "limits"], what: `has two entries of type ${show(twice[0]![0])}` }];
  return limits.flatMap((limit, index): Refusal[] => {
    const path = ["spec", "limits", index];
    if (limit.type === "Pod") {
      const field = ["default", "defaultRequest"].find((one) => isMap(limit[one]));
      if (field) return [{ path: [...path, field], what: "stands at type Pod, which has none" }];
    }
    if (limit.type === "PersistentVolumeClaim" && isWhole && !isSet(limit.min?.storage) && !isSet(limit.max?.storage))
      return [{ path: [...path, "max", "storage"], what: "is missing, and so is min" }];
    const ratios = Object.entries(isMap(limit.maxLimitRequestRatio) ? limit.maxLimitRequestRatio : {});
    return [
      ...ORDERED.flatMap(([low, high]) => comparePair(limit, low, high, path)),
      ...ratios.flatMap(([name, value]) =>
        (parseQuantity(value) ?? 1) < 1
          ? [{ path: [...path, "maxLimitRequestRatio", name], what: "is less than 1" }]
          : [],
      ),
    ];
  });
}

function comparePair(limit: YamlData, low: string, high: string, path: Path): Refusal[] {
  const [least, most] = [limit[low], limit[high]];
  if (!isMap(least) || !isMap(most)) return [];
  const name = Object.keys(least).find((one) => {
    const [small, large] = [parseQuantity(least[one]), parseQuantity(most[one])];
    return small !== undefined && large !== undefined && small > large;
  });
  return name === undefined ? [] : [{ path: [...path, low, name], what: `is more than ${high}` }];
}

const HIGHEST_PRIORITY = 1_000_000_000;
const OWN_CLASSES = ["system-node-critical", "system-cluster-critical"];

/** Kubernetes keeps the highest classes of priority to itself (`ValidatePriorityClass`). */
export function checkPriority({ metadata, value }: YamlData): Refusal[] {
  const { name } = metadata ?? {};
  if (OWN_CLASSES.includes(name)) return [];
  const isTaken = typeof name === "string" && name.startsWith("system-");
  return [
    ...(isTaken ? [{ path: ["metadata", "name"], what: "begins with system-, which Kubernetes keeps to itself" }] : []),
    ...(typeof value === "number" && value > HIGHEST_PRIORITY
      ? [{ path: ["value"], what: `is more than ${HIGHEST_PRIORITY}` }]
      : []),
  ];
}

const PROVISIONER = /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[a-z0-9](?:[-\w.]*[a-z0-9])?$/;

/** A class of storage (`ValidateStorageClass` of Kubernetes). */
export function checkStorageClass({ provisioner, reclaimPolicy, allowedTopologies }: YamlData): Refusal[] {
  const isNamed = typeof provisioner !== "string" || provisioner === "" || isOpenText(provisioner);
  const isKept = ["", "Delete", "Retain"].includes(reclaimPolicy ?? "") || isOpenText(reclaimPolicy);
  return [
    ...(isNamed || PROVISIONER.test(provisioner.toLowerCase().slice(0, 400))
      ? []
      : [{ path: ["provisioner"], what: `is ${show(provisioner)}, which is no name` }]),
    ...(isKept
      ? []
      : [{ path: ["reclaimPolicy"], what: `is ${show(String(reclaimPolicy))}, and may be Delete or Retain` }]),
    ...itemsOf(allowedTopologies).flatMap((term, index) =>
      itemsOf(term.matchLabelExpressions).flatMap((one, at) =>
        Array.isArray(one.values) && one.values.length === 0
          ? [{ path: ["allowedTopologies", index, "matchLabelExpressions", at, "values"], what: "has no items" }]
          : [],
      ),
    ),
  ];
}

const QUOTA = new Set([
  ...["cpu", "memory", "ephemeral-storage", "pods", "services", "replicationcontrollers", "resourcequotas", "secrets"],
  ...["configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers", "requests.storage"],
  ...["requests", "limits"].flatMap((one) => ["cpu", "memory", "ephemeral-storage"].map((of) => `${one}.${of}`)),
]);
const COUNTED =
  /^(?:pods|services|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims|services\..+|count\/.+)$/;

/** What a ResourceQuota may count (`ValidateResourceQuota` of Kubernetes). */
export function checkQuota(spec: YamlData): Refusal[] {
  return Object.entries(isMap(spec?.hard) ? spec.hard : {}).flatMap(([name, value]): Refusal[] => {
    const path = ["spec", "hard", name];
    const isKnown =
      name.includes("/") || QUOTA.has(name) || /^(?:requests\.)?hugepages-/.test(name) || isOpenText(name);
    if (!isKnown) return [{ path, what: "is nothing that a quota counts" }];
    const amount = COUNTED.test(name) ? parseQuantity(value) : undefined;
    return amount === undefined || Number.isInteger(amount) ? [] : [{ path, what: "has to be a whole number" }];
  });
}
