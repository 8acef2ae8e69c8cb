import type { NetChange } from "../diff.ts";
import { hideSecrets } from "../secrets.ts";
import { sayCount } from "../terminal.ts";
import { type Block, type Line, NO_LINE_BREAK, type Row } from "./diff-rows.ts";
import { type Html, html } from "./html.ts";
import { type Colours, colourYaml, markWords, paintLine } from "./paint.ts";

/** Unchanged rows that can be unfolded in the page; longer stretches only say how many they are. */
const MOST_FOLDED = 200;

interface DiffInput {
  change: NetChange;
  blocks: readonly Block[];
  /** What stands under a line. */
  beside: ReadonlyMap<number, readonly Html[]>;
  /** The line that a row has for `beside`. */
  lineOf: (row: Row) => number | undefined;
  /** Unique in the page. */
  id: string;
  /** Whether the whole content becomes a Secret. */
  isSecret: boolean;
}

/** One side of a file as it is shown, which may hide values; as many lines as the file has. */
interface Side {
  lines: readonly string[];
  colours: Colours;
  hides: boolean;
}

const COLUMN = html`<colgroup><col class="n"><col></colgroup>`;

/** The lines of a file, old on the left and new on the right; one column where there is one side only. */
export function diffTable({ change, blocks, beside, lineOf, id, isSecret }: DiffInput): Html | undefined {
  if (blocks.length === 0) return undefined;
  const { path, before, after, movedFrom } = change;
  const old = openSide(movedFrom ?? path, before, isSecret);
  const now = openSide(path, after, isSecret);
  const single = old === undefined || now === undefined;
  const columns = single ? 2 : 4;
  const draw = (row: Row) => html`${drawRow(row, old, now)}${notesOf(beside.get(lineOf(row) ?? 0), columns)}`;
  const bodies = blocks.map(({ rows, folded }, index) => {
    if (!folded) return html`<tbody>${rows.map(draw)}</tbody>`;
    const isCut = rows.some(({ changed }) => changed);
    const says = isCut ? `${sayCount(rows.length, "line")} not shown here` : sayCount(rows.length, "unchanged line");
    if (isCut || rows.length > MOST_FOLDED) {
      return html`<tbody class="fold"><tr><td colspan="${columns}">⋯ ${says}</td></tr></tbody>`;
    }
    const own = `${id}-${index}`;
    return html`<tbody class="fold"><tr><td colspan="${columns}"><button type="button" aria-expanded="false" aria-controls="${own}">⋯ ${says}</button></td></tr></tbody><tbody id="${own}" hidden tabindex="-1">${rows.map(draw)}</tbody>`;
  });
  const head = single
    ? html`<th scope="col">Line</th><th scope="col">Text</th>`
    : html`<th scope="col">Line</th><th scope="col">Before</th><th scope="col">Line</th><th scope="col">After</th>`;
  return html`${(old?.hides || now?.hides) && html`<p class="why">Values of Secrets and encrypted values are not shown.</p>`}<table class="diff ${single ? "one" : "two"}">${single ? COLUMN : html`${COLUMN}${COLUMN}`}<thead class="sr"><tr>${head}</tr></thead>${bodies}</table>`;
}

function openSide(path: string, text: string | undefined, isSecret: boolean): Side | undefined {
  if (text === undefined) return undefined;
  const shown = hideSecrets(path, text, isSecret);
  return { lines: shown.split("\n"), colours: colourYaml(path, shown), hides: shown !== text };
}

function notesOf(notes: readonly Html[] | undefined, columns: number): Html | undefined {
  return notes && html`<tr class="note"><td colspan="${columns}">${notes}</td></tr>`;
}

function drawRow({ old, new: now, changed }: Row, before: Side | undefined, after: Side | undefined): Html {
  const [left, right] = [textOf(old, before), textOf(now, after)];
  const [cut, put] = changed && old && now ? markWords(left, right) : [[], []];
  const cells = [
    before && cell(old, left, before, changed ? "del" : "", cut),
    after && cell(now, right, after, changed ? "add" : "", put),
  ];
  return changed ? html`<tr>${cells}</tr>` : html`<tr class="s">${cells}</tr>`;
}

/** The line as it may be shown. That the last line break is missing is no line of the file. */
function textOf(line: Line | undefined, side: Side | undefined): string {
  if (!line || line.text === NO_LINE_BREAK) return line?.text ?? "";
  return (side?.lines[line.n - 1] ?? "").replace(/\r$/, "");
}

function cell(
  line: Line | undefined,
  text: string,
  { colours }: Side,
  look: string,
  marks: Parameters<typeof paintLine>[2],
): Html {
  if (!line) return html`<td class="n none"></td><td class="none"></td>`;
  return html`<td class="n">${line.n}</td><td class="${look}">${paintLine(text, colours.get(line.n), marks)}</td>`;
}
