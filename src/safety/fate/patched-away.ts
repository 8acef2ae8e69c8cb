import type { Comparison } from "../../change/comparison.ts";
import { type Deletion, listDeletions, listDeletionsIn } from "../../change/deletions.ts";
import type { TreeChange } from "../../change/types.ts";
import { once } from "../../contract/once.ts";
import { isKustomizationFile } from "../../delivery/kustomize/index.ts";

/**
 * Tells of an object whether the change brings a patch that deletes it by its name. One whose target is edited is none that
 * comes: it may mean what it deleted before.
 */
export function makePatchedAway(
  { respecced }: Pick<Comparison, "respecced">,
  { before, after, changed }: TreeChange,
): (object: Deletion) => boolean {
  const found = once(() => {
    const files = [...changed].filter(isKustomizationFile);
    const specs = respecced.map(({ before: old, after: now }) =>
      [old, now].map((all) => all.flatMap(({ data }) => listDeletions(data.spec.patches))),
    );
    const sides = [...files.map((file) => [before, after].map((tree) => listDeletionsIn(tree, file))), ...specs];
    return new Set(sides.flatMap(([old = [], now = []]) => listAdded(old.map(print), now.map(print))));
  });
  return (object) => found().has(print(object));
}

const print = ({ kind, name }: Deletion): string => `${kind} ${name}`;

function listAdded(old: readonly string[], now: readonly string[]): string[] {
  const kept = new Set(now);
  return old.every((one) => kept.has(one)) ? now.filter((one) => !old.includes(one)) : [];
}
