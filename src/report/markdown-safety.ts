import { clip } from "../contract/cut.ts";
import { getOrMake } from "../contract/group-by.ts";
import type { Markdown, Mermaid } from "../contract/media.ts";
import type { MergeSafety, SafetyDanger, SafetyTransfer, SafetyUnknown } from "../contract/safety.ts";
import { sayAcceptor } from "../safety/fate/acceptance.ts";
import { sayOrigin } from "../safety/fate/origin.ts";
import { code, codeBlock, escapeText, fold, joinMarkdown, md, place, table } from "./markdown-escape.ts";
import { escapeLabel, mermaid } from "./mermaid.ts";
import { sayCount } from "./terminal.ts";
import { FATE_WORDS } from "./text-safety.ts";

const OPEN_ROWS = 10;
/** Arrows in the map; a bigger one is no map any more. */
const MAX_ARROWS = 14;
const LONGEST_LABEL = 120;

/** `What Flux will do in main when this is merged`: dangers first, then counts by outcome, then the map of owners. */
export function safetySection(safety: MergeSafety, cluster: Markdown | undefined, words = FATE_WORDS): Markdown[] {
  const { dangers, unknown } = safety;
  const map = ownerMap(safety);
  const rows = dangerTable(dangers);
  const folded = dangers.length > OPEN_ROWS;
  const where = cluster ? md` in ${cluster}` : md``;
  const shown = folded ? fold(escapeText(`${sayCount(dangers.length, "object")} that may be deleted`), rows) : rows;
  return [
    ...[md``, md`### What Flux will do${where} when this is merged`, md``, sayVerdict(safety)],
    ...(dangers.length > 0 ? [md``, ...shown] : []),
    ...(Object.keys(safety.outcomes).length > 0 ? [md``, ...outcomeTable(safety, words)] : []),
    ...(unknown.length > 0 ? [md``, UNREAD, md``, ...unknownItems(unknown)] : []),
    ...(map.length > 0 ? [md``, ...map] : []),
  ];
}

/** Leads over to `unknownItems`. */
export const UNREAD = md`What the change touches and cannot be read in the repository:`;

/** One list item each. */
export function unknownItems(unknown: readonly SafetyUnknown[]): Markdown[] {
  return unknown.map(({ what, look, acceptedBy }) => {
    const next = acceptedBy ? `Accepted ${sayAcceptor(acceptedBy)}.` : `To look at: ${look}.`;
    return md`- ${escapeText(what)} ${escapeText(next)}`;
  });
}

export function sayVerdict({ verdict, dangers, unknown }: MergeSafety): Markdown {
  const wanted = dangers.filter((danger) => danger.wanted && !danger.accepted).length;
  const open = unknown.filter(({ accepted }) => !accepted).length;
  switch (verdict) {
    case "safe":
      return md`Nothing goes, whatever the order in which the controllers reconcile.`;
    case "deletes":
      return md`Nothing that is still wanted can be deleted, whatever the order in which the controllers reconcile.`;
    case "unproven":
      return md`**Not proven safe: ${escapeText(sayCount(open, "thing"))} that the change touches cannot be read.**`;
    case "unsafe":
      return wanted > 0
        ? md`**Not safe to merge: ${escapeText(sayCount(wanted, "object"))} still wanted may be deleted.**`
        : md`**Not safe to merge: something stops being applied.**`;
  }
}

/** The lines of a table, its two head lines first. */
export function dangerTable(dangers: readonly SafetyDanger[]): Markdown[] {
  const rows = dangers.map((danger) => [
    danger.acceptedBy
      ? escapeText(`accepted ${sayAcceptor(danger.acceptedBy)}`)
      : danger.wanted
        ? md`**✗ still wanted**`
        : md`meant to go`,
    joinMarkdown([code(danger.resource), place(danger.at)], "<br>"),
    escapeText(danger.what),
    escapeText([danger.why, ...(danger.origin ? [sayOrigin(danger.origin)] : [])].join(" ")),
  ]);
  return table([md``, md`Object`, md`What Flux will do`, md`Why it is judged so`], rows);
}

/** The lines of a table, its two head lines first. */
export function outcomeTable({ outcomes }: Pick<MergeSafety, "outcomes">, words = FATE_WORDS): Markdown[] {
  const rows = words.flatMap(([fate, says]) => {
    const known = outcomes[fate];
    if (!known) return [];
    const hidden = known.count - known.names.length;
    const names = [
      ...known.names.slice(0, 6).map(code),
      ...(known.names.length > 6 || (hidden > 0 && known.names.length > 0) ? [md`…`] : []),
    ];
    return [[escapeText(says), md`${known.count}`, joinMarkdown(names, ", ")]];
  });
  return table([md`Outcome`, md`Objects`, md``], rows);
}

/** Owners as boxes, before on the left and after on the right; an arrow says how many objects go where. */
export function ownerMap({ transfers }: Pick<MergeSafety, "transfers">): Markdown[] {
  const map = drawMap(transfers);
  return map.length > 0 ? fold(md`Who owns what, before and after`, codeBlock(map, "mermaid")) : [];
}

function drawMap(transfers: readonly SafetyTransfer[]): Mermaid[] {
  const shown = transfers
    .filter(({ outcome }) => outcome !== "unknown")
    .sort((a, b) => Number(a.outcome === "kept") - Number(b.outcome === "kept") || b.count - a.count)
    .slice(0, MAX_ARROWS);
  if (shown.length === 0) return [];
  const lines = [mermaid`flowchart LR`];
  const ids = new Map<string, Mermaid>();
  const box = (side: Mermaid, label: string) =>
    getOrMake(ids, `${side}|${label}`, () => {
      const id = mermaid`${side}${ids.size}`;
      lines.push(mermaid`  ${id}["${escapeLabel(clip(label, LONGEST_LABEL))}"]`);
      return id;
    });
  for (const { from, to, outcome, count } of shown) {
    const left = box(mermaid`b`, from ?? "nothing yet");
    const right = box(mermaid`a`, outcome === "deleted" ? "deleted" : (to ?? "no owner"));
    lines.push(mermaid`  ${left} -->|"${count} ${escapeLabel(outcome)}"| ${right}`);
  }
  return lines;
}
