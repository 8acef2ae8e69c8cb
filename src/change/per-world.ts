import type { World } from "./world.ts";

/** What is listed of a world, listed anew where more was read meanwhile. */
export function perWorld<T>(list: (world: World) => T): (world: World) => T {
  const known = new WeakMap<World, { size: number; listed: T }>();
  return (world) => {
    const last = known.get(world);
    const { size } = world.objects;
    if (last?.size === size) return last.listed;
    const listed = list(world);
    known.set(world, { size, listed });
    return listed;
  };
}
