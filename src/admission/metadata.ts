import { itemsOf, valueAt, type YamlData } from "../contract/objects.ts";
import { kubeSchema } from "../release/kube-schemas.ts";
import type { SchemaShape } from "../release/schema-nodes.ts";
import { printGoTime } from "../yaml/go-time.ts";
import { isMap } from "../yaml/is-map.ts";
import { isHostLabel, isLabelValue, isPlainName, isQualified, LONGEST_LABEL, LONGEST_NAME } from "./names.ts";
import { isOpenText } from "./open-text.ts";
import { POD_SECURITY_LEVELS } from "./pod-security.ts";
import type { Refusal } from "./refusal.ts";

type Path = Refusal["path"];

const LONGEST_CRON_JOB = 52;
const MOST_OF_ANNOTATIONS = 256 * 1024;
/** Kinds whose names are labels of a host name. */
const HAVE_LABEL_NAMES = new Set(["v1/Namespace", "v1/Service", "apps/v1/StatefulSet"]);
/** What a controller makes of these adds to the name, or has it as a label. */
function longestName({ apiVersion, kind, spec }: YamlData): number {
  const isBatch = String(apiVersion).startsWith("batch/");
  if (isBatch && kind === "CronJob") return LONGEST_CRON_JOB;
  return isBatch && kind === "Job" && spec?.manualSelector !== true ? LONGEST_LABEL : LONGEST_NAME;
}
/**
 * Groups whose names may be other ones: roles and bundles of certificates hold colons and capitals, and so may what API servers
 * of others serve (`cluster:Admins` of OpenShift); disruption budgets are not looked at.
 */
const FREE_NAMES =
  /^(?:rbac\.authorization\.k8s\.io|certificates\.k8s\.io|policy|(?:[a-z]+\.)*openshift\.io|data\.packaging\.carvel\.dev)\//;

const OWNER = {
  p: { apiVersion: "t", kind: "t", name: "t", uid: "t", controller: "b", blockOwnerDeletion: "b" },
  r: ["apiVersion", "kind", "name", "uid"],
} satisfies SchemaShape;

/** What `metadata` may hold; `x` is looked at elsewhere, or not at all. */
export const METADATA = {
  p: {
    ...{ name: "x", generateName: "x", namespace: "x", labels: "x", annotations: "x" },
    ...{ finalizers: { a: "t", k: [] }, ownerReferences: { a: OWNER, k: ["uid"] } },
    ...{ creationTimestamp: "x", deletionTimestamp: "x", deletionGracePeriodSeconds: "x", managedFields: "x" },
    ...{ generation: "i", resourceVersion: "s", selfLink: "s", uid: "s" },
  },
} satisfies SchemaShape;

const show = (value: unknown): string => (typeof value === "object" ? "a map or list" : JSON.stringify(value));

/** Values that the API server takes for no object of any kind: a name, a label, an annotation that is none. */
export function checkMetadata(body: YamlData): Refusal[] {
  const { apiVersion, kind, metadata } = body;
  if (!isMap(metadata)) return [];
  const { name, labels, annotations } = metadata;
  const found = [
    ...checkText(annotations, ["metadata", "annotations"]),
    ...checkLive(metadata),
    ...checkFinalizers(body),
  ];
  for (const [field, map] of Object.entries({ labels, annotations })) {
    if (map === undefined || map === null || isMap(map) || isOpenText(map)) continue;
    found.push({ path: ["metadata", field], what: "has to be a map" });
  }
  const size = sizeOf(annotations);
  if (size > MOST_OF_ANNOTATIONS)
    found.push({
      path: ["metadata", "annotations"],
      what: `hold ${size} bytes, and ${MOST_OF_ANNOTATIONS} may be in them`,
    });
  found.push(...checkTexts(metadata));
  const isFree = FREE_NAMES.test(String(apiVersion));
  if (typeof name === "string" && !isFree && !isOpenText(name) && !isPlainName(name))
    found.push({
      path: ["metadata", "name"],
      what: `is ${show(name)}, and only small letters, digits, - and . may be in it`,
    });
  else if (
    typeof name === "string" &&
    HAVE_LABEL_NAMES.has(`${apiVersion}/${kind}`) &&
    !isOpenText(name) &&
    !isHostLabel(name)
  )
    found.push({
      path: ["metadata", "name"],
      what: `is ${show(name)}, and only small letters, digits and - may be in it, at most ${LONGEST_LABEL}`,
    });
  else if (typeof name === "string" && !isOpenText(name) && name.length > longestName(body) && !isFree)
    found.push({
      path: ["metadata", "name"],
      what: `is ${show(name)}, and at most ${longestName(body)} characters may be in it`,
    });
  else if (apiVersion === "v1" && kind === "Service" && /^\d/.test(String(name)))
    found.push({
      path: ["metadata", "name"],
      what: `is ${show(name)}, and Kubernetes before 1.36 takes no Service whose name begins with a digit`,
      doubtful: true,
    });
  if (apiVersion === "v1" && kind === "Namespace") found.push(...checkPodSecurity(labels));
  found.push(...checkMarks(metadata, ["metadata"]));
  if (/^(?:apps|batch)\/v1$/.test(String(apiVersion))) {
    const path = [...(kind === "CronJob" ? ["spec", "jobTemplate"] : []), "spec", "template", "metadata"];
    const own = valueAt(body, path);
    found.push(...checkMarks(own, path), ...checkLabels(own?.labels, [...path, "labels"]));
  }
  const odd = findOddLabel(labels);
  if (odd !== undefined) {
    const what = `is ${show(labels[odd])}, and no text`;
    return [...found, { path: ["metadata", "labels", odd], what, drops: "labels" }];
  }
  return [...found, ...checkLabels(labels, ["metadata", "labels"])];
}

/**
 * Names that YAML reads as something else: `2048`, `true`. What kustomize-controller reads a build with takes such an object for
 * none (`ReadObjects` of fluxcd/pkg/ssa), and an object whose namespace is no text for one without.
 */
function checkTexts({ name, namespace }: YamlData): Refusal[] {
  const isText = (value: unknown) => value === undefined || value === null || typeof value === "string";
  return [
    ...(isText(name)
      ? []
      : [{ path: ["metadata", "name"], what: `is ${show(name)}, and no text`, drops: "object" as const }]),
    ...(isText(namespace)
      ? []
      : [{ path: ["metadata", "namespace"], what: `has to be text, and is ${show(namespace)}` }]),
  ];
}

/** Values of labels that are none; a date without quotes comes as the time that kustomize makes of it. */
export function checkLabels(labels: unknown, path: Path): Refusal[] {
  return Object.entries(isMap(labels) ? labels : {}).flatMap(([key, value]) => {
    if (typeof value !== "string" || isOpenText(value) || isLabelValue(value)) return [];
    const why = printGoTime(value) === value ? ", as kustomize makes a time of a date without quotes" : "";
    return [{ path: [...path, key], what: `is ${show(value)}, which is no value of a label${why}` }];
  });
}

/**
 * A label whose value is no text: `enabled: true`. kustomize-controller adds its own labels to those it reads, and reads none
 * at all where one of them is no text (SetOwnerLabels of fluxcd/pkg/ssa), so what it applies has none of the object's labels.
 */
export function findOddLabel(labels: unknown): string | undefined {
  return Object.entries(isMap(labels) ? labels : {}).find(
    ([, value]) => value !== null && typeof value !== "string",
  )?.[0];
}

/** Bytes of names and values; what a variable stands for may be shorter, and is not counted. */
function sizeOf(annotations: YamlData): number {
  const texts = Object.entries(isMap(annotations) ? annotations : {})
    .flat()
    .filter((one): one is string => typeof one === "string" && !isOpenText(one));
  return texts.reduce((sum, one) => sum + Buffer.byteLength(one), 0);
}

function checkText(map: YamlData, path: Path): Refusal[] {
  return Object.entries(isMap(map) ? map : {}).flatMap(([key, value]) =>
    typeof value === "string" || value === null
      ? []
      : [{ path: [...path, key], what: `has to be text, and is ${show(value)}` }],
  );
}

/** What comes along with an object that was read from a cluster, and that a server-side apply takes from nobody. */
function checkLive(metadata: YamlData): Refusal[] {
  const { deletionTimestamp, deletionGracePeriodSeconds, managedFields, resourceVersion } = metadata;
  const isStale = typeof resourceVersion === "string" && !["", "0"].includes(resourceVersion);
  const set = Object.entries({
    deletionTimestamp: (deletionTimestamp ?? undefined) !== undefined,
    deletionGracePeriodSeconds: (deletionGracePeriodSeconds ?? undefined) !== undefined,
    managedFields: Array.isArray(managedFields) && managedFields.length > 0,
    resourceVersion: isStale && !isOpenText(resourceVersion),
  });
  return set.flatMap(([field, isSet]) =>
    isSet ? [{ path: ["metadata", field], what: "is set, and may be set by the API server only" }] : [],
  );
}

/** Names of labels and annotations; the API server reads those of annotations in small letters. */
function checkMarks(metadata: YamlData, path: Path): Refusal[] {
  const { labels, annotations } = isMap(metadata) ? metadata : {};
  const own = Object.keys(isMap(annotations) ? annotations : {}).filter((key) => !isOpenText(key));
  return [
    ...checkLabelNames(labels, [...path, "labels"]),
    ...own
      .filter((key) => !isQualified(key.toLowerCase()))
      .map((key) => ({ path: [...path, "annotations", key], what: "has a name that is none of an annotation" })),
  ];
}

/** Names of labels, where they are given or asked for. */
export function checkLabelNames(labels: unknown, path: Path): Refusal[] {
  return Object.keys(isMap(labels) ? labels : {})
    .filter((key) => !isOpenText(key) && !isQualified(key))
    .map((key) => ({ path: [...path, key], what: "has a name that is none of a label" }));
}

const STANDARD_FINALIZERS = new Set(["kubernetes", "orphan", "foregroundDeletion"]);
/** Groups of Kubernetes whose finalizers need no domain, as those of all definitions. */
const FREE_FINALIZERS = /^(?:admissionregistration\.k8s\.io|policy|node\.k8s\.io)\//;

function checkFinalizers({ apiVersion, kind, metadata }: YamlData): Refusal[] {
  const api = String(apiVersion);
  const isFree = FREE_FINALIZERS.test(api) || kubeSchema(api, String(kind)) === undefined;
  return itemsOf(metadata.finalizers).flatMap((one, index): Refusal[] => {
    if (typeof one !== "string" || one === "" || isOpenText(one)) return [];
    const path = ["metadata", "finalizers", index];
    if (!isQualified(one)) return [{ path, what: `is ${show(one)}, which is no name of a finalizer` }];
    if (isFree || one.includes("/") || STANDARD_FINALIZERS.has(one)) return [];
    return [{ path, what: `is ${show(one)}, and has no domain, as in example.com/${one}` }];
  });
}

/** What of `commonMetadata`, which goes into all that an object makes, the API server takes in none of it. */
export function listRefusedMarks(common: YamlData): { path: string[]; what: string; value: unknown }[] {
  const { labels, annotations } = common ?? {};
  return Object.entries({ labels, annotations }).flatMap(([field, map]) => {
    const isLabels = field === "labels";
    return Object.entries(isMap(map) ? map : {}).flatMap(([key, value]) => {
      const path = ["spec", "commonMetadata", field, key];
      if (!isOpenText(key) && !isQualified(isLabels ? key : key.toLowerCase()))
        return { path, what: `whose name is none of ${isLabels ? "a label" : "an annotation"}`, value };
      const isValue = !isLabels || typeof value !== "string" || isOpenText(value) || isLabelValue(value);
      return isValue ? [] : { path, what: "which is no value of a label", value };
    });
  });
}

const POD_SECURITY = /^pod-security\.kubernetes\.io\/(?:enforce|audit|warn)(-version)?$/;

function checkPodSecurity(labels: YamlData): Refusal[] {
  return Object.entries(isMap(labels) ? labels : {}).flatMap(([key, value]) => {
    const mark = POD_SECURITY.exec(key);
    if (!mark || typeof value !== "string" || isOpenText(value)) return [];
    const isRight = mark[1] ? /^(?:latest|v1\.\d+)$/.test(value) : POD_SECURITY_LEVELS.includes(value);
    const wanted = mark[1] ? "latest or v1.x" : `one of ${POD_SECURITY_LEVELS.join(", ")}`;
    return isRight ? [] : [{ path: ["metadata", "labels", key], what: `has to be ${wanted}, and is ${show(value)}` }];
  });
}
