import { groupBy } from "../contract/group-by.ts";
import type { SafetyUnknown } from "../contract/safety.ts";
import type { OpenPoint } from "./types.ts";

const MAX_NAMES = 3;

interface Judgement {
  /** Whether Flux itself or what the migration rests on hangs on it. */
  decides: (point: OpenPoint) => boolean;
  isAccepted: (resource: string) => boolean;
}

/**
 * Joins what is open for the same reason at the same place: a remote base that fifty FluxKustomizations share is one thing
 * to look at.
 */
export function joinOpenPoints(points: readonly OpenPoint[], { decides, isAccepted }: Judgement): SafetyUnknown[] {
  const judged = points.map((point) => ({ point, decides: decides(point), accepted: isAccepted(point.resource) }));
  const groups = groupBy(judged, ({ point, ...facts }) => JSON.stringify([point.at, point.what, facts]));
  return [...groups.values()].map((group) => {
    const [{ point: first, ...facts }] = group as [(typeof judged)[number]];
    const resources = [...new Set(group.map(({ point }) => point.resource))];
    return {
      resources,
      what: `${first.resource} ${first.what}${first.at ? ` (${first.at.file}:${first.at.line})` : ""}.${sayMore(resources.slice(1))}`,
      look: first.look,
      ...(first.at ? { at: first.at } : {}),
      ...(facts.decides ? { decides: true as const } : {}),
      ...(facts.accepted ? { accepted: true as const } : {}),
    };
  });
}

function sayMore(others: readonly string[]): string {
  if (others.length === 0) return "";
  const rest = others.length - MAX_NAMES;
  return ` The same holds for ${others.slice(0, MAX_NAMES).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.`;
}
