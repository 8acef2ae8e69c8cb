import { LONGEST_LINE, longLinesOf } from "../../../src/cluster/readable-text.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import type { Tree } from "../../../src/files/tree.ts";

/** Lines that speak of Flux and are too long to be searched, as one finding; what they name is not known. */
export function reportLongLines(tree: Tree, paths: readonly string[], level: "caution" | "info"): DraftFinding[] {
  const found = paths.flatMap((path) => longLinesOf(tree, path, "flux").map((line) => lineOf(path, line)));
  const [at] = found;
  if (!at) return [];
  const places = found.map(({ file, line }) => `${file}:${line}`);
  return [{ rule: "line-not-searched", level, at, facts: { places, most: LONGEST_LINE } }];
}

/** Files that nothing was looked for in, as one finding. */
export function reportUnsearched(files: readonly string[]): DraftFinding[] {
  const [file] = files;
  return file === undefined
    ? []
    : [{ rule: "file-not-searched", level: "info", at: lineOf(file), facts: { files: [...files] } }];
}
