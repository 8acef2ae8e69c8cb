export { type CompareOptions, compareSnapshots } from "./compare.ts";
export { OPERATOR, printKey } from "./key.ts";
export { compareTrees, type TreeChange } from "./trees.ts";
export type * from "./types.ts";
export { judgeLosses, type Loss } from "./wanted.ts";
