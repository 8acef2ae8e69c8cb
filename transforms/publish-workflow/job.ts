import { PLACEHOLDER, repositoryPath } from "../../src/cluster/graph.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { readable } from "../../src/contract/answer.ts";
import { given } from "../../src/contract/given.ts";
import { isBranchName } from "../../src/contract/names.ts";
import { readableSpec } from "../../src/contract/objects.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import type { Tree } from "../../src/files/tree.ts";
import { formatFluxVersion, isLaterFlux, newestEmbedded } from "../../src/release/releases.ts";
import type { TransformContext } from "../contract.ts";
import { findUses, moveOf } from "../shared/oci/find-uses.ts";
import { keepsExtensions } from "../shared/oci/ignore-rules.ts";
import { splitIdentity } from "../shared/oci/registry.ts";
import { effectiveSource } from "../shared/oci/sync.ts";
import type { InstanceSync, OciTarget } from "../shared/oci/types.ts";
import type { SourceUse } from "../shared/oci/uses.ts";
import { docsIn } from "../shared/read.ts";
import { isPlainLine, isPlainPattern } from "./patterns.ts";

/** Branch that publishes a switch before it is merged, as in the official guide; each further tag has one of its own. */
export const TRIAL_BRANCH = "oci-artifacts";

/** Stands above each line that lists a trial branch; the cleanup phase knows both by the name at the start. */
export function trialNote(name: string): string {
  return `# ${name} publishes the switch before it is merged; fluxlift oci --phase cleanup takes it out again`;
}

/** The branch from which a job of ours moves a tag before the merge, as its script says. */
export function trialOf(text: string, tag: string): string | undefined {
  const [, names = ""] = new RegExp(`^[ \\t]*(\\S+)\\) tag=${escapeRegExp(tag)} ;;`, "m").exec(text) ?? [];
  const [, ...others] = names.split("|");
  return others.find((name) => name.startsWith(TRIAL_BRANCH));
}

/** What the publish job of one artifact has to do, whatever the forge. */
export interface PublishJob extends Pick<OciTarget, "url" | "host" | "artifactPath"> {
  /** Branches that are published, the tag each of them moves, and the trial branch that moves it before the merge. */
  branches: { name: string; tag: string; trial: string }[];
  /** Folders that must be in the checkout: what the roots build. */
  roots: string[];
  /** Globs of what matters; empty when anything may. */
  paths: string[];
  submodules: boolean;
  /** Pictures and archives reach the cluster today, and `flux push artifact` would leave them out. */
  keepAll: boolean;
  /** Version of the Flux CLI. */
  version: string;
  /** Host of the repository. */
  home?: string;
  /** How the artifact is signed: by the identity that the forge gives the job, or with a key. */
  sign?: "keyless" | "key";
}

/** The job for the artifact of this cluster and of every other one that shares it. */
export function describeJob(context: TransformContext, target: OciTarget): PublishJob {
  const targets = context.model.clusters.flatMap((cluster) => {
    const settled = context.agreed.target(cluster).target;
    return settled?.url === target.url && settled.branch !== undefined ? [{ cluster, settled }] : [];
  });
  const branches = new Map(targets.map(({ settled }) => [settled.branch!, settled.tag]));
  const roots = targets.map(({ cluster }) => repositoryPath(cluster.root.data.spec, cluster.artifactRoot) ?? "");
  const sources = targets.map(({ settled }) => readable(effectiveSource(settled.sync))?.spec ?? {});
  const submodules = sources.some((spec) => spec.recurseSubmodules === true);
  const clusters = targets.map(({ cluster }) => cluster);
  const { sync, url, host, artifactPath } = target;
  return {
    url,
    host,
    branches: [...branches]
      .map(([name, tag]) => ({ name, tag }))
      .sort((a, b) => rank(a) - rank(b))
      .map((one, index) => ({
        ...one,
        trial: index === 0 ? TRIAL_BRANCH : `${TRIAL_BRANCH}-${one.tag.replaceAll(".", "-")}`,
      })),
    artifactPath,
    roots: [...new Set(roots.filter((path) => path !== ""))].sort(),
    // The next commit of a submodule is a change of its own path, wherever that is.
    paths: submodules && artifactPath === "" ? [] : listPaths(context.tree, target, clusters),
    submodules,
    keepAll: sources.some((spec) => keepsExtensions(context.tree, artifactPath, String(spec.ignore ?? ""))),
    version: isLaterFlux(sync.version) ? formatFluxVersion(sync.version) : (newestEmbedded(sync.version) ?? "2.6.4"),
    ...given({ home: splitIdentity(target.identity)?.host }),
    ...(target.sign ? { sign: target.verify?.secretRef ? ("key" as const) : ("keyless" as const) } : {}),
  };
}

function rank({ tag }: { tag: string }): number {
  return tag === "latest" ? 0 : 1;
}

/**
 * Top folders of everything Flux reads, so that other commits publish nothing. Errs towards publishing too much: a file at the
 * top of the repository, or a reader whose paths are not known here, makes every commit count.
 */
function listPaths(tree: Tree, { artifactPath, sync }: OciTarget, clusters: readonly Cluster[]): string[] {
  if (artifactPath !== "") return isPlainPattern(artifactPath) ? [`${artifactPath}/**`] : [];
  if (clusters.some((cluster) => readsUnknown(tree, cluster, sync))) return [];
  const folders = new Set<string>();
  for (const path of clusters.flatMap(({ files }) => [...files])) {
    const slash = path.indexOf("/");
    if (slash < 0) return [];
    folders.add(path.slice(0, slash));
  }
  const own = tree.has(".sourceignore") ? [".sourceignore"] : [];
  // Patterns would read other names in ways of their own, and miss what they should find.
  if (![...folders].every(isPlainPattern)) return [];
  return [...own, ...[...folders].sort().map((folder) => `${folder}/**`)];
}

/**
 * Whether some folder that is read from the artifact is not known: a reader whose paths are not followed (Terraform,
 * ArtifactGenerator), one that a ResourceSet or a chart makes in the cluster, or a path with a variable that a Secret fills in.
 */
function readsUnknown(tree: Tree, cluster: Cluster, sync: InstanceSync): boolean {
  const readers = findUses({ tree, cluster }, moveOf({ cluster }, sync), ["moves"]);
  const makersIn = (file: string) => {
    const docs = file === sync.target.file ? [] : docsIn(tree.read(file));
    const made = docs.filter(
      ({ data }) => data?.kind !== undefined && !/^(?:Kustomization|Component)$/.test(data.kind),
    );
    return new Set(made.map(({ index }) => index));
  };
  const isFollowed = ({ kind, doc }: SourceUse, makers: ReadonlySet<number>) =>
    !["Terraform", "ArtifactGenerator", ""].includes(kind) && !makers.has(doc);
  const isKnown = ({ file, uses }: (typeof readers)[number]) => {
    const makers = makersIn(file);
    return uses.every((use) => isFollowed(use, makers));
  };
  if (!readers.every(isKnown)) return true;
  return cluster.kustomizations.some((item) => {
    const spec = readableSpec(item);
    return spec === undefined || PLACEHOLDER.test(String(spec.path ?? ""));
  });
}

/** A name that cannot be written into a job of every forge so that it means itself. */
export function findRefused(job: PublishJob): { name: string; isBranch: boolean; isTrial?: boolean } | undefined {
  const { branches, roots, artifactPath } = job;
  const names = branchNames(job);
  const taken = names.find((name, index) => names.indexOf(name) !== index);
  if (taken !== undefined) return { name: taken, isBranch: true, isTrial: true };
  const branch = branches.find(({ name }) => !isBranchName(name) || !isPlainPattern(name))?.name;
  if (branch !== undefined) return { name: branch, isBranch: true };
  const folder = [...roots, artifactPath].find((path) => !isPlainLine(path));
  return folder === undefined ? undefined : { name: folder, isBranch: false };
}

/** Branches whose pushes run the job: each with its trial branch beside it. */
export function branchNames({ branches }: PublishJob): string[] {
  return branches.flatMap(({ name, trial }) => [name, trial]);
}

/** What explains the trial branches, a line each. */
export function trialNotes({ branches }: PublishJob): string[] {
  return branches.map(({ trial }) => trialNote(trial));
}
