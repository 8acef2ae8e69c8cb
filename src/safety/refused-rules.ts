import type { YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import type { Refusal } from "./types.ts";

const has = (spec: YamlData, field: string): boolean => spec?.[field] !== undefined && spec[field] !== null;

/** Rules across fields that CRDs of Flux 2.9 write as CEL (`x-kubernetes-validations`), as far as slips break them. */
export function breakRules({ apiVersion, kind, spec }: YamlData, isWhole = true): Refusal[] {
  if (!isMap(spec)) return [];
  const [group] = String(apiVersion).split("/");
  const found: Refusal[] = [];
  const both = (one: string, other: string): boolean => has(spec, one) && has(spec, other);
  if (group === "helm.toolkit.fluxcd.io" && kind === "HelmRelease") {
    if (both("chart", "chartRef"))
      found.push({ path: ["spec", "chartRef"], what: "stands beside chart, and only one of both may" });
    else if (isWhole && !has(spec, "chart") && !has(spec, "chartRef"))
      found.push({ path: ["spec", "chart"], what: "is missing, and so is chartRef" });
  }
  const config = (spec as YamlData).kubeConfig;
  if (isWhole && isMap(config) && has(config, "secretRef") === has(config, "configMapRef"))
    found.push({ path: ["spec", "kubeConfig"], what: "has to name one Secret or one ConfigMap" });
  return found;
}
