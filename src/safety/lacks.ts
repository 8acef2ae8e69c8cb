import type { YamlData } from "../contract/objects.ts";
import { groupOf, isFluxKustomization } from "../delivery/kinds.ts";
import type { DeliveredObject } from "../delivery/kustomize/index.ts";

/**
 * What an object of Flux lacks so that the API server refuses it when kustomize-controller tries all objects of a build,
 * before it applies the first (fluxcd/pkg ssa, ApplyAll): a namespace ("namespace not specified"), or a field that the CRD
 * of FluxKustomizations requires in all its versions.
 */
export function findLack(object: DeliveredObject): string | undefined {
  if (!groupOf(object.apiVersion).endsWith(".toolkit.fluxcd.io")) return undefined;
  if (object.namespace === "") return "namespace";
  // What a patch may set that cannot be read is not missing.
  if (!isFluxKustomization(object) || object.hidden) return undefined;
  const { spec } = object.body as YamlData;
  const { kind, name } = spec?.sourceRef ?? {};
  if (typeof kind !== "string" || typeof name !== "string") return "spec.sourceRef";
  return ["interval", "prune"].find((field) => (spec?.[field] ?? undefined) === undefined)?.replace(/^/, "spec.");
}
