import type { Loc } from "../errors.ts";
import { BuildError } from "./build-error.ts";
import { type Data, isMap, mapAt, mapList, scalarText, stringList } from "./data.ts";
import { editFields, PathFailure, readField, splitFieldPath } from "./field-path.ts";
import { allIds, type Item, withBody } from "./item.ts";
import type { PatchContext } from "./patch.ts";
import { isSelectedBy, selects } from "./select.ts";

/** Applies one replacement: a value of one object copied into fields of others. Throws `BuildError`. */
export function applyReplacement(items: readonly Item[], replacement: Data, context: PatchContext): Item[] {
  const { at } = context;
  if (!isMap(replacement.source) || !Array.isArray(replacement.targets)) {
    throw new BuildError(at, "replacements must specify a source and at least one target");
  }
  const source = findSource(items, replacement.source, context);
  if (source === undefined) return [...items];
  const fieldPath = scalarText(replacement.source.fieldPath) || "metadata.name";
  const value = refine(
    readField(source.body, splitFieldPath(fieldPath)),
    mapAt(replacement.source, "options"),
    fieldPath,
    at,
  );
  return mapList(replacement.targets).reduce((done, target) => copyTo(done, value, target, at), [...items]);
}

function findSource(items: readonly Item[], selector: Data, context: PatchContext): Item | undefined {
  const found = items.filter((item) => allIds(item).some((id) => isSelectedBy(id, selector)));
  if (found.length === 1) return found[0];
  if (found.length > 1) throw new BuildError(context.at, "multiple matches for a replacement source");
  if (!context.incomplete) throw new BuildError(context.at, "nothing selected by a replacement source");
  context.unmatched("the source of a replacement");
  return undefined;
}

function refine(value: unknown, options: Data, fieldPath: string, at: Loc): unknown {
  const empty = isMap(value) ? Object.keys(value).length === 0 : Array.isArray(value) && value.length === 0;
  if (value === undefined || value === null || value === "" || empty) {
    throw new BuildError(at, `fieldPath ${fieldPath} is missing for replacement source`);
  }
  const delimiter = scalarText(options.delimiter);
  if (delimiter === "") return value;
  if (typeof value === "object") throw new BuildError(at, "delimiter option can only be used with scalar nodes");
  const part = scalarText(value).split(delimiter)[Number(options.index ?? 0)];
  if (part === undefined) throw new BuildError(at, `options.index is out of bounds for ${fieldPath}`);
  return part;
}

function copyTo(items: readonly Item[], value: unknown, target: Data, at: Loc): Item[] {
  if (!isMap(target.select)) throw new BuildError(at, "target must specify resources to select");
  const paths = stringList(target.fieldPaths);
  const options = mapAt(target, "options");
  return items.map((item) => {
    if (!isTarget(item, target, at)) return item;
    let body: unknown = item.body;
    for (const path of paths.length > 0 ? paths : ["metadata.name"]) {
      try {
        const edited = editFields(body, splitFieldPath(path), options.create === true, (old) =>
          insert(old, value, options, at),
        );
        if (edited.count === 0) throw new PathFailure("not found");
        body = edited.value;
      } catch (error) {
        if (!(error instanceof PathFailure)) throw error;
        throw new BuildError(at, `unable to find field "${path}" in replacement target (${error.message})`);
      }
    }
    return withBody(item, body as Data);
  });
}

function isTarget(item: Item, target: Data, at: Loc): boolean {
  const select = mapAt(target, "select");
  const ids = allIds(item);
  if (!selects(select.annotationSelector, item, "annotations", at)) return false;
  if (!selects(select.labelSelector, item, "labels", at)) return false;
  if (!ids.some((id) => isSelectedBy(id, select))) return false;
  return !mapList(target.reject).some((reject) => isRejected(item, reject, at));
}

/** A reject entry counts by its selectors and, apart from them, by its id. */
function isRejected(item: Item, reject: Data, at: Loc): boolean {
  const hasSelector = scalarText(reject.annotationSelector) !== "" || scalarText(reject.labelSelector) !== "";
  const bySelector =
    hasSelector &&
    selects(reject.annotationSelector, item, "annotations", at) &&
    selects(reject.labelSelector, item, "labels", at);
  const hasId = ["group", "version", "kind", "name", "namespace"].some((key) => scalarText(reject[key]) !== "");
  return bySelector || (hasId && allIds(item).some((id) => isSelectedBy(id, reject)));
}

function insert(old: unknown, value: unknown, options: Data, at: Loc): unknown {
  const delimiter = scalarText(options.delimiter);
  if (delimiter === "") return value;
  if (typeof old === "object" && old !== null) {
    throw new BuildError(at, "delimiter option can only be used with scalar nodes");
  }
  const parts = scalarText(old).split(delimiter);
  const index = Number(options.index ?? 0);
  if (index < 0) parts.unshift(scalarText(value));
  else if (index >= parts.length) parts.push(scalarText(value));
  else parts[index] = scalarText(value);
  return parts.join(delimiter);
}
