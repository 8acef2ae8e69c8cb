import type { PatchTarget } from "../../contract/objects.ts";
import { targetOfBody } from "../../release/simulate.ts";
import type { PatchItem } from "../../release/types.ts";
import type { PortedPatch, PortInput } from "../types.ts";
import { carryText } from "./escape.ts";
import { copyItem, editItem, printItem, tidyBody } from "./raw.ts";

const TARGET_KEYS = ["group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"] as const;

/** Writes a ported item as text and data, copying the owner's text where it still says the same. */
export function writePatch(
  item: PatchItem,
  input: Pick<PortInput, "readText" | "substituted" | "oldSubstituted">,
): PortedPatch {
  const { source } = item;
  const target = tidyTarget(item.target ?? targetOfBody(item.type === "merge" ? item.doc : {}));
  const text = source.form === "patches" ? input.readText(source.file) : undefined;
  const expected = { patch: source.body, target: source.target };
  const copy = text === undefined ? undefined : copyItem(text, source.doc, source.path, expected);
  let raw: string;
  if (copy === undefined) raw = printItem({ patch: item.body, target });
  else {
    const isSameTarget = JSON.stringify(tidyTarget(source.target ?? {})) === JSON.stringify(target);
    const change = {
      ...(item.verbatim ? {} : { patch: item.body }),
      ...(isSameTarget ? {} : { target }),
    };
    raw = Object.keys(change).length === 0 ? copy : editItem(copy, change);
  }
  const patch = item.verbatim && copy !== undefined ? source.body : tidyBody(item.body);
  const carried = Object.fromEntries(Object.entries(target).map(([key, value]) => [key, carryText(value, input)]));
  return { data: { patch: carryText(patch, input), target: carried }, raw: carryText(raw, input), from: source.at };
}

/** Known keys only, in a fixed order, without empty ones. */
function tidyTarget(target: PatchTarget): PatchTarget {
  const tidy: PatchTarget = {};
  for (const key of TARGET_KEYS) if (target[key]) tidy[key] = target[key];
  return tidy;
}
