import type { Loc } from "../../contract/errors.ts";
import { isVast, VAST } from "../vast.ts";
import {
  type Data,
  isMap,
  mapAt,
  mapList,
  markOf,
  markText,
  nodeText,
  scalarText,
  stringList,
  withEntry,
} from "./data.ts";
import { BuildError, EditFailure } from "./failures.ts";
import { editFields, keysOf, readField, resolveFieldPath, splitFieldPath } from "./field-path.ts";
import { allIds, type Item, withBody } from "./item.ts";
import type { PatchContext } from "./patch.ts";
import { isSelectedBy, selects } from "./select.ts";
import { pathTo, plainText, readPlain } from "./source-text.ts";

/** Applies one replacement: a value of one object copied into fields of others. Throws `BuildError`. */
export function applyReplacement(items: readonly Item[], replacement: Data, context: PatchContext): Item[] {
  const { at } = context;
  if (!isMap(replacement.source) || !Array.isArray(replacement.targets)) {
    throw new BuildError(at, "replacements must specify a source and at least one target");
  }
  const source = findSource(items, replacement.source, context);
  if (source === undefined) return [...items];
  const fieldPath = scalarText(replacement.source.fieldPath) || "metadata.name";
  const path = resolveFieldPath(items[source]!.body, splitFieldPath(fieldPath));
  const options = mapAt(replacement.source, "options");
  const first = refine(sourceValue(items[source]!, path, context), options, fieldPath, at);
  const { written = [] } = items[source]!;
  // kustomize keeps the text of a null of which it makes a map, such as annotations that something adds to.
  if (isMap(first) && written.some((texts) => texts(namesOn(path)).length > 0))
    context.undecided(`what a replacement copies from ${fieldPath}, which was no map`);
  const done = [...items];
  // kustomize copies from the node it found: where a target changes that node, the next one gets the new value.
  const value = () =>
    scalarText(options.delimiter) === "" ? (sourceValue(done[source]!, path, context) ?? first) : first;
  for (const target of mapList(replacement.targets)) copyTo(done, value, target, context);
  return done;
}

/** Index of the one object a source selects. */
function findSource(items: readonly Item[], selector: Data, context: PatchContext): number | undefined {
  const found = [...items.keys()].filter((index) => hasId(items[index]!, selector));
  if (found.length === 1) return found[0];
  if (found.length > 1) throw new BuildError(context.at, "multiple matches for a replacement source");
  if (!context.incomplete) throw new BuildError(context.at, "nothing selected by a replacement source");
  context.undecided("the source of a replacement");
  return undefined;
}

/** A path as written texts are found by. */
function namesOn(path: readonly string[]): string {
  return ["", ...keysOf(path)].reduce(pathTo);
}

/** The value at a path; of a number or boolean kustomize copies the text: `1.10`, not 1.1. */
function sourceValue({ body, written = [] }: Item, path: readonly string[], context: PatchContext): unknown {
  const value = readField(body, path);
  if (typeof value !== "number" && typeof value !== "boolean" && typeof value !== "bigint") return value;
  const text = plainText(written, namesOn(path), value, context.undecided);
  return text === String(value) ? value : markText("plain", text);
}

function refine(value: unknown, options: Data, fieldPath: string, at: Loc): unknown {
  const empty = isMap(value) ? Object.keys(value).length === 0 : Array.isArray(value) && value.length === 0;
  if (value === undefined || value === null || empty) {
    throw new BuildError(at, `fieldPath ${fieldPath} is missing for replacement source`);
  }
  const delimiter = scalarText(options.delimiter);
  if (delimiter === "") return value;
  if (typeof value === "object") throw new BuildError(at, "delimiter option can only be used with scalar nodes");
  const part = scalarText(value).split(delimiter)[Number(options.index ?? 0)];
  if (part === undefined) throw new BuildError(at, `options.index is out of bounds for ${fieldPath}`);
  return part;
}

const identity = /^(metadata\.(name|namespace)|kind|apiVersion)$/;

function copyTo(items: Item[], value: () => unknown, target: Data, context: PatchContext): void {
  const { at } = context;
  if (!isMap(target.select)) throw new BuildError(at, "target must specify resources to select");
  const paths = stringList(target.fieldPaths);
  const options = mapAt(target, "options");
  for (const [index, item] of items.entries()) {
    if (!isTarget(item, target, at)) continue;
    for (const path of paths.length > 0 ? paths : ["metadata.name"]) {
      try {
        const before = value();
        const { written, count } = writeField(items[index]!, { path, value, options, context });
        items[index] = written;
        if (count > 1 && value() !== before)
          context.undecided("what a replacement copies whose source is among its targets");
        doubtIdentity(path, readField(written.body, splitFieldPath(path)), context);
      } catch (error) {
        if (!(error instanceof EditFailure)) throw error;
        if (item.hidden === undefined)
          throw new BuildError(at, `unable to find field "${path}" in replacement target (${error.message})`);
        context.undecided(`what a replacement makes of ${path}`);
      }
    }
  }
}

interface Writing {
  path: string;
  /** Read anew each time: its source may be among the targets. */
  value: () => unknown;
  options: Data;
  context: PatchContext;
}

const ANNOTATION = /^metadata\.annotations\./;

/** In a list of texts that kustomize merges item by item. */
const MERGED_TEXT = /^(?:metadata\.finalizers|spec\.podCIDRs)\./;

/**
 * Writes one field, or several where the path names all items of a list.
 * @throws EditFailure where the object has no such field
 */
function writeField(item: Item, { path, value, options, context }: Writing): { written: Item; count: number } {
  // Annotations are written as texts in the end, whatever they read as.
  const isText = ANNOTATION.test(path);
  const edit = (old: unknown) => {
    if (item.isRetyped && typeof old === "string" && typeof readPlain(old) !== "string")
      context.undecided(`whether the text ${old} is a number for a replacement`);
    const made = insert(isText && old !== undefined ? nodeText(old) : old, value(), options, context);
    if (item.hasImages && old !== undefined && typeof made === "string" && typeof readPlain(made) !== "string")
      context.undecided(`whether a replacement writes ${made} as a text`);
    doubtType(item, path, { old, made }, context);
    return made;
  };
  const create = options.create === true;
  const body = create && isText ? withAnnotationsMap(item.body) : item.body;
  const edited = editFields(body, splitFieldPath(path), { create, edit });
  if (edited.count === 0) throw new EditFailure("not found");
  if (isVast(edited.value)) throw new BuildError(context.at, `${VAST}, by a replacement of ${path}`);
  return { written: { ...withBody(item, edited.value as Data), isMarked: true }, count: edited.count };
}

/** What kustomize makes of a text where the type of what stood there is lost, or does not fit it. */
function doubtType(
  { written = [] }: Item,
  path: string,
  { old, made }: { old: unknown; made: unknown },
  context: PatchContext,
): void {
  const type = typeof made === "string" ? typeof readPlain(made) : "object";
  // A JSON patch that comes later refuses such a text, unless kustomize has printed the annotations anew before.
  if (ANNOTATION.test(path) && (typeof old === "number" || typeof old === "boolean") && type !== typeof old)
    context.undecided(`whether a later patch can read ${path}, which was no text`);
  // The strategic merge of a list of texts forgets that they are texts.
  if (MERGED_TEXT.test(path) && written.length > 1 && (made === "" || type !== "string"))
    context.undecided(`whether a replacement writes ${nodeText(made) || "an empty text"} into ${path} as a text`);
}

/** Whether kustomize keeps such a text a text depends on what wrote the field before. */
function doubtIdentity(path: string, value: unknown, context: PatchContext): void {
  if (!identity.test(path)) return;
  if (typeof value === "string" && typeof readPlain(value) !== "string")
    context.undecided(`whether ${path} becomes the text ${value} or what it reads as`);
  if (typeof value === "object") context.undecided(`what ${path} becomes where a map or a list is written into it`);
}

function isTarget(item: Item, target: Data, at: Loc): boolean {
  const fits = ({ annotationSelector, labelSelector }: Data) =>
    selects(annotationSelector, item, "annotations", at) && selects(labelSelector, item, "labels", at);
  const select = mapAt(target, "select");
  if (!fits(select) || !hasId(item, select)) return false;
  // A reject entry counts by its selectors and, apart from them, by its id.
  return !mapList(target.reject).some((reject) => {
    const says = (...keys: string[]) => keys.some((key) => scalarText(reject[key]) !== "");
    if (says("annotationSelector", "labelSelector") && fits(reject)) return true;
    return says("group", "version", "kind", "name", "namespace") && hasId(item, reject);
  });
}

/** Whether it has or had an id that is selected. */
function hasId(item: Item, selector: Data): boolean {
  const name = scalarText(selector.name);
  // Nearly all name one object, and each replacement asks each object.
  if (name !== "" && item.name !== name && !item.previous.some((id) => id.name === name)) return false;
  return allIds(item).some((id) => isSelectedBy(id, selector));
}

/** Nobody replaces a part of a longer one; each part that holds the delimiter again doubles it. */
const longestParted = 1 << 18;

/** A scalar takes over the text alone and keeps its type; what is made anew has the type its text reads as. */
function insert(old: unknown, value: unknown, options: Data, context: PatchContext): unknown {
  const isBranch = (one: unknown) => typeof one === "object" && one !== null;
  const delimiter = scalarText(options.delimiter);
  let text = isBranch(value) ? "" : nodeText(value);
  if (delimiter !== "") {
    if (isBranch(old)) throw new EditFailure("delimiter option can only be used with scalar nodes");
    const whole = old === undefined ? "" : nodeText(old);
    if (whole.length > longestParted) throw new EditFailure("a text that is too long to be taken apart");
    const parts = whole.split(delimiter);
    const index = Number(options.index ?? 0);
    if (index < 0) parts.unshift(text);
    else if (index >= parts.length) parts.push(text);
    else parts[index] = text;
    text = parts.join(delimiter);
  }
  if (isBranch(old) || (old === undefined && isBranch(value))) return value;
  const read = readPlain(text);
  // What is made has no type: it is what its text reads as, but a text after the next merge.
  const mark = old === undefined ? "untyped" : markOf(old);
  if (mark === "untyped") return read === text ? text : markText(mark, text);
  if (typeof old === "string" && mark === undefined) return text;
  if (old === null) {
    context.undecided("what becomes of a null that a replacement writes into");
    return old;
  }
  const type = mark ?? typeof old;
  const fits =
    type === "number"
      ? typeof read === "number" && (Number.isInteger(read) || !Number.isInteger(old))
      : typeof read === type;
  // kustomize refuses such a text when it next reads the object; until then it may go.
  return fits ? read : markText(type as "number" | "boolean", text);
}

/** Annotations that are null are a map for what is made below them; any other null stays. */
function withAnnotationsMap(body: Data): Data {
  const metadata = mapAt(body, "metadata");
  return metadata.annotations === null ? withEntry(body, "metadata", withEntry(metadata, "annotations", {})) : body;
}
