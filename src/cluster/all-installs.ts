import type { KubeObject } from "../contract/objects.ts";
import type { Cluster, Install } from "./types.ts";

/** Every install of a cluster, the one that Flux keeps applying first. */
export function allInstalls({ install, bootstraps }: Cluster): Install[] {
  return [...(install ? [install] : []), ...bootstraps];
}

/** What an install consists of, and what delivers that. */
export function objectsOf({ objects, deliverers = [] }: Install): KubeObject[] {
  return [...objects, ...deliverers];
}
