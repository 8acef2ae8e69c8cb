import type { YamlData } from "../../contract/objects.ts";
import { sha256 } from "../../files/hash.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import { readYamlCached } from "../../yaml/read.ts";
import { basename, isWithin, join } from "../paths.ts";
import { readShape, type TemplateShape } from "./template-shape.ts";

/** What a folder with a Chart.yaml says of itself; undefined where there is none that can be read. */
export function readChart(tree: Tree, folder: string): { name: string; dependencies: YamlData[] } | undefined {
  const data = readOne(tree, join(folder, "Chart.yaml"));
  if (!isMap(data) || typeof data.name !== "string") return undefined;
  return { name: data.name, dependencies: Array.isArray(data.dependencies) ? data.dependencies : [] };
}

/** The files of a chart. */
export function listChartFiles(tree: Tree, folder: string): readonly string[] {
  return remember(tree, "chart files", folder, () => tree.paths.filter((path) => isWithin(path, folder)));
}

/** Values of the chart itself. */
export function readDefaults(tree: Tree, folder: string): YamlData {
  return readOne(tree, join(folder, "values.yaml")) ?? {};
}

function readOne(tree: Tree, path: string): YamlData {
  const parsed = readYamlCached(tree.read(path) ?? "");
  return parsed.ok ? parsed.docs[0]?.data : undefined;
}

/**
 * Everything that decides which objects a chart makes, and what becomes of them, as text: the shape of its templates, the
 * values that stand in it, its subcharts. Equal texts: the change touches content only.
 * @param values of the chart and the release together
 * @param marks differs between the trees for a file whose content cannot be read and that the change touches
 */
export function printChartFacts(tree: Tree, folder: string, values: YamlData, marks: (path: string) => string): string {
  const files = listChartFiles(tree, folder);
  const inner = (path: string) => path.slice(folder === "" ? 0 : folder.length + 1);
  const templates = files.filter((path) => isTemplate(inner(path)));
  const shapes = templates.map((path) => ({ path: inner(path), ...shapeOf(tree, path) }));
  const usesFiles = templates.some((path) => /\.Files\b/.test(tree.read(path) ?? ""));
  const others = files.filter((path) => isPart(inner(path), usesFiles));
  const paths = new Set(shapes.flatMap(({ values: own }) => own.map((path) => JSON.stringify(path))));
  const { dependencies = [] } = readChart(tree, folder) ?? {};
  const subcharts = dependencies.flatMap((one) => [one?.alias ?? one?.name].filter((name) => typeof name === "string"));
  const read = [...[...paths].map((path): string[] => JSON.parse(path)), ...subcharts.map((name) => [name])];
  return JSON.stringify([
    shapes.map(({ path, lines }) => [path, lines]),
    others.map((path) => [inner(path), sha256(tree.read(path) ?? ""), marks(path)]),
    dependencies,
    read.map((path) => [path, valueAt(values, path) ?? null]).sort(),
  ]);
}

function shapeOf(tree: Tree, path: string): TemplateShape {
  return remember(tree, "template shape", path, () => {
    const { lines, values } = readShape(path, tree.read(path) ?? "");
    return { lines: sha256(lines), values };
  });
}

function isTemplate(path: string): boolean {
  return path.startsWith("templates/") && !path.startsWith("templates/tests/") && basename(path) !== "NOTES.txt";
}

function isPart(path: string, usesFiles: boolean): boolean {
  if (path.startsWith("charts/") || path === ".helmignore") return true;
  if (!usesFiles || path.startsWith("templates/") || path.startsWith("crds/")) return false;
  return !/^(Chart|values[\w.-]*)\.(yaml|lock|schema\.json)$|\.(md|txt)$|^LICENSE$/.test(path);
}

function valueAt(values: YamlData, path: readonly string[]): unknown {
  let value: unknown = values;
  for (const step of path) value = isMap(value) ? value[step] : undefined;
  return value;
}
