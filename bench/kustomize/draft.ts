import type { Dice } from "./dice.ts";
import type { Body } from "./objects.ts";

/** A case that is being written. */
export interface Draft {
  readonly dice: Dice;
  readonly files: Record<string, string>;
  /** Kinds and names that are taken. */
  readonly ids: Set<string>;
}

/** One of the objects that are there, or one that is not. */
export function anyOf(dice: Dice, objects: readonly Body[]): Body {
  return objects.length > 0
    ? dice.pick(objects)
    : { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "nobody" } };
}

/** Mostly the name of one of the objects of these kinds. */
export function nameOf(dice: Dice, objects: readonly Body[], kinds: readonly string[]): unknown {
  const found = objects.filter((one) => kinds.includes(String(one.kind)));
  return found.length > 0 && !dice.chance(0.05) ? (dice.pick(found).metadata as Body).name : "nobody";
}

/** Group and version of an object. */
export function splitVersion(body: Body): { group: string; version: string } {
  const [group, version] = String(body.apiVersion).split("/");
  return version === undefined ? { group: "", version: group! } : { group: group!, version };
}
