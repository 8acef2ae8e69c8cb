import { given } from "../contract/given.ts";
import { itemsOf, sortKeys, type YamlData } from "../contract/objects.ts";
import { operatorBase } from "../release/base.ts";
import { withFlagsThatCount } from "../release/compare.ts";
import { readBaseFacts } from "../release/facts.ts";
import { nearestFlux } from "../release/releases.ts";
import { runPatches } from "../release/simulate.ts";
import type { SimObject } from "../release/types.ts";
import type { PortedPatch } from "./types.ts";
import type { WantedInstance } from "./want.ts";

/** How patches that an owner has put into a FluxInstance stand to those that the running install needs. */
interface Prepared {
  /** Of the install's: those that change nothing behind the owner's, which say the same in other words. */
  idle: ReadonlySet<PortedPatch>;
  /** The objects that will not be as the install has them, such as `Deployment/helm-controller`. */
  changed: readonly string[];
}

/** Each is printed with what it changes, so a list of more is taken as one that nobody has written by hand. */
const MOST = 100;

/**
 * Compares the two lists by what they make of the objects of the release, such as one patch for three controllers with three
 * for one each. Undefined where that cannot be told: the release is not known, or one of the patches fails.
 */
export function comparePrepared(wanted: WantedInstance, own: YamlData, namespace: string): Prepared | undefined {
  const nearest = nearestFlux(wanted.version);
  const { patches, fields, spec } = wanted;
  const count = itemsOf(own).length;
  if (!nearest || count === 0 || count + patches.length > MOST) return undefined;
  const make = () => operatorBase(readBaseFacts(nearest)!, { components: spec.components, namespace, fields });
  const [theirs, ours] = [make(), make()];
  const run = (objects: readonly SimObject[], list: YamlData) => runPatches(objects, list) === undefined;
  if (!run(ours, own)) return undefined;
  const said = theirs.map(print);
  const now = ours.map(print);
  const idle = new Set<PortedPatch>();
  for (const patch of patches) {
    if (!run(theirs, [patch.data]) || !run(ours, [patch.data])) return undefined;
    // What changes nothing in a build without the owner's patches is about something that no object here shows.
    if (update(said, theirs) && !update(now, ours)) idle.add(patch);
  }
  // One that is left out takes its arguments along, by whose number a later one may count.
  const rest = make();
  const kept = patches.filter((patch) => !idle.has(patch)).map(({ data }) => data);
  const isSame = run(rest, [...itemsOf(own), ...kept]) && rest.every((object, index) => print(object) === now[index]);
  if (!isSame) idle.clear();
  const changed = theirs.filter(({ id }, index) => said[index] !== now[index] && !id.startsWith("sync/"));
  return { idle, changed: changed.map(({ id }) => id) };
}

/**
 * The first patch of a FluxInstance of an owner that does not build, on what the release holds; undefined where that cannot be told.
 * @param own its spec
 */
export function findFailing(
  { version, spec, fields, sync }: WantedInstance,
  own: YamlData,
  namespace: string,
): { index: number; failure: string } | undefined {
  const nearest = nearestFlux(version);
  const list: YamlData[] = itemsOf(own?.kustomize?.patches);
  // What is filled in on the way to the cluster may be anything, and shards and storage bring objects of their own.
  const isOpen = JSON.stringify(own ?? {}).includes("${") || own?.sharding !== undefined || own?.storage !== undefined;
  if (!nearest || list.length === 0 || list.length > MOST || isOpen) return undefined;
  const components = [...new Set([...spec.components, ...itemsOf(own.components).map(String)])];
  const { name, kind } = { ...sync.sync, ...own.sync };
  const objects = operatorBase(readBaseFacts(nearest)!, {
    ...{ components, namespace, fields },
    ...given({ syncName: name, sourceKind: kind }),
  });
  for (const [index, patch] of list.entries()) {
    const failure = runPatches(objects, [patch]);
    if (failure !== undefined) return { index, failure };
  }
  return undefined;
}

/** Whether an object is printed in another way than before. */
function update(prints: string[], objects: readonly SimObject[]): boolean {
  let isOther = false;
  for (const [index, object] of objects.entries()) {
    const next = print(object);
    if (next !== prints[index]) isOther = true;
    prints[index] = next;
  }
  return isOther;
}

function print({ data, deleted }: SimObject): string {
  return deleted ? "" : JSON.stringify(sortKeys(withFlagsThatCount(data)));
}
