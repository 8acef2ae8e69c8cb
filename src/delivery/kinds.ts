import { cutEnd } from "../contract/cut.ts";
import type { KubeObject } from "../contract/objects.ts";

/** Group of an apiVersion: `apps/v1` -> `apps`, `v1` -> `''`; also where the YAML says a number. */
export function groupOf(apiVersion: string): string {
  const text = String(apiVersion);
  const slash = text.indexOf("/");
  return slash < 0 ? "" : text.slice(0, slash);
}

/** The kinds a FluxKustomization may read from (flux-facts 6.2); ExternalArtifact is produced, never synced. */
export const SYNC_SOURCE_KINDS: readonly string[] = ["GitRepository", "OCIRepository", "Bucket"];

type Typed = Pick<KubeObject, "apiVersion" | "kind">;

const ofKind = (kind: string, group: string) => (object: Typed) =>
  object.kind === kind && groupOf(object.apiVersion) === group;

export const isFluxKustomization = ofKind("Kustomization", "kustomize.toolkit.fluxcd.io");
export const isHelmRelease = ofKind("HelmRelease", "helm.toolkit.fluxcd.io");
export const isFluxInstance = ofKind("FluxInstance", "fluxcd.controlplane.io");
export const isResourceSet = ofKind("ResourceSet", "fluxcd.controlplane.io");

/** Kinds that only Flux and its operator have, so that nobody makes them in passing as a chart makes a ServiceAccount. */
export function isFluxGroup(group: string): boolean {
  return group.endsWith(".fluxcd.io") || group === "fluxcd.controlplane.io";
}

export function isSource(object: Typed): boolean {
  return groupOf(object.apiVersion) === "source.toolkit.fluxcd.io";
}

export function isSyncSource(object: Typed): boolean {
  return isSource(object) && SYNC_SOURCE_KINDS.includes(object.kind);
}

/** The artifact of flux-manifests, wherever it is mirrored (flux-facts 4.7). */
export function isFluxManifestsUrl(url: unknown): boolean {
  return typeof url === "string" && /(^|\/)flux-manifests(:[^/]*)?$/.test(cutEnd(url, "/"));
}

const INSTALL_FOLDER = /fluxcd\/flux2(?:\.git)?\/+manifests\/(?:install|openshift|bases\/)/;
const RELEASE_FOLDER = /fluxcd\/flux2(?:\.git)?\/+releases\//;

/** A remote base or release file of flux2 that installs the controllers (flux-facts 4.6). */
export function isFluxInstallUrl(url: string): boolean {
  if (INSTALL_FOLDER.test(url)) return true;
  return (
    url.includes("/install.yaml") && url.split("\n").some((line) => isWithin(line, RELEASE_FOLDER, "/install.yaml"))
  );
}

/** A base of flux2 that such an install is made of as well: the rights or the network policies of its controllers. */
export function isFluxPartUrl(url: string): boolean {
  return isFluxInstallUrl(url) || /fluxcd\/flux2(?:\.git)?\/+manifests\/(?:rbac|policies)\b/.test(url);
}

/** Whether a text stands behind the first match of a pattern: what is looked for behind each of them takes the square. */
function isWithin(line: string, start: RegExp, end: string): boolean {
  const found = start.exec(line);
  return found !== null && line.includes(end, found.index + found[0].length);
}

/** A release file of any project: `…/releases/download/v2.6.4/install.yaml`. */
export function isReleaseFile(url: string): boolean {
  return isWithin(url, /\/releases\/download\//, "/install.yaml");
}

/** The release that such a URL names, as it is written: `v2.6.4`; undefined for the newest one. */
export function refOfInstallUrl(url: string): string | undefined {
  // kustomize takes `version` for `ref`, which wins.
  const query = /[?&]ref=([^&]+)/.exec(url) ?? /[?&]version=([^&]+)/.exec(url);
  // What kustomize has git fetch may be the whole name of the tag.
  return query?.[1]?.replace(/^refs\/tags\//, "") ?? /\/releases\/download\/([^/]+)\//.exec(url)?.[1];
}

/** A FluxKustomization that builds the release manifests from flux2's own Git repository (flux-facts 4.6). */
export function isFluxInstallFolder(url: unknown, path: unknown): boolean {
  const folder = String(path ?? "").replace(/^\.?\/+/, "");
  return typeof url === "string" && isFluxInstallUrl(`${cutEnd(url, "/")}/${folder}`);
}

/** Names an object the way findings do. */
export function describe(object: Pick<KubeObject, "kind" | "namespace" | "name">): string {
  return object.namespace ? `${object.kind} ${object.namespace}/${object.name}` : `${object.kind} ${object.name}`;
}
