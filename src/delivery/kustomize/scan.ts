import type { Tree } from "../../files/tree.ts";
import { findKustomization } from "./file.ts";

/**
 * What kustomize-controller lists as `resources` for a folder without a kustomization: files ending in exactly `.yaml` or
 * `.yml`, hidden ones too, in lexical order; a sub-folder with a kustomization counts as one resource and is not entered
 * (flux-facts 2.8 item 4). Symlinks never reach kustomize-controller.
 */
export function scanFolder(tree: Tree, dir: string): { files: string[]; folders: string[]; order: string[] } {
  const files: string[] = [];
  const folders: string[] = [];
  const order: string[] = [];
  const visit = (at: string) => {
    for (const name of tree.entries(at)) {
      const path = at === "" ? name : `${at}/${name}`;
      if (tree.isDir(path)) {
        if (findKustomization(tree, path) === undefined) {
          visit(path);
          continue;
        }
        folders.push(path);
        order.push(path);
      } else if (/\.ya?ml$/.test(name) && tree.status(path) !== "symlink") {
        files.push(path);
        order.push(path);
      }
    }
  };
  visit(dir);
  return { files, folders, order };
}
