import type { ObjectKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import type { FluxSpec, OwnedObject } from "../../change/types.ts";
import { readDeliveredKeys } from "../../change/value-keys.ts";
import { listPlain } from "../../change/variable-uses.ts";
import { isSubstitutionDisabled } from "../../delivery/kustomize/index.ts";
import type { Tree } from "../../files/tree.ts";
import { readVariables } from "./variables.ts";

/** Variables of an object that are left alone from now on, or are filled in though nothing sets them. */
interface Marked {
  name: string;
  field: "literal" | "shell";
  /** Where they stand. */
  file: string;
  names: readonly string[];
}

interface MarkedInput {
  name: string;
  spec: FluxSpec;
  given: Given;
  tree: Tree;
}

/**
 * Objects that a patch or a field of a kustomization comes to mark as not to be filled in, and those that lose such a mark: what their
 * documents say themselves is told by their files.
 */
export function listMarked(key: ObjectKey, { name, spec, given, tree }: MarkedInput): Marked[] {
  const pairs = given.after.holdersOf(key).flatMap((holder) =>
    given.after.objectsOf(holder).flatMap((now) => {
      const was = given.before.find(now.key)?.object;
      return now.at && was && isMarked(now) !== isMarked(was) ? [{ was, now, file: now.at.file }] : [];
    }),
  );
  if (pairs.length === 0) return [];
  const namespace = name.slice(0, name.indexOf("/"));
  const is = readVariables(spec.data.spec, (id) => readDeliveredKeys(given, "after", tree, { namespace, id }));
  const found = pairs.flatMap(({ was, now, file }): Marked[] => {
    const field = isMarked(now) ? "literal" : "shell";
    const isLost = (variable: string) => (field === "literal" ? is.has(variable) : is.whole && !is.has(variable));
    const names = [...new Set(listPlain(JSON.stringify((isMarked(now) ? now : was).body)))].filter(isLost);
    return names.length > 0 ? [{ name, field, file, names }] : [];
  });
  return found.slice(0, 1);
}

const isMarked = ({ body }: OwnedObject): boolean => isSubstitutionDisabled(body);
