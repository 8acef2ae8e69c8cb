export { deliver } from "./deliver.ts";
export { type DeliverFluxOptions, deliverFlux } from "./deliver-flux.ts";
export { findKustomization, type KustomizationFile, loadKustomization } from "./file.ts";
export { matchesLabels } from "./label-selector.ts";
export { fluxPath } from "./paths.ts";
export { type ReachOptions, reach } from "./reach.ts";
export type * from "./types.ts";
