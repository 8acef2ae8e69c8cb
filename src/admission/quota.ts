import type { YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";

/** The limits of a ResourceQuota that is for all of its namespace; one with a scope is for some pods alone (Kubernetes: Resource Quotas). */
export function readHard(spec: YamlData): Record<string, YamlData> | undefined {
  const isForAll = spec?.scopes === undefined && spec?.scopeSelector === undefined;
  return isForAll && isMap(spec?.hard) ? (spec.hard as Record<string, YamlData>) : undefined;
}
