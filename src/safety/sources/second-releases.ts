import { printKey, splitKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import type { Harm, OwnedObject } from "../../change/types.ts";
import { groupBy } from "../../contract/group-by.ts";
import { locateField } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";

type Released = OwnedObject & Required<Pick<OwnedObject, "release">>;

/** With the cluster that the HelmRelease itself is applied to: several may get the same folder. */
const printRelease = ({ release, key }: Released): string =>
  JSON.stringify([release.identity, release.cluster, splitKey(key).remote]);

/**
 * HelmReleases that come to mean the release of another one, by `releaseName` and `targetNamespace`: Helm knows releases by
 * these alone, so both upgrade the one release, and whichever goes first uninstalls it for the other too.
 */
export function findSecondReleases({ before, after, risks }: Given, tree: Tree): Harm[] {
  const came = after.all.flatMap(({ object, by }) => {
    const old = before.objects.get(object.key)?.object;
    if (by?.fixed || object.ignored || !isLive(object)) return [];
    // One that was suspended has upgraded nothing.
    return old && isLive(old) && printRelease(old) === printRelease(object) ? [] : [object];
  });
  if (came.length === 0) return [];
  after.search(came.map(({ release }) => release.name));
  const live = after.all.map(({ object }) => object).filter(isLive);
  // What leaves Git and is not deleted goes on upgrading; of a suspended one the release alone stays.
  const left = before.all
    .map(({ object }) => object)
    .filter(isNamed)
    .filter(({ key }) => !after.has(key));
  const kept = left.filter((one) => isLive(one) && !risks.has(one.key));
  const byRelease = groupBy([...live, ...kept], printRelease);
  const running = left.filter(({ key, release }) => release.suspend || !risks.has(key));
  const byPlace = groupBy(running, printPlace);
  const byName = groupBy(
    running.filter(({ at }) => at && !tree.has(at.file)),
    printMoved,
  );
  return came.flatMap((object): Harm | [] => {
    const other = byRelease.get(printRelease(object))?.find(({ key }) => key !== object.key);
    if (!object.at) return [];
    const place = { file: object.at.file, doc: object.doc ?? 0 };
    const old = before.has(object.key)
      ? undefined
      : (byPlace.get(printPlace(object)) ?? byName.get(printMoved(object)))?.[0];
    if (!other) return old && isDouble(object, old) ? tellDouble(object, old, locateField(tree, place)) : [];
    return {
      resource: printKey(object.key),
      at: locateField(tree, place, ["spec", "releaseName"]),
      what: `${printKey(object.key)} means the Helm release ${object.release.name} in namespace ${object.release.target}, which is that of ${printKey(other.key)}.`,
      why: "Helm tells releases by name and namespace: both upgrade the same one over and over, and whichever HelmRelease goes first uninstalls it for the other too.",
      next: "Give one of both another releaseName or targetNamespace.",
    };
  });
}

const isNamed = (one: OwnedObject): one is Released =>
  one.release !== undefined && !`${one.release.identity}${one.name}`.includes("${");

const isLive = (one: OwnedObject): one is Released => isNamed(one) && !one.release.suspend;

/** With the cluster: what moves to another one is no second release here. */
const printPlace = ({ key, at, doc, release }: Released): string =>
  JSON.stringify([at?.file, doc, release.chart, release.cluster, splitKey(key).remote]);

/** One whose file moves, as with its app to another namespace, keeps its name and its chart. */
const printMoved = ({ key, name, release }: Released): string =>
  JSON.stringify([name, release.chart, release.cluster, splitKey(key).remote]);

/** Of one that is left alone, Helm takes over what bears the name and the namespace of the new release. */
function isDouble(one: Released, old: Released): boolean {
  const isTakenOver = one.release.name === old.release.name && one.release.target === old.release.target;
  return !(old.release.suspend && isTakenOver);
}

/** A release under another name, where Flux does not delete the one of before. */
function tellDouble({ key, release }: Released, old: Released, at: Harm["at"]): Harm {
  const [own, other] = [printKey(key), printKey(old.key)];
  const both =
    old.release.name === release.name
      ? `the release ${release.name} runs in ${old.release.target} and in ${release.target}`
      : `the releases ${old.release.name} and ${release.name} run`;
  return {
    resource: own,
    at,
    what: `${own} takes the place of ${other}, ${old.release.suspend ? "which is suspended, so that Helm leaves its release" : "which Flux leaves in the cluster"}: the chart is installed twice, and ${both} side by side.`,
    why: "What keeps Flux from deleting a HelmRelease keeps its release as well. Both may write to the same claim, or want the same host, port or object.",
    next: old.release.suspend
      ? `Keep the name and the namespace; or give ${own} the releaseName ${old.release.name}, targetNamespace ${old.release.target} and storageNamespace of ${other}, and it goes on with that release.`
      : `Keep the name and the namespace; or delete ${other} by hand at the merge, which uninstalls its release and all that it holds.`,
  };
}
