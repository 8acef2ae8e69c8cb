import type { Data } from "./snapshot.ts";

/** The parts of an object's identity that Flux keeps in an inventory; the API version is not one of them. */
export interface Identity {
  group: string;
  kind: string;
  namespace: string;
  name: string;
}

export function groupOf(apiVersion: unknown): string {
  const text = String(apiVersion ?? "");
  return text.includes("/") ? text.slice(0, text.indexOf("/")) : "";
}

export function identityOf(data: Data): Identity {
  return {
    group: groupOf(data?.apiVersion),
    kind: String(data?.kind ?? ""),
    namespace: String(data?.metadata?.namespace ?? ""),
    name: String(data?.metadata?.name ?? ""),
  };
}

/** `group/Kind namespace/name`, the key of an object in sets and in messages. */
export function keyOf(id: Identity): string {
  return `${id.group ? `${id.group}/` : ""}${id.kind} ${id.namespace}/${id.name}`;
}

const SOURCE_KINDS = new Set(["GitRepository", "OCIRepository", "Bucket"]);

export const isFluxKustomization = (data: Data): boolean =>
  data?.kind === "Kustomization" && groupOf(data.apiVersion) === "kustomize.toolkit.fluxcd.io";
export const isHelmRelease = (data: Data): boolean =>
  data?.kind === "HelmRelease" && groupOf(data.apiVersion) === "helm.toolkit.fluxcd.io";
export const isSource = (data: Data): boolean =>
  SOURCE_KINDS.has(data?.kind) && groupOf(data.apiVersion) === "source.toolkit.fluxcd.io";
export const isFluxInstance = (data: Data): boolean =>
  data?.kind === "FluxInstance" && groupOf(data.apiVersion) === "fluxcd.controlplane.io";

/** `https://github.com/o/r.git`, `ssh://git@github.com/o/r` and `git@github.com:o/r` become `github.com/o/r`. */
export function normaliseUrl(url: unknown): string {
  return String(url ?? "")
    .trim()
    .toLowerCase()
    .replace(/^git@([^:/]+):/, "$1/")
    .replace(/^[a-z+]+:\/\//, "")
    .replace(/^[^@/]+@/, "")
    .replace(/:\d+\//, "/")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "");
}

/** Artifact of the controllers' manifests (flux-facts 4.7), also from docker.io or a mirror. */
export const isFluxManifestsSource = (data: Data): boolean =>
  data?.kind === "OCIRepository" && /\/flux-manifests$/.test(normaliseUrl(data.spec?.url));

/** A remote base or release file that installs the controllers (flux-facts 4.6). */
export const REMOTE_INSTALL =
  /github\.com\/fluxcd\/flux2(?:\.git)?(?:\/\/|\/)(?:manifests\/install|manifests\/openshift|releases\/[^\s"']*install\.yaml)/;

/** HelmRelease of the community chart; `chartUrls` maps `kind ns/name` of chart sources to their URL. */
export function isCommunityChart(data: Data, chartUrls: Map<string, string>): boolean {
  if (!isHelmRelease(data)) return false;
  const chart = data.spec?.chart?.spec?.chart;
  if (typeof chart === "string") return chart === "flux2" || /\/flux2$/.test(chart);
  return /\/flux2$/.test(chartUrlOf(data, chartUrls));
}

/** URL of the chart a HelmRelease installs: of its `chartRef` source, or repository plus chart name. */
export function chartUrlOf(data: Data, chartUrls: Map<string, string>): string {
  const ref = data?.spec?.chartRef ?? data?.spec?.chart?.spec?.sourceRef;
  const namespace = ref?.namespace ?? data?.metadata?.namespace ?? "";
  const base = ref ? (chartUrls.get(`${ref.kind} ${namespace}/${ref.name}`) ?? "") : "";
  const chart = data?.spec?.chart?.spec?.chart;
  return chart ? `${base}/${chart}` : base;
}

/** URLs of every chart source among the objects, for `chartUrlOf`. */
export function chartUrlsOf(objects: Iterable<Data>): Map<string, string> {
  const urls = new Map<string, string>();
  for (const data of objects) {
    if (data?.kind !== "OCIRepository" && data?.kind !== "HelmRepository") continue;
    urls.set(`${data.kind} ${data.metadata?.namespace ?? ""}/${data.metadata?.name}`, String(data.spec?.url ?? ""));
  }
  return urls;
}
