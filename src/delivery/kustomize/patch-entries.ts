import type { Unknown } from "../../contract/answer.ts";
import type { Loc } from "../../contract/errors.ts";
import { type Data, isMap, mapList, scalarText } from "./data.ts";
import { BuildError } from "./failures.ts";
import type { Growth } from "./grown.ts";
import type { Item } from "./item.ts";
import {
  applyJson,
  applyPatch,
  applyToOwnId,
  KEY_TWICE,
  type PatchContext,
  parseStrategicMerge,
  targetOf,
  tryOperations,
} from "./patch.ts";
import { readText, repeatsKey } from "./read.ts";
import { applyReplacement } from "./replace.ts";
import { compileTarget } from "./select.ts";
import { type Accumulated, hide, hideLaboured, type Stage } from "./stage.ts";
import { findDuplicate } from "./transform.ts";

/** Runs one patch or replacement over the objects and keeps what it makes of them. */
export function patchAll(
  acc: Accumulated,
  at: Loc,
  run: (items: readonly Item[], context: PatchContext) => readonly (Item | undefined)[],
  growth?: Growth,
): void {
  const undecided: Unknown[] = [];
  const context = {
    at,
    incomplete: acc.incomplete,
    unmatched: (what: string) => acc.unknowns.push({ at, what }),
    undecided: (what: string) => undecided.push({ at, what }),
    growth,
  };
  const step = () => run(acc.items, context);
  acc.items = (growth ? growth.run(step) : step()).filter((item) => item !== undefined);
  for (const one of undecided) hide(acc, one);
}

/** The place of a patch that stands in no list, or what is known of those before it in its list. */
interface PatchSite {
  place?: Loc;
  growth?: Growth;
}

/** Applies one entry of `patches`, or a PatchTransformer, which has the same fields and its own place. */
export function patch(stage: Stage, field: string, entry: Data, { place, growth }: PatchSite): void {
  const [inline, path] = [scalarText(entry.patch).trim(), scalarText(entry.path)];
  const at = place ?? stage.locate(field, path || inline);
  const target = targetOf(entry);
  const text = readPatch(stage, field, inline, path, target, at);
  if (text === undefined) return;
  patchAll(stage.acc, at, (items, context) => applyPatch(items, text, entry, context), growth);
  const twice = target && tryOperations(text) === undefined && findDuplicate(stage.acc.items);
  if (twice) {
    throw new BuildError(at, `may not add resource with an already registered id: ${twice.kind}/${twice.name}`);
  }
}

/** Applies one entry of `patchesJson6902`, or a PatchJson6902Transformer. */
export function patchJson(stage: Stage, entry: Data, place?: Loc): void {
  const field = "patchesJson6902";
  const [inline, path] = [scalarText(entry.patch) || scalarText(entry.jsonOp), scalarText(entry.path)];
  const target = targetOf(entry);
  const at = place ?? stage.locate(field, path || inline);
  if (target === undefined || scalarText(target.name) === "") throw new BuildError(at, "must specify the target name");
  const text = readPatch(stage, field, inline, path, target, at);
  if (text === undefined) return;
  const operations = tryOperations(text);
  if (operations === undefined || operations.length === 0)
    throw new BuildError(at, "the JSON patch is empty or malformed");
  patchAll(stage.acc, at, (items, context) => applyJson(items, operations, target, context, false));
}

function readPatch(stage: Stage, field: string, inline: string, path: string, target: Data | undefined, at: Loc) {
  if ((inline === "") === (path === "")) throw new BuildError(at, "a patch must have one of patch and path");
  return inline || stage.readText(field, path, target && compileTarget(target, at));
}

/** Merges the documents of a text into the objects with their ids. */
export function mergeText({ acc }: Stage, text: string | undefined, at: Loc, growth?: Growth): void {
  const isOpen = text !== undefined && repeatsKey(text);
  if (isOpen) hide(acc, { at, what: KEY_TWICE });
  for (const [index, one] of (text === undefined || isOpen ? [] : parseStrategicMerge(text, at)).entries()) {
    if (index > 0 && hideLaboured(acc, at)) return;
    patchAll(acc, at, (items, context) => applyToOwnId(items, one, { byTarget: true }, context), growth);
  }
}

/** Applies a list of replacements. */
export function replaceAll({ acc }: Stage, list: unknown, at: Loc): void {
  for (const [index, one] of mapList(list).entries()) {
    if (index > 0 && hideLaboured(acc, at)) return;
    patchAll(acc, at, (items, context) => applyReplacement(items, one, context));
  }
}

/** Applies one entry of `replacements`: a replacement, or the path of a file that holds some. */
export function replace(stage: Stage, entry: Data): void {
  const path = scalarText(entry.path);
  if (path === "") {
    replaceAll(stage, [entry], locateReplacement(stage, entry));
    return;
  }
  const at = stage.locate("replacements", path);
  if (entry.source !== undefined || entry.targets !== undefined)
    throw new BuildError(at, "cannot specify both path and inline replacement");
  const text = stage.readText("replacements", path);
  if (text === undefined) return;
  const read = readText(text);
  if (!read.ok) throw new BuildError(at, `${path}: ${read.reason}`);
  const content = read.docs[0]?.data;
  if (!isMap(content) && !Array.isArray(content)) throw new BuildError(at, `${path}: unsupported replacement`);
  replaceAll(stage, isMap(content) ? [content] : content, at);
}

/** By the name and the field of its source: an earlier replacement may have one of them, so the later place counts. */
function locateReplacement(stage: Stage, { source }: Data): Loc {
  const { name, fieldPath } = isMap(source) ? source : {};
  const places = [name, fieldPath].map((value) => stage.locate("replacements", scalarText(value)));
  const [first, second] = places as [Loc, Loc];
  const own = places.filter(({ file }) => file === stage.file.path);
  return own.length === 2 ? (second.line > first.line ? second : first) : (own[0] ?? first);
}
