import { readable } from "../contract/answer.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec } from "../contract/objects.ts";
import { findStandIn } from "../contract/stand-in.ts";
import { fillIn, isSubstitutionDisabled } from "../delivery/kustomize/index.ts";
import type { Tree } from "../files/tree.ts";
import { builtBy, deliverObject, manifestsOf } from "./graph.ts";
import type { Cluster } from "./types.ts";

type Surroundings = Pick<Cluster, "artifactRoot" | "appliedIn"> & {
  files: ReadonlySet<string>;
  kustomizations: readonly DeliveredFluxObject[];
};

/** A source of the cluster as it is there, with what is unknown of it; undefined when nothing delivers it, and it is as written. */
export function findSource(
  tree: Tree,
  { artifactRoot, files, kustomizations, appliedIn }: Surroundings,
  source: KubeObject | undefined,
): DeliveredFluxObject | undefined {
  if (!source) return undefined;
  if (!files.has(source.file)) return appliedIn === undefined ? undefined : builtBy(tree, source, appliedIn);
  const parent = kustomizations.find((item) =>
    manifestsOf(tree, readableSpec(item), artifactRoot).includes(source.file),
  );
  return parent && deliverObject(tree, source, parent, artifactRoot);
}

/**
 * The source as Flux reads it: patches beside the sync of `flux bootstrap` may give it another URL, another ref, or an
 * `ignore`. Where that cannot be read, as its file has it.
 */
export function runningSource(
  tree: Tree,
  around: Surroundings,
  source: KubeObject | undefined,
): KubeObject | undefined {
  const delivered = findSource(tree, around, source);
  const data = delivered && readable(delivered.effective);
  return data && source ? { ...source, data } : source;
}

/**
 * The branch or tag that the source reads in the cluster: what its root fills in from values that it holds itself is
 * filled in.
 */
export function readRunningRef(
  tree: Tree,
  around: Surroundings,
  source: KubeObject | undefined,
): Pick<Cluster, "branch" | "tag"> {
  const delivered = findSource(tree, around, source);
  const data = delivered && readable(delivered.effective);
  if (!data || !source) return readGitRef(source);
  const postBuild = readableSpec(delivered.parent)?.postBuild;
  const isFilled = postBuild !== undefined && !isSubstitutionDisabled(data);
  const filled = isFilled ? fillIn({ ref: data.spec?.ref }, postBuild) : undefined;
  return readGitRef({ ...source, data: filled ? { ...data, spec: filled } : data });
}

/** Which branch or tag of git a source names, by the order in which source-controller looks; neither for a commit. */
export function readGitRef(source: KubeObject | undefined): Pick<Cluster, "branch" | "tag"> {
  const { commit, name, semver, tag, branch } = source?.data.spec?.ref ?? {};
  const isGit = source?.kind === "GitRepository";
  const isSet = (value: unknown): value is string => typeof value === "string" && value !== "" && !value.includes("$");
  if (isGit && !isSet(commit)) {
    const [, kind, short = ""] = (isSet(name) && /^refs\/(heads|tags)\/(.+)$/.exec(name)) || [];
    if (isSet(name))
      return kind === "heads" ? { branch: short } : kind === "tags" ? { tag: { name: short, isRange: false } } : {};
    if (isSet(semver)) return { tag: { name: semver, isRange: true } };
    if (isSet(tag)) return { tag: { name: tag, isRange: false } };
  }
  return typeof branch === "string" ? { branch } : {};
}

/** A variable says no branch, and neither does what a template leaves open: `${BRANCH}`, `<branch>`. */
export function isKnownBranch(branch: string): boolean {
  return !branch.includes("$") && findStandIn(branch) === undefined;
}
