import { ofOwn } from "../contract/of-own.ts";
import type { FluxVersion } from "./releases.ts";

/** `version: [first minor, last minor]` of Flux 2 that serves it; no last minor where it still is served. */
type Served = Readonly<Record<string, readonly [first: number, last?: number]>>;

const SOURCE: Served = { v1beta1: [0, 6], v1beta2: [0, 7] };
const IMAGE: Served = { v1alpha1: [0, 1], v1alpha2: [0, 1], v1beta1: [0, 6], v1beta2: [2, 8], v1: [7] };

/** Kind -> versions, oldest first, by the CRDs of each release (flux-facts 6.3). */
const KINDS: Readonly<Record<string, { group: string; versions: Served }>> = {
  GitRepository: { group: "source.toolkit.fluxcd.io", versions: { ...SOURCE, v1: [0] } },
  Bucket: { group: "source.toolkit.fluxcd.io", versions: { ...SOURCE, v1: [4] } },
  HelmRepository: { group: "source.toolkit.fluxcd.io", versions: { ...SOURCE, v1: [3] } },
  HelmChart: { group: "source.toolkit.fluxcd.io", versions: { ...SOURCE, v1: [3] } },
  OCIRepository: { group: "source.toolkit.fluxcd.io", versions: { v1beta2: [0, 7], v1: [6] } },
  Kustomization: { group: "kustomize.toolkit.fluxcd.io", versions: { ...SOURCE, v1: [0] } },
  HelmRelease: { group: "helm.toolkit.fluxcd.io", versions: { v2beta1: [0, 6], v2beta2: [2, 7], v2: [3] } },
  ImageRepository: { group: "image.toolkit.fluxcd.io", versions: IMAGE },
  ImagePolicy: { group: "image.toolkit.fluxcd.io", versions: IMAGE },
  ImageUpdateAutomation: { group: "image.toolkit.fluxcd.io", versions: { ...IMAGE, v1beta2: [3, 8] } },
  Receiver: { group: "notification.toolkit.fluxcd.io", versions: { v1beta1: [0, 6], v1beta2: [0, 8], v1: [0] } },
  Alert: { group: "notification.toolkit.fluxcd.io", versions: { v1beta1: [0, 6], v1beta2: [0, 8], v1beta3: [2] } },
  Provider: { group: "notification.toolkit.fluxcd.io", versions: { v1beta1: [0, 6], v1beta2: [0, 8], v1beta3: [2] } },
};

/** How an apiVersion stands to a Flux release. */
export interface ApiStanding {
  /** `removed`: the release refuses objects of it. `old`: it still takes them, but stores a newer one. */
  state: "removed" | "old";
  /** The newest version the release serves, with its group. */
  newest: string;
}

/** The versions of a kind of Flux, and the one that an apiVersion names; undefined for what is no Flux object. */
function lookUp(apiVersion: string, kind: string) {
  const [group, version = ""] = apiVersion.split("/");
  const known = ofOwn(KINDS, kind);
  return known && known.group === group && version !== ""
    ? { group, version, versions: known.versions, own: ofOwn(known.versions, version) }
    : undefined;
}

/** Every version of a kind that some release of Flux 2 serves, the youngest first; undefined for what is no Flux object. */
export function versionsOf(group: string, kind: string): string[] | undefined {
  const known = ofOwn(KINDS, kind);
  return known?.group === group ? Object.keys(known.versions).reverse() : undefined;
}

/** Undefined for what is no Flux object, for what the release takes and stores as it is, and before Flux 2. */
export function standingOf(apiVersion: string, kind: string, { major, minor }: FluxVersion): ApiStanding | undefined {
  const found = lookUp(apiVersion, kind);
  if (!found || major !== 2) return undefined;
  const { group, version, versions, own } = found;
  const newest = newestOf(versions, minor);
  if (newest === undefined || newest === version) return undefined;
  const order = Object.keys(versions);
  // Newer than the release serves: it refuses that today as well, and going back is no upgrade.
  if (own && order.indexOf(version) > order.indexOf(newest)) return undefined;
  return { state: own && isServed(own, minor) ? "old" : "removed", newest: `${group}/${newest}` };
}

/** The versions of a kind of Flux before an apiVersion, the youngest first, each with its group. */
export function olderApis(apiVersion: string, kind: string): string[] {
  const found = lookUp(apiVersion, kind);
  if (!found?.own) return [];
  const order = Object.keys(found.versions);
  return order
    .slice(0, order.indexOf(found.version))
    .reverse()
    .map((version) => `${found.group}/${version}`);
}

/** The first minor of Flux 2 that serves an apiVersion, where a release is older than that. */
export function servedLater(apiVersion: string, kind: string, { major, minor }: FluxVersion): number | undefined {
  const own = lookUp(apiVersion, kind)?.own;
  return major === 2 && own && own[0] > minor ? own[0] : undefined;
}

/** Whether a release takes objects of an apiVersion of Flux; the table begins with Flux 2, so false before that. */
export function isAccepted(apiVersion: string, kind: string, { major, minor }: FluxVersion): boolean {
  const own = lookUp(apiVersion, kind)?.own;
  return major === 2 && own !== undefined && isServed(own, minor);
}

/** A kind of Flux whose stored version another release does not have. */
export interface LostStorage {
  group: string;
  kind: string;
  version: string;
}

/** Kinds that a release stores in a version which another release, an older one, does not serve: the newest is the stored one. */
export function listLostStorage(from: FluxVersion, to: FluxVersion): LostStorage[] {
  if (from.major !== 2 || to.major !== 2) return [];
  return Object.entries(KINDS).flatMap(([kind, { group, versions }]) => {
    const version = newestOf(versions, from.minor);
    return version === undefined || isServed(versions[version]!, to.minor) ? [] : [{ group, kind, version }];
  });
}

const MARK = ".toolkit.fluxcd.io/v";
/** Upper bounds in characters, so that only a few bytes around each mark are looked at. */
const LONGEST_GROUP = 40;
const LONGEST_VERSION = 20;

/** Says of a text whether it names an API version of Flux that is not the newest one of every kind of its group. */
export function findsOld({ minor }: FluxVersion): (text: string) => boolean {
  const kinds = Object.values(KINDS).map(({ group, versions }) => {
    return { group, newest: `${group}/${newestOf(versions, minor)}` };
  });
  const isSettled = (name: string) =>
    kinds.every(({ group, newest }) => newest === name || !name.startsWith(`${group}/`));
  const settled = new Set(kinds.map(({ newest }) => newest).filter(isSettled));
  return (text) => {
    for (let at = text.indexOf(MARK); at >= 0; at = text.indexOf(MARK, at + MARK.length)) {
      const group = /[a-z]+$/.exec(text.slice(Math.max(0, at - LONGEST_GROUP), at))?.[0] ?? "";
      const version = /^\w*/.exec(text.slice(at + MARK.length, at + MARK.length + LONGEST_VERSION))![0];
      if (!settled.has(`${group}${MARK}${version}`)) return true;
    }
    return false;
  };
}

function newestOf(versions: Served, minor: number): string | undefined {
  return Object.keys(versions)
    .filter((name) => isServed(versions[name]!, minor))
    .at(-1);
}

function isServed([first, last = Number.POSITIVE_INFINITY]: readonly [number, number?], minor: number): boolean {
  return first <= minor && minor <= last;
}
