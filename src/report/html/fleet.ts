import type { FleetResult } from "../../contract/fleet.ts";
import { countEach } from "../../contract/group-by.ts";
import type { HtmlPage } from "../../contract/media.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { listLevels, STATE_WORDS } from "../summary.ts";
import { sayCount } from "../terminal.ts";
import { Budget } from "./budget.ts";
import { diffsSection, type RepositoryDiff } from "./fleet-diffs.ts";
import { type Html, html } from "./html.ts";
import { renderPage } from "./page.ts";
import { badge } from "./parts.ts";

/** A result; of what the command printed only the diff. */
export type Row = Omit<FleetResult, "result"> & { diff?: Pick<RepositoryDiff, "files" | "text"> };

/** What a repository is filed under: its verdict, how far it has come, or that nothing could be said. */
const GROUPS = {
  failed: { name: "failed", tone: "bad" },
  unsafe: { name: "unsafe", tone: "bad" },
  unproven: { name: "unproven", tone: "warn" },
  blocked: { name: "blocked", tone: "bad" },
  begun: { name: "under way", tone: "warn" },
  open: { name: "not started", tone: "calm" },
  deletes: { name: "deletes", tone: "good" },
  safe: { name: "safe", tone: "good" },
  done: { name: "done", tone: "good" },
} as const;
type Group = keyof typeof GROUPS;

const VERDICTS: readonly string[] = ["safe", "deletes", "unproven", "unsafe"];
const BEGUN: readonly (string | undefined)[] = ["partly-installed", "installed", "cut-over"];
const MOST_ROWS = 5000;
/** Bytes of all diffs together: a page has to open at once. */
const MOST_DIFFS = 6_000_000;

/** One page over many repositories: who is where, blockers by kind, and each with what it says. */
export function renderFleetHtml(rows: readonly Row[]): HtmlPage {
  const groups = new Map(Object.keys(GROUPS).map((group) => [group as Group, 0]));
  for (const row of rows) groups.set(groupOf(row), groups.get(groupOf(row))! + 1);
  const used = [...groups].filter(([, count]) => count > 0);
  const bad = used.reduce((sum, [group, count]) => sum + (GROUPS[group].tone === "bad" ? count : 0), 0);
  const { action = "scan" } = rows[0] ?? {};
  const diffs = rows.flatMap(({ repo, diff }, index) => (diff ? [{ repo, id: `diff-${index}`, ...diff }] : []));
  const { section, shown } = diffsSection(diffs, new Budget(MOST_DIFFS));
  return renderPage({
    title: `fleet ${action}`,
    headline: {
      tone: bad > 0 ? "bad" : "good",
      title: sayRepositories(rows.length),
      says: used.map(([group, count]) => `${count} ${GROUPS[group].name}`).join(", "),
    },
    facts: [["Clusters", String(rows.reduce((sum, { clusters }) => sum + clusters.length, 0))]],
    sections: [
      { id: "repositories", title: "Repositories", note: String(rows.length), body: table(rows, used, shown) },
      blockersSection(rows),
      section,
    ],
    source: JSON.stringify(rows.map(({ repo, commit }) => [repo, commit])),
  });
}

function sayRepositories(count: number): string {
  return sayCount(count, "repository", "repositories");
}

function groupOf({ end, verdict, blockers, clusters }: Row): Group {
  if (end === "failed") return "failed";
  if (verdict !== undefined && VERDICTS.includes(verdict)) return verdict as Group;
  if (blockers.length > 0) return "blocked";
  const states = clusters.map(({ state }) => state);
  if (states.length > 0 && states.every((state) => state === "done")) return "done";
  return states.some((state) => BEGUN.includes(state)) ? "begun" : "open";
}

function table(rows: readonly Row[], used: readonly (readonly [Group, number])[], diffs: ReadonlySet<string>): Html {
  const more = rows.length - MOST_ROWS;
  return html`<form class="filter js" role="search" id="filter">
<label for="q">Search repositories</label><input id="q" type="search" autocomplete="off" spellcheck="false" placeholder="name, cluster or rule">
<div role="group" aria-label="Where they stand">${used.map(([group, count]) => html`<button type="button" class="chip" data-fate="${group}" aria-pressed="true">${GROUPS[group].name} <b>${count}</b></button>`)}</div>
<output id="found" role="status" data-noun="repositories">${sayRepositories(rows.length)}</output></form>
<table class="list" id="all"><caption class="sr">Where each repository stands</caption><colgroup><col><col class="c0"><col class="c1"><col class="c2"></colgroup>
<thead><tr><th scope="col">Repository</th><th scope="col">Stands</th><th scope="col">Clusters</th><th scope="col">Findings</th></tr></thead>
<tbody>${rows.slice(0, MOST_ROWS).map((row, index) => line(row, diffs.has(`diff-${index}`) ? `diff-${index}` : undefined))}</tbody></table>
<p class="js"><button type="button" id="more" hidden></button></p>
${more > 0 && html`<p class="cut">${sayRepositories(more)} more did not fit; they are in the file of results.</p>`}`;
}

/** @param id of its diff */
function line(row: Row, id: string | undefined): Html {
  const group = groupOf(row);
  const { name, tone } = GROUPS[group];
  const { repo, commit, clusters, counts, blockers, branch, diff, error } = row;
  return html`<tr data-fate="${group}" tabindex="-1"><td><code>${repo}</code>${commit !== undefined && html` <span class="place">${commit.slice(0, 7)}</span>`}</td>
<td>${badge(tone, name)}</td>
<td>${clusters.map(({ name: cluster, state, next, verdict }) => html`<div>${cluster} <span class="place">${verdict ?? ofOwn(STATE_WORDS, state ?? "") ?? state ?? ""}</span>${next !== undefined && html` <span class="place">next: ${next}</span>`}</div>`)}${branch !== undefined && html`<div>branch <code>${branch.name}</code></div>`}${id !== undefined && html`<div><a href="#${id}">diff of ${sayCount(diff?.files ?? 0, "file")}</a></div>`}</td>
<td>${listLevels(counts).join(", ")}${blockers.length > 0 && html`<div>${blockers.map((rule) => html`<code>${rule}</code> `)}</div>`}${error?.split("\n").map((said) => html`<div>${said}</div>`)}</td></tr>
`;
}

function blockersSection(rows: readonly Row[]) {
  const kinds = countEach(rows.flatMap(({ blockers }) => blockers));
  if (kinds.size === 0) return undefined;
  const order = [...kinds].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const body = html`<table class="list"><colgroup><col><col class="c1"></colgroup><thead><tr><th scope="col">Rule</th><th scope="col">Repositories</th></tr></thead><tbody>${order.map(([rule, count]) => html`<tr><td><code>${rule}</code></td><td>${count}</td></tr>`)}</tbody></table>
<p>What a rule means: <code>fluxlift explain RULE</code></p>`;
  return { id: "blockers", title: "Blockers by kind", note: String(kinds.size), body };
}
