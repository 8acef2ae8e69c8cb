import type { PatchMapping, Plan } from "../../contract/plan.ts";
import { sayCount } from "../terminal.ts";
import type { Budget } from "./budget.ts";
import { type Html, html, inline, prose } from "./html.ts";
import { badge, namePart, place, type Section, sayCut } from "./parts.ts";

const MOST_BYTES = 120_000;

/** Where every patch and setting of the old install went. */
export function patchesSection({ phases }: Plan, budget: Budget): Section | undefined {
  const all = phases
    .flatMap(({ phase, clusters }) => clusters.map(({ cluster, patches }) => ({ phase, cluster, patches })))
    .filter(({ patches }) => patches.length > 0);
  if (all.length === 0) return undefined;
  const tables = all.map((part) => {
    const name = namePart(part, all);
    const { shown: rows, cut } = budget.fit(part.patches, patchRow, MOST_BYTES / all.length);
    return html`${name !== "" && html`<h3 class="patches">${name}</h3>`}<table class="list"><caption class="sr">Old and new place of every patch and setting ${name}</caption><colgroup><col class="c2"><col><col class="c1"><col class="c3"></colgroup><thead><tr><th scope="col">Patch or setting</th><th scope="col">Old place</th><th scope="col">New place</th><th scope="col">Note</th></tr></thead><tbody>${rows}</tbody></table>${sayCut(cut, "setting", "--format markdown has all of them.")}`;
  });
  const count = all.reduce((sum, { patches }) => sum + patches.length, 0);
  return { id: "patches", title: "Where the patches went", note: sayCount(count, "setting"), body: html`${tables}` };
}

function patchRow({ title, from, to, note }: PatchMapping): Html {
  const target = to === undefined ? badge("warn", "dropped") : html`<code>${to}</code>`;
  return html`<tr><td>${inline(title)}</td><td>${place(from)}</td><td>${target}</td><td>${prose(note)}</td></tr>
`;
}
