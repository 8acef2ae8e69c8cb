import type { Finding } from "../../contract/finding.ts";
import { groupBy } from "../../contract/group-by.ts";
import { isKnownRule, RULES } from "../../findings/catalogue.ts";
import { sayLevels } from "../summary.ts";
import type { Budget } from "./budget.ts";
import { type Html, html, inline, prose } from "./html.ts";
import { badge, place, type Section, sayCut } from "./parts.ts";
import { LEVELS } from "./words.ts";

const MOST_BYTES = 250_000;
/** Places of one card. */
const MOST_SPOTS = 30;
/** More notes than this are folded away even where there is nothing else. */
const MOST_OPEN_NOTES = 5;

/**
 * Findings, biggest danger first; notes are folded away.
 * @param findings as `collectFindings` sorts them
 * @param isShown whether the diff shows the lines of this one
 */
export function findingsSection(
  findings: readonly Finding[],
  isShown: (index: number) => boolean,
  budget: Budget,
): Section | undefined {
  if (findings.length === 0) return undefined;
  const groups = groupFindings(findings);
  const [serious, notes] = [groups.filter((group) => !isNote(group)), groups.filter(isNote)];
  const draw = (group: readonly Entry[]) => groupCard(group, isShown);
  const open = budget.fit(serious, draw, MOST_BYTES);
  const folded = budget.fit(notes, draw, MOST_BYTES / 2);
  const cut = [...open.cut, ...folded.cut];
  // What stands beside a line of the diff leads here.
  const missing = cut.filter((group) => group.some(([index]) => isShown(index)));
  return {
    id: "findings",
    title: "Findings",
    note: sayLevels(findings),
    body: html`${open.shown}
${folded.shown.length > 0 && html`<details class="group"${serious.length === 0 && notes.length <= MOST_OPEN_NOTES && html` open`}><summary>${sayLevels(notes.flat().map(([, finding]) => finding))}, no action needed now</summary>${folded.shown}</details>`}
${missing.map(([first]) => html`<span id="f${first![0]}"></span>`)}${sayCut(cut, "group", "--format json has all findings.")}`,
  };
}

/** For each finding the index of the first one of its card. */
export function listCards(findings: readonly Finding[]): number[] {
  const cards: number[] = [];
  for (const group of groupFindings(findings)) for (const [index] of group) cards[index] = group[0]![0];
  return cards;
}

/** Findings of one rule that end in the same advice. */
function groupFindings(findings: readonly Finding[]): Entry[][] {
  const keyOf = ([, { level, rule, cluster, next }]: Entry) => JSON.stringify([level, rule, cluster, next]);
  return [...groupBy<Entry>(findings.entries(), keyOf).values()];
}

function isNote([first]: readonly Entry[]): boolean {
  return first![1].level === "info";
}

type Entry = readonly [index: number, finding: Finding];

/** One card for findings of a rule. */
function groupCard(group: readonly Entry[], isShown: (index: number) => boolean): Html {
  const { rule, level, cluster, why, next } = group[0]![1];
  const { tone, one } = LEVELS[level];
  const title = isKnownRule(rule) ? RULES[rule].title : rule;
  const sameWhy = group.every(([, finding]) => finding.why === why);
  const spots = group.slice(0, MOST_SPOTS).map((entry) => spot(entry, isShown(entry[0]), !sameWhy));
  const more = group.length - spots.length;
  return html`<article class="finding ${tone}" id="f${group[0]![0]}">
<h3>${badge(tone, one)} ${inline(title)}</h3>
${group.length > 1 ? html`<ul class="spots">${spots.map((text) => html`<li>${text}</li>`)}${more > 0 && html`<li>and ${more} more</li>`}</ul>` : spots}
${sameWhy && html`<p class="why">${inline(why)}</p>`}<div class="next"><b>Next</b> ${prose(next)}</div><p class="rule">${rule}${cluster !== undefined && ` · cluster ${cluster}`}</p>
</article>
`;
}

function spot([index, { at, resource, what, why }]: Entry, isShown: boolean, hasWhy: boolean): Html {
  return html`<p>${inline(what)}${hasWhy && html` <span class="why">${inline(why)}</span>`}</p><p class="about">${place(at)}${isShown && html` <a href="#d${index}">in the diff</a>`}${at && resource !== undefined && " · "}${resource !== undefined && html`<code>${resource}</code>`}</p>`;
}

/**
 * A finding beside its line of the diff.
 * @param card where it is told in full, see {@link listCards}
 */
export function findingNote({ level, what }: Finding, index: number, card: number): Html {
  const { tone, one } = LEVELS[level];
  return html`<div class="beside ${tone}" id="d${index}">${badge(tone, one)} ${inline(what)} <a href="#f${card}">more</a></div>`;
}
