export { deliver } from "./deliver.ts";
export { findKustomization, type KustomizationFile, loadKustomization } from "./file.ts";
export { fluxPath } from "./paths.ts";
export { type ReachOptions, reach } from "./reach.ts";
