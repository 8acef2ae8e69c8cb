import type { Cluster } from "../../../src/cluster/types.ts";
import type { LearnedConvention } from "../../../src/contract/plan.ts";
import { basename, dirname, sharedSegments } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { elect, tell, type Vote } from "./evidence.ts";

/** A file that the cluster is delivered. */
export interface Sample {
  file: string;
  text: string;
}

/** Files of the cluster that hold an object of Flux's own kinds, nearest to a folder first. */
export function sampleFlux(tree: Tree, cluster: Cluster, near: string): Sample[] {
  return tree
    .grep("toolkit.fluxcd.io")
    .filter((file) => cluster.files.has(file))
    .map((file) => ({ file, near: sharedSegments(file, near) }))
    .sort((a, b) => b.near - a.near)
    .map(({ file }) => ({ file, text: tree.read(file) ?? "" }));
}

/** Whether a file holds an object of a kind, judged from its text. */
export function holds(kind: string): (sample: Sample) => boolean {
  const line = new RegExp(`^kind: ["']?${kind}["']?\\s*(?:#.*)?$`, "m");
  return ({ text }) => line.test(text);
}

/**
 * Names that say what a file is, not which app it belongs to. Errs towards the default: `postgres.hr.yaml`, used for eight
 * databases, would be a strange name for an operator.
 */
const RELEASE = /^(?:hr|helm|chart|release|helm[-_.]?(?:release|chart)|flux[-_.]?release)$/i;
const SOURCE = /^(?:oci|chart|source|repo|repository|(?:oci|helm|chart)[-_.]?(?:repo|repository|source))$/i;

/** How the files of an app are called, without extension. */
export interface FileNames {
  release: string;
  /** Undefined where the chart's source is a document in the file of the release. */
  source: string | undefined;
  learned: LearnedConvention[];
}

/** Files of OCIRepositories that stand beside a HelmRelease: those of charts, not of Flux itself. */
export function chartSources(samples: readonly Sample[]): Sample[] {
  const folders = new Set(samples.filter(holds("HelmRelease")).map(({ file }) => dirname(file)));
  return samples.filter(holds("OCIRepository")).filter(({ file }) => folders.has(dirname(file)));
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
  const beside = chartSources(samples);
  const inside = electInside(beside);
  const source = inside?.value ? undefined : elect(stems(beside, SOURCE));
  return {
    release: release?.value ?? "helmrelease",
    source: inside?.value && inside.count > 1 ? undefined : (source?.value ?? "ocirepository"),
    learned: [
      ...tell("file of a HelmRelease", release, `${release?.value}`),
      ...(inside?.value && inside.count > 1
        ? tell("source of a chart", inside, "in the file of the HelmRelease")
        : tell("file of a chart's source", source, `${source?.value}`)),
    ],
  };
}

function stems(samples: readonly Sample[], isGeneric: RegExp): Vote<string>[] {
  return samples.flatMap(({ file }) => {
    const stem = basename(file).replace(/\.ya?ml$/, "");
    return isGeneric.test(stem) ? [{ value: stem, file }] : [];
  });
}
