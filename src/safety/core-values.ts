import { itemsOf, type YamlData } from "../contract/objects.ts";
import { groupOf } from "../delivery/kinds.ts";
import { isMap } from "../yaml/is-map.ts";
import { checkKind } from "./core-kinds.ts";
import { checkPods } from "./core-pods.ts";
import { isOpenText } from "./open-text.ts";
import type { Refusal } from "./types.ts";

type Path = Refusal["path"];

const NAME = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;
const LABEL = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const KEY = /^[-._A-Za-z0-9]+$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const LONGEST_NAME = 253;
/** Kinds whose names are labels of a host name. */
const hasLabelName = (kind: string): boolean => kind === "v1/Namespace" || kind === "v1/Service";
const isLabelName = (name: string): boolean => !name.includes(".") && name.length <= LONGEST_LABEL;
const LONGEST_LABEL = 63;

/**
 * Groups whose names may be other ones: roles and bundles of certificates hold colons and capitals, and so may what API servers
 * of others serve (`cluster:Admins` of OpenShift); disruption budgets are not looked at.
 */
const FREE_NAMES =
  /^(?:rbac\.authorization\.k8s\.io|certificates\.k8s\.io|policy|(?:[a-z]+\.)*openshift\.io|data\.packaging\.carvel\.dev)\//;

const show = (value: unknown): string => (typeof value === "object" ? "a map or list" : JSON.stringify(value));

/** Values that the API server takes for no object of any kind: a name, a label, an annotation that is none. */
export function checkMetadata({ apiVersion, kind, metadata }: YamlData): Refusal[] {
  if (!isMap(metadata)) return [];
  const { name, labels, annotations } = metadata as YamlData;
  const found = checkText(annotations, ["metadata", "annotations"]);
  for (const [field, map] of Object.entries({ labels, annotations })) {
    if (map === undefined || map === null || isMap(map) || isOpenText(map)) continue;
    found.push({ path: ["metadata", field], what: "has to be a map" });
  }
  const isFree = FREE_NAMES.test(String(apiVersion));
  if (typeof name === "string" && !isFree && !isOpenText(name) && !(NAME.test(name) && name.length <= LONGEST_NAME))
    found.push({
      path: ["metadata", "name"],
      what: `is ${show(name)}, and only small letters, digits, - and . may be in it`,
    });
  else if (typeof name === "string" && hasLabelName(`${apiVersion}/${kind}`) && !isOpenText(name) && !isLabelName(name))
    found.push({
      path: ["metadata", "name"],
      what: `is ${show(name)}, and only small letters, digits and - may be in it, at most ${LONGEST_LABEL}`,
    });
  const odd = findOddLabel(labels);
  if (odd !== undefined) {
    const what = `is ${show((labels as YamlData)[odd])}, and no text`;
    return [...found, { path: ["metadata", "labels", odd], what, drops: "labels" }];
  }
  for (const [key, value] of isMap(labels) ? Object.entries(labels) : []) {
    if (typeof value !== "string" || isOpenText(value) || (LABEL.test(value) && value.length <= LONGEST_LABEL))
      continue;
    found.push({ path: ["metadata", "labels", key], what: `is ${show(value)}, which is no value of a label` });
  }
  return found;
}

/** The same of everyday kinds of Kubernetes. */
export function checkCoreValues(body: YamlData, isWhole: boolean): Refusal[] {
  const { apiVersion, kind, spec, data } = body;
  if (apiVersion === "v1" && kind === "ConfigMap") return checkKeys(body);
  if (apiVersion === "v1" && kind === "Secret") return [...checkBase64(data), ...checkKeys(body)];
  const groupKind = `${groupOf(String(apiVersion))}|${kind}`;
  const isWorkload = apiVersion === "apps/v1" && isMap(spec);
  return [
    ...checkPods(groupKind, body, isWhole),
    ...(isWorkload && isWhole ? checkSelector(spec) : []),
    ...checkKind(groupKind, body, isWhole),
  ];
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

function checkText(map: YamlData, path: Path): Refusal[] {
  return Object.entries(isMap(map) ? map : {}).flatMap(([key, value]) =>
    typeof value === "string" || value === null
      ? []
      : [{ path: [...path, key], what: `has to be text, and is ${show(value)}` }],
  );
}

/** A file of a generator may have a name that is no key: `my file.json`. */
function checkKeys(body: YamlData): Refusal[] {
  return ["data", "stringData", "binaryData"].flatMap((field) =>
    Object.keys(isMap(body[field]) ? body[field] : {}).flatMap((key) =>
      isOpenText(key) || (KEY.test(key) && key.length <= LONGEST_NAME)
        ? []
        : [{ path: [field, key], what: "is no key: only letters, digits, -, _ and . may be in it" }],
    ),
  );
}

function checkBase64(data: YamlData): Refusal[] {
  return Object.entries(isMap(data) ? data : {}).flatMap(([key, value]) => {
    if (typeof value !== "string" || isOpenText(value)) return [];
    const text = value.replace(/\s/g, "");
    return BASE64.test(text) && text.length % 4 === 0 ? [] : [{ path: ["data", key], what: "is no base64" }];
  });
}

/** A workload has to select its own pods. */
function checkSelector({ selector, template }: YamlData): Refusal[] {
  if (!isMap(selector) || !isMap(template)) return [];
  const { matchLabels, matchExpressions } = selector as YamlData;
  if (Object.keys(matchLabels ?? {}).length + itemsOf(matchExpressions).length === 0)
    return [{ path: ["spec", "selector"], what: "selects nothing" }];
  const labels = (template as YamlData).metadata?.labels ?? {};
  if (!isMap(matchLabels) || !isMap(labels)) return [];
  const lost = Object.entries(matchLabels).find(([key, value]) => (labels as YamlData)[key] !== value);
  if (!lost || isOpenText(`${lost[1]}${(labels as YamlData)[lost[0]]}`)) return [];
  return [{ path: ["spec", "selector"], what: `selects ${lost[0]}: ${lost[1]}, which the template does not have` }];
}
