import type { DraftEdit } from "../../src/contract/edit.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { dirname } from "../../src/delivery/paths.ts";
import { applyEdits } from "../../src/files/overlay.ts";
import type { Tree } from "../../src/files/tree.ts";
import { sayFinding } from "../../src/findings/say.ts";
import { editYaml } from "../../src/yaml/edit.ts";
import { locate } from "../../src/yaml/locate.ts";
import { printDocument } from "../../src/yaml/print.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { detectStyle } from "../../src/yaml/style.ts";
import type { Conventions } from "../shared/apps/conventions.ts";
import { editFile } from "../shared/edit-file.ts";
import { placeComments, readChartComments } from "./comments.ts";
import type { ChartMove } from "./decide.ts";
import { type ChartHabit, chooseFile, listingsOf } from "./place.ts";

export type Written = { tree: Tree; edits: DraftEdit[]; file: string } | { refused: string };

/** Writes one release and its source, or nothing at all. The tree that comes back holds both. */
export function writeMove(tree: Tree, move: ChartMove, conventions: Conventions, habit: ChartHabit): Written {
  const { release, repository, source, besideRepository } = move;
  const evidence = [locateField(tree, repository, ["spec", "url"])];
  const why = `Chart ${source.spec.url} through OCIRepository ${source.metadata.name}.`;
  const text = tree.read(release.file) ?? "";
  const ranges = pointAtSource(text, move);
  if (typeof ranges === "string") return { refused: ranges };
  const edits: DraftEdit[] = [{ kind: "replace", path: release.file, ranges, why, evidence }];
  let next = applyEdits(tree, edits).tree;
  const beside = besideRepository ? repository : release;
  const file = chooseFile(next, beside, source.metadata.name, habit) ?? beside.file;
  const steps =
    file === beside.file
      ? appendTo(next, file, move, text, why)
      : createAt(next, file, beside.file, move, conventions, text, why);
  if (typeof steps === "string") return { refused: steps };
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
  const edited = editYaml(text, [{ op: "set", doc, path, value: { raw: rawMap(value) } }]);
  if (!edited.ok) return edited.reason;
  if (!key || !/^["']?chart["']?$/.test(text.slice(key.start, key.end)))
    return "its chart is not written in the file itself";
  const renamed = { start: key.start, end: key.end, text: "chartRef" };
  const ranges = [...edited.ranges, renamed].sort((a, b) => a.start - b.start);
  if (ranges.some((range, index) => index > 0 && range.start < ranges[index - 1]!.end))
    return "its chart cannot be told from what is around it";
  let result = text;
  for (const range of [...ranges].reverse())
    result = result.slice(0, range.start) + range.text + result.slice(range.end);
  const parsed = readYaml(result);
  const after = parsed.ok ? (parsed.docs.find(({ index }) => index === doc)?.data as YamlData) : undefined;
  const { chart: _, ...rest } = release.data.spec ?? {};
  const { chartRef, ...others } = after?.spec ?? {};
  const isRight = JSON.stringify(chartRef) === JSON.stringify(value) && JSON.stringify(others) === JSON.stringify(rest);
  return isRight ? ranges : "the file would not mean what it should";
}

function rawMap(value: Record<string, string>): string {
  return Object.entries(value)
    .map(([key, item]) => `${key}: ${item}`)
    .join("\n");
}

function appendTo(tree: Tree, file: string, move: ChartMove, old: string, why: string): DraftEdit[] | string {
  const text = tree.read(file) ?? "";
  const style = detectStyle([text]);
  const source = placeComments(
    printDocument(move.source, { ...style, documentStart: false }),
    readChartComments(old, move.release),
  );
  const edited = editYaml(text, [{ op: "append-document", text: source }]);
  if (!edited.ok) return edited.reason;
  return [{ kind: "replace", path: file, ranges: edited.ranges, why }];
}

function createAt(
  tree: Tree,
  path: string,
  beside: string,
  { source, release }: ChartMove,
  { schemas }: Conventions,
  old: string,
  why: string,
): DraftEdit[] | string {
  const style = detectStyle([tree.read(beside) ?? ""]);
  const comments = schemas.OCIRepository ? { leadingComments: [schemas.OCIRepository] } : {};
  const text = placeComments(printDocument(source, style, comments), readChartComments(old, release));
  const edits: DraftEdit[] = [{ kind: "create", path, text, why }];
  const name = path.slice(dirname(path).length + (dirname(path) === "" ? 0 : 1));
  for (const { path: listing, index, entry } of listingsOf(tree, beside)) {
    const value = entry.slice(0, entry.lastIndexOf("/") + 1) + name;
    const op = { op: "insert", doc: 0, path: ["resources"], index: index + 1, value } as const;
    const listed = editFile(tree, listing, [op], "List the new file.");
    if (listed.findings) return `${listing}: ${sayFinding(listed.findings[0]!).what}`;
    edits.push(...(listed.edits ?? []));
  }
  return edits;
}
