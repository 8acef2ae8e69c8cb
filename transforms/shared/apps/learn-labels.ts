import type { Cluster } from "../../../src/cluster/types.ts";
import { type DeliveredFluxObject, readableSpec } from "../../../src/contract/objects.ts";
import type { LearnedConvention } from "../../../src/contract/plan.ts";
import { basename, dirname, isWithin } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { docsIn } from "../read.ts";
import { elect, tell } from "./evidence.ts";

/** Stands for the name of the app, which is another one in each file; no label has such a value. */
export const APP_NAME = "<app>";

/** A label by its key, domain included: `app.kubernetes.io/name`, `home.example.com/team`, `app`. */
export type Labels = Record<string, string>;

/** The labels that the owner gives every app. */
export interface LabelHabit {
  /** `spec.commonMetadata.labels` of a FluxKustomization: on all that it applies. */
  common: Labels;
  /** `metadata.labels` of a FluxKustomization. */
  own: Labels;
  learned: LearnedConvention[];
}

/**
 * Learns keys and values that most FluxKustomizations agree on, in the owner's domain. A label that patches select by is a
 * switch that each app sets for itself, and one that Flux goes by (its shard, its tenant) a decision: they are left out.
 */
export function learnLabels(siblings: readonly DeliveredFluxObject[], cluster: Cluster): LabelHabit {
  const patches = JSON.stringify(cluster.kustomizations.map((item) => readableSpec(item)?.patches ?? []));
  const common = vote(siblings, ({ data }) => data.spec?.commonMetadata?.labels);
  const own = vote(siblings, ({ data }) => data.metadata?.labels).filter(({ key }) => !patches.includes(key));
  return {
    common: labelsOf(common),
    own: labelsOf(own),
    learned: [
      ...common.flatMap(({ key, best }) => tell("label of what an app applies", best, `${key}: ${best.value}`)),
      ...own.flatMap(({ key, best }) => tell("label of a Kustomization", best, `${key}: ${best.value}`)),
    ],
  };
}

function labelsOf(voted: ReturnType<typeof vote>): Labels {
  return Object.fromEntries(voted.map(({ key, best }) => [key, best.value]));
}

type Object = DeliveredFluxObject["object"];

const FLUX_KEY = /^([^/]+\.)?fluxcd\.io\//;

/** Each key with the value that more than half of all siblings give it. */
function vote(siblings: readonly DeliveredFluxObject[], labels: (object: Object) => unknown) {
  const read = siblings.map(({ object }) => ({ object, labels: Object.entries(labels(object) ?? {}) }));
  const keys = new Set(read.flatMap((item) => item.labels.map(([key]) => key).filter((key) => !FLUX_KEY.test(key))));
  return [...keys].flatMap((key) => {
    const votes = read.map((item) => {
      const value = item.labels.find(([own]) => own === key)?.[1];
      return { value: value === undefined ? undefined : shape(String(value), item.object), file: item.object.file };
    });
    const best = elect(votes.filter(({ value }) => value !== undefined));
    if (best?.value === undefined || best.value.includes("$") || best.count * 2 <= siblings.length) return [];
    return [{ key, best: { ...best, value: best.value, of: siblings.length } }];
  });
}

/** `redis` in `redis/ks.yaml`, or of a FluxKustomization `cluster-apps-redis`, is the name of the app. */
function shape(value: string, { name, file }: Object): string {
  return value === basename(dirname(file)) || `-${name}-`.includes(`-${value}-`) ? APP_NAME : value;
}

const PRUNE = "kustomize.toolkit.fluxcd.io/prune";

/**
 * `prune: disabled` of a Namespace, as a label where most of the owner's Namespaces below a folder have it so, else as an
 * annotation: Flux heeds both.
 */
export function pruneMark(tree: Tree, dir: string): Record<string, Record<string, string>> {
  const files = tree.paths.filter((path) => isWithin(path, dir) && /(^|\/)namespace\.ya?ml$/.test(path));
  const metadata = files.flatMap((path) => docsIn(tree.read(path)).map(({ data }) => data?.metadata));
  const count = (map: "labels" | "annotations") => metadata.filter((own) => own?.[map]?.[PRUNE] === "disabled").length;
  return { [count("labels") > count("annotations") ? "labels" : "annotations"]: { [PRUNE]: "disabled" } };
}
