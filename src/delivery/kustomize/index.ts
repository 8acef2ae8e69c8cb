export { isNamespacedBuiltin } from "./builtin-kinds.ts";
export { deliver, deliverFlux } from "./deliver.ts";
export {
  findKustomization,
  isKustomizationFile,
  type KustomizationFile,
  kustomizationOf,
  loadKustomization,
} from "./file.ts";
export { isLocal } from "./finish.ts";
export { listPairs } from "./generate.ts";
export { HASH_PATTERN, hashContent } from "./hash.ts";
export { isStubbed } from "./item.ts";
export { joinPointer, splitPointer } from "./json-patch.ts";
export { fillIn, findUnfilled, type Unfilled } from "./own-values.ts";
export { finishPatching, patchObject, patchStep, selectedBy, startPatching } from "./patch-objects.ts";
export { fluxPath } from "./paths.ts";
export { reach } from "./reach.ts";
export { endOfFirst } from "./read.ts";
export { chompEnd } from "./read-end.ts";
export { meetsSelector } from "./select.ts";
export { isSubstitutionDisabled, misnamedIn } from "./substitute.ts";
export type * from "./types.ts";
