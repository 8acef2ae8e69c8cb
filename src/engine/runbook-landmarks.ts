import { isFluxInstance, isFluxKustomization, isHelmRelease } from "../flux/kinds.ts";
import type { Cluster, KubeObject, YamlData } from "../flux/types.ts";
import type { Tree } from "../workspace/tree.ts";
import { readYamlCached } from "../yaml/index.ts";
import { supersededSource, syncName } from "./guards.ts";
import type { Edit, Finding, MergeSafety, Options, Phase } from "./types.ts";

export interface RunbookInput {
  cluster: Cluster;
  phase: Phase;
  options: Options;
  /** The tree with or without this phase's edits; created files are read from the edits first. */
  tree: Tree;
  edits: Edit[];
  findings: Finding[];
  /** Version of fluxlift. */
  version: string;
  /** The branch that is checked out. */
  branch?: string;
  /** What Flux does when the phase is merged and then reverted; undefined when it changes nothing. */
  reverse?: () => MergeSafety | undefined;
}

/** A Helm release of the operator or the instance as the generated files describe it. */
export interface ChartApp {
  /** File whose `spec.values` are the values; undefined for a ResourceSet, which has none of its own. */
  file?: string;
  /** Name of the HelmRelease, where its file holds other documents too. */
  among?: string;
  release: string;
  namespace: string;
  chart: string;
  version?: string;
  /** Values hold `$$`, which Flux turns into `$` and Helm does not. */
  escaped: boolean;
}

/** The names and places of this repository that the runbook speaks of. */
export interface Landmarks {
  namespace: string;
  source?: { kind: string; name: string; namespace: string; url: string; ref: string };
  root: { name: string; namespace: string; path: string };
  /** Name of the generated source and root; undefined under `--sync keep`. */
  sync?: string;
  /** Old source that another one takes the place of. */
  oldSource?: KubeObject;
  /** FluxKustomizations and sources, or the HelmRelease, that apply the old install. */
  installers: KubeObject[];
  chartRelease?: KubeObject;
  operator?: ChartApp;
  instance?: ChartApp;
  /** File of a FluxInstance that is a plain manifest. */
  instanceFile?: string;
  /** `v2.6.4` as detected, or what `--flux-version` says. */
  version?: string;
  /** Minor of that version, such as `2.6`. */
  minor?: string;
  branch?: string;
}

interface Doc {
  file: string;
  text: string;
  data: YamlData;
}

/** Collects the landmarks of a cluster from the model, the edits and the tree. */
export function findLandmarks(input: RunbookInput): Landmarks {
  const { cluster, options } = input;
  const docs = readGeneratedDocs(input);
  const objects = cluster.install?.objects ?? [];
  const version = options.fluxVersion ?? cluster.install?.version?.value;
  const branch = cluster.branch ?? input.branch;
  const marks: Landmarks = {
    namespace: cluster.namespace,
    root: {
      name: cluster.root.name,
      namespace: cluster.root.namespace || cluster.namespace,
      path: String(cluster.root.data?.spec?.path ?? "./"),
    },
    installers: objects.filter((object) => isFluxKustomization(object) || object.kind === "OCIRepository"),
  };
  const old = supersededSource(cluster, options);
  const release = objects.find(isHelmRelease);
  const operator = findChart(docs, "flux-operator", cluster.namespace) ?? findOperatorSet(docs, cluster.namespace);
  const instance = findChart(docs, "flux-instance", cluster.namespace);
  const manifest = docs.find((doc) => isFluxInstance(doc.data));
  const sync = syncName(cluster, options);
  const minor = /^v?(\d+\.\d+)/.exec(version ?? "")?.[1];
  return {
    ...marks,
    ...(cluster.source ? { source: describeSource(cluster.source, cluster.namespace) } : {}),
    ...(sync ? { sync } : {}),
    ...(old ? { oldSource: old } : {}),
    ...(release ? { chartRelease: release } : {}),
    ...(operator ? { operator } : {}),
    ...(instance ? { instance } : {}),
    ...(manifest ? { instanceFile: manifest.file } : {}),
    ...(version ? { version } : {}),
    ...(minor ? { minor } : {}),
    ...(branch ? { branch } : {}),
  };
}

/** What a source reads, in the words of its `ref`: `branch main`, `tag latest`. */
export function describeSource(source: KubeObject, namespace: string): NonNullable<Landmarks["source"]> {
  const spec = source.data?.spec ?? {};
  const ref = Object.entries(spec.ref ?? {}).map(([key, value]) => `${key} ${value}`);
  return {
    kind: source.kind,
    name: source.name,
    namespace: source.namespace || namespace,
    url: hideCredentials(String(spec.url ?? spec.endpoint ?? "")),
    ref: ref.join(", ") || (spec.bucketName ? `bucket ${spec.bucketName}` : "its default branch"),
  };
}

/** A URL without the user and password in it; the user of an SSH URL stays. */
export function hideCredentials(url: string): string {
  return url.replace(/^(https?:\/\/)[^/@]*@/, "$1");
}

/** Documents that create the operator or the instance: from the edits, and from the files this cluster reads. */
function readGeneratedDocs({ cluster, tree, edits }: RunbookInput): Doc[] {
  const texts = new Map<string, string>();
  for (const path of [...tree.grep("flux-operator"), ...tree.grep("flux-instance"), ...tree.grep("FluxInstance")]) {
    if (cluster.files.has(path)) texts.set(path, tree.read(path) ?? "");
  }
  for (const edit of edits) if (edit.kind === "create") texts.set(edit.path, edit.text);
  const docs: Doc[] = [];
  for (const [file, text] of [...texts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!/\.ya?ml$/.test(file)) continue;
    const parsed = readYamlCached(text);
    if (!parsed.ok) continue;
    for (const { data } of parsed.docs) {
      if (isObject(data) && typeof data.apiVersion === "string") docs.push({ file, text, data });
    }
  }
  return docs;
}

function findChart(docs: readonly Doc[], chart: string, namespace: string): ChartApp | undefined {
  for (const { file, text, data } of docs) {
    if (!isHelmRelease(data) || !isObject(data.spec)) continue;
    const found = resolveChart(docs, data.spec);
    if (found?.name !== chart) continue;
    const target = data.spec.targetNamespace;
    const app: ChartApp = {
      file,
      ...(docs.filter((doc) => doc.file === file).length > 1 ? { among: String(data.metadata?.name) } : {}),
      release: data.spec.releaseName ?? (target ? `${target}-${data.metadata?.name}` : data.metadata?.name),
      namespace: target ?? data.metadata?.namespace ?? namespace,
      chart: found.url,
      escaped: text.includes("$$"),
    };
    return found.version ? { ...app, version: found.version } : app;
  }
  return undefined;
}

/** The operator that a ResourceSet keeps: its own name and namespace are those of the release. */
function findOperatorSet(docs: readonly Doc[], namespace: string): ChartApp | undefined {
  const chart = "oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator";
  const found = docs.find(
    ({ data }) =>
      data.kind === "ResourceSet" && data.spec?.resources?.some?.((item: YamlData) => item?.spec?.url === chart),
  );
  const metadata = found?.data.metadata;
  if (!metadata?.name) return undefined;
  return { release: metadata.name, namespace: metadata.namespace ?? namespace, chart, escaped: false };
}

function resolveChart(
  docs: readonly Doc[],
  spec: YamlData,
): { name: string; url: string; version?: string } | undefined {
  const named = spec.chart?.spec;
  if (typeof named?.chart === "string") {
    const name = named.chart.split("/").at(-1)!;
    const version = named.version ? { version: String(named.version) } : {};
    return { name, url: `oci://ghcr.io/controlplaneio-fluxcd/charts/${name}`, ...version };
  }
  const source = docs.find(
    ({ data }) => data.kind === spec.chartRef?.kind && data.metadata?.name === spec.chartRef?.name,
  );
  const url = source?.data.spec?.url;
  if (typeof url !== "string") return undefined;
  const version = source?.data.spec?.ref?.tag ?? source?.data.spec?.ref?.semver;
  return { name: url.split("/").at(-1)!, url, ...(version ? { version: String(version) } : {}) };
}

function isObject(value: unknown): value is YamlData {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
