import type { Answer } from "../contract/answer.ts";
import type { Loc } from "../contract/errors.ts";
import { itemsOf, type YamlData } from "../contract/objects.ts";
import { patchObject } from "./kustomize/index.ts";

/**
 * One object of a build after a list of patches; undefined where one deletes it, unknown where one does not apply, since
 * nothing is built then.
 * @param at the place of the list
 */
export function patched(data: YamlData, patches: unknown, at: Loc): Answer<YamlData | undefined> {
  const done = patchObject(data, itemsOf(patches));
  if (done.ok) return { known: true, value: done.object };
  const what = `patch ${done.patch + 1} does not apply (${done.reason})`;
  return { known: false, unknowns: [{ at, what, stops: true }], partial: data };
}
