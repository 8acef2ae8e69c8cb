import { groupBy } from "../../contract/group-by.ts";
import type { SourcePatch } from "../../contract/objects.ts";
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
  const groups = groupBy(written, ({ outcome: { item } }) => JSON.stringify([...listOf(item.source)]));
  const above = new Map<PortedPatch, string[]>();
  for (const group of groups.values()) {
    const [first] = group.flatMap(({ patches }) => patches);
    const { source } = group[0]!.outcome.item;
    const text = first && source.path.length > 1 ? input.readText(source.file) : undefined;
    if (!first || text === undefined || group.some(({ outcome }) => outcome.failure !== undefined)) continue;
    const list = source.path.slice(0, -1);
    const indexes = group.map(({ outcome }) => Number(outcome.item.source.path.at(-1)));
    const known = new Set(indexes);
    const isWhole =
      extractItem(text, source.doc, [...list, known.size]) === undefined && Math.max(...known) < known.size;
    if (isWhole) above.set(first, commentsAbove(text, source.doc, list));
  }
  return written
    .flatMap(({ patches }) => patches)
    .map((patch) => {
      const lines = above.get(patch) ?? [];
      if (lines.length === 0) return patch;
      return { ...patch, raw: joinYaml([...lines.map((line) => asWritten(carryText(line, input))), patch.raw], "\n") };
    });
}

function listOf({ file, doc, path }: SourcePatch): readonly (string | number)[] {
  return [file, doc, ...path.slice(0, -1)];
}
