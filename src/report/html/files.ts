import { pathsOf } from "../../contract/edit.ts";
import { formatLoc } from "../../contract/errors.ts";
import type { Finding } from "../../contract/finding.ts";
import { getOrMake } from "../../contract/group-by.ts";
import type { Plan } from "../../contract/plan.ts";
import type { NetChange } from "../diff.ts";
import { sayCount } from "../terminal.ts";
import type { Budget } from "./budget.ts";
import { foldRows, pairLines, type Row } from "./diff-rows.ts";
import { diffTable } from "./diff-table.ts";
import { findingNote, listCards } from "./findings.ts";
import { type Html, html, inline } from "./html.ts";
import { type Section, sayCut } from "./parts.ts";

const MOST_BYTES = 700_000;
/** Files with more rows than this are closed at first. */
const MOST_OPEN_ROWS = 300;
const SHOWN_PLACES = 5;
/** Changed rows of one file; who has to see more of them reads the file. */
const MOST_CHANGES = 1000;
/** Lines of a file that goes as a whole. */
const MOST_DELETED = 200;

/** Why files change, by path. */
export type Reasons = ReadonlyMap<string, { whys: Set<string>; places: Set<string> }>;

export function collectReasons({ phases }: Plan): Reasons {
  const reasons = new Map<string, { whys: Set<string>; places: Set<string> }>();
  for (const edit of phases.flatMap(({ clusters }) => clusters.flatMap(({ edits }) => edits))) {
    for (const path of pathsOf([edit])) {
      const known = getOrMake(reasons, path, () => ({ whys: new Set<string>(), places: new Set<string>() }));
      known.whys.add(edit.why);
      for (const at of edit.evidence) known.places.add(formatLoc(at));
    }
  }
  return reasons;
}

export interface FilesInput {
  changes: readonly NetChange[];
  findings: readonly Finding[];
  reasons: Reasons;
  /** Files whose whole content becomes a Secret. */
  secretFiles: ReadonlySet<string>;
}

/** With the card of each finding. */
type FileInput = FilesInput & { cards: readonly number[] };

/** Every file that changes, side by side, with the findings beside their lines. `shown`: indexes of those findings. */
export function filesSection(input: FilesInput, budget: Budget): { section?: Section; shown: ReadonlySet<number> } {
  const { changes, findings } = input;
  const shown = new Set<number>();
  if (changes.length === 0) return { shown };
  const byFile = groupFindings(findings);
  const notesOf = ({ path, movedFrom }: NetChange) =>
    [movedFrom, path].flatMap((file) => (file === undefined ? [] : (byFile.get(file) ?? [])));
  const cards = listCards(findings);
  const { shown: files, cut } = budget.fit(
    changes,
    (change, index) => fileDiff(change, index, notesOf(change), { ...input, cards }),
    MOST_BYTES,
  );
  const left = new Set(cut);
  for (const change of changes.filter((one) => !left.has(one))) {
    for (const index of notesOf(change)) shown.add(index);
  }
  const body = html`<p class="js tools"><button type="button" data-all="open">Open all</button> <button type="button" data-all="close">Close all</button></p>${files}${sayCut(cut, "file", "--format diff has all of them.")}${cut.length > 0 && restOf(cut, budget)}`;
  return { section: { id: "files", title: "Files", note: sayCount(changes.length, "file"), body }, shown };
}

function groupFindings(findings: readonly Finding[]): Map<string, number[]> {
  const byFile = new Map<string, number[]>();
  for (const [index, { at }] of findings.entries()) if (at) getOrMake(byFile, at.file, () => []).push(index);
  return byFile;
}

/** Names of the files whose diff did not fit. */
function restOf(changes: readonly NetChange[], budget: Budget): Html {
  const { shown: names } = budget.fit(
    changes,
    (change) => html`<li>${KINDS[kindOf(change)]} <code>${change.path}</code></li>`,
    50_000,
  );
  return html`<ul>${names}</ul>`;
}

const KINDS = { new: "new", gone: "deleted", moved: "moved", edited: "edited" } as const;

function kindOf({ before, after, movedFrom }: NetChange): keyof typeof KINDS {
  if (movedFrom !== undefined) return "moved";
  return before === undefined ? "new" : after === undefined ? "gone" : "edited";
}

function fileDiff(change: NetChange, index: number, notes: readonly number[], input: FileInput): Html {
  const { path, movedFrom, before, after } = change;
  const kind = kindOf(change);
  const rows = pairLines(before ?? "", after ?? "");
  const isOld = before !== undefined;
  const lineOf = (row: Row) => (isOld ? row.old : row.new)?.n;
  const beside = new Map<number, Html[]>();
  const lines = new Set(rows.map(lineOf));
  const above: Html[] = [];
  for (const note of notes) {
    const finding = input.findings[note]!;
    const line = finding.at!.line;
    const list = lines.has(line) ? getOrMake(beside, line, () => []) : above;
    list.push(findingNote(finding, note, input.cards[note]!));
  }
  const blocks = foldRows(rows, (row) => beside.has(lineOf(row) ?? 0), kind === "gone" ? MOST_DELETED : MOST_CHANGES);
  const open =
    kind !== "gone" && blocks.reduce((sum, block) => sum + (block.folded ? 1 : block.rows.length), 0) <= MOST_OPEN_ROWS;
  const isSecret = input.secretFiles.has(path);
  const table = diffTable({ change, blocks, beside, lineOf, id: `x${index}`, isSecret });
  const reasons = input.reasons.get(path);
  return html`<details class="file ${kind}"${open && html` open`}><summary><span class="kind">${KINDS[kind]}</span> <code class="path">${movedFrom !== undefined && html`${movedFrom} → `}${path}</code> ${countRows(rows)}</summary>
${reasons && html`<p class="why">${[...reasons.whys].map((why) => html`${inline(why)} `)}${placesOf(reasons.places)}</p>`}${above}${table ?? html`<p class="why">Not a text, or only its mode changes.</p>`}</details>
`;
}

function countRows(rows: readonly Row[]): Html {
  const changed = rows.filter((row) => row.changed);
  const [more, less] = [changed.filter((row) => row.new).length, changed.filter((row) => row.old).length];
  return html`<span class="counts">${more > 0 && html`<span class="plus">+${more}</span>`} ${less > 0 && html`<span class="minus">−${less}</span>`}</span>`;
}

function placesOf(places: ReadonlySet<string>): Html | undefined {
  if (places.size === 0) return undefined;
  const some = [...places].slice(0, SHOWN_PLACES);
  const more = places.size - some.length;
  return html`<span class="from">From ${some.map((one) => html`<code class="place">${one}</code> `)}${more > 0 && `and ${more} more`}</span>`;
}
