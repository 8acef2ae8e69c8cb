import type { Budget } from "./budget.ts";
import { html } from "./html.ts";
import type { Libraries } from "./libraries.ts";
import { drawMap } from "./map.ts";
import { namePart, type Part, type Section, sayCut } from "./parts.ts";

const MOST_BYTES = 150_000;

/** A picture for each cluster and phase: who owns what, before and after. */
export function mapsSection(parts: readonly Part[], libraries: Libraries, budget: Budget): Section | undefined {
  const drawn = parts.filter(({ safety }) => safety.transfers.length > 0);
  if (drawn.length === 0) return undefined;
  const { shown: maps, cut } = budget.fit(
    drawn,
    (part, index) => {
      const name = namePart(part, drawn);
      const title = `Who owns what, before and after${name && `: ${name}`}`;
      return html`<figure>${name !== "" && html`<figcaption>${name}</figcaption>`}${drawMap(part.safety.transfers, `m${index}`, title, libraries)}</figure>
`;
    },
    MOST_BYTES,
  );
  return {
    id: "owners",
    title: "Who owns what",
    body: html`${maps}${sayCut(cut, "map", "The table of objects has every owner.")}`,
  };
}
