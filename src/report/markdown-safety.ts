import type { MergeSafety, SafetyDanger, SafetyTransfer, SafetyUnknown } from "../contract/safety.ts";
import { sayAcceptor } from "../safety/acceptance.ts";
import { sayOrigin } from "../safety/origin.ts";
import { code, codeBlock, escapeText, fold, place, table } from "./markdown-escape.ts";
import { clip, sayCount } from "./terminal.ts";
import { FATE_WORDS } from "./text-safety.ts";

const OPEN_ROWS = 10;
/** Arrows in the map; a bigger one is no map any more. */
const MAX_ARROWS = 14;
const LONGEST_LABEL = 120;

/** `What Flux will do when this is merged`: dangers first, then counts by outcome, then the map of owners. */
export function safetySection(safety: MergeSafety, name: string): string[] {
  const { dangers, unknown } = safety;
  const map = ownerMap(safety);
  const rows = dangerTable(dangers);
  const folded = dangers.length > OPEN_ROWS;
  const shown = folded ? fold(`${sayCount(dangers.length, "object")} that may be deleted`, rows) : rows;
  return [
    ...["", `### What Flux will do when this is merged${name}`, "", sayVerdict(safety)],
    ...(dangers.length > 0 ? ["", ...shown] : []),
    ...["", ...outcomeTable(safety)],
    ...(unknown.length > 0 ? ["", UNREAD, "", ...unknownItems(unknown)] : []),
    ...(map.length > 0 ? ["", ...map] : []),
  ];
}

/** Leads over to `unknownItems`. */
export const UNREAD = "What the change touches and cannot be read in the repository:";

/** One list item each. */
export function unknownItems(unknown: readonly SafetyUnknown[]): string[] {
  return unknown.map(({ what, look, acceptedBy }) => {
    const next = acceptedBy ? `Accepted ${sayAcceptor(acceptedBy)}.` : `To look at: ${look}.`;
    return `- ${escapeText(what)} ${escapeText(next)}`;
  });
}

export function sayVerdict({ verdict, dangers, unknown }: MergeSafety): string {
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

/** The lines of a table, its two head lines first. */
export function dangerTable(dangers: readonly SafetyDanger[]): string[] {
  const rows = dangers.map((danger) => [
    danger.acceptedBy
      ? escapeText(`accepted ${sayAcceptor(danger.acceptedBy)}`)
      : danger.wanted
        ? "**✗ still wanted**"
        : "meant to go",
    [code(danger.resource), place(danger.at)].filter(Boolean).join("<br>"),
    escapeText(danger.what),
    escapeText([danger.why, ...(danger.origin ? [sayOrigin(danger.origin)] : [])].join(" ")),
  ]);
  return table(["", "Object", "What Flux will do", "Why it is judged so"], rows);
}

/** The lines of a table, its two head lines first. */
export function outcomeTable({ outcomes }: Pick<MergeSafety, "outcomes">): string[] {
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
export function ownerMap({ transfers }: Pick<MergeSafety, "transfers">): string[] {
  const map = drawMap(transfers);
  return map.length > 0 ? fold("Who owns what, before and after", codeBlock(map, "mermaid")) : [];
}

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
      lines.push(`  ${id}["${escapeLabel(clip(label, LONGEST_LABEL))}"]`);
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
