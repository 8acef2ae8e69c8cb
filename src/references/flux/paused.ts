import type { YamlData } from "../../contract/objects.ts";

/** Of Flux Operator: on a FluxInstance, and on what it works out. */
export const OPERATOR_MARK = "fluxcd.controlplane.io/reconcile";

/** Of source-watcher: what `flux suspend artifact generator` sets. */
export const GENERATOR_MARK = "source.extensions.fluxcd.io/reconcile";

/** Whether annotations keep the controller that a mark is for from working, which reads it in letters of any case. */
export function isPausedBy(annotations: YamlData, mark: string): boolean {
  return String(annotations?.[mark]).toLowerCase() === "disabled";
}
