import type { Tree } from "../files/tree.ts";
import { normalizePath } from "./paths.ts";

/** Folders of the repository that git fills from other repositories, as `.gitmodules` lists them. */
export function listSubmodules(tree: Tree): string[] {
  const text = tree.read(".gitmodules") ?? "";
  return [...text.matchAll(/^[ \t]*path[ \t]*=[ \t]*(\S.*)$/gm)].flatMap(
    ([, path]) => normalizePath(path!.trim()) ?? [],
  );
}
