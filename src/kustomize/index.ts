export { findKustomization, loadKustomization } from "./file.ts";
export { fluxPath } from "./paths.ts";
export { type ReachOptions, reach } from "./reach.ts";
