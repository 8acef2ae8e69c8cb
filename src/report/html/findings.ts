import type { Finding } from "../../contract/finding.ts";
import { groupBy } from "../../contract/group-by.ts";
import { isKnownRule, RULES } from "../../findings/catalogue.ts";
import { sayLevels } from "../summary.ts";
import type { Budget } from "./budget.ts";
import { type Html, html, inline, prose } from "./html.ts";
import { badge, place, type Section, sayCut } from "./parts.ts";
import { LEVELS } from "./words.ts";

const MOST_BYTES = 250_000;
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
  const groups = [
    ...groupBy(findings.entries(), ([, { level, rule, cluster, next }]) =>
      JSON.stringify([level, rule, cluster, next]),
    ).values(),
  ];
  const [cards, cut] = budget.fit(groups, (group) => groupCard(group, isShown), MOST_BYTES);
  const serious = groups.filter(([first]) => first![1].level !== "info").length;
  const notes = findings.filter(({ level }) => level === "info");
  const [open, folded] = [cards.slice(0, serious), cards.slice(serious)];
  return {
    id: "findings",
    title: "Findings",
    note: sayLevels(findings),
    body: html`${open}
${folded.length > 0 && html`<details class="group"${serious === 0 && notes.length <= MOST_OPEN_NOTES && html` open`}><summary>${sayLevels(notes)}, no action needed now</summary>${folded}</details>`}
${sayCut(cut, "group", "Run the same command with --format json, or --verbose, for all findings.")}`,
  };
}

type Entry = readonly [index: number, finding: Finding];

/** Findings of one rule that say the same of several places. */
function groupCard(group: readonly Entry[], isShown: (index: number) => boolean): Html {
  const { rule, level, cluster, why, next } = group[0]![1];
  const { tone, one } = LEVELS[level];
  const title = isKnownRule(rule) ? RULES[rule].title : rule;
  const sameWhy = group.every(([, finding]) => finding.why === why);
  const spots = group.map((entry) => spot(entry, isShown(entry[0]), !sameWhy));
  return html`<article class="finding ${tone}">
<h3>${badge(tone, one)} ${inline(title)}</h3>
${group.length > 1 ? html`<ul class="spots">${spots.map((text, i) => html`<li id="f${group[i]![0]}">${text}</li>`)}</ul>` : html`<div id="f${group[0]![0]}">${spots}</div>`}
${sameWhy && html`<p class="why">${inline(why)}</p>`}<div class="next"><b>Next</b> ${prose(next)}</div><p class="rule">${rule}${cluster !== undefined && ` · cluster ${cluster}`}</p>
</article>
`;
}

function spot([index, { at, resource, what, why }]: Entry, isShown: boolean, hasWhy: boolean): Html {
  return html`<p>${inline(what)}${hasWhy && html` <span class="why">${inline(why)}</span>`}</p><p class="about">${place(at)}${isShown && html` <a href="#d${index}">in the diff</a>`}${at && resource !== undefined && " · "}${resource !== undefined && html`<code>${resource}</code>`}</p>`;
}

/** A finding beside its line of the diff. */
export function findingNote({ level, what }: Finding, index: number): Html {
  const { tone, one } = LEVELS[level];
  return html`<div class="beside ${tone}" id="d${index}">${badge(tone, one)} ${inline(what)} <a href="#f${index}">more</a></div>`;
}
