import { groupKindHere, keyOfObject, splitKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import { fluxPath } from "../../delivery/kustomize/index.ts";
import type { Tree } from "../../files/tree.ts";
import { type Stopped, stopsOf } from "../stopped.ts";
import { branchOf } from "./automation-branches.ts";
import type { LocalChartInput } from "./local-charts.ts";

/** Image automation of this repository whose `update.path` is not there any more, or is misspelt. */
export function findLostPaths(given: Given, { change, sources }: LocalChartInput): Stopped[] {
  if ([...change.changed].some((file) => !change.after.has(file)))
    for (const world of [given.before, given.after]) world.search(["ImageUpdateAutomation"]);
  return stopsOf(given, (held, was) => {
    const { namespace } = splitKey(held.object.key);
    if (groupKindHere(held.object.key) !== "image.toolkit.fluxcd.io|ImageUpdateAutomation") return [];
    const spec = held.object.body?.spec;
    const ref = spec?.sourceRef;
    const path: unknown = spec?.update?.path;
    if (typeof path !== "string" || isOpenText(path) || spec.suspend === true) return [];
    if (!sources.has(`${ref?.kind ?? "GitRepository"}/${ref?.name}`)) return [];
    const source = keyOfObject({
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "GitRepository",
      namespace: ref.namespace ?? namespace,
      name: ref.name,
    });
    // Another branch may hold other folders.
    const branch: unknown = spec.git?.checkout?.ref?.branch;
    if (branch !== undefined && branch !== branchOf(given.after.objects.get(source)?.object.body)) return [];
    const place = fluxPath(path);
    const isThere = (tree: Tree) => place === "" || tree.isDir(place) || tree.has(place);
    if (isThere(change.after)) return [];
    if (was?.object.body?.spec?.update?.path === path && !isThere(change.before)) return [];
    return {
      path: ["spec", "update", "path"],
      what: `commits nothing any more: its update.path is ${path}, and there is no such folder after this change`,
      why: "image-automation-controller reads that folder of the repository, and reports an error where it is not there.",
      next: "Correct the path.",
    };
  });
}
