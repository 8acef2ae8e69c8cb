import type { Loc } from "../../contract/errors.ts";
import { type Data, isMap, mapAt, markText, nodeText, scalarText, withEntry } from "./data.ts";
import { BuildError, sayTypedKey } from "./failures.ts";
import type { Growth } from "./grown.ts";
import { guard, type Item, makeItem, printId, readBody, storePrevious, withBody, withReadBody } from "./item.ts";
import { applyJsonPatch, asJsonText, type JsonOperation, splitPointer } from "./json-patch.ts";
import { mergeObject } from "./merge.ts";
import { annotationsOf, notes, notesOf, withAnnotations } from "./notes.ts";
import { findTypedKey, nestsTooDeep, readKustomizationDoc, readText, repeatsKey } from "./read.ts";
import { type ParsedObject, parseObjects } from "./resources.ts";
import { compileTarget, findById, indexIds } from "./select.ts";
import { type Texts, textsOf } from "./source-text.ts";
import type { Id } from "./types.ts";

interface PatchOptions {
  allowNameChange?: boolean;
  allowKindChange?: boolean;
  /** The patch is rewritten first: empty label and annotation maps go, and what is in them becomes text. */
  byTarget?: boolean;
}

/** What the patch steps need to know of the build around them. */
export interface PatchContext {
  at: Loc;
  /** Objects may be missing (a remote base): a patch that finds nothing is not an error then. */
  incomplete: boolean;
  /** Told about a patch whose object may be among the missing ones. */
  unmatched(what: string): void;
  /** Told about a patch whose effect depends on the version of kustomize. */
  undecided(what: string): void;
  /** Of a list of patches, each of which is `run`. */
  growth?: Growth | undefined;
}

/** It takes the first or the last, by what it finds in the object, or cannot print what comes of it. */
export const KEY_TWICE = "which of two equal keys of a strategic-merge patch kustomize takes";

/** Objects of a strategic-merge patch. Throws `BuildError`. */
export function parseStrategicMerge(text: string, at: Loc): ParsedObject[] {
  const parsed = tryObjects(text, at);
  if (parsed instanceof BuildError) throw new BuildError(at, `patch: ${parsed.message}`);
  const key = findTypedKey(text, true);
  if (key !== undefined) throw new BuildError(at, sayTypedKey(key));
  return parsed;
}

/** The objects in their order; undefined for those a patch deletes. An object the patch does not select is the same. */
export type Patched = (Item | undefined)[];

/** Applies the text of an entry of `patches`. Throws `BuildError`. */
export function applyPatch(items: Readonly<Patched>, text: string, entry: Data, context: PatchContext): Patched {
  const operations = tryOperations(text);
  const done = applyEither(items, { text, operations }, entry, context);
  const isMerged = !operations && done.some((item, index) => item !== undefined && item !== items[index]);
  const key = isMerged ? findTypedKey(text, true) : undefined;
  if (key !== undefined) throw new BuildError(context.at, sayTypedKey(key));
  return done;
}

/** A patch of one kind or the other; its operations, if it is a list of some. */
interface EitherPatch {
  text: string;
  operations: JsonOperation[] | undefined;
}

function applyEither(
  items: Readonly<Patched>,
  { text, operations }: EitherPatch,
  entry: Data,
  context: PatchContext,
): Patched {
  const { at } = context;
  const target = targetOf(entry);
  const said = mapAt(entry, "options");
  const options = { allowNameChange: said.allowNameChange === true, allowKindChange: said.allowKindChange === true };
  const objects = tryObjects(text, at);
  // A text of comments alone is an empty list of either kind to kustomize.
  if (!(objects instanceof BuildError) && (operations !== undefined || objects.length === 0)) {
    const nothing = objects.length === 0 ? ": there is nothing in it" : "";
    throw new BuildError(at, `the patch illegally qualifies as both a strategic-merge and a JSON patch${nothing}`);
  }
  if (objects instanceof BuildError) {
    if (operations === undefined && repeatsKey(text)) {
      context.undecided(KEY_TWICE);
      return [...items];
    }
    if (operations === undefined) throw new BuildError(at, "unable to parse a strategic-merge or JSON patch");
    if (target === undefined) throw new BuildError(at, "must specify a target for a JSON patch");
    return applyJson(items, operations, target, context, true);
  }
  if (target === undefined) {
    const crashes = objects.slice(0, -1).some(({ body }) => body.$patch === "delete");
    if (crashes)
      context.undecided("the rest of a patch that deletes in a document before its last: kustomize 5.5 crashes");
    if (objects.length === 1) return applyToOwnId(items, objects[0]!, options, context);
    const done = [...items];
    const { find, note } = indexIds(done);
    // The second of them may fail where the first has changed something.
    const copying = { ...context, growth: undefined };
    for (const patch of objects) note(mergeIntoOwn(done, patch, find, options, copying) ?? -1);
    return done;
  }
  if (objects.length > 1)
    throw new BuildError(at, "several strategic-merge patches in one entry may not have a target");
  const selected = compileTarget(target, at);
  const patch = objects[0]!;
  return items.map((item) =>
    item && selected(item) ? mergeInto(item, patch, { ...options, byTarget: true }, context) : item,
  );
}

/** Applies a strategic-merge patch to the one object that has or had its id. Throws `BuildError`. */
export function applyToOwnId(
  items: Readonly<Patched>,
  patch: ParsedObject,
  options: PatchOptions,
  context: PatchContext,
): Patched {
  const done = [...items];
  mergeIntoOwn(done, patch, (id) => findById(done, id), options, context);
  return done;
}

/** The place of the object, if it is there. */
function mergeIntoOwn(
  items: Patched,
  patch: ParsedObject,
  find: (id: Id) => readonly number[],
  options: PatchOptions,
  context: PatchContext,
): number | undefined {
  const id = makeItem(patch.body, "", 0);
  const [first, ...others] = find(id);
  if (first !== undefined && others.length === 0) items[first] = mergeInto(items[first]!, patch, options, context);
  else if (first === undefined && context.incomplete) context.unmatched(`the object of a patch: ${printId(id)}`);
  else throw new BuildError(context.at, `${others.length > 0 ? "multiple" : "no"} matches for patch ${printId(id)}`);
  return first;
}

/** Applies JSON6902 operations to every selected object. Throws `BuildError` when one does not apply. */
export function applyJson(
  items: Readonly<Patched>,
  operations: readonly JsonOperation[],
  target: Data,
  { at, undecided }: PatchContext,
  remember: boolean,
): Patched {
  const selected = compileTarget(target, at);
  if (operations.some(movesIntoItself)) undecided("what a JSON patch makes of a part that it moves into itself");
  return items.map((item) => {
    if (!item || !selected(item)) return item;
    const noted = remember ? storePrevious(item) : item;
    const seen = item.isStub ? operations.filter((one) => !isBelowStub(item.body, one)) : operations;
    const body = guard(item, at, () => applyJsonPatch(readBody(noted), seen));
    if (!isMap(body) || (!isMap(body.metadata) && body.metadata !== undefined && body.metadata !== null))
      throw new BuildError(at, `${printId(item)}: the patched object or its metadata is no map`);
    const metadata = mapAt(body, "metadata");
    if (Array.isArray(metadata.annotations) && metadata.annotations.length > 0) {
      undecided(`what becomes of the annotations of ${printId(item)}, which a patch makes a list`);
      return item;
    }
    return withReadBody(noted, withAnnotations(body, { ...annotationsOf(body), ...notesOf(noted.body) }));
  });
}

const CRD_HEAD = ["group", "scope"];
const VERSION_HEAD = ["name", "served", "storage"];

/** Whether an operation works on what a stub of a CRD leaves out, most often below a schema: taken to succeed. */
function isBelowStub({ spec }: Data, { path }: JsonOperation): boolean {
  const [first, field, index, part] = splitPointer(scalarText(path));
  if (first !== "spec" || field === undefined || CRD_HEAD.includes(field)) return false;
  if (field !== "versions") return true;
  const versions = isMap(spec) && Array.isArray(spec.versions) ? spec.versions : [];
  return versions[Number(index)] !== undefined && part !== undefined && !VERSION_HEAD.includes(part);
}

function movesIntoItself({ op, from, path }: JsonOperation): boolean {
  return op === "move" && scalarText(path).startsWith(`${scalarText(from)}/`);
}

/** JSON6902 operations of a text; undefined when it is none. A text that starts with `[` must be strict JSON. */
export function tryOperations(text: string): JsonOperation[] | undefined {
  const isJson = text.startsWith("[");
  const read = isJson ? undefined : readKustomizationDoc(text);
  const data = read === undefined ? tryJson(text) : read.ok && read.data;
  if (!Array.isArray(data) || !data.every(isMap)) return undefined;
  return isJson ? asJsonText(data, text) : data;
}

function tryJson(text: string): unknown {
  try {
    return nestsTooDeep(readText(text)) ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Name, kind and namespace stay unless the options allow the first two to change. */
function mergeInto(item: Item, patch: ParsedObject, options: PatchOptions, context: PatchContext): Item | undefined {
  const { at } = context;
  const history = item.written ?? [];
  const grown = context.growth?.of(item);
  const { written } = patch;
  const texts = textsOf(history, written, context.undecided);
  let { isRetyped = false } = item;
  const isQuoted: Texts["isQuoted"] = (path, text) => {
    isRetyped = true;
    return texts.isQuoted(path, text);
  };
  const changes = options.allowNameChange || options.allowKindChange;
  const noted = changes ? storePrevious(item) : item;
  const marks = {
    ...(options.allowNameChange ? { [notes.nameChange]: "enabled" } : {}),
    ...(options.allowKindChange ? { [notes.kindChange]: "enabled" } : {}),
  };
  const marked = changes ? withAnnotations(patch.body, { ...annotationsOf(patch.body), ...marks }) : patch.body;
  const whole = options.byTarget ? asTexts({ ...marked, apiVersion: item.apiVersion }, texts.textOf) : marked;
  let body = guard(item, at, () => mergeObject(noted.body, whole, { ...texts, isQuoted }, grown));
  if (body === undefined || Object.keys(body).length === 0) return undefined;
  const { apiVersion: own, kind } = item.body;
  // By a target the patch gets the type, taken apart and put together again: `/v1`, which has no group, becomes `v1`.
  const apiVersion = options.byTarget && scalarText(own).startsWith("/") ? scalarText(own).slice(1) : own;
  // kustomize writes the type as a text, also that of an object that has none.
  const isTyped = scalarText(apiVersion) !== "" && scalarText(kind) !== "";
  const asText = (value: unknown) => (scalarText(value) === "" ? markText("untyped", nodeText(value)) : value);
  body = withEntry(body, "apiVersion", options.byTarget && own !== "" ? asText(apiVersion) : apiVersion);
  if (!options.allowKindChange) body = withEntry(body, "kind", asText(kind));
  const before = mapAt(item.body, "metadata");
  let metadata = withEntry(mapAt(body, "metadata"), "namespace", item.namespace === "" ? undefined : before.namespace);
  if (!options.allowNameChange) metadata = withEntry(metadata, "name", before.name);
  const isMarked = item.isMarked || patch.isMarked || !isTyped;
  const merged = withBody(noted, withEntry(body, "metadata", metadata));
  const done = { ...merged, written: [...history, written], isMarked, isRetyped };
  if (grown) context.growth?.keep(done, grown);
  return done;
}

function asTexts(patch: Data, textOf: Texts["textOf"]): Data {
  let metadata = mapAt(patch, "metadata");
  for (const field of ["labels", "annotations"]) {
    const texts = Object.fromEntries(
      Object.entries(mapAt(metadata, field)).map(([key, value]) => [
        key,
        typeof value === "string" ? scalarText(value) : textOf(["", "metadata", field, key].join("\0"), value),
      ]),
    );
    metadata = withEntry(metadata, field, Object.keys(texts).length > 0 ? texts : undefined);
  }
  return withEntry(patch, "metadata", metadata);
}

/** Objects of a text, or why it holds none. */
export function tryObjects(text: string, at: Loc): ParsedObject[] | BuildError {
  try {
    return parseObjects(text, at.file);
  } catch (error) {
    if (error instanceof BuildError) return error;
    throw error;
  }
}

/** The `target` of a patch entry; undefined when none is written. */
export function targetOf(entry: Data): Data | undefined {
  return isMap(entry.target) ? entry.target : undefined;
}

/** Whether a string of `patchesStrategicMerge` is a patch itself and not a path. */
export function isInlinePatch(text: string): boolean {
  if (repeatsKey(text)) return /^kind\s*:/m.test(text);
  const read = readText(text);
  return read.ok && read.docs.some(({ data }) => isMap(data) && scalarText(data.kind) !== "");
}
