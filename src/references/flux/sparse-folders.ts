import { groupKindHere } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import { fluxPath } from "../../delivery/kustomize/index.ts";
import type { Tree } from "../../files/tree.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";
import type { LocalChartInput } from "./local-charts.ts";

/**
 * Sources of this repository with a folder in `sparseCheckout` that is not there any more, or is misspelt. One that comes from
 * itself has to fetch the change by its list of today before the new one reaches it.
 */
export function findLostSparse(given: Given, { change, sources }: LocalChartInput): Stopped[] {
  if ([...change.changed].some((file) => !change.after.has(file)))
    for (const world of [given.before, given.after]) world.search(["sparseCheckout"]);
  return stopsOf(given, ({ object, by }, was) => {
    const { key, name, body } = object;
    if (groupKindHere(key) !== "source.toolkit.fluxcd.io|GitRepository" || !sources.has(`GitRepository/${name}`))
      return [];
    if (body?.spec?.suspend === true) return [];
    const isGone = (folder: string) => !isOpenText(folder) && !isThere(change.after, folder);
    const [today, later] = [listFolders(was?.object.body?.spec), listFolders(body?.spec)];
    const lost = later.flatMap((folder, index): Stop | [] => {
      if (!isGone(folder) || (today.includes(folder) && !isThere(change.before, folder))) return [];
      return { ...STOPS, path: ["spec", "sparseCheckout", index], what: sayGone(`names ${folder}, and`), next: WRITE };
    });
    // What the operator generates comes by the FluxInstance, which is in the same repository.
    const isFromItself = !by || by.spec.data.spec?.sourceRef?.name === name;
    const old =
      isFromItself && was ? today.find((folder) => isGone(folder) && isThere(change.before, folder)) : undefined;
    if (lost.length > 0 || old === undefined) return lost;
    return {
      ...STOPS,
      path: ["spec"],
      what: sayGone(`of today names ${old}, the new list is in the same change, and`),
      next: KEEP,
    };
  });
}

const STOPS = {
  why: "source-controller reports an error where one of these folders is not there, and all that reads the source stays at the commit before.",
};
const WRITE = "Write the folder that is there, or take the entry out.";
const KEEP =
  "Keep a file in the old folder for now, and take it out once the source has the new list: flux get sources git shows the commit.";
const sayGone = (names: string) =>
  `is fetched no more: its sparseCheckout ${names} there is no such folder after this change`;

const listFolders = (spec: { sparseCheckout?: unknown } | undefined): string[] =>
  Array.isArray(spec?.sparseCheckout) ? spec.sparseCheckout.map(String) : [];

function isThere(tree: Tree, folder: string): boolean {
  const place = fluxPath(folder);
  return place === "" || tree.isDir(place) || tree.has(place);
}
