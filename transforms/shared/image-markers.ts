import { objectsIn } from "../../src/cluster/objects.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import { isWithin, normalizePath } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";

/** A word of every comment by which image automation finds what it sets. */
export const IMAGE_MARKER = '"$imagepolicy"';

const MARKED = /^\s*(?:- )?["']?([^\s"':]+)["']?:\s.*#\s*\{\s*"\$imagepolicy"\s*:/;

/** The field of a line that image automation writes; undefined where no marker ends it. */
export function markedField(line: string): string | undefined {
  return MARKED.exec(line)?.[1];
}

/** Whether the repository has image automation, none of which writes into a file; without any, what does is elsewhere. */
export function isOutOfReach(tree: Tree, file: string): boolean {
  const paths = objectsIn(tree, tree.grep("ImageUpdateAutomation"))
    .filter(({ kind }) => kind === "ImageUpdateAutomation")
    .map(({ data }: { data?: YamlData }) => String(data?.spec?.update?.path ?? ""));
  return paths.length > 0 && !paths.some((path) => path.includes("${") || isWithin(file, normalizePath(path) ?? ""));
}
