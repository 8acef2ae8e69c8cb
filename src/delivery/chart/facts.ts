import type { YamlData } from "../../contract/objects.ts";
import { sha256 } from "../../files/hash.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import { readYamlCached } from "../../yaml/read.ts";
import { basename, dirname, join, pathsWithin } from "../paths.ts";
import { readShape, type TemplateShape } from "./template-shape.ts";

/** What a folder with a Chart.yaml says of itself; undefined where there is none that can be read. */
export function readChart(tree: Tree, folder: string): { name: string; dependencies: YamlData[] } | undefined {
  const data = readOne(tree, join(folder, "Chart.yaml"));
  if (!isMap(data) || typeof data.name !== "string") return undefined;
  return { name: data.name, dependencies: Array.isArray(data.dependencies) ? data.dependencies : [] };
}

/** A folder of a repository that is part of a chart, and where its files are in that. */
interface ChartPart {
  dir: string;
  inner: string;
}

/**
 * The folder of a chart, and those beside it that it depends on (`repository: file://../common`): source-controller adds each that
 * does not lie in its `charts` (`addLocalDependency`), and nothing that those depend on.
 */
export function listChartParts(tree: Tree, folder: string): readonly ChartPart[] {
  return remember(tree, "chart parts", folder, () => {
    const beside = (readChart(tree, folder)?.dependencies ?? []).flatMap((one): ChartPart | [] => {
      const path = /^file:\/\/(.+)$/.exec(String(one?.repository))?.[1];
      const inner = `charts/${one?.name}`;
      return path === undefined || isHeld(tree, join(folder, inner)) ? [] : { dir: join(folder, path), inner };
    });
    return [{ dir: folder, inner: "" }, ...beside];
  });
}

/** Whether a chart is a file that `helm package` makes (`web-1.0.0.tgz`): source-controller takes one as it does a folder (`secureloader`). */
export const isPackedChart = (path: string): boolean => path.endsWith(".tgz");

/** What has to be there for a chart to be. */
export const chartFileOf = (path: string): string => (isPackedChart(path) ? path : join(path, "Chart.yaml"));

/** As a folder, or packed. */
function isHeld(tree: Tree, subchart: string): boolean {
  const isPacked = (name: string) => name.startsWith(`${basename(subchart)}-`) && name.endsWith(".tgz");
  return tree.isDir(subchart) || tree.entries(dirname(subchart)).some(isPacked);
}

/** The files of a chart, each with its path in that. */
export function listChartFiles(tree: Tree, folder: string): readonly { path: string; inner: string }[] {
  return remember(tree, "chart files", folder, () =>
    listChartParts(tree, folder).flatMap(({ dir, inner }) => {
      return pathsWithin(tree.paths, dir).map((path) => ({
        path,
        inner: join(inner, path.slice(dir === "" ? 0 : dir.length + 1)),
      }));
    }),
  );
}

/** Values of a chart, such as those of its own `values.yaml`. */
export function readValuesFile(tree: Tree, path: string): YamlData {
  return readOne(tree, path) ?? {};
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
  const templates = files.filter(({ inner }) => isTemplate(inner));
  const shapes = templates.map(({ path, inner }) => ({ path: inner, ...shapeOf(tree, path) }));
  const usesFiles = templates.some(({ path }) => /\.Files\b/.test(tree.read(path) ?? ""));
  const others = files.filter(({ inner }) => !isTemplate(inner) && isPart(inner, usesFiles));
  const paths = new Set(shapes.flatMap(({ values: own }) => own.map((path) => JSON.stringify(path))));
  const { dependencies = [] } = readChart(tree, folder) ?? {};
  const subcharts = dependencies.flatMap((one) => [one?.alias ?? one?.name].filter((name) => typeof name === "string"));
  const switches = dependencies.flatMap((one) => [
    ...(typeof one?.condition === "string"
      ? one.condition.split(",").map((path: string) => path.trim().split("."))
      : []),
    ...(Array.isArray(one?.tags) ? one.tags.map((tag: unknown) => ["tags", String(tag)]) : []),
  ]);
  const read = [
    ...[...paths].map((path): string[] => JSON.parse(path)),
    ...subcharts.map((name) => [name]),
    ...switches,
  ];
  return JSON.stringify([
    shapes.map(({ path, lines }) => [path, lines]),
    others.map(({ path, inner }) => [inner, sha256(tree.read(path) ?? ""), marks(path)]),
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

/** Also of a subchart, whose values stand below its name. */
function isTemplate(inner: string): boolean {
  const path = inner.replace(/^charts\/[^/]+\//, "");
  return path.startsWith("templates/") && !path.startsWith("templates/tests/") && basename(path) !== "NOTES.txt";
}

function isPart(path: string, usesFiles: boolean): boolean {
  if (path.startsWith("charts/")) return usesFiles || !path.endsWith(".md");
  if (path === ".helmignore") return true;
  if (!usesFiles || path.startsWith("templates/") || path.startsWith("crds/")) return false;
  return !/^(Chart|values[\w.-]*)\.(yaml|lock|schema\.json)$|\.md$|^LICENSE(\.txt)?$/.test(path);
}

function valueAt(values: YamlData, path: readonly string[]): unknown {
  let value: unknown = values;
  for (const step of path) value = isMap(value) ? value[step] : undefined;
  return value;
}
