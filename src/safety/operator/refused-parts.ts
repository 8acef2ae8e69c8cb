import type { Harm, OperatorSet } from "../../change/types.ts";
import type { InstanceDescription } from "../../cluster/types.ts";
import { pointAt } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";

/** A FluxInstance after a change, and what the operator makes of it before and after. */
export interface InstanceSets {
  now: InstanceDescription;
  sets: readonly [before: OperatorSet | undefined, after: OperatorSet | undefined];
}

/** What is said of the FluxInstance, at one of its fields. */
export type Said = Pick<Harm, "what" | "why" | "next"> & { path: readonly string[] };
/** What the API server refuses of all that the operator makes of a FluxInstance that comes: then it takes nothing over. */
export function findFirstRefusals(now: InstanceDescription, set: OperatorSet | undefined, after: Tree): Harm[] {
  if (!set?.isStuck) return [];
  const sets = [undefined, { ...set, dropped: [] }] as const;
  return [findRefusedPods({ now, sets }), findRefusedUrl({ now, sets })]
    .flat()
    .map(({ path, ...said }) => ({ ...pointAt(after, now.object, path), ...said }));
}

/** Patches that make a controller one that the API server refuses; the operator tries all it makes before it writes (flux-facts 2.1 item 8). */
export function findRefusedPods({ sets: [was, is] }: InstanceSets): Said | [] {
  const first = (is?.refused ?? []).find((one) => !was?.refused?.includes(one));
  const dropped = (is?.dropped ?? []).find((one) => !was?.dropped?.includes(one));
  if (first !== undefined)
    return {
      path: ["spec"],
      what: `The API server refuses what a patch of the FluxInstance makes of ${first}. The operator then changes nothing more in Flux.`,
      why: "The operator tries all of a stage before it writes the first object of it.",
      next: "Correct that patch.",
    };
  if (dropped === undefined) return [];
  return {
    path: ["spec"],
    what: `The operator leaves out what a patch of the FluxInstance brings to ${dropped}.`,
    why: "It prints each object anew before it applies it, without the fields that its kind does not have, and without a word.",
    next: "Correct that patch.",
  };
}

/** An address without a scheme, as of a clone by ssh (`git@github.com:me/home`). */
export function findRefusedUrl({ now, sets: [was, is] }: InstanceSets): Said | [] {
  if (!is?.refusedUrl || is.refusedUrl === was?.refusedUrl) return [];
  return {
    path: [...(now.form === "chart" ? ["spec", "values", "instance"] : ["spec"]), "sync", "url"],
    what: `The API server refuses what sync of the FluxInstance makes of ${is.refusedUrl}. The operator then changes nothing more in Flux.`,
    why: "The FluxInstance takes any text there, and the source that the operator makes of it does not.",
    next: "Write the address with its scheme, such as ssh://git@github.com/me/home.",
  };
}
