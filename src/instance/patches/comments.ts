import { groupBy } from "../../contract/group-by.ts";
import type { SourcePatch } from "../../contract/objects.ts";
import { escapeRegExp } from "../../delivery/patterns.ts";
import { isProse, readCommentsOf } from "../../yaml/comments.ts";
import { commentsAbove, commentsBehind, extractItem, looseComments } from "../../yaml/extract.ts";
import { joinYaml, yamlComment } from "../../yaml/text.ts";
import type { PortedPatch, PortInput, PortResult } from "../types.ts";
import type { Outcome } from "./attempt.ts";
import { carryText } from "./escape.ts";

/** What an outcome became. */
export interface Written {
  outcome: Outcome;
  patches: PortedPatch[];
}

/**
 * What the owner wrote above each list of patches goes above the first patch that comes from it, as the list goes with its
 * last patch, and the comment with the list; not of a list that keeps a patch. What stood above a patch that a field says now
 * goes above the field, and what stood above a list of such patches alone; so does what stood in the part of a patch that a
 * field says now.
 */
export function carryComments(
  written: readonly Written[],
  input: PortInput,
): Required<Pick<PortResult, "patches" | "fieldComments">> {
  const groups = groupBy(written, ({ outcome: { item } }) => JSON.stringify(listOf(item.source)));
  const carried: Carried = { above: new Map(), below: new Map(), loose: new Map(), ofFields: {} };
  for (const group of groups.values()) carryGroup(group, input, carried);
  const patches = written.flatMap((one) =>
    one.patches.map((patch, index) => {
      const before = (carried.loose.get(one.outcome) ?? []).map((line) => carryText(line, input));
      const own = index === 0 ? [...before, ...commentsLeft(one, patch, input)] : [];
      const lines = [...(carried.above.get(patch) ?? []), ...own];
      const after = carried.below.get(patch) ?? [];
      if (lines.length + after.length === 0) return patch;
      const raw = joinYaml([...lines.map(yamlComment), patch.raw], "\n");
      const end = after.length > 0 && !raw.endsWith("\n") ? "\n" : "";
      return { ...patch, raw: joinYaml([raw, joinYaml(after.map(yamlComment), "\n")], end) };
    }),
  );
  return { patches, fieldComments: carried.ofFields };
}

/** Where comments go. */
interface Carried {
  above: Map<PortedPatch, readonly string[]>;
  below: Map<PortedPatch, readonly string[]>;
  loose: Map<Outcome, readonly string[]>;
  ofFields: Record<string, string[]>;
}

/** Those of one list, and of what stands in it. */
function carryGroup(group: readonly Written[], input: PortInput, { above, below, loose, ofFields }: Carried): void {
  const carry = (lines: readonly string[]) => lines.map((line) => carryText(line, input));
  const all = group.flatMap(({ patches }) => patches);
  const [first] = all;
  const goes = listGoes(group, input);
  const ofList = goes ? carry(commentsOfList(group, input)) : [];
  const behind = goes ? carry(commentsBehindList(group, input)) : [];
  if (goes) for (const { outcome } of group) loose.set(outcome, commentsBefore(outcome, input));
  if (first) above.set(first, ofList);
  if (first) below.set(all.at(-1)!, behind);
  let left = first ? [] : [...ofList, ...behind];
  for (const { outcome, patches } of group) {
    const [field] = outcome.failure === undefined ? outcome.fields : [];
    if (field === undefined) continue;
    const path = field.replace(/:.*/, "");
    const before = patches.length === 0 ? (loose.get(outcome) ?? []) : [];
    const said = patches.length === 0 ? commentsOfPatch(outcome, input) : commentsLost(outcome, patches);
    const own = carry([...before, ...said]);
    if (own.length + left.length === 0) continue;
    ofFields[path] = withoutRepeats([...(ofFields[path] ?? []), ...left, ...own]);
    left = [];
  }
}

/** Each line once; a rule of dashes and a bare `#` stand where they stood. */
function withoutRepeats(lines: readonly string[]): string[] {
  const known = new Set<string>();
  return lines.filter((line) => {
    const isNew = !known.has(line) || !/[\p{L}\p{N}]/u.test(line);
    known.add(line);
    return isNew;
  });
}

/** What stands above a patch and is not in its text, as where an alias in it leaves no text to copy. */
function commentsLeft({ outcome }: Written, { raw }: PortedPatch, input: PortInput): string[] {
  const { source } = outcome.item;
  const text = source.form === "hand-edit" ? undefined : input.readText(source.file);
  const lines = text === undefined ? [] : commentsAbove(text, source.doc, source.path);
  const known = new Set(raw.split("\n").map((line) => line.trim()));
  return lines.map((line) => carryText(line, input)).filter((line) => !known.has(line));
}

/** Whether nothing is left of a list, so that what stands above and in it goes as well. */
function listGoes(group: readonly Written[], input: PortInput): boolean {
  const { source } = group[0]!.outcome.item;
  const text = source.path.length > 1 ? input.readText(source.file) : undefined;
  if (text === undefined || group.some(({ outcome }) => outcome.failure !== undefined)) return false;
  return restOf(text, group, source.path.slice(0, -1)).every((item) => isOfSync(item, input));
}

function commentsOfList(group: readonly Written[], input: PortInput): string[] {
  const { doc, file, path } = group[0]!.outcome.item.source;
  const text = input.readText(file) ?? "";
  const list = path.slice(0, -1);
  return [...commentsAbove(text, doc, list), ...looseComments(text, doc, list, 0).filter(isProse)];
}

/** What stands behind the last patch, unless the text of that patch has it. */
function commentsBehindList(group: readonly Written[], input: PortInput): string[] {
  const { doc, file, path } = group[0]!.outcome.item.source;
  const lines = commentsBehind(input.readText(file) ?? "", doc, path.slice(0, -1)).filter(isProse);
  const written = group.flatMap(({ patches }) => patches.map(({ raw }) => raw));
  return lines.filter((line) => !written.some((raw) => raw.includes(line)));
}

/** What stands before a patch at another indent than its own; before the first one it goes with the list. */
function commentsBefore({ item: { source } }: Outcome, input: PortInput): string[] {
  const index = source.path.at(-1);
  if (typeof index !== "number" || index === 0) return [];
  const text = input.readText(source.file) ?? "";
  return looseComments(text, source.doc, source.path.slice(0, -1), index).filter(isProse);
}

/** Above the dash, and in the text of the patch. */
function commentsOfPatch({ item: { source, body } }: Outcome, input: PortInput): string[] {
  const text = source.path.length > 1 ? input.readText(source.file) : undefined;
  const { above, within } = readCommentsOf(body);
  const ownAbove = text === undefined ? [] : commentsAbove(text, source.doc, source.path);
  return [...ownAbove, ...above, ...within.filter(isProse)];
}

/** What stood in the parts of a patch that are left out of the one that is written. */
function commentsLost({ item: { body } }: Outcome, patches: readonly PortedPatch[]): string[] {
  const { above, within } = readCommentsOf(body);
  return [...above, ...within.filter(isProse)].filter((line) => patches.every(({ raw }) => !raw.includes(line)));
}

/** The items of the list that are not ported with it, as text. */
function restOf(text: string, group: readonly Written[], list: SourcePatch["path"]): string[] {
  const { doc } = group[0]!.outcome.item.source;
  const known = new Set(group.map(({ outcome }) => outcome.item.source.path.at(-1)));
  const rest: string[] = [];
  for (let index = 0; ; index++) {
    const item = extractItem(text, doc, [...list, index]);
    if (item === undefined) return rest;
    if (!known.has(index)) rest.push(item);
  }
}

/** Whether a patch goes with source and root: in a patch of its own the name of both stands. Errs towards leaving a comment out. */
function isOfSync(item: string, { syncName, namespace }: PortInput): boolean {
  const names = new RegExp(`\\bname: ["']?${escapeRegExp(syncName ?? namespace)}["']?\\s*$`, "m");
  return /\bkind: ["']?(?:Kustomization|GitRepository|OCIRepository|Bucket)\b/.test(item) && names.test(item);
}

function listOf({ file, doc, path }: SourcePatch): readonly (string | number)[] {
  return [file, doc, ...path.slice(0, -1)];
}
