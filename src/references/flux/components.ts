import type { Given } from "../../change/given.ts";
import { repositoryPath } from "../../cluster/graph.ts";
import { itemsOf } from "../../contract/objects.ts";
import { join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";

/**
 * Components that a FluxKustomization names from now on, or that it lost sight of by another `path`, and that are not there:
 * `ignoreMissingComponents` hides that, and what they brought is pruned. Without that field the build fails, which says it.
 */
export function findMissingComponents(given: Given, before: Tree, after: Tree, artifactRoot: string): Stopped[] {
  return stopsOf(given, ({ object: { flux, at } }, was) => {
    const spec = flux?.data.isLocal ? flux.data.spec : undefined;
    const dir = repositoryPath(spec, artifactRoot);
    if (!at || !spec?.ignoreMissingComponents || dir === undefined) return [];
    const earlier = was?.object.flux?.data.spec;
    const known = new Set(itemsOf(earlier?.components));
    const from = repositoryPath(earlier, artifactRoot);
    const lost = (one: string, folder: string) =>
      from !== undefined && join(from, one) !== folder && before.isDir(join(from, one));
    return itemsOf(spec.components).flatMap((one, index): Stop | [] => {
      if (typeof one !== "string" || one.includes("${")) return [];
      const folder = join(dir, one);
      if (after.isDir(folder) || (known.has(one) && !lost(one, folder))) return [];
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
