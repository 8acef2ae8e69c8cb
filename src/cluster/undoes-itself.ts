import { isDeepStrictEqual } from "node:util";
import type { Finding } from "../contract/finding.ts";
import { describe } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { deliverObject } from "./graph.ts";
import type { Cluster } from "./types.ts";

type Started = Pick<Cluster, "root" | "rootFrom" | "kustomizations" | "artifactRoot">;

/**
 * A blocker where the root applies itself and its own patches take its patches away: a list that a strategic merge brings takes
 * the place of the whole list. The next run is without them and puts the manifest back as it is written, and so on: which of the
 * two Flux is like nobody can say. One that reads the same after a second time over has settled.
 */
export function reportUndoesItself(
  tree: Tree,
  { root, rootFrom, kustomizations, artifactRoot }: Started,
): Finding | undefined {
  const [first] = kustomizations;
  if (rootFrom === "instance" || !first?.effective.known) return undefined;
  const once = first.effective.value.spec;
  if (isDeepStrictEqual(once?.patches, root.data.spec?.patches)) return undefined;
  const again = deliverObject(tree, root, first, artifactRoot)?.effective;
  if (!again?.known || isDeepStrictEqual(again.value.spec?.patches, once?.patches)) return undefined;
  return {
    rule: "root-undoes-itself",
    level: "blocker",
    resource: describe(root),
    at: locateField(tree, root, ["spec", "patches"]),
    what: `${describe(root)} applies itself, and its own patches put others in the place of its spec.patches: Flux applies all that it delivers with these patches and without them in turns.`,
    why: "The run that follows has no such patch, and writes the manifest back as it stands here. What is in force, and so what belongs into the FluxInstance, changes each time.",
    next: "Leave the root out of the target of that patch, by a name or a labelSelector; merge that, let Flux reconcile it twice, and run fluxlift again.",
  };
}
