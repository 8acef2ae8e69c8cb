import { groupBy } from "../../contract/group-by.ts";
import type { Acceptor, ObjectFate, SafetyDanger, SafetyUnknown } from "../../contract/safety.ts";
import { sayAcceptor } from "../../safety/fate/acceptance.ts";
import { sayOrigin } from "../../safety/fate/origin.ts";
import { sayCount } from "../terminal.ts";
import { FATE_WORDS } from "../text-safety.ts";
import type { Budget } from "./budget.ts";
import { type Html, html, inline } from "./html.ts";
import { badge, namePart, type Part, place, type Section, sayCut } from "./parts.ts";
import { FATES } from "./words.ts";

const MOST_BYTES = 350_000;
const MOST_DANGERS = 120_000;
/** Dangers come biggest first; the rest of them a click opens. */
const OPEN_DANGERS = 8;

/** An object with what becomes of it. */
interface Row {
  fate: ObjectFate;
  resource: string;
  from?: string | undefined;
  to?: string | undefined;
  part: string;
}

/** What the merge does to which objects: what may go in full, then all of them in a table to search. */
export function objectsSection(parts: readonly Part[], budget: Budget): Section | undefined {
  const rows = listRows(parts);
  const unknown = parts.flatMap((part) => part.safety.unknown.map((one) => [one, namePart(part, parts)] as const));
  if (rows.length === 0 && unknown.length === 0) return undefined;
  const dangers = parts.flatMap((part) => part.safety.dangers.map((one) => [one, namePart(part, parts)] as const));
  const { shown: unread, cut: unreadCut } = budget.fit(unknown, ([one, part]) => unknownItem(one, part), MOST_DANGERS);
  const { shown: gone, cut: goneCut } = budget.fit(dangers, ([one, part]) => dangerItem(one, part), MOST_DANGERS);
  const { shown: lines, cut } = budget.fit(rows, (row) => objectRow(row, parts.length > 1), MOST_BYTES);
  return {
    id: "objects",
    title: "What Flux will do",
    note: sayCount(rows.length, "object"),
    body: html`${unread.length > 0 && html`<h3>What cannot be read</h3><ul class="plain">${unread}</ul>${sayCut(unreadCut, "unknown", IN_JSON)}`}
${gone.length > 0 && html`<h3>What may go</h3><ul class="plain">${gone.slice(0, OPEN_DANGERS)}</ul>${gone.length > OPEN_DANGERS && html`<details class="group"><summary>${sayCount(gone.length - OPEN_DANGERS, "more object")}</summary><ul class="plain">${gone.slice(OPEN_DANGERS)}</ul></details>`}${sayCut(goneCut, "object", IN_JSON)}`}
${rows.length > 0 && (gone.length > 0 || unread.length > 0) && html`<h3>All objects</h3>`}${rows.length > 0 && objectTable(rows, lines, parts.length > 1)}${sayCut(cut, "object", IN_JSON)}`,
  };
}

const IN_JSON = "--format json has all of them.";

/** Worst first. */
function listRows(parts: readonly Part[]): Row[] {
  const rows = parts.flatMap((part) => rowsOf(part, namePart(part, parts)));
  const byFate = groupBy(rows, ({ fate }) => fate);
  return FATE_WORDS.flatMap(([fate]) => byFate.get(fate) ?? []);
}

/** Of a cluster that starts with the change, only the objects are known. */
function rowsOf({ safety: { transfers, outcomes } }: Part, part: string): Row[] {
  if (transfers.length === 0) {
    return FATE_WORDS.flatMap(([fate]) => outcomes[fate]?.names.map((resource) => ({ fate, resource, part })) ?? []);
  }
  return transfers.flatMap(({ from, to, outcome: fate, names }) =>
    names.map((resource) => ({ fate, resource, from, to, part })),
  );
}

function objectTable(rows: readonly Row[], lines: readonly Html[], several: boolean): Html {
  const byFate = groupBy(rows, ({ fate }) => fate);
  const counts = FATE_WORDS.flatMap(([fate]) => (byFate.has(fate) ? [[fate, byFate.get(fate)!.length] as const] : []));
  return html`<form class="filter js" role="search" id="filter">
<label for="q">Search objects</label><input id="q" type="search" autocomplete="off" spellcheck="false" placeholder="kind, namespace, name or owner">
<div role="group" aria-label="Outcomes">${counts.map(([fate, length]) => html`<button type="button" class="chip f-${fate}" data-fate="${fate}" aria-pressed="${fate === "kept" && counts.length > 1 ? "false" : "true"}"><i></i>${FATES[fate].short} <b>${length}</b></button>`)}</div>
<output id="found" role="status">${sayCount(lines.length, "object")}</output></form>
<table class="list moves" id="all"><caption class="sr">Objects that the merge touches</caption><colgroup><col class="c0"><col><col class="c1"><col class="c1">${several && html`<col class="c4">`}</colgroup>
<thead><tr><th scope="col">Outcome</th><th scope="col">Object</th><th scope="col">Owner before</th><th scope="col">Owner after</th>${several && html`<th scope="col">Where</th>`}</tr></thead>
<tbody>${lines}</tbody></table><p class="js"><button type="button" id="more" hidden></button></p>
<details class="group"><summary>What the outcomes mean</summary><dl class="terms">${counts.map(([fate]) => html`<dt>${FATES[fate].short}</dt><dd>${FATES[fate].means}</dd>`)}</dl></details>`;
}

function objectRow({ fate, resource, from, to, part }: Row, several: boolean): Html {
  const blank = resource.indexOf(" ");
  const [kind, name] = blank < 0 ? ["", resource] : [resource.slice(0, blank), resource.slice(blank + 1)];
  return html`<tr data-fate="${fate}" tabindex="-1"><td><span class="fate f-${fate}"><i></i>${FATES[fate].short}</span></td><td><span class="kind">${kind}</span> <code>${name}</code></td><td>${owners(from)}</td><td>${fate !== "deleted" && owners(to)}</td>${several && html`<td>${part}</td>`}</tr>
`;
}

function owners(names: string | undefined): Html | undefined {
  return names ? html`<code>${names}</code>` : undefined;
}

function dangerItem(danger: SafetyDanger, part: string): Html {
  const { resource, outcome, wanted, acceptedBy, what, why, origin, chain, at } = danger;
  const [tone, says] = acceptedBy
    ? (["calm", "accepted"] as const)
    : wanted
      ? (["bad", "still wanted"] as const)
      : (["calm", "meant to go"] as const);
  const steps =
    chain.length > 1 &&
    html`<details><summary>How it comes to that</summary><ol>${chain.map((one) => html`<li>${inline(one)}</li>`)}</ol></details>`;
  return html`<li>${badge(tone, says)} <code>${resource}</code> ${FATES[outcome].short} ${place(at)}${part !== "" && html` <span class="rule">${part}</span>`}<p>${inline(what)} ${inline(why)} ${origin && inline(sayOrigin(origin))} ${sayAccepted(acceptedBy)}</p>${steps}</li>
`;
}

function unknownItem(unknown: SafetyUnknown, part: string): Html {
  const { resources, what, look, at, acceptedBy, decides, mayGo = [] } = unknown;
  const [tone, says] = acceptedBy
    ? (["calm", "accepted"] as const)
    : ([decides ? "bad" : "warn", "not known"] as const);
  return html`<li>${badge(tone, says)} ${nameAll(resources)} ${place(at)}${part !== "" && html` <span class="rule">${part}</span>`}<p>${inline(what)} ${acceptedBy ? sayAccepted(acceptedBy) : html`<b>To look at</b> ${inline(look)}`}</p>${mayGo.length > 0 && html`<details><summary>${sayCount(mayGo.length, "object")} may go with it</summary><p>${nameAll(mayGo)}</p></details>`}</li>
`;
}

function sayAccepted(by: Acceptor | undefined): string | undefined {
  return by && `Accepted ${sayAcceptor(by)}.`;
}

function nameAll(names: readonly string[]): Html {
  return html`${names.map((name, index) => html`${index > 0 && ", "}<code>${name}</code>`)}`;
}
