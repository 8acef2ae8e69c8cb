import { formatLoc } from "../contract/errors.ts";
import type { Finding, Level } from "../contract/finding.ts";
import { groupBy } from "../contract/group-by.ts";
import type { Shown } from "../contract/media.ts";
import { pushAll } from "../contract/push-all.ts";
import { joinShown, shown, visible } from "../contract/visible.ts";
import { splitConsequences } from "./consequences.ts";
import {
  blanks,
  hangAdvice,
  hangDim,
  hangText,
  leavesOut,
  type Screen,
  type Style,
  sayCount,
  shorten,
  wrapText,
} from "./terminal.ts";

const LOOK: Record<Level, { mark: Shown; style: Style; noun: string; says: string }> = {
  blocker: { mark: shown`✗`, style: "red", noun: "blocker", says: "stops the phase for its cluster" },
  caution: { mark: shown`⚠`, style: "yellow", noun: "caution", says: "read before you merge" },
  info: { mark: shown`·`, style: "cyan", noun: "note", says: "no action needed now" },
};
const LEVELS = ["blocker", "caution", "info"] as const;
/** Findings of one rule, and places of one sentence, that are shown one by one where findings are brief. */
const SHOWN = 3;
/** Clusters that are named beside a sentence which is true of several. */
const MOST_CLUSTERS = 2;
/** Room for a number, before sentence and places. */
const INDENT = shown`     `;

/**
 * Findings under one heading a level, biggest danger first, numbered through. `findings` come sorted from `collectFindings`.
 * @param says what blockers do, where there is no phase that they stop; whether there is one cluster, which needs no name;
 *   what else is said whole, with what to do about it
 */
export function findingLines(
  findings: readonly Finding[],
  screen: Screen,
  says: { stops?: string; isAlone?: boolean; inFull?: (finding: Finding) => boolean } = {},
): Shown[] {
  const { paint, detail } = screen;
  const lines: Shown[] = [];
  let number = 0;
  for (const level of LEVELS) {
    const some = findings.filter((finding) => finding.level === level);
    if (some.length === 0) continue;
    const { mark, style, noun } = LOOK[level];
    const isCounted = leavesOut(screen, COUNTED_FROM[level]);
    const meaning = isCounted ? listRules(some) : ((level === "blocker" ? says.stops : undefined) ?? LOOK[level].says);
    const [first = "", ...rest] = hangText(shown`  `, `${sayCount(some.length, noun)} · ${meaning}`, screen.width);
    const head = first.trimStart().split(" · ");
    lines.push(
      shown``,
      shown`${paint(style, mark)} ${paint("bold", visible(head[0]!))} ${paint("dim", shown`· ${visible(head.slice(1).join(" · "))}`)}`,
    );
    lines.push(...rest.map((line) => paint("dim", line)));
    if (isCounted) continue;
    if (detail === "full") {
      for (const finding of some) pushAll(lines, fullLines(finding, ++number, screen));
      continue;
    }
    const { causes, consequences } = splitConsequences(some);
    for (const group of groupFindings(causes)) {
      const write = level === "blocker" || says.inFull?.(group[0]!) ? stopLines : briefLines;
      pushAll(lines, write(group, ++number, screen, says.isAlone ?? false));
    }
    lines.push(...consequenceLines(consequences, screen));
  }
  return detail === "full" || findings.length === 0 ? lines : [...lines, ...moreLines(findings, screen)];
}

/** Findings of a level are only counted by rule at this detail and above; never what stops a phase. */
const COUNTED_FROM = { blocker: 99, caution: 7, info: 6 } as const;

/** `sync-ref-by-name (3), patch-upgrade`. */
function listRules(findings: readonly Finding[]): string {
  const groups = [...groupBy(findings, ({ rule }) => rule)];
  return groups.map(([rule, { length }]) => (length > 1 ? `${rule} (${length})` : rule)).join(", ");
}

function fullLines(finding: Finding, number: number, screen: Screen): Shown[] {
  const { width } = screen;
  return [
    shown``,
    shown`  ${number}  ${placeOf(finding, screen)}`,
    ...wrapText(finding.what, width - 4).map((line) => shown`    ${line}`),
    ...hangDim(shown`    why   `, finding.why, screen),
    ...hangAdvice(shown`    next  `, finding.next, width),
  ];
}

/** `apps.yaml:3:1  main  Kustomization flux-system/apps  path-taken`. */
function placeOf({ at, cluster, resource, rule, level }: Finding, { paint }: Screen): Shown {
  const owner = [at && formatLoc(at), cluster, resource].flatMap((text) => (text === undefined ? [] : visible(text)));
  return joinShown([...owner, paint(LOOK[level].style, visible(rule))], "  ");
}

interface Tail {
  place: Shown;
  owner: Shown;
}

/** The same without the object, which the sentence names; clusters only where there are several. */
function tailOf(same: readonly Finding[], isAlone: boolean): Tail {
  const { at, rule } = same[0]!;
  const names = [...new Set(same.flatMap(({ cluster }) => cluster ?? []))];
  const clusters = names.length > MOST_CLUSTERS ? `${names[0]} (+${names.length - 1})` : names.join(", ");
  const owner = isAlone || clusters === "" ? visible(rule) : shown`${visible(clusters)}  ${visible(rule)}`;
  return { place: at === undefined ? shown`` : visible(formatLoc(at)), owner };
}

/** Findings of one rule that end in the same advice: they have one cause, or are settled in one go. */
function groupFindings(findings: readonly Finding[]): Finding[][] {
  return [...groupBy(findings, ({ rule, next }) => JSON.stringify([rule, next])).values()];
}

/** What stops a phase: each sentence once and whole, with its places, and what to do. */
function stopLines(group: readonly Finding[], number: number, screen: Screen, isAlone: boolean): Shown[] {
  const { paint, width } = screen;
  const sentences = [...groupBy(group, ({ what }) => what).values()];
  const [some, hidden] = shorten(sentences, SHOWN);
  const start = startOf(number);
  const indent = blanks(start.length);
  return [
    ...some.flatMap((same, index) => {
      const tails = same.map((finding) => placeLines(tailOf([finding], isAlone), width));
      const [places, more] = shorten([...new Map(tails.map((tail) => [tail.join("\n"), tail])).values()], SHOWN);
      return [
        ...hangText(index === 0 ? start : indent, same[0]!.what, width),
        ...places.flat().map((line) => shown`${indent}${paint("dim", line)}`),
        ...(more > 0 ? [paint("dim", shown`${indent}and ${sayCount(more, "more place")}`)] : []),
      ];
    }),
    ...(hidden > 0 ? [paint("dim", shown`${indent}and ${hidden} more of this rule`)] : []),
    ...hangAdvice(shown`${indent}next  `, group[0]!.next, width),
  ];
}

/** On two lines where it would run over the edge. */
function placeLines({ place, owner }: Tail, width: number): Shown[] {
  const whole = joinTail({ place, owner });
  return INDENT.length + whole.length <= width || place === "" ? [whole] : [place, shown`  ${owner}`];
}

/** Each sentence once, on one line with its place and rule where the line has room for a good part of it. */
function briefLines(group: readonly Finding[], number: number, screen: Screen, isAlone: boolean): Shown[] {
  const start = startOf(number);
  const indent = blanks(start.length);
  const sentences = [...groupBy(group, ({ what }) => what).values()];
  // Where the room ends before two begin to differ, they are one line to whoever reads it.
  const alike = groupBy(sentences, (same) => sentenceLines(indent, same, screen, isAlone).join("\n"));
  const [some, hidden] = shorten(
    [...alike.values()].map((several) => several.flat()),
    SHOWN,
  );
  return [
    ...some.flatMap((same, index) => sentenceLines(index === 0 ? start : indent, same, screen, isAlone)),
    ...(hidden > 0 ? [screen.paint("dim", shown`${indent}and ${hidden} more of this rule`)] : []),
  ];
}

/** Less of a sentence says too little to be worth a line with its place. */
const LEAST_SENTENCE = 56;

/** Lines of a caution, and what wrapping may leave unused at the end of the first. */
const CAUTION_LINES = 2;
const LOST_BY_WRAPPING = 16;

/** A note gives up its place before it takes a second line; nothing has to be done about it. */
function sentenceLines(start: Shown, same: readonly Finding[], screen: Screen, isAlone: boolean): Shown[] {
  const { paint, width } = screen;
  const [first] = same;
  const { place: lead, owner } = tailOf(same, isAlone);
  const more = new Set(same.map(({ at }) => at && formatLoc(at))).size - 1;
  const place = more > 0 ? shown`${lead} (+${more})` : lead;
  const tail = joinTail({ place, owner });
  const what = visible(first!.what);
  const room = width - start.length;
  const beside = room - tail.length - 2;
  if (what.length <= beside || beside >= LEAST_SENTENCE)
    return [shown`${start}${cut(what, beside)}  ${paint("dim", tail)}`];
  if (first!.level === "info") {
    const all = more > 0 ? shown`(+${more})  ${owner}` : owner;
    const rest = room - all.length < LEAST_SENTENCE ? visible(first!.rule) : all;
    return [shown`${start}${cut(what, room - rest.length - 2)}  ${paint("dim", rest)}`];
  }
  const places = placeLines({ place, owner }, width).map((line) => shown`${blanks(start.length)}${paint("dim", line)}`);
  if (leavesOut(screen, 4)) return [shown`${start}${cut(what, room)}`, ...places];
  // What is to be read before a merge has room for its end.
  return [...hangText(start, cut(what, CAUTION_LINES * room - LOST_BY_WRAPPING), width), ...places];
}

/** A text that fits, cut after a word, and after a clause where that leaves most of it: `This CRD is not the one of its release…`. */
function cut(text: Shown, most: number): Shown {
  if (text.length <= most) return text;
  const start = text.slice(0, Math.max(20, most));
  const clause = Math.max(start.lastIndexOf("; "), start.lastIndexOf(": "), start.lastIndexOf(". "));
  const word = start.lastIndexOf(" ");
  // A path may be longer than all that is before it.
  const end = clause > start.length * 0.8 ? clause : word > start.length * 0.6 ? word : -1;
  return visible(`${start.slice(0, end).replace(/[\s,;:.(]+$/, "")}…`);
}

/** Blockers that are settled with those above, counted. */
function consequenceLines(consequences: readonly Finding[], screen: Screen): Shown[] {
  if (consequences.length === 0) return [];
  return hangDim(INDENT, `└ and because of that: ${listRules(consequences)}; settled with it`, screen);
}

const startOf = (number: number): Shown => shown`  ${number}  `;

const joinTail = ({ place, owner }: Tail): Shown => (place === "" ? owner : joinShown([place, owner], "  "));

/** Where the rest is told. */
function moreLines([first]: readonly Finding[], screen: Screen): Shown[] {
  const says = `In full: --verbose; one rule: fluxlift explain ${first!.rule}`;
  return hangDim(shown`  `, says, screen);
}
