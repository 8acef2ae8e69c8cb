import type { DraftEdit } from "../../src/contract/edit.ts";
import type { Yaml } from "../../src/contract/media.ts";
import type { KubeObject, YamlData } from "../../src/contract/objects.ts";
import { pushAll } from "../../src/contract/push-all.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { basename } from "../../src/delivery/paths.ts";
import { spliceRanges } from "../../src/files/edits.ts";
import { applyEdits } from "../../src/files/overlay.ts";
import type { Tree } from "../../src/files/tree.ts";
import { sayFinding } from "../../src/findings/say.ts";
import type { FluxVersion } from "../../src/release/releases.ts";
import { editYaml } from "../../src/yaml/edit.ts";
import { locate } from "../../src/yaml/locate.ts";
import { printDocument } from "../../src/yaml/print.ts";
import { RawYaml } from "../../src/yaml/raw.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { printPreferred } from "../../src/yaml/scalars.ts";
import { detectStyle } from "../../src/yaml/style.ts";
import { joinYaml, yaml } from "../../src/yaml/text.ts";
import type { TransformContext } from "../contract.ts";
import { type Conventions, learnConventions } from "../shared/apps/conventions.ts";
import { printUnderSchema } from "../shared/apps/under-schema.ts";
import { editFile } from "../shared/edit-file.ts";
import { placeComments, readChartComments } from "./comments.ts";
import type { ChartMove, ChartStay } from "./decide.ts";
import { type ChartHabit, chooseFile, learnHabit, listingsOf } from "./place.ts";
import { readingsOf } from "./readers.ts";

export interface WrittenMoves {
  edits: DraftEdit[];
  moved: { move: ChartMove; file: string }[];
  refused: ChartStay[];
}

/**
 * Writes every move that can be written, then builds the result once: a release to which a patch on the way gives a `chart`
 * again would have that and `chartRef`, which its CRD refuses. Such releases stay, and the others are written anew.
 */
export function writeMoves(context: TransformContext, version: FluxVersion, moves: readonly ChartMove[]): WrittenMoves {
  const { tree, ...first } = writeEach(context, version, moves);
  const repeated = first.moved.flatMap(({ move: { release, source } }): ChartStay[] => {
    const why = objectTo(context, tree, release, source.metadata.name);
    return why === undefined ? [] : [{ release, why }];
  });
  if (repeated.length === 0) return first;
  const left = moves.filter((move) => !repeated.some(({ release }) => release === move.release));
  const { edits, moved, refused } = writeEach(context, version, left);
  return { edits, moved, refused: [...refused, ...repeated] };
}

function objectTo(context: TransformContext, tree: Tree, release: KubeObject, source: string): string | undefined {
  const readings = readingsOf(context, tree, release);
  if (!readings || readings.length === 0) return "a patch on the way needs its chart where it is";
  if (readings.some(({ body }) => body?.spec?.chart !== undefined))
    return "a patch on the way says its chart again, and a release has a chart or a chartRef, not both";
  const isRead = readings.every(({ body }) => body?.spec?.chartRef?.name === source);
  return isRead ? undefined : "a patch on the way changes its chart";
}

function writeEach(
  context: TransformContext,
  version: FluxVersion,
  moves: readonly ChartMove[],
): WrittenMoves & { tree: Tree } {
  const conventions = learnConventions(context, version);
  const habit = learnHabit(context.tree, context.cluster);
  const result: WrittenMoves = { edits: [], moved: [], refused: [] };
  let { tree } = context;
  for (const move of moves) {
    const written = writeMove(tree, move, conventions, habit);
    if (typeof written === "string") {
      result.refused.push({ release: move.release, why: written });
      continue;
    }
    pushAll(result.edits, written.edits);
    result.moved.push({ move, file: written.file });
    tree = written.tree;
  }
  return { ...result, tree };
}

/** Writes one release and its source, or nothing and why. The tree that comes back holds both. */
function writeMove(tree: Tree, move: ChartMove, conventions: Conventions, habit: ChartHabit) {
  const { release, repository, source, besideRepository } = move;
  const evidence = [locateField(tree, repository, ["spec", "url"])];
  const why = `Chart ${source.spec.url} through OCIRepository ${source.metadata.name}.`;
  const text = tree.read(release.file) ?? "";
  const ranges = pointAtSource(text, move);
  if (typeof ranges === "string") return ranges;
  const edits: DraftEdit[] = [{ kind: "replace", path: release.file, ranges, why, evidence }];
  let next = applyEdits(tree, edits).tree;
  const beside = besideRepository ? repository : release;
  const file = chooseFile(next, beside, source.metadata.name, habit) ?? beside.file;
  const style = detectStyle([next.read(beside.file) ?? ""]);
  const comments = readChartComments(text, release);
  const heading = { schema: conventions.schemas.OCIRepository, isSchemaAbove: conventions.schemasAboveStart };
  const steps =
    file === beside.file
      ? appendTo(next, file, placeComments(printDocument(source, { ...style, documentStart: false }), comments), why)
      : createAt(next, file, beside.file, placeComments(printUnderSchema(source, style, heading), comments), why);
  if (typeof steps === "string") return steps;
  for (const edit of steps) next = applyEdits(next, [edit]).tree;
  return { tree: next, edits: [...edits, ...steps], file };
}

/** `chart:` becomes `chartRef:` on its own line; everything else of the release stays, to the byte. */
function pointAtSource(text: string, { release, source, besideRepository }: ChartMove) {
  const { doc } = release;
  const path = ["spec", "chart"];
  const key = locate(text, doc, path, { key: true });
  const { name } = source.metadata;
  const namespace = besideRepository ? { namespace: source.metadata.namespace } : {};
  const value = { kind: "OCIRepository", name, ...namespace };
  const raw = Object.entries(value).map(
    ([field, said]) => yaml`${printPreferred(field, "plain")}: ${printPreferred(said, "plain")}`,
  );
  const edited = editYaml(text, [{ op: "set", doc, path, value: new RawYaml(joinYaml(raw, "\n")) }]);
  if (!edited.ok) return edited.reason;
  if (!key || !/^["']?chart["']?$/.test(text.slice(key.start, key.end)))
    return "its chart is not written in the file itself";
  const renamed = { start: key.start, end: key.end, text: "chartRef" };
  const ranges = [...edited.ranges, renamed].sort((a, b) => a.start - b.start);
  if (ranges.some((range, index) => index > 0 && range.start < ranges[index - 1]!.end))
    return "its chart cannot be told from what is around it";
  const parsed = readYaml(spliceRanges(text, ranges, release.file));
  const after = parsed.ok ? (parsed.docs.find(({ index }) => index === doc)?.data as YamlData) : undefined;
  const { chart: _, ...rest } = release.data.spec ?? {};
  const { chartRef, ...others } = after?.spec ?? {};
  const isRight = JSON.stringify(chartRef) === JSON.stringify(value) && JSON.stringify(others) === JSON.stringify(rest);
  return isRight ? ranges : "the file would not mean what it should";
}

function appendTo(tree: Tree, file: string, source: Yaml, why: string): DraftEdit[] | string {
  const edited = editYaml(tree.read(file) ?? "", [{ op: "append-document", text: new RawYaml(source) }]);
  return edited.ok ? [{ kind: "replace", path: file, ranges: edited.ranges, why }] : edited.reason;
}

function createAt(tree: Tree, path: string, beside: string, text: Yaml, why: string): DraftEdit[] | string {
  const edits: DraftEdit[] = [{ kind: "create", path, text, why }];
  for (const { path: listing, index, entry } of listingsOf(tree, beside)) {
    const value = entry.slice(0, entry.lastIndexOf("/") + 1) + basename(path);
    const op = { op: "insert", doc: 0, path: ["resources"], index: index + 1, value } as const;
    const listed = editFile(tree, listing, [op], "List the new file.");
    if (listed.findings) return `${listing}: ${sayFinding(listed.findings[0]!).what}`;
    edits.push(...(listed.edits ?? []));
  }
  return edits;
}
