import type { Loc } from "../../contract/errors.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import { printKey } from "../key.ts";
import { type Circle, keyOfNode } from "./circles.ts";

/** From so many on the rest of a circle is counted. */
const SHOWN = 6;

/** @param locate the place of a field of an object */
export function reportCircle(
  { first, waits }: Circle,
  locate: (held: Circle["first"], path: readonly (string | number)[]) => Loc,
): SaidFinding {
  const steps = waits.filter(({ from, to }) => keyOfNode(from) !== keyOfNode(to));
  const shown = steps.slice(0, SHOWN).map(({ says, to }) => `${says} ${printKey(keyOfNode(to))}`);
  const more = steps.length > SHOWN ? `, and ${steps.length - SHOWN} more steps lead back` : "";
  const resource = printKey(first.object.key);
  const itself = `${resource} depends on itself`;
  return {
    rule: "waits-in-circle",
    level: "blocker",
    resource,
    at: locate(first, waits[0]!.path ?? []),
    what:
      steps.length === 0
        ? `${itself}: Flux never applies it.`
        : `${resource} waits for itself: it ${shown.join(", which ")}${more}. Flux applies none of them any more.`,
    why: "A dependency has to be Ready first, and a Kustomization with wait is Ready only when everything it applies is.",
    next: "Take one of these dependencies out, or wait away from the parent.",
  };
}
