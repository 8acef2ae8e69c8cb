export { compareSnapshots } from "./compare.ts";
export { findFutureLosses, isBlamed } from "./future-losses.ts";
export { printKey } from "./key.ts";
export type { Refusal } from "./refused.ts";
export type { SourceSwitch } from "./source-facts.ts";
export { compareTrees, type TreeChange, type TreeComparison } from "./trees.ts";
export type * from "./types.ts";
export { judgeLosses, type Loss } from "./wanted.ts";
