import { itemsOf, type YamlData } from "../contract/objects.ts";
import { ofOwn } from "../contract/of-own.ts";
import { groupOf } from "../delivery/kinds.ts";
import { kubeSchema } from "../release/kube-schemas.ts";
import { isMap } from "../yaml/is-map.ts";
import { checkKind } from "./core-kinds.ts";
import { checkPods } from "./core-pods.ts";
import { checkSelectors } from "./core-selectors.ts";
import { isDataKey } from "./names.ts";
import { isOpenText } from "./open-text.ts";
import type { Refusal } from "./refusal.ts";
import { sizeOfData } from "./size-of-data.ts";

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const MOST_BYTES = 1024 * 1024;

/** Values that the API server does not take for everyday kinds of Kubernetes. */
export function checkCoreValues(body: YamlData, isWhole: boolean): Refusal[] {
  const { apiVersion, kind, spec, data, binaryData } = body;
  const isSecret = kind === "Secret";
  if (apiVersion === "v1" && (isSecret || kind === "ConfigMap"))
    return [
      ...(isSecret ? checkBase64("data", data) : checkBase64("binaryData", binaryData)),
      ...checkKeys(body),
      ...(isWhole ? checkSize(body) : []),
      ...(isSecret && isWhole ? checkType(body) : []),
    ];
  const groupKind = `${groupOf(String(apiVersion))}|${kind}`;
  const isWorkload = apiVersion === "apps/v1" && isMap(spec);
  // The schemas of a definition have fields of these names.
  const isNative = kind !== "CustomResourceDefinition" && kubeSchema(String(apiVersion), String(kind)) !== undefined;
  return [
    ...checkPods(groupKind, body, isWhole),
    ...(isNative ? checkSelectors({ data: body, path: [] }, isWhole) : []),
    ...(isWorkload && isWhole ? checkSelector(spec) : []),
    ...checkKind(groupKind, body, isWhole),
  ];
}

/** A file of a generator may have a name that is no key: `my file.json`. A ConfigMap has each key once. */
function checkKeys(body: YamlData): Refusal[] {
  const texts: YamlData = isMap(body.data) ? body.data : {};
  const twice = Object.keys(isMap(body.binaryData) ? body.binaryData : {}).filter((key) => Object.hasOwn(texts, key));
  const found = twice.map((key): Refusal => ({ path: ["binaryData", key], what: "stands in data as well" }));
  const misnamed = ["data", "stringData", "binaryData"].flatMap((field) =>
    Object.keys(isMap(body[field]) ? body[field] : {}).flatMap((key) => {
      const wrong = isOpenText(key) ? undefined : oddKey(key);
      if (wrong === undefined) return [];
      // Somebody may have written a value of the Secret where its key belongs.
      return body.kind === "Secret"
        ? [{ path: [field], what: `holds a key that is none: ${wrong}` }]
        : [{ path: [field, key], what: `is no key: ${wrong}` }];
    }),
  );
  return [...found, ...misnamed];
}

/** Whether a path leads to what stands below such a key of a Secret. */
export const isBelowOddKey = (kind: unknown, [field, key]: Refusal["path"]): boolean =>
  kind === "Secret" &&
  (field === "data" || field === "stringData") &&
  key !== undefined &&
  oddKey(String(key)) !== undefined;

/** What is wrong with a key of a ConfigMap or Secret. */
function oddKey(key: string): string | undefined {
  if (isDataKey(key)) return undefined;
  return /^\.(?:$|\.)/.test(key)
    ? "it may not be . nor begin with .."
    : "only letters, digits, -, _ and . may be in it";
}

/** Keys that a Secret of some types has to have; of several in one entry, one is enough. */
const NEEDED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "kubernetes.io/tls": [["tls.crt"], ["tls.key"]],
  "kubernetes.io/dockerconfigjson": [[".dockerconfigjson"]],
  "kubernetes.io/dockercfg": [[".dockercfg"]],
  "kubernetes.io/basic-auth": [["username", "password"]],
  "kubernetes.io/ssh-auth": [["ssh-privatekey"]],
};

function checkType({ type, data, stringData }: YamlData): Refusal[] {
  const keys = Object.keys({ ...(isMap(data) ? data : {}), ...(isMap(stringData) ? stringData : {}) });
  if (keys.some(isOpenText) || isOpenText(data) || isOpenText(stringData)) return [];
  const lacks = (ofOwn(NEEDED, String(type)) ?? []).filter((some) => !some.some((key) => keys.includes(key)));
  return lacks.map(([key = ""]) => ({ path: ["data", key], what: `is missing in a Secret of type ${type}` }));
}

/** All values of one together may have so many bytes. */
function checkSize(body: YamlData): Refusal[] {
  const size = sizeOfData(body);
  if (size <= MOST_BYTES) return [];
  return [{ path: ["data"], what: `holds ${size} bytes or more, and at most ${MOST_BYTES} are taken` }];
}

/** Go reads over ends of lines, and over no blanks: a folded text has those. */
function checkBase64(field: string, data: YamlData): Refusal[] {
  return Object.entries(isMap(data) ? data : {}).flatMap(([key, value]) => {
    if (typeof value !== "string" || isOpenText(value)) return [];
    const text = value.replace(/[\r\n]/g, "");
    return BASE64.test(text) && text.length % 4 === 0 ? [] : [{ path: [field, key], what: "is no base64" }];
  });
}

/** A workload has to select its own pods. */
function checkSelector({ selector, template }: YamlData): Refusal[] {
  if (!isMap(selector) || !isMap(template)) return [];
  const { matchLabels, matchExpressions } = selector;
  const isEmpty = Object.keys(matchLabels ?? {}).length + itemsOf(matchExpressions).length === 0;
  if (isEmpty && !isOpenText(matchExpressions)) return [{ path: ["spec", "selector"], what: "selects nothing" }];
  const labels = template.metadata?.labels ?? {};
  if (!isMap(matchLabels) || !isMap(labels)) return [];
  const lost = Object.entries(matchLabels).find(
    ([key, value]) => labels[key] !== value && !isOpenText(`${key}${value}${labels[key]}`),
  );
  if (!lost || Object.keys(labels).some(isOpenText)) return [];
  return [{ path: ["spec", "selector"], what: `selects ${lost[0]}: ${lost[1]}, which the template does not have` }];
}
