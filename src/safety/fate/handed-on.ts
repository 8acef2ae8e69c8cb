import { fluxKey, type ObjectKey, splitKey } from "../../admission/key.ts";
import { isSkipped } from "../../change/exclusions.ts";
import type { FluxSpec, OwnedObject } from "../../change/types.ts";
import { buildOf, type Course, type FluxHistory } from "../../change/variants.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { itemsOf } from "../../contract/objects.ts";

/**
 * Tells whether an object that a FluxKustomization no longer builds bears the labels of another one by then: it has depended
 * on that all along, both read one source, and so it waits till the other has applied the commit (flux-facts 2.4 item 8, 2.7).
 * @param formsOf an object in each form in which something delivers it: what only waits otherwise is no config of its own
 */
export function makeHandedOn(
  course: Course,
  formsOf: (key: ObjectKey) => readonly OwnedObject[],
): (history: FluxHistory, key: ObjectKey) => boolean {
  const needed = new Map<ObjectKey, readonly FluxHistory[]>();
  const neededBy = (history: FluxHistory) =>
    getOrMake(needed, history.key, () =>
      listNeeds(history, formsOf).flatMap((key): FluxHistory | [] => {
        const other = course.histories.get(key);
        return other && isRunning(other) && readsSame([...history.configs, ...other.configs]) ? other : [];
      }),
    );
  return (history, key) => {
    const found = new Set(neededBy(history));
    // Grows while it is walked.
    for (const one of found) {
      if (applies(course, one, key)) return true;
      for (const next of neededBy(one)) found.add(next);
    }
    return false;
  };
}

/** What every form of it depends on, and waits for until that has applied the same commit. */
function listNeeds({ key, configs }: FluxHistory, formsOf: (key: ObjectKey) => readonly OwnedObject[]): ObjectKey[] {
  const { namespace: home } = splitKey(key);
  const neededBy = ({ data }: FluxSpec) => {
    const all = itemsOf(data.spec.dependsOn).filter((one) => one.readyExpr === undefined);
    return all.map(({ namespace = home, name }) => fluxKey(namespace, name));
  };
  const own = inAll(configs.map(({ spec }) => neededBy(spec)));
  // To look for the forms may take the builds of much else.
  return own.length === 0 ? own : inAll([own, ...formsOf(key).flatMap(({ flux }) => (flux ? [neededBy(flux)] : []))]);
}

function inAll([first = [], ...others]: readonly ObjectKey[][]): ObjectKey[] {
  const sets = others.map((keys) => new Set(keys));
  return first.filter((one) => sets.every((set) => set.has(one)));
}

const isRunning = ({ existed, delivered, configs }: FluxHistory): boolean =>
  existed && delivered && configs.every(({ spec }) => !spec.suspend);

const readsSame = (configs: readonly { spec: FluxSpec }[]): boolean => {
  return new Set(configs.map(({ spec }) => spec.source)).size === 1;
};

/** Whether whatever it builds of the commit sets its labels on the object, one that is there already included. */
function applies(course: Course, { configs }: FluxHistory, key: ObjectKey): boolean {
  const later = configs.filter(({ tree }) => tree === "after");
  return later.every((config) => {
    if (!course.after.mayHold(config.spec, key)) return false;
    const build = buildOf(course, config);
    const object = build.ok ? build.objects.get(key) : undefined;
    const marks = [object?.body?.metadata, config.spec.data.spec.commonMetadata];
    return object?.body && object.open === undefined && !marks.some((one) => isSkipped(one, undefined));
  });
}
