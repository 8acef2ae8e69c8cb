import { groupBy } from "../contract/group-by.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import type { Given } from "./given.ts";
import { printKey, splitKey } from "./key.ts";
import type { Harm, OwnedObject } from "./types.ts";

/** With the cluster that the HelmRelease itself is applied to: several may get the same folder. */
const printRelease = ({ release, key }: OwnedObject): string =>
  JSON.stringify([release?.identity, release?.cluster, splitKey(key).remote]);

/**
 * HelmReleases that come to mean the release of another one, by `releaseName` and `targetNamespace`: Helm knows releases by
 * these alone, so both upgrade the one release, and whichever goes first uninstalls it for the other too.
 */
export function findSecondReleases({ before, after, risks }: Given, tree: Tree): Harm[] {
  const came = after.all.filter(({ object, by }) => {
    const old = before.objects.get(object.key)?.object;
    return isLive(object) && !by?.fixed && (!old || printRelease(old) !== printRelease(object));
  });
  if (came.length === 0) return [];
  after.search(came.flatMap(({ object }) => object.release?.name ?? []));
  const live = after.all.map(({ object }) => object).filter(isLive);
  // What leaves Git and is not deleted goes on upgrading.
  const left = before.all.map(({ object }) => object).filter((one) => isLive(one) && !risks.has(one.key));
  const byRelease = groupBy([...live, ...left.filter(({ key }) => !after.has(key))], printRelease);
  return came.flatMap(({ object }): Harm | [] => {
    const other = byRelease.get(printRelease(object))?.find(({ key }) => key !== object.key);
    if (!other || !object.at) return [];
    const place = { file: object.at.file, doc: object.doc ?? 0 };
    return {
      resource: printKey(object.key),
      at: locateField(tree, place, ["spec", "releaseName"]),
      what: `${printKey(object.key)} means the Helm release ${object.release?.name} in namespace ${object.release?.target}, which is that of ${printKey(other.key)}.`,
      why: "Helm tells releases by name and namespace: both upgrade the same one over and over, and whichever HelmRelease goes first uninstalls it for the other too.",
      next: "Give one of both another releaseName or targetNamespace.",
    };
  });
}

const isLive = ({ release, name }: OwnedObject): boolean =>
  release !== undefined && !release.suspend && !`${release.identity}${name}`.includes("${");
