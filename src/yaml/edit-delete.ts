import { planFlowDelete } from "./edit-flow.ts";
import { isFirstOnLine, lineEnd, lineStart } from "./lines.ts";
import type { OutlineEntry } from "./outline.ts";
import type { Splice } from "./pieces.ts";
import { deletedLines, ownedEnd, type Scene } from "./scene.ts";

/** Takes out a map entry or a sequence item with the comments that belong to it; the last one leaves `{}` or `[]`. */
export function planDelete(scene: Scene, entry: OutlineEntry): Splice[] {
  const { text } = scene;
  const { parent } = entry;
  if (parent.flow) return planFlowDelete(scene, entry);
  const startsLine = isFirstOnLine(text, entry.head);
  if (parent.entries.length === 1) return planEmpty(scene, entry, startsLine);
  if (startsLine) return [{ ...deletedLines(scene, entry), text: "" }];
  return [{ start: entry.head, end: firstAfter(scene, entry), text: "" }];
}

function planEmpty(scene: Scene, entry: OutlineEntry, startsLine: boolean): Splice[] {
  const { text, style } = scene;
  const { parent } = entry;
  const empty = parent.kind === "seq" ? "[]" : "{}";
  if (!parent.owner) {
    const end = ownedEnd(scene, entry);
    const closed = text[end - 1] === "\n";
    return [
      { start: startsLine ? lineStart(text, entry.head) : entry.head, end, text: closed ? empty + style.eol : empty },
    ];
  }
  if (startsLine) {
    return [
      { start: parent.slot, end: parent.slot, text: ` ${empty}` },
      { ...deletedLines(scene, entry), text: "" },
    ];
  }
  const last = lineEnd(text, Math.max(entry.head, ownedEnd(scene, entry) - 1));
  return [{ start: entry.head, end: last, text: empty }];
}

/** What moves up to the dash when the first entry of `- key: …` goes: the next entry, or the comments above it. */
function firstAfter(scene: Scene, entry: OutlineEntry): number {
  const next = entry.parent.entries[entry.index + 1]!;
  const between = scene.text.slice(ownedEnd(scene, entry), next.head);
  const comment = between.indexOf("#");
  return comment < 0 ? next.head : next.head - between.length + comment;
}
