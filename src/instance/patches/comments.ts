import { groupBy } from "../../contract/group-by.ts";
import type { SourcePatch } from "../../contract/objects.ts";
import { escapeRegExp } from "../../delivery/patterns.ts";
import { commentsAbove, extractItem } from "../../yaml/extract.ts";
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
 * goes above the field, and what stood above a list of such patches alone.
 */
export function carryComments(
  written: readonly Written[],
  input: PortInput,
): Required<Pick<PortResult, "patches" | "fieldComments">> {
  const groups = groupBy(written, ({ outcome: { item } }) => JSON.stringify(listOf(item.source)));
  const above = new Map<PortedPatch, readonly string[]>();
  const fieldComments: Record<string, string[]> = {};
  for (const group of groups.values()) {
    const [first] = group.flatMap(({ patches }) => patches);
    const ofList = commentsOfList(group, input).map((line) => carryText(line, input));
    if (first) above.set(first, ofList);
    let left = first ? [] : ofList;
    for (const { outcome, patches } of group) {
      const [field] = outcome.failure === undefined && patches.length === 0 ? outcome.fields : [];
      if (field === undefined) continue;
      const path = field.replace(/:.*/, "");
      const own = commentsOfPatch(outcome, input).map((line) => carryText(line, input));
      fieldComments[path] = [...new Set([...(fieldComments[path] ?? []), ...left, ...own])];
      left = [];
    }
  }
  const patches = written.flatMap((one) =>
    one.patches.map((patch, index) => {
      const own = index === 0 ? commentsLeft(one, patch, input) : [];
      const lines = [...(above.get(patch) ?? []), ...own];
      return lines.length === 0 ? patch : { ...patch, raw: joinYaml([...lines.map(yamlComment), patch.raw], "\n") };
    }),
  );
  return { patches, fieldComments };
}

/** What stands above a patch and is not in its text, as where an alias in it leaves no text to copy. */
function commentsLeft({ outcome }: Written, { raw }: PortedPatch, input: PortInput): string[] {
  const { source } = outcome.item;
  const text = source.form === "hand-edit" ? undefined : input.readText(source.file);
  const lines = text === undefined ? [] : commentsAbove(text, source.doc, source.path);
  const known = new Set(raw.split("\n").map((line) => line.trim()));
  return lines.map((line) => carryText(line, input)).filter((line) => !known.has(line));
}

function commentsOfList(group: readonly Written[], input: PortInput): string[] {
  const { source } = group[0]!.outcome.item;
  const text = source.path.length > 1 ? input.readText(source.file) : undefined;
  if (text === undefined || group.some(({ outcome }) => outcome.failure !== undefined)) return [];
  const list = source.path.slice(0, -1);
  const goes = restOf(text, group, list).every((item) => isOfSync(item, input));
  return goes ? commentsAbove(text, source.doc, list) : [];
}

/** Above the dash, and first in the text of the patch. */
function commentsOfPatch({ item: { source, body } }: Outcome, input: PortInput): string[] {
  const text = source.path.length > 1 ? input.readText(source.file) : undefined;
  const lines = body.split("\n").map((line) => line.trim());
  const own = lines.slice(
    0,
    lines.findIndex((line) => line !== "" && line !== "---" && !line.startsWith("#")),
  );
  return [
    ...(text === undefined ? [] : commentsAbove(text, source.doc, source.path)),
    ...own.filter((line) => line.startsWith("#")),
  ];
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
