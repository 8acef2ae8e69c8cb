import type { SafetyTransfer } from "../../contract/safety.ts";
import { sayCount } from "../terminal.ts";
import { type Html, html } from "./html.ts";
import type { Libraries } from "./libraries.ts";
import { LINE, LONGEST, layOutMap, type PlacedBox, type Stroke } from "./map-layout.ts";
import { drawFlows, type Flow } from "./owners.ts";
import { FATES } from "./words.ts";

/**
 * Who owns what, before on the left and after on the right, as a picture; a stroke is as wide as there are objects.
 * @param id unique in the page
 * @param title what it shows, for those who cannot see it
 */
export function drawMap(
  transfers: readonly SafetyTransfer[],
  id: string,
  title: string,
  libraries: Libraries,
): Html | undefined {
  const flows = drawFlows(transfers);
  if (flows.length === 0) return undefined;
  const { width, height, boxes, strokes } = layOutMap(flows, libraries);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${title}">
<svg class="map" role="img" aria-labelledby="${id}-t ${id}-d" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title id="${id}-t">${title}</title><desc id="${id}-d">${flows.map(sayFlow).join(" ")}</desc>
<text class="col" x="1" y="18">Before the merge</text><text class="col end" x="${width - 1}" y="18">After</text>
${strokes.map(drawStroke)}${boxes.map(drawBox)}${strokes.map(drawLabel)}
</svg></div>`;
}

function sayFlow({ from, to, fate, count }: Flow): string {
  return `${sayCount(count, "object")} ${FATES[fate].short}: ${from.lines.join(" and ")} to ${to.lines.join(" and ")}.`;
}

function drawStroke({ flow, x, y, width }: Stroke): Html {
  const [first, second] = [(x[1] - x[0]) / 2, (x[2] - x[1]) / 2].map((half) => Math.round(half * 10) / 10) as [
    number,
    number,
  ];
  const path = [
    `M${x[0]} ${y[0]}C${x[0] + first} ${y[0]} ${x[1] - first} ${y[1]} ${x[1]} ${y[1]}`,
    `C${x[1] + second} ${y[1]} ${x[2] - second} ${y[2]} ${x[2]} ${y[2]}`,
  ];
  return html`<path class="flow f-${flow.fate}" d="${path.join("")}" stroke-width="${width}"/>`;
}

function drawBox({ box, x, y, width, height }: PlacedBox): Html {
  const top = y + (height - box.lines.length * LINE) / 2 + LINE - 5;
  return html`<g class="box ${box.kind}"><title>${box.lines.join(" + ")}</title><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>${box.lines.map(
    (line, index) =>
      html`<text x="${x + width / 2}" y="${Math.round(top + index * LINE)}">${shortenMiddle(line)}</text>`,
  )}</g>`;
}

function drawLabel({ flow, x, y }: Stroke): Html {
  return html`<text class="label f-${flow.fate}" x="${x[1]}" y="${y[1] + 4}">${flow.count} ${FATES[flow.fate].short}</text>`;
}

/** Both ends of a name say more than its beginning. */
function shortenMiddle(name: string): string {
  const letters = [...name];
  if (letters.length <= LONGEST) return name;
  return `${letters.slice(0, LONGEST / 2).join("")}…${letters.slice(1 - LONGEST / 2).join("")}`;
}
