import { ownerName } from "../key.ts";
import type { ObjectKey } from "../types.ts";
import type { Held, World } from "./world.ts";

/** How an object reaches the cluster, from the root down. */
export function sayWay(world: World, { by }: Held): string {
  const way: string[] = [];
  const seen = new Set<ObjectKey>();
  for (let holder = by; holder && !seen.has(holder.key); holder = world.objects.get(holder.key)?.by) {
    seen.add(holder.key);
    way.unshift(ownerName(holder.key));
  }
  return way.length > 1 ? `It is applied through ${way.join(", ")}.` : "";
}
