import { cutEnd } from "../contract/cut.ts";
import { given } from "../contract/given.ts";
import { type KubeObject, valueAt } from "../contract/objects.ts";
import { hasHidden } from "../contract/visible.ts";
import { readChart } from "../delivery/chart/facts.ts";
import { isHelmRelease } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import { basename, normalizePath } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { closestTo, namedIn } from "./sources.ts";
import type { Cluster, Install } from "./types.ts";

/** What a HelmRelease installs: chart name, version and where that version is written. */
export interface ChartUse {
  chart: string;
  version?: { value: string; object: KubeObject; path: string[] };
  source?: KubeObject;
  /** A folder of the repository or bucket with this name, and of no registry. */
  folder?: { path: string; kind: string; name: string };
}

/** The address of a chart as an argument of helm, which takes one that begins with a dash for a flag. */
export function chartAddressOf(use: ChartUse | undefined): string | undefined {
  const url = use?.source?.data.spec?.url;
  return typeof url === "string" && isChartAddress(url) ? url : undefined;
}

export function isChartAddress(text: string): boolean {
  return !text.startsWith("-") && !hasHidden(text);
}

/** Name of the Helm release: `spec.releaseName`, else `<targetNamespace>-<name>`, else the name. */
export function releaseNameOf({ name, data }: Pick<KubeObject, "name" | "data">): string {
  const { releaseName, targetNamespace } = data.spec ?? {};
  if (typeof releaseName === "string") return releaseName;
  return typeof targetNamespace === "string" ? `${targetNamespace}-${name}` : name;
}

/** The last part of an address or a path: `app` of `oci://example.com/charts/app` and of `./charts/app/`. */
export function chartNameOf(address: string): string {
  const whole = cutEnd(address, "/");
  // `app:1.2.0`, but not `${APP:-app}`.
  return whole.slice(whole.lastIndexOf("/") + 1).replace(/^([^:@{}]+)[:@].*$/, "$1");
}

/** The chart of a HelmRelease, through `chart.spec` or through `chartRef` to an OCIRepository or HelmChart document. */
export function readChartUse(release: KubeObject, objects: readonly KubeObject[]): ChartUse | undefined {
  const spec = release.data.spec;
  const own = readUse(release, ["spec", "chart", "spec"]);
  if (own) return own;
  const ref = spec?.chartRef;
  if (typeof ref?.name !== "string") return undefined;
  const kind = ref.kind ?? "OCIRepository";
  const source = closestTo(release.file, namedIn(objects, kind, ref.name));
  if (source && kind === "HelmChart") return readUse(source, ["spec"]);
  const url = source?.data.spec?.url;
  if (!source || typeof url !== "string") return undefined;
  // The order of precedence of source-controller.
  const tag = source.data.spec?.ref?.semver ?? source.data.spec?.ref?.tag;
  const path = ["spec", "ref", source.data.spec?.ref?.semver ? "semver" : "tag"];
  return {
    chart: chartNameOf(url),
    source,
    ...(typeof tag === "string" ? { version: { value: tag, object: source, path } } : {}),
  };
}

/** A chart of a source, as a release and a HelmChart say it. */
function readUse(object: KubeObject, path: string[]): ChartUse | undefined {
  const { chart, version, sourceRef } = valueAt(object.data, path) ?? {};
  if (typeof chart !== "string") return undefined;
  const { kind, name } = sourceRef ?? {};
  return {
    chart: chartNameOf(chart),
    ...(kind === "GitRepository" || kind === "Bucket" ? { folder: { path: chart, kind, name: String(name) } } : {}),
    ...(typeof version === "string" ? { version: { value: version, object, path: [...path, "version"] } } : {}),
  };
}

const FLUX_CHART = "flux2";

/** Whether a folder is a copy by another name: `charts/flux2-2.14.1`, or one whose Chart.yaml says so. */
function isCopyOf(tree: Tree, folder: ChartUse["folder"]): boolean {
  const path = folder && normalizePath(folder.path);
  if (path === undefined) return false;
  // The version may be filled in: `flux2-${VERSION}`.
  return /^flux2-(?:v?\d|\$)/.test(basename(path)) || readChart(tree, path)?.name === FLUX_CHART;
}

/** The community `flux2` chart as an install; its Flux version and values are read by the porting step. */
export function readChartRelease(tree: Tree, object: KubeObject, objects: readonly KubeObject[]): Install | undefined {
  if (!isHelmRelease(object) || object.data.spec?.kubeConfig) return undefined;
  const use = readChartUse(object, objects);
  if (!use || (use.chart !== FLUX_CHART && !isCopyOf(tree, use.folder))) return undefined;
  const namespace = object.data.spec?.targetNamespace ?? object.namespace;
  return {
    style: "community-chart",
    role: "continuous",
    at: locateField(tree, object),
    objects: [object],
    ...(namespace ? { namespace: String(namespace) } : {}),
    ...(use.version
      ? { chartVersion: { value: use.version.value, at: locateField(tree, use.version.object, use.version.path) } }
      : {}),
    ...given({ chartCopy: findCopy(use, object.file, objects) }),
    components: [],
    patches: [],
  };
}

/** The chart from a folder, unless that is the repository which the community publishes it from. */
function findCopy({ folder }: ChartUse, near: string, objects: readonly KubeObject[]): Install["chartCopy"] {
  if (!folder) return undefined;
  const source = closestTo(near, namedIn(objects, folder.kind, folder.name));
  const isPublished = /\/fluxcd-community\/helm-charts(?:\.git)?\/?$/.test(String(source?.data.spec?.url));
  return isPublished ? undefined : { chart: folder.path, source: `${folder.kind} ${folder.name}` };
}

/** Chart of the community that makes a source and a FluxKustomization. */
const SYNC_CHART = "flux2-sync";

/**
 * Releases of it by which Helm makes the source or the root of a cluster, both under the name of the release: an upgrade writes
 * them as they were, and an uninstall deletes the root with all that it has applied.
 */
export function findSyncReleases(
  cluster: Pick<Cluster, "source" | "root" | "namespace" | "findObjects">,
): KubeObject[] {
  const { source, root, namespace, findObjects } = cluster;
  if (findObjects((text) => text.includes(SYNC_CHART)).length === 0) return [];
  const objects = findObjects((text) => /\b(?:HelmRelease|HelmChart|OCIRepository)\b/.test(text)).map(
    ({ object }) => object,
  );
  const made = [root, ...(source ? [source] : [])].map((one) => `${one.namespace || namespace}/${one.name}`);
  const isOfCluster = (object: KubeObject) => isHelmRelease(object) && !object.data.spec?.kubeConfig;
  const target = (object: KubeObject) => object.data.spec?.targetNamespace ?? (object.namespace || namespace);
  return objects
    .filter((object) => isOfCluster(object) && readChartUse(object, objects)?.chart === SYNC_CHART)
    .filter((object) => made.includes(`${target(object)}/${releaseNameOf(object)}`));
}

/** The namespace that Helm keeps the records of a release in. */
export function storageOf({ namespace, data }: KubeObject, cluster: Pick<Cluster, "namespace">): string {
  return String(data.spec?.storageNamespace ?? (namespace || cluster.namespace));
}
