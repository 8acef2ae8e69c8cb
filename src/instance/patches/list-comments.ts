import { groupBy } from "../../contract/group-by.ts";
import type { SourcePatch } from "../../contract/objects.ts";
import { escapeRegExp } from "../../delivery/patterns.ts";
import { commentsAbove, extractItem } from "../../yaml/extract.ts";
import { asWritten, joinYaml } from "../../yaml/text.ts";
import type { PortedPatch, PortInput } from "../types.ts";
import type { Outcome } from "./attempt.ts";
import { carryText } from "./escape.ts";

/** What an outcome became. */
export interface Written {
  outcome: Outcome;
  patches: PortedPatch[];
}

/**
 * The patches, with what the owner wrote above each list of them above the first that comes from it: the list goes with its
 * last patch, and the comment with the list. Not of a list that keeps a patch.
 */
export function withListComments(written: readonly Written[], input: PortInput): PortedPatch[] {
  const groups = groupBy(written, ({ outcome: { item } }) => JSON.stringify(listOf(item.source)));
  const above = new Map<PortedPatch, string[]>();
  for (const group of groups.values()) {
    const [first] = group.flatMap(({ patches }) => patches);
    const { source } = group[0]!.outcome.item;
    const text = first && source.path.length > 1 ? input.readText(source.file) : undefined;
    if (!first || text === undefined || group.some(({ outcome }) => outcome.failure !== undefined)) continue;
    const list = source.path.slice(0, -1);
    if (restOf(text, group, list).every((item) => isOfSync(item, input)))
      above.set(first, commentsAbove(text, source.doc, list));
  }
  return written
    .flatMap(({ patches }) => patches)
    .map((patch) => {
      const lines = above.get(patch) ?? [];
      if (lines.length === 0) return patch;
      return { ...patch, raw: joinYaml([...lines.map((line) => asWritten(carryText(line, input))), patch.raw], "\n") };
    });
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
