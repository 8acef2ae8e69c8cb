import type { ObjectKey } from "../admission/key.ts";
import type { FluxVersion } from "../release/releases.ts";
import type { Risk } from "./types.ts";
import { buildOf, type Course } from "./variants.ts";
import type { Held, World } from "./world.ts";

/** Everything that the cluster is given before and after the change; read as it is asked for. */
export interface Given {
  before: World;
  after: World;
  risks: ReadonlyMap<ObjectKey, Risk>;
  /** The Flux that runs in the end, where that is known. */
  flux: FluxVersion | undefined;
  /** See `makeEarly`. */
  isEarly: (key: ObjectKey, objects: readonly ObjectKey[]) => boolean;
}

/** Tells whether what is there today builds some objects of the new tree before anything applies its new spec. */
export const makeEarly = (course: Course) => (key: ObjectKey, objects: readonly ObjectKey[]) => {
  const { configs = [], fixed = true } = course.histories.get(key) ?? {};
  const today = fixed ? [] : configs.filter(({ stage }) => stage === 0);
  return today.every(({ spec }) => {
    const build = spec.suspend ? undefined : buildOf(course, { spec, tree: "after", stage: 1 });
    return build?.ok && objects.every((one) => build.objects.has(one));
  });
};

/** Whether an object that is there today is gone after the change. */
export function goes({ before, after, risks }: Given, key: ObjectKey): boolean {
  return risks.has(key) && before.has(key) && !after.has(key);
}

/** Whether an object of today stays in the cluster, while Git has it no more. */
export function staysWithoutGit({ after, risks }: Given, key: ObjectKey): boolean {
  return !after.has(key) && !risks.has(key);
}

/** Objects that one of the trees has, or has otherwise, of those that may change. */
export function listAltered({ before, after }: Given, isMeant: (held: Held) => boolean): Held[] {
  const bodyIn = (world: World, { object }: Held) => JSON.stringify(world.objects.get(object.key)?.object.body);
  const list = (world: World, other: World) =>
    world.all.filter((held) => !held.by?.fixed && isMeant(held) && bodyIn(world, held) !== bodyIn(other, held));
  return [...list(before, after), ...list(after, before)];
}
