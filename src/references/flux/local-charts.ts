import { splitKey } from "../../admission/key.ts";
import type { ArtifactView } from "../../change/artifact-views.ts";
import type { CopyOf } from "../../change/copies.ts";
import type { Given } from "../../change/given.ts";
import type { TreeChange } from "../../change/types.ts";
import type { Held } from "../../change/world.ts";
import { lineOf } from "../../contract/errors.ts";
import { findFirst } from "../../contract/find-first.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { notIn } from "../../contract/not-in.ts";
import { itemsOf, valueAt, type YamlData } from "../../contract/objects.ts";
import { chartFileOf, isPackedChart } from "../../delivery/chart/facts.ts";
import { fluxPath } from "../../delivery/kustomize/index.ts";
import { basename, dirname, join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import { readYamlCached } from "../../yaml/read.ts";
import { type Stopped, stopsOf } from "../stopped.ts";

export interface LocalChartInput {
  change: TreeChange;
  /** `Kind/name` of the sources that hold this repository. */
  sources: ReadonlySet<string>;
  artifactRoot: string;
  /** Both trees as a source passes them on. */
  viewOf: (source: string) => ArtifactView;
  /** What an ExternalArtifact is copied from after the change. */
  copyOf?: CopyOf | undefined;
}

/** Releases of charts in this repository whose folder has no Chart.yaml after the change. */
export function findLostCharts(given: Given, input: LocalChartInput): Stopped[] {
  const { change, viewOf } = input;
  const left = [...input.sources].map(viewOf).filter(({ differs }) => differs);
  const hidden =
    left.length > 0 ? change.before.paths.filter((file) => left.some(({ after }) => !after.has(file))) : [];
  const gone = [...change.changed].flatMap((file) => {
    if (change.after.has(file)) return [];
    return file.endsWith("/Chart.yaml") ? [file.split("/").at(-2)!] : isPackedChart(file) ? [basename(file)] : [];
  });
  const folders = [...gone, ...hidden.flatMap((file) => dirname(file).split("/"))];
  if (folders.length > 0) given.after.search(folders);
  const bySource = new Map<string, readonly string[]>();
  const listHidden = (source: string) =>
    getOrMake(bySource, source, () => {
      const { before, after } = viewOf(source);
      return hidden.filter((file) => change.after.has(file) && before.has(file) && !after.has(file));
    });
  return stopsOf(given, (held, was) => {
    const folder = folderOf(held, input);
    if (folder === undefined) return [];
    const { before, after } = viewOf(sourceOf(held, input)!);
    const chart = chartFileOf(folder);
    if (after.has(chart)) {
      const file = firstBelow(listHidden(sourceOf(held, input)!), folder);
      return file === undefined ? [] : { ...LEFT_OUT, what: `loses ${file} of its chart, which its source leaves out` };
    }
    const isGone = before.has(chart);
    const isHidden = change.after.has(chart);
    // Its document is gone as well: it is there only as what applies it does not build, which is said.
    if (held.object.at && !change.after.has(held.object.at.file)) return [];
    // One that has no chart today either loses nothing.
    if (!isGone && was && folderOf(was, input) === folder) return [];
    return {
      path: [...placeOf(held), "chart"],
      rule: "build-breaks",
      what: isHidden
        ? `has its chart in ${folder}, which its source leaves out after this change: Flux cannot build it`
        : `has its chart in ${folder}, ${isPackedChart(folder) ? "which is not there" : "where no Chart.yaml is"} after this change: Flux cannot build it`,
      ...(isHidden ? HIDDEN : isGone ? GONE : ABSENT),
    };
  });
}

/** The folder of the chart of a release, where the change takes that away. */
export function takenChartOf(held: Held, input: LocalChartInput): string | undefined {
  const folder = folderOf(held, input);
  if (folder === undefined) return undefined;
  const { before, after } = input.viewOf(sourceOf(held, input)!);
  const chart = chartFileOf(folder);
  return before.has(chart) && !after.has(chart) ? folder : undefined;
}

/** The first of sorted paths that lies in a folder. */
function firstBelow(paths: readonly string[], folder: string): string | undefined {
  const prefix = folder === "" ? "" : `${folder}/`;
  const first = paths[findFirst(paths, (path) => path >= prefix)];
  return first?.startsWith(prefix) ? first : undefined;
}

const MOVE = "Correct the path, or move the release along with the chart.";
const GONE = { why: "The change takes it away, and the release stays.", next: MOVE };
const ABSENT = { why: "Nothing of that chart was there before either.", next: MOVE };
const HIDDEN = {
  why: "Only what a source passes on reaches source-controller.",
  next: "Let the source pass that folder on (sparseCheckout, ignore, .sourceignore), or correct the path.",
};

const LEFT_OUT = {
  path: [],
  rule: "build-breaks",
  why: "Helm renders the chart without it, and deletes what that made.",
  next: "Take the pattern back, or narrow it down.",
  look: "compare what helm template renders with that file and without",
} as const;

/**
 * Charts of this repository that Helm cannot load any more: a Chart.yaml without a name or a version, values that are no map, or a
 * file of `valuesFiles` that is not there. source-controller then makes no chart, and the release stays as it is.
 */
export function findSpoiltCharts(given: Given, input: LocalChartInput): Stopped[] {
  const { change } = input;
  // What stands in values files has any name; a chart is told by its folder.
  const spoilt = [...change.changed].filter((file) => /\.ya?ml$/.test(file) && why(change.after, file) !== undefined);
  given.after.search(
    spoilt.flatMap((file) => [basename(file), ...(isOfChart(file) ? [basename(dirname(file))] : [])]).filter(Boolean),
  );
  return stopsOf(given, (held, was) => {
    const folder = folderOf(held, input);
    if (folder === undefined || !change.after.has(join(folder, "Chart.yaml"))) return [];
    const known = was ? listSpoilt(change.before, was, input) : [];
    const [first] = notIn(listSpoilt(change.after, held, input), known, ({ text }) => text);
    if (!first) return [];
    return {
      path: first.path,
      ...(first.isFile ? { at: lineOf(first.file) } : {}),
      rule: "build-breaks",
      what: `gets no chart any more: ${first.text}`,
      why: "source-controller reports an error and makes no new chart, so the release stays as it is, whatever else changes.",
      next: "Correct that first.",
    };
  });
}

const isOfChart = (file: string): boolean => /(?:^|\/)(?:Chart|values)\.yaml$/.test(file);

/** What Helm takes for a version (Masterminds semver, NewVersion). */
const VERSION = /^v?\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
const LONGEST = 300;

/** Why Helm cannot read a file; a Chart.yaml has more to say than values. */
function why(tree: Tree, file: string): string | undefined {
  if (!tree.has(file)) return "is not there";
  if (tree.status(file) !== "text") return undefined;
  const parsed = readYamlCached(tree.read(file) ?? "");
  // Of a key that stands there twice Helm takes the last.
  if (!parsed.ok) return /duplicat/i.test(parsed.reason) ? undefined : "is no valid YAML";
  const data: YamlData = parsed.docs[0]?.data ?? {};
  if (!isMap(data)) return "is no map";
  if (basename(file) !== "Chart.yaml") return undefined;
  const { apiVersion, name, version } = data;
  const lacks = Object.entries({ apiVersion, name, version }).find(([, value]) => (value ?? "") === "");
  if (lacks) return `has no ${lacks[0]}`;
  return VERSION.test(String(version).slice(0, LONGEST))
    ? undefined
    : `has the version ${JSON.stringify(version)}, which is none`;
}

function listSpoilt(tree: Tree, held: Held, input: LocalChartInput) {
  const folder = folderOf(held, input);
  if (folder === undefined) return [];
  const at = placeOf(held);
  const spec = valueAt(held.object.body, at);
  const own = ["Chart.yaml", "values.yaml"].map((name) => ({
    file: join(folder, name),
    path: [...at, "chart"],
    isFile: true,
  }));
  const files: unknown[] = spec?.ignoreMissingValuesFiles === true ? [] : itemsOf(spec?.valuesFiles);
  const values = files.flatMap((file, index) =>
    typeof file === "string" && !file.includes("${")
      ? {
          file: join(input.artifactRoot, fluxPath(file)),
          path: [...at, "valuesFiles", index],
          isFile: false,
        }
      : [],
  );
  return [...own.filter(({ file }) => tree.has(file)), ...values].flatMap((one) => {
    const reason = why(tree, one.file);
    return reason === undefined ? [] : [{ ...one, text: `${one.file} ${reason}` }];
  });
}

/** Where its chart is said. */
function placeOf({ object: { kind, body } }: Held): string[] {
  if (kind === "HelmChart") return ["spec"];
  return body?.spec?.chartRef ? ["spec", "chartRef"] : ["spec", "chart", "spec"];
}

/** What a release, or a HelmChart, says of its chart; of an ExternalArtifact what that is copied from. */
function saidOf({ object }: Held, { copyOf }: LocalChartInput): YamlData {
  const { group, kind, remote } = splitKey(object.key);
  const spec = object.body?.spec;
  if (remote !== "" || spec?.suspend === true) return undefined;
  const isChart = kind === "HelmChart" && group === "source.toolkit.fluxcd.io";
  if (!object.release || isChart) return isChart ? spec : undefined;
  const { kind: of, name } = spec?.chartRef ?? {};
  if (of !== "ExternalArtifact") return spec?.chart?.spec;
  const copied = copyOf?.({ sourceRef: { kind: of, name }, path: "./" });
  return copied && { chart: copied.path, sourceRef: copied.sourceRef };
}

/** `Kind/name` of the source of its chart. */
function sourceOf(held: Held, input: LocalChartInput): string | undefined {
  const ref = saidOf(held, input)?.sourceRef;
  return ref && `${ref.kind}/${ref.name}`;
}

/** Folder of the chart of a release, or of a HelmChart, that is read from a source of this repository. */
function folderOf(held: Held, input: LocalChartInput): string | undefined {
  const { sources, artifactRoot } = input;
  const said = saidOf(held, input);
  if (typeof said?.chart !== "string" || said.chart.includes("${") || !sources.has(sourceOf(held, input) ?? ""))
    return undefined;
  return join(artifactRoot, fluxPath(said.chart));
}
