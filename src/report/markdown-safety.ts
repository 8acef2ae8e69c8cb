import type { MergeSafety, SafetyTransfer } from "../contract/safety.ts";
import { code, codeBlock, escapeText, fold, place, table } from "./markdown-escape.ts";
import { sayCount } from "./terminal.ts";
import { FATE_WORDS } from "./text-safety.ts";

const OPEN_ROWS = 10;
/** Arrows in the map; a bigger one is no map any more. */
const MAX_ARROWS = 14;

/** `What Flux will do when this is merged`: dangers first, then counts by outcome, then the map of owners. */
export function safetySection(safety: MergeSafety, name: string): string[] {
  const { dangers, unknown } = safety;
  const map = drawMap(safety.transfers);
  const unread = unknown.map(({ what, look, accepted }) => {
    return `- ${escapeText(what)} ${accepted ? "Accepted." : escapeText(`To look at: ${look}.`)}`;
  });
  return [
    ...["", `### What Flux will do when this is merged${name}`, "", sayVerdict(safety)],
    ...(dangers.length > 0 ? ["", ...dangerTable(safety)] : []),
    ...["", ...outcomeTable(safety)],
    ...(unread.length > 0 ? ["", "What the change touches and cannot be read in the repository:", "", ...unread] : []),
    ...(map.length > 0 ? ["", ...fold("Who owns what, before and after", codeBlock(map, "mermaid"))] : []),
  ];
}

function sayVerdict({ verdict, dangers, unknown }: MergeSafety): string {
  const wanted = dangers.filter((danger) => danger.wanted && !danger.accepted).length;
  const open = unknown.filter(({ accepted }) => !accepted).length;
  switch (verdict) {
    case "safe":
      return "Nothing goes, whatever the order in which the controllers reconcile.";
    case "deletes":
      return "Nothing that is still wanted can be deleted, whatever the order in which the controllers reconcile.";
    case "unproven":
      return `**Not proven safe: ${sayCount(open, "thing")} that the change touches cannot be read.**`;
    case "unsafe":
      return wanted > 0
        ? `**Not safe to merge: ${sayCount(wanted, "object")} still wanted may be deleted.**`
        : "**Not safe to merge: something stops being applied.**";
  }
}

function dangerTable({ dangers }: MergeSafety): string[] {
  const rows = dangers.map((danger) => [
    danger.accepted ? "accepted" : danger.wanted ? "**✗ still wanted**" : "meant to go",
    [code(danger.resource), place(danger.at)].filter(Boolean).join("<br>"),
    escapeText(danger.what),
    escapeText(danger.why),
  ]);
  const lines = table(["", "Object", "What Flux will do", "Why it is judged so"], rows);
  return rows.length > OPEN_ROWS ? fold(`${sayCount(rows.length, "object")} that may be deleted`, lines) : lines;
}

function outcomeTable({ outcomes }: MergeSafety): string[] {
  const rows = FATE_WORDS.flatMap(([fate, says]) => {
    const known = outcomes[fate];
    if (!known) return [];
    const hidden = known.count - known.names.length;
    const names = [
      ...known.names.slice(0, 6).map(code),
      ...(known.names.length > 6 || (hidden > 0 && known.names.length > 0) ? ["…"] : []),
    ];
    return [[says, String(known.count), names.join(", ")]];
  });
  return table(["Outcome", "Objects", ""], rows);
}

/** Owners as boxes, before on the left and after on the right; an arrow says how many objects go where. */
function drawMap(transfers: readonly SafetyTransfer[]): string[] {
  const shown = transfers
    .filter(({ outcome }) => outcome !== "unknown")
    .sort((a, b) => Number(a.outcome === "kept") - Number(b.outcome === "kept") || b.count - a.count)
    .slice(0, MAX_ARROWS);
  if (shown.length === 0) return [];
  const lines = ["flowchart LR"];
  const ids = new Map<string, string>();
  const box = (side: string, label: string) => {
    const key = `${side}|${label}`;
    let id = ids.get(key);
    if (!id) {
      id = `${side}${ids.size}`;
      ids.set(key, id);
      lines.push(`  ${id}["${escapeLabel(label)}"]`);
    }
    return id;
  };
  for (const { from, to, outcome, count } of shown) {
    const left = box("b", from ?? "nothing yet");
    const right = box("a", outcome === "deleted" ? "deleted" : (to ?? "no owner"));
    lines.push(`  ${left} -->|"${count} ${outcome}"| ${right}`);
  }
  return lines;
}

/** Mermaid takes entities in labels; quotes and brackets of a name must not end the label. */
function escapeLabel(text: string): string {
  return text.replace(/[^\w\s./+-]/g, (char) => `#${char.codePointAt(0)};`);
}
