import { hiddenIn } from "../contract/answer.ts";
import type { DraftFinding } from "../contract/finding.ts";
import type { DeliveredFluxObject } from "../contract/objects.ts";
import { describe } from "../delivery/kinds.ts";

/** What may change an object that the instance takes over, and cannot be read here. */
export function reportHidden({ object, effective }: DeliveredFluxObject): DraftFinding[] {
  const resource = describe(object);
  return hiddenIn(effective).map(({ at, what }) => {
    return { rule: "delivery-unknown", level: "blocker", resource, at, facts: { resource, unread: what } };
  });
}
