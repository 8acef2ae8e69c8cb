import type { YamlData } from "../../contract/objects.ts";
import { walkData } from "../../yaml/walk-data.ts";

const GROUP = "fluxcd.controlplane.io";
/** What the operator fills in from other objects before it applies anything (flux-operator, `resourceset_controller_configs.go`). */
export const COPY_FROM = `${GROUP}/copyFrom`;
export const CONVERT_FROM = `${GROUP}/convertKubeConfigFrom`;
export const CHECKSUM_FROM = `${GROUP}/checksumFrom`;

/** An annotation of an object that a ResourceSet makes, and the object that it names, without that key of it which is read. */
export interface FilledFrom {
  annotation: string;
  path: readonly (string | number)[];
  /** `Kind/namespace/name`, or something else, at which the operator stops. */
  from: string;
}

/**
 * Of the object itself, and checksums of what its pods read as well.
 * @param kind of an object of `v1`
 */
export function listFilled(body: YamlData, kind: string | undefined): FilledFrom[] {
  const { [COPY_FROM]: copied, [CONVERT_FROM]: converted } = body.metadata?.annotations ?? {};
  const at = (annotation: string) => ({ annotation, path: ["metadata", "annotations", annotation] });
  const found: FilledFrom[] = [];
  if (kind !== undefined && copied !== undefined) found.push({ ...at(COPY_FROM), from: `${kind}/${copied}` });
  if (kind === "ConfigMap" && converted !== undefined)
    found.push({ ...at(CONVERT_FROM), from: `Secret/${cutKey(String(converted))}` });
  return [...found, ...listSums(body)];
}

/** From where the whole data of an object comes. */
export function readCopied(body: YamlData, kind: string): FilledFrom | undefined {
  return listFilled(body, kind).find(({ annotation }) => annotation !== CHECKSUM_FROM);
}

/** Of `namespace/name:key`. */
function cutKey(text: string): string {
  const at = text.lastIndexOf(":");
  return at > text.indexOf("/") ? text.slice(0, at) : text;
}

function listSums(body: YamlData): FilledFrom[] {
  return walkData(body).flatMap(({ value, path }): FilledFrom[] => {
    const [metadata, annotations, last] = path.slice(-3);
    if (metadata !== "metadata" || annotations !== "annotations" || last !== CHECKSUM_FROM) return [];
    const named = typeof value === "string" ? value.split(",").map((one) => one.trim()) : [];
    return named.filter((from) => from !== "").map((from) => ({ annotation: CHECKSUM_FROM, path, from }));
  });
}

/** Kind, namespace and name; undefined where the operator stops at it. */
export function readFilled({ from }: FilledFrom): { kind: string; namespace: string; name: string } | undefined {
  const [, kind, namespace, name] = /^([^/]+)\/([^/]+)\/([^/]+)$/.exec(from) ?? [];
  return kind && namespace && name ? { kind, namespace, name } : undefined;
}
