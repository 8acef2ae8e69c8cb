import { isArchived } from "../../../src/cluster/automation-files.ts";
import { isYamlPath } from "../../../src/cluster/objects.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { getOrMake } from "../../../src/contract/group-by.ts";
import type { LearnedConvention } from "../../../src/contract/plan.ts";
import { basename, dirname, sharedSegments } from "../../../src/delivery/paths.ts";
import { remember } from "../../../src/files/remember.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { elect, tell, type Vote } from "./evidence.ts";

/** A file that the cluster is delivered. */
export interface Sample {
  file: string;
  text: string;
}

/**
 * Files of the cluster that hold an object of Flux's own kinds, nearest to a folder first. Where it is seen to get no
 * HelmRelease, as with artifacts that an ArtifactGenerator composes, all that nobody has put away.
 */
export function sampleFlux(tree: Tree, cluster: Cluster, near: string): Sample[] {
  const read = (isWanted: (file: string) => boolean) =>
    tree
      .grep("toolkit.fluxcd.io")
      .filter(isWanted)
      .map((file) => ({ file, near: sharedSegments(file, near) }))
      .sort((a, b) => b.near - a.near)
      .map(({ file }) => remember(tree, "sample", file, () => ({ file, text: readSample(tree, file) ?? "" })));
  const own = read((file) => cluster.files.has(file));
  return own.some(holds("HelmRelease")) ? own : read((file) => !isArchived(file) && isYamlPath(file));
}

/** A text without its byte order mark and with plain line ends, which are no habit of what is written between them. */
export function readSample(tree: Tree, file: string): string | undefined {
  return tree
    .read(file)
    ?.replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n");
}

/** Whether a file holds an object of a kind, judged from its text. */
export function holds(kind: string): (sample: Sample) => boolean {
  return (sample) => getOrMake(kindsOf, sample, () => kindsIn(sample.text)).has(kind);
}

/** How many files show a habit. */
export const ENOUGH = 24;

/** The nearest files that hold an object of a kind. */
export function nearest(samples: readonly Sample[], kind: string): Sample[] {
  return samples.filter(holds(kind)).slice(0, ENOUGH);
}

const kindsOf = new WeakMap<Sample, ReadonlySet<string>>();
const kinds = new Map<string, ReadonlySet<string>>();
const MAX_TEXTS = 5000;

/**
 * Remembered by text, since each cluster asks the same of the same files, and by sample, since a text of half a megabyte is
 * compared with the one that is known, byte by byte.
 */
function kindsIn(text: string): ReadonlySet<string> {
  if (kinds.size >= MAX_TEXTS) kinds.clear();
  const lines = () => text.matchAll(/^["']?kind["']?:[ \t]*(?:[&!]\S*[ \t]+)*["']?(\w+)["']?\s*(?:#.*)?$/gm);
  return getOrMake(kinds, text, () => new Set([...lines()].map(([, kind]) => kind!)));
}

/**
 * Names that say what a file is, not which app it belongs to. Errs towards the default: `postgres.hr.yaml`, used for eight
 * databases, would be a strange name for an operator.
 */
const RELEASE = /^(?:hr|helm|chart|release|helm[-_.]?(?:release|chart)|flux[-_.]?release)$/i;
const SOURCE = /^(?:oci|chart|source|repo|repository|(?:oci|helm|chart)[-_.]?(?:repo|repository|source))$/i;
/** Those of them that fit a source of any kind. */
const ANY_SOURCE = /^(?:source|repo|repository|chart[-_.]?(?:repo|repository|source))$/i;

/** What stands for the name of an app in that of a file: `redis.hr.yaml` is `<app>.hr`. */
const APP = "<app>";

/** How the files of an app are called, without extension; `<app>` stands for its name. */
export interface FileNames {
  release: string;
  /** Undefined where the chart's source is a document in the file of the release. */
  source: string | undefined;
  learned: LearnedConvention[];
}

/** Files of OCIRepositories that stand beside a HelmRelease: those of charts, not of Flux itself. */
export function chartSources(samples: readonly Sample[], kind = "OCIRepository"): Sample[] {
  const folders = new Set(samples.filter(holds("HelmRelease")).map(({ file }) => dirname(file)));
  return samples.filter(holds(kind)).filter(({ file }) => folders.has(dirname(file)));
}

/** Whether most chart sources are documents in the file of the release; undefined where there is none. */
export function electInside(beside: readonly Sample[]) {
  const isRelease = holds("HelmRelease");
  return elect(beside.map((sample) => ({ value: isRelease(sample), file: sample.file })));
}

/** Learns from the HelmReleases that are there, and from the chart sources beside them. */
export function learnFileNames(samples: readonly Sample[]): FileNames {
  const releases = samples.filter(holds("HelmRelease"));
  const release = elect(stems(releases, RELEASE));
  const own = chartSources(samples);
  // Where no chart comes from a registry yet, the HelmRepositories beside releases show where a source stands.
  const [beside, isGeneric] = own.length > 0 ? [own, SOURCE] : [chartSources(samples, "HelmRepository"), ANY_SOURCE];
  const inside = electInside(beside);
  const source = inside?.value ? undefined : elect(stems(beside, isGeneric));
  const unlearned = nameLike(release?.value, ["oci", "repository"]);
  return {
    release: release?.value ?? "helmrelease",
    source: inside?.value && inside.count > 1 ? undefined : (source?.value ?? unlearned),
    learned: [
      ...tell("file of a HelmRelease", release, `${release?.value}`),
      ...(inside?.value && inside.count > 1
        ? tell("source of a chart", inside, "in the file of the HelmRelease")
        : tell("file of a chart's source", source, `${source?.value}`)),
    ],
  };
}

/** What a file is called beside releases that are called so: `helm-release` makes `oci-repository`, `<app>.hr` `<app>.ocirepository`. */
function nameLike(release: string | undefined, words: [string, string]): string {
  const [, app = "", joint = ""] = /^(<app>[._])?(?:helm([-_.])(?:release|chart)$)?/i.exec(release ?? "") ?? [];
  return `${app}${words.join(joint)}`;
}

/** The file of a HelmRepository that an app brings along. */
export function repositoryFileFor({ release }: FileNames, app: string): string {
  return nameLike(release, ["helm", "repository"]).replace(APP, app);
}

/** The files of one app. */
export function fileNamesFor({ release, source }: FileNames, app: string): Omit<FileNames, "learned"> {
  return { release: release.replace(APP, app), source: source?.replace(APP, app) };
}

function stems(samples: readonly Sample[], isGeneric: RegExp): Vote<string>[] {
  return samples.flatMap(({ file, text }) => {
    const stem = basename(file).replace(/\.ya?ml$/, "");
    if (isGeneric.test(stem)) return [{ value: stem, file }];
    const [, app, rest = ""] = /^(.+)([._][\w-]+)$/.exec(stem) ?? [];
    const isNamed = app !== undefined && isGeneric.test(rest.slice(1)) && namesIn(text).includes(app);
    return isNamed ? [{ value: `${APP}${rest}`, file }] : [];
  });
}

/** Names of the objects in a file. */
function namesIn(text: string): (string | undefined)[] {
  return [...text.matchAll(/^metadata:[ \t]*\r?\n(?:[ \t].*\n)*? +name: +(?:[&!]\S+ +)*["']?([\w.-]+)/gm)].map(
    ([, name]) => name,
  );
}
