import type { ObjectKey } from "../admission/key.ts";
import type { FluxVersion } from "../release/releases.ts";
import type { Risk } from "./types.ts";
import type { World } from "./world.ts";

/** Everything that the cluster is given before and after the change; read as it is asked for. */
export interface Given {
  before: World;
  after: World;
  risks: ReadonlyMap<ObjectKey, Risk>;
  /** The Flux that runs in the end, where that is known. */
  flux: FluxVersion | undefined;
}

/** Whether an object that is there today is gone after the change. */
export function goes({ before, after, risks }: Given, key: ObjectKey): boolean {
  return risks.has(key) && before.has(key) && !after.has(key);
}
