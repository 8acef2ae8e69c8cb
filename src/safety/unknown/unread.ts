import type { ObjectKey } from "../../admission/key.ts";
import type { Build, OwnedObject } from "../../change/types.ts";
import { buildOf, type Course, type FluxHistory } from "../../change/variants.ts";

const NONE: ReadonlyMap<ObjectKey, OwnedObject> = new Map();

/**
 * What a FluxKustomization was measured to hold although no file says so, and what may come from what cannot be read of
 * it, such as a remote base. As long as every build that may follow reads that too, it stays.
 */
export function findUnread(course: Course, history: FluxHistory): ReadonlyMap<ObjectKey, OwnedObject> {
  const held = course.inventory(history);
  if (!held) return NONE;
  const builds = history.configs.map((config) => ({ config, build: buildOf(course, config) }));
  const today = builds.filter(({ config }) => config.stage === 0);
  const missing = today.flatMap(({ build }) => additionsOf(build));
  // One that is suspended may hold what an older tree said.
  if (missing.length === 0 || today.some(({ config, build }) => config.spec.suspend || !build.ok)) return NONE;
  const stays = builds.every(({ build }) => {
    const reads = new Set(additionsOf(build));
    return !build.ok || missing.every((one) => reads.has(one));
  });
  if (!stays) return NONE;
  const isRead = (key: ObjectKey) => builds.some(({ build }) => build.ok && build.objects.has(key));
  return new Map([...held].filter(([key]) => !isRead(key)));
}

/** What decides each part of a build that brings objects and cannot be read. */
const additionsOf = (build: Build): string[] =>
  build.ok ? build.unknown.flatMap(({ adds, reads }) => (adds ? [reads] : [])) : [];
