import { sep } from "node:path";

/** A path as repositories have it; on Windows people and Node write `kubernetes\\apps`, elsewhere that is a name. */
export function withSlashes(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}
