import type { MergeSafety } from "../../contract/safety.ts";
import { sayCount } from "../terminal.ts";
import { FATE_WORDS } from "../text-safety.ts";
import type { Budget } from "./budget.ts";
import { html } from "./html.ts";
import { badge, type Part, type Section, sayCut } from "./parts.ts";
import { FATES, VERDICTS } from "./words.ts";

const MOST_BYTES = 100_000;

/** The verdict on each cluster, with a count for each outcome. */
export function verdictsSection(parts: readonly Part[], budget: Budget): Section | undefined {
  if (parts.length === 0) return undefined;
  const { shown: cards, cut } = budget.fit(
    parts,
    ({ cluster, safety }) => {
      const { tone, says } = VERDICTS[safety.verdict];
      return html`<article class="card"><h3>${cluster} ${badge(tone, says)}</h3>${countsOf(safety)}</article>
`;
    },
    MOST_BYTES,
  );
  const title = parts.length === 1 ? "Cluster" : "Clusters";
  return {
    id: "clusters",
    title,
    body: html`<div class="cards">${cards}</div>${sayCut(cut, "cluster", "--format json has all of them.")}`,
  };
}

function countsOf({ outcomes }: MergeSafety) {
  const rows = FATE_WORDS.flatMap(([fate]) => (outcomes[fate] ? [[fate, outcomes[fate].count] as const] : []));
  if (rows.length === 0) return html`<p class="why">It touches no object.</p>`;
  return html`<dl>${rows.map(([fate, count]) => html`<dt class="fate f-${fate}"><i></i>${FATES[fate].short}</dt><dd>${sayCount(count, "object")}</dd>`)}</dl>`;
}
