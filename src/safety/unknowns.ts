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
  const groups = new Map<string, { first: OpenPoint; resources: string[]; decides: boolean; accepted: boolean }>();
  for (const point of points) {
    const facts = { decides: decides(point), accepted: isAccepted(point.resource) };
    const id = JSON.stringify([point.at, point.what, facts]);
    const known = groups.get(id);
    if (!known) groups.set(id, { first: point, resources: [point.resource], ...facts });
    else if (!known.resources.includes(point.resource)) known.resources.push(point.resource);
  }
  return [...groups.values()].map(({ first, resources, ...facts }) => ({
    resources,
    what: `${first.resource} ${first.what}${first.at ? ` (${first.at.file}:${first.at.line})` : ""}.${sayMore(resources.slice(1))}`,
    look: first.look,
    ...(first.at ? { at: first.at } : {}),
    ...(facts.decides ? { decides: true as const } : {}),
    ...(facts.accepted ? { accepted: true as const } : {}),
  }));
}

function sayMore(others: readonly string[]): string {
  if (others.length === 0) return "";
  const rest = others.length - MAX_NAMES;
  return ` The same holds for ${others.slice(0, MAX_NAMES).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.`;
}
