export { readYaml, readYamlCached } from "./read.ts";
export type * from "./types.ts";
