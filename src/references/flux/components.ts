import type { Given } from "../../change/given.ts";
import { repositoryPath } from "../../cluster/graph.ts";
import { itemsOf } from "../../contract/objects.ts";
import { join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";

/**
 * Components that a FluxKustomization names from now on and that are not there: `ignoreMissingComponents` hides that, and what
 * they brought is pruned. Without that field the build fails, which says it.
 */
export function findMissingComponents(given: Given, tree: Tree, artifactRoot: string): Stopped[] {
  return stopsOf(given, ({ object: { flux, at } }, was) => {
    const spec = flux?.data.isLocal ? flux.data.spec : undefined;
    const dir = repositoryPath(spec, artifactRoot);
    if (!at || !spec?.ignoreMissingComponents || dir === undefined) return [];
    const known = new Set(itemsOf(was?.object.flux?.data.spec.components));
    return itemsOf(spec.components).flatMap((one, index): Stop | [] => {
      if (typeof one !== "string" || one.includes("${") || known.has(one)) return [];
      const folder = join(dir, one);
      if (tree.isDir(folder)) return [];
      return {
        path: ["spec", "components", index],
        rule: "reference-missing",
        what: `names the component ${one}, and there is no folder ${folder}: Flux leaves it out and prunes what it would bring`,
        why: "ignoreMissingComponents is on, so Flux reports no error.",
        next: "Correct the path, or take the entry out.",
      };
    });
  });
}
