import type { KubeObject } from "../contract/objects.ts";
import type { Cluster, Install } from "./types.ts";

/** Every install of a cluster, the one that Flux keeps applying first. */
export function allInstalls({ install, bootstraps }: Cluster): Install[] {
  return [...(install ? [install] : []), ...bootstraps];
}

/** What an install consists of, what delivers that, and what an older one has left beside it. */
export function objectsOf({ objects, deliverers = [], leftovers = [] }: Install): KubeObject[] {
  return [...objects, ...deliverers, ...leftovers];
}
