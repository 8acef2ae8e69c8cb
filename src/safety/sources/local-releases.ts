import type { ObjectKey } from "../../admission/key.ts";
import { isOpenText, mayBecome } from "../../admission/open-text.ts";
import type { ClusterChange, Side } from "../../change/change.ts";
import { makeOwnSpec, type ReadContext, readOwnedObject } from "../../change/read-object.ts";
import type { Build, FluxSpec, OwnedObject } from "../../change/types.ts";
import { mergeValues, readHelmValues } from "../../cluster/helm-values.ts";
import { filesOfKind, isYamlPath, objectsIn, toObject } from "../../cluster/objects.ts";
import { indexSources } from "../../cluster/sources.ts";
import { cutEnd } from "../../contract/cut.ts";
import { type Loc, lineOf } from "../../contract/errors.ts";
import { indexBy } from "../../contract/group-by.ts";
import { bodyOf, itemsOf, type KubeObject, type YamlData } from "../../contract/objects.ts";
import {
  isPackedChart,
  listChartFiles,
  listChartParts,
  printChartFacts,
  readChart,
  readValuesFile,
} from "../../delivery/chart/facts.ts";
import { fluxPath } from "../../delivery/kustomize/index.ts";
import { basename, dirname, join, makeWithin } from "../../delivery/paths.ts";
import { foldersHolding } from "../../files/disk-tree.ts";
import { sha256 } from "../../files/hash.ts";
import type { RenderChart } from "../../files/helm.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { fieldSource, kindPattern } from "../../yaml/kind-pattern.ts";
import { readYaml } from "../../yaml/read.ts";

const HELM_CHART = kindPattern("HelmChart");
const CHART = new RegExp(String.raw`${fieldSource("chart")}([^\s"'#]+)`, "g");

export interface LocalReleasesInput extends ClusterChange {
  read: ReadContext;
  render?: RenderChart | undefined;
}

type Trees = Pick<ClusterChange, "before" | "after">;

/** Folders of charts in either tree, of which a release may name any. */
function listCharts({ before, after }: Trees): string[] {
  const found = [before, after].flatMap((tree) => tree.paths.filter((path) => basename(path) === "Chart.yaml"));
  return [...new Set(found.map(dirname))].sort();
}

/** Those below the repository; a chart inside of another one is part of it. */
export function listChartFolders(trees: Trees): string[] {
  const folders = listCharts(trees).filter((folder) => folder !== "");
  const isSubchart = makeWithin(folders.map((folder) => join(folder, "charts")));
  return folders.filter((folder) => !isSubchart(folder));
}

/**
 * Files with releases of charts in this repository, by what their texts say, and those of them whose chart or values the
 * change touches elsewhere. Nothing where the change touches none of all this. Errs towards too many.
 * @param values whether the change may alter a ConfigMap or Secret
 */
export function findLocalReleases(change: ClusterChange, values: boolean): { holders: string[]; files: string[] } {
  const folders = listCharts(change);
  const { before, after, changed } = change;
  const packed = [before, after].flatMap((tree) => tree.paths.filter(isPackedChart));
  if (folders.length + packed.length === 0) return { holders: [], files: [] };
  const names = new Set([...folders, ...packed].map(basename));
  const partsOf = (folder: string) =>
    [before, after].flatMap((tree) => listChartParts(tree, folder).map(({ dir }) => dir));
  const byPart = indexBy(folders, partsOf);
  const near = ["", ...changed, ...foldersHolding(changed)];
  const others = packed.filter((path) => changed.has(path));
  const touched = new Set([...near.flatMap((dir) => byPart.get(dir) ?? []), ...others].map(basename));
  const mentions = (tree: Tree, file: string, some: ReadonlySet<string>) => {
    const text = isYamlPath(file) ? (tree.read(file) ?? "") : "";
    const isOne = text.includes("HelmRelease") || HELM_CHART.test(text);
    // A chart of an OCIRepository is packed elsewhere; only these two kinds can hold a folder of this repository.
    const isPointed = text.includes("chartRef") && /HelmChart|ExternalArtifact/.test(text);
    return isOne && (isPointed || namesChart(text, some));
  };
  const isEdited = [...changed].some((file) => mentions(before, file, names) || mentions(after, file, names));
  // What they make may read any file.
  const isReader = folders.some((folder) => [before, after].some((tree) => makesFlux(tree, folder)));
  const isMaker = ({ kind }: KubeObject) => kind === "ArtifactGenerator";
  const isCopied = [...change.removed, ...change.added].some(isMaker);
  const isValued = values || takesValues(change);
  if (touched.size === 0 && !isEdited && !isValued && !isReader && !isCopied) return { holders: [], files: [] };
  const all = [...new Set([...before.grep("HelmRelease"), ...changed])];
  const holders = all.filter((file) => mentions(before, file, names) || mentions(after, file, names));
  const files = holders.filter((file) => isValued || mentions(before, file, touched) || mentions(after, file, touched));
  return { holders, files };
}

/**
 * Whether a release may take a chart from a folder of one of these names: `chart: ./charts/web`. A value with a variable, an
 * alias or on lines of its own may be anything.
 */
function namesChart(text: string, names: ReadonlySet<string>): boolean {
  return [...text.matchAll(CHART)].some(([, value = ""]) => {
    const parts = cutEnd(value, "]},").split("/");
    const last = parts.findLast((part) => part !== "" && part !== ".") ?? "";
    return /\$\{|<</.test(value) || /^[>|&*!\\]/.test(value) || names.has(last);
  });
}

/** Where some are named, or a patch adds one; the CRDs only have the fields. */
const VALUES_FILES = /\/valuesFiles?\b|valuesFiles?["']?[ \t]*:[ \t]*(?:\S|\r?\n[ \t]*-)/;

/** Whether a release may take values from a file that the change touches, which may lie anywhere in the repository. */
function takesValues({ before, changed }: Pick<ClusterChange, "before" | "changed">): boolean {
  const names = new Set([...changed].map(basename));
  return before.grep("valuesFile").some((file) => {
    const text = before.read(file) ?? "";
    if (!VALUES_FILES.test(text)) return false;
    return text.includes("${") || text.split(/[\s"'[\]{},/]+/).some((word) => names.has(word));
  });
}

/** Whether a chart may make objects of Flux. */
function makesFlux(tree: Tree, folder: string): boolean {
  return listChartFiles(tree, folder).some(({ path }) => tree.read(path)?.includes(".fluxcd."));
}

/** The end of the name of a packed chart: its version. */
const PACKED = /(?:-v?\d[\w.+-]*)?\.tgz$/;

interface LocalChart {
  folder: string;
  name: string;
  /** Files of values that take the place of its own. */
  files: readonly string[];
}

interface Rendering {
  object: OwnedObject;
  folder: string;
  values: YamlData;
  /** What source-controller writes into the chart. */
  packed: Record<string, string>;
}

/** Releases of charts that lie in this repository, on one tree. */
export class LocalReleases {
  readonly #side: Side;
  readonly #input: LocalReleasesInput;
  readonly #tree: Tree;

  constructor(side: Side, input: LocalReleasesInput) {
    this.#side = side;
    this.#input = input;
    this.#tree = input[side];
  }

  /**
   * A release with what its chart makes, where that lies in this repository; otherwise as it is. Without a program to render
   * it nothing is known but whether the change touches what decides which objects there are.
   */
  read(object: OwnedObject, beside: ReadonlyMap<ObjectKey, OwnedObject>): OwnedObject {
    const { release } = object;
    const spec = object.body?.spec;
    if (!release) return object;
    const chart = this.#findChart(object, spec, beside);
    if (!chart) return object;
    const { chartRef: _, ...rest } = release;
    const isNamed = release.chart !== undefined || release.chartRef !== undefined;
    const named = isNamed ? { ...rest, chart: chart.name } : release;
    return { ...object, release: named, flux: this.#toSpec(object, spec, chart) };
  }

  #findChart(object: OwnedObject, spec: YamlData, beside: ReadonlyMap<ObjectKey, OwnedObject>): LocalChart | undefined {
    const said =
      spec?.chart?.spec ?? this.#readHelmChart(object, spec?.chartRef, beside) ?? this.#readArtifact(spec?.chartRef);
    const { kind, name } = said?.sourceRef ?? {};
    const { read, cluster } = this.#input;
    if (typeof said?.chart !== "string" || said.chart.includes("${") || !read.sources.has(`${kind}/${name}`))
      return undefined;
    const folder = join(cluster.artifactRoot, fluxPath(said.chart));
    if (isPackedChart(folder)) return { folder, name: basename(folder).replace(PACKED, ""), files: [] };
    const chart = readChart(this.#tree, folder);
    const files = [said.valuesFile, ...itemsOf(said.valuesFiles)].filter((file) => typeof file === "string");
    return (
      chart && { folder, name: chart.name, files: files.map((file) => join(cluster.artifactRoot, fluxPath(file))) }
    );
  }

  /** The folder that an ExternalArtifact is a copy of. */
  #readArtifact(ref: YamlData): YamlData {
    if (ref?.kind !== "ExternalArtifact") return undefined;
    const { kind, name } = ref;
    const copied = this.#input.read.copyOf?.({ sourceRef: { kind, name }, path: "./" });
    return copied && { chart: copied.path, sourceRef: copied.sourceRef };
  }

  #readHelmChart(object: OwnedObject, ref: YamlData, beside: ReadonlyMap<ObjectKey, OwnedObject>): YamlData {
    if (ref?.kind !== "HelmChart") return undefined;
    const near = [...beside.values()].find(({ kind, name }) => kind === "HelmChart" && name === ref.name);
    if (near) return near.body?.spec;
    const all = remember(this.#tree, "helm charts", "", () =>
      objectsIn(this.#tree, filesOfKind(this.#tree, "HelmChart")),
    );
    const namespace = ref.namespace ?? object.namespace;
    const find = indexSources(all);
    return find({ kind: "HelmChart", name: String(ref.name), namespace }, object.at?.file ?? "")?.data.spec;
  }

  #toSpec(object: OwnedObject, spec: YamlData, chart: LocalChart): FluxSpec {
    const { folder, files } = chart;
    if (isPackedChart(folder)) return this.#toPacked(object, spec, folder);
    const { read, changed } = this.#input;
    // What is in another cluster is not told object by object.
    const render = spec?.kubeConfig === undefined ? this.#input.render : undefined;
    const { file, doc } = { file: object.at?.file ?? "", doc: object.doc ?? 0 };
    const place = { file, doc, apiVersion: "", kind: object.kind, name: object.name, namespace: object.namespace };
    const { values: given } = readHelmValues(this.#tree, { ...place, data: object.body }, spec);
    const values = given.known ? given.value : given.partial;
    const unread = given.known ? [] : given.unknowns.map(({ what }) => what);
    const marks = (path: string) => (changed.has(path) && this.#tree.read(path) === undefined ? this.#side : "");
    // Laid over one another (source-controller, `mergeFileValues`).
    const defaults = (files.length > 0 ? files : [join(folder, "values.yaml")])
      .map((file) => readValuesFile(this.#tree, file))
      .reduce((merged, one) => mergeValues(merged, one), {});
    const all = mergeValues(defaults, values);
    const isOpen = files.some((file) => isOpenText(file) && [...changed].some((path) => mayBecome(file, path)));
    const facts = JSON.stringify([
      printChartFacts(this.#tree, folder, all, marks),
      unread,
      isOpen ? this.#side : "",
      spec?.postRenderers ?? null,
      object.release?.identity,
    ]);
    const suspend = spec?.suspend === true;
    const texts = render ? this.#hashFiles(folder, marks) : "";
    const id = JSON.stringify([
      "HelmRelease",
      object.key,
      suspend,
      facts,
      ...(render ? [values, defaults, texts] : []),
    ]);
    const unknown = {
      what: `what the chart ${folder || "."} renders`,
      at: lineOf(join(folder, "Chart.yaml")),
      reads: facts,
    };
    const build = (): Build => {
      if (!render) return { ok: true, objects: new Map(), unknown: [unknown] };
      const packed = files.length > 0 ? { "values.yaml": JSON.stringify(defaults) } : {};
      const rendered = this.#render(render, { object, folder, values, packed });
      if (!rendered.ok) return rendered;
      const isWhole = unread.length === 0 && spec?.postRenderers === undefined;
      return {
        ...rendered,
        unknown: isWhole ? [] : [{ ...unknown, what: `${unknown.what} (${unread.join(", ") || "postRenderers"})` }],
      };
    };
    const own = { mayHoldFlux: makesFlux(this.#tree, folder), build };
    // What goes with a release that is taken out is told by the release itself, where nothing else is known.
    return makeOwnSpec(id, { suspend, finalizes: render !== undefined && !suspend, own }, read);
  }

  /** What is in a packed chart nobody reads here: another version is as one from elsewhere, another content of the same file is not. */
  #toPacked(object: OwnedObject, spec: YamlData, path: string): FluxSpec {
    const { before, after, changed, read } = this.#input;
    const isOther = changed.has(path) && before.has(path) && after.has(path);
    const reads = JSON.stringify(["packed chart", object.key, isOther ? this.#side : ""]);
    const unknown = { what: `what the chart ${path} renders`, at: lineOf(path), reads };
    const build = (): Build => ({ ok: true, objects: new Map(), unknown: [unknown] });
    const own = { mayHoldFlux: false, build };
    return makeOwnSpec(reads, { suspend: spec?.suspend === true, finalizes: false, own }, read);
  }

  #hashFiles(folder: string, marks: (path: string) => string): string {
    const files = () =>
      listChartFiles(this.#tree, folder).map(({ path }) => [path, this.#tree.read(path), marks(path)]);
    return remember(this.#tree, "chart text", folder, () => sha256(JSON.stringify(files())));
  }

  #render(render: RenderChart, { object, folder, values, packed }: Rendering): Build {
    const files = new Map(Object.entries(packed));
    const places = new Map(listChartFiles(this.#tree, folder).map(({ path, inner }) => [inner, path]));
    for (const [inner, path] of places) {
      const text = this.#tree.read(path);
      if (text !== undefined && !files.has(inner)) files.set(inner, text);
    }
    const at = lineOf(join(folder, "Chart.yaml"));
    const { name: release, target: namespace } = object.release!;
    const rendered = render({ files, release, namespace, values: JSON.stringify(values ?? {}) });
    if (!rendered.ok)
      return {
        ok: false,
        reason: `its chart ${folder} cannot be rendered here (${rendered.reason})`,
        at,
        unread: true,
      };
    const objects = readRendered(rendered.text, { places, namespace, read: this.#input.read, at });
    return objects
      ? { ok: true, objects, unknown: [] }
      : { ok: false, reason: `what its chart ${folder} renders is no YAML`, at };
  }
}

interface RenderedInput {
  /** Files by their paths in the chart. */
  places: ReadonlyMap<string, string>;
  namespace: string;
  read: ReadContext;
  at: Loc;
}

/** The objects that helm prints, each with the template that it names above it. */
function readRendered(
  text: string,
  { places, namespace, read, at }: RenderedInput,
): ReadonlyMap<ObjectKey, OwnedObject> | undefined {
  const objects = new Map<ObjectKey, OwnedObject>();
  for (const part of text.split(/^---[ \t]*\r?\n/m)) {
    const source = /^# Source: [^/\s]+\/(.+)$/m.exec(part)?.[1]?.trimEnd();
    const file = places.get(source ?? "") ?? at.file;
    const parsed = readYaml(part);
    if (!parsed.ok) return undefined;
    for (const { data } of parsed.docs) {
      const object = toObject(file, 0, data);
      if (!object) continue;
      const delivered = { ...object, namespace: object.namespace || namespace, body: bodyOf(object) };
      const owned = readOwnedObject(delivered, undefined, read, "");
      const spared = delivered.body.metadata?.annotations?.["helm.sh/resource-policy"] === "keep";
      objects.set(owned.key, { ...owned, spared, made: { template: source ?? "", input: "" } });
    }
  }
  return objects;
}
