/**
 * Which Flux versions each flux-operator release embeds, and what each Flux minor ships.
 * Source: flux-operator `config/data/flux` at each tag (flux-facts 5.2), CRDs in there (flux-facts 6.3), flux2
 * `manifests/install` and `release.yaml` (flux-facts 4.6, 4.7).
 */

import facts from "./data/gotk-facts.json" with { type: "json" };
import embeds from "./data/operator-embeds.json" with { type: "json" };

/** Patch releases whose manifests the newest known operator embeds; 2.8.4 was never embedded. */
export const EMBEDDED_FLUX: readonly string[] = Object.keys(facts.crds);

/** First operator release that embeds a Flux version, newest first. Each release also embeds all older versions. */
const OPERATOR_EMBEDS: readonly string[][] = embeds.embeds;

/** Chart version written when the repository pins none: the newest release that is known. */
export const DEFAULT_OPERATOR_VERSION: string = embeds.newest;

/** The oldest operator of which it is known what it embeds. */
export const FIRST_KNOWN_OPERATOR: string = OPERATOR_EMBEDS.at(-1)![0]!;

/** The day that release came out, `2026-08-31`: what came later is not known here. */
export const RELEASES_UNTIL: string = embeds.released;

/** The component each kind of Flux object needs to be reconciled. */
export const CORE_COMPONENTS: readonly string[] = [
  "source-controller",
  "kustomize-controller",
  "helm-controller",
  "notification-controller",
];
export const IMAGE_COMPONENTS: readonly string[] = ["image-reflector-controller", "image-automation-controller"];
export const SOURCE_WATCHER = "source-watcher";

export interface FluxVersion {
  major: number;
  minor: number;
  patch: number;
}

/** Reads `v2.6.4`, `2.6.4`, `2.6.4+suffix` or `v2.6.4@sha256:…`; undefined for ranges, branches and `latest`. */
export function parseFluxVersion(text: string): FluxVersion | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:[-+@].*)?$/.exec(text.trim());
  if (!match) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) };
}

/** `2.6.4`. */
export function formatFluxVersion({ major, minor, patch }: FluxVersion): string {
  return `${major}.${minor}.${patch}`;
}

/**
 * The release that a wish means: `2.6.x` is the newest of that minor, and of a minor that is not known yet the first;
 * undefined for what names no release.
 */
export function releaseOf(wish: string): string | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)\.x$/.exec(wish) ?? [];
  if (minor === undefined) return parseFluxVersion(wish) ? wish : undefined;
  const first = { major: Number(major), minor: Number(minor), patch: 0 };
  return newestEmbedded(first) ?? (isLaterFlux(first) ? formatFluxVersion(first) : undefined);
}

/** Negative when a is older than b. */
export function compareFluxVersions(a: FluxVersion, b: FluxVersion): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}

/** Whether `version` is at least `major.minor[.patch]`. */
export function atLeast(version: FluxVersion, minimum: string): boolean {
  const [major = 0, minor = 0, patch = 0] = minimum.split(".").map(Number);
  return compareFluxVersions(version, { major, minor, patch }) >= 0;
}

/** Highest embedded patch release of a Flux minor, such as `2.6.4` for 2.6; undefined when none is embedded. */
export function newestEmbedded(version: Pick<FluxVersion, "major" | "minor">): string | undefined {
  const prefix = `${version.major}.${version.minor}.`;
  return EMBEDDED_FLUX.filter((candidate) => candidate.startsWith(prefix)).at(-1);
}

/** Whether a Flux 2 came after the newest release of its minor that is known, or is of a minor that came after all of them. */
export function isLaterFlux(version: FluxVersion): boolean {
  const nearest = parseFluxVersion(newestEmbedded(version) ?? EMBEDDED_FLUX.at(-1)!)!;
  return version.major === nearest.major && compareFluxVersions(version, nearest) > 0;
}

/** The known release that says most about a Flux: the newest of its minor, of a later minor the newest of all. */
export function nearestFlux(version: FluxVersion): FluxVersion | undefined {
  const nearest = newestEmbedded(version) ?? (isLaterFlux(version) ? EMBEDDED_FLUX.at(-1)! : undefined);
  return nearest === undefined ? undefined : parseFluxVersion(nearest);
}

/** Whether an operator came after the newest one that is known. */
export function isLaterOperator(operator: string): boolean {
  const version = parseFluxVersion(operator);
  return version !== undefined && compareFluxVersions(version, parseFluxVersion(DEFAULT_OPERATOR_VERSION)!) > 0;
}

/**
 * Whether an operator can run a Flux, as far as is known: it embeds it, or it came later than the ones that are known. A
 * patch release that is not known yet comes with the manifests that the operator fetches, once it embeds the minor
 * (flux-facts 1.4, 5.3).
 */
export function canRun(operator: string, flux: FluxVersion): boolean {
  if (isLaterOperator(operator)) return true;
  const newest = newestEmbedded(flux);
  const embedded = parseFluxVersion(fluxEmbeddedBy(operator) ?? "");
  if (newest === undefined || embedded === undefined) return false;
  return compareFluxVersions(embedded, isLaterFlux(flux) ? parseFluxVersion(newest)! : flux) >= 0;
}

/** Highest Flux version that an operator release embeds; undefined for releases older than the table. */
export function fluxEmbeddedBy(operator: string): string | undefined {
  const wanted = parseFluxVersion(operator);
  if (!wanted) return undefined;
  return OPERATOR_EMBEDS.find(([release]) => atLeast(wanted, release!))?.[1];
}

/** The first operator that embeds the minor of a Flux; undefined where that is not known. */
export function firstOperatorOf({ major, minor }: FluxVersion): string | undefined {
  return OPERATOR_EMBEDS.findLast(([, flux]) => flux!.startsWith(`${major}.${minor}.`))?.[0];
}

/**
 * What `oci://ghcr.io/fluxcd/flux-manifests` and `manifests/install` deliver for a version: always the image
 * controllers; source-watcher from 2.9.3 in the artifact, from 2.8.0 in the remote base.
 */
export function componentsOf(style: "oci-manifests" | "remote-install", version: FluxVersion): string[] {
  const watcherSince = style === "oci-manifests" ? "2.9.3" : "2.8.0";
  return [...CORE_COMPONENTS, ...IMAGE_COMPONENTS, ...(atLeast(version, watcherSince) ? [SOURCE_WATCHER] : [])];
}

/** Whether a release has a component at all: source-watcher came with 2.7 (flux-facts 1.3). */
export function hasComponent(version: FluxVersion, component: string): boolean {
  return component !== SOURCE_WATCHER || atLeast(version, "2.7.0");
}

/** apiVersions to write in generated files for an installed Flux (flux-facts 6.3). */
export function apiVersionsFor(version: FluxVersion) {
  return {
    ociRepository: `source.toolkit.fluxcd.io/${atLeast(version, "2.6") ? "v1" : "v1beta2"}`,
    helmRelease: `helm.toolkit.fluxcd.io/${atLeast(version, "2.3") ? "v2" : "v2beta2"}`,
    kustomization: "kustomize.toolkit.fluxcd.io/v1",
  };
}
