export { type CompareOptions, compareSnapshots } from "./compare.ts";
export { OPERATOR, printKey } from "./key.ts";
export type * from "./types.ts";
