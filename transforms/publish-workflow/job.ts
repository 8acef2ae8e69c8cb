import { repositoryPath } from "../../src/cluster/graph.ts";
import { readable } from "../../src/contract/answer.ts";
import { given } from "../../src/contract/given.ts";
import { isBranchName } from "../../src/contract/names.ts";
import { formatFluxVersion, isLaterFlux, newestEmbedded } from "../../src/release/releases.ts";
import type { TransformContext } from "../contract.ts";
import { findUses, moveOf } from "../shared/oci/find-uses.ts";
import { keepsExtensions } from "../shared/oci/ignore-rules.ts";
import { splitIdentity } from "../shared/oci/registry.ts";
import { effectiveSource } from "../shared/oci/sync.ts";
import type { OciTarget } from "../shared/oci/types.ts";
import { isPlainLine, isPlainPattern } from "./patterns.ts";

/** Branch that publishes a switch before it is merged, as in the official guide. */
export const TRIAL_BRANCH = "oci-artifacts";

/** Stands above each line that lists it; the cleanup phase knows both by the name at the start. */
export const TRIAL_NOTE = `# ${TRIAL_BRANCH} publishes the switch before it is merged; fluxlift oci --phase cleanup takes it out again`;

/** What the publish job of one artifact has to do, whatever the forge. */
export interface PublishJob extends Pick<OciTarget, "url" | "host" | "artifactPath"> {
  /** Branches that are published, and the tag each of them moves; the first one has the trial branch beside it. */
  branches: { name: string; tag: string }[];
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
  const files = new Set(targets.flatMap(({ cluster }) => [...cluster.files]));
  const { sync, url, host, artifactPath } = target;
  return {
    url,
    host,
    branches: [...branches].map(([name, tag]) => ({ name, tag })).sort((a, b) => rank(a) - rank(b)),
    artifactPath,
    roots: [...new Set(roots.filter((path) => path !== ""))].sort(),
    // The next commit of a submodule is a change of its own path, wherever that is.
    paths: submodules && artifactPath === "" ? [] : listPaths(context, target, files),
    submodules,
    keepAll: sources.some((spec) => keepsExtensions(context.tree, artifactPath, String(spec.ignore ?? ""))),
    version: isLaterFlux(sync.version) ? formatFluxVersion(sync.version) : (newestEmbedded(sync.version) ?? "2.6.4"),
    ...given({ home: splitIdentity(target.identity)?.host }),
    ...(target.sign ? { sign: target.verify?.secretRef ? ("key" as const) : ("keyless" as const) } : {}),
  };
}

function rank({ tag }: PublishJob["branches"][number]): number {
  return tag === "latest" ? 0 : 1;
}

/**
 * Top folders of everything Flux reads, so that other commits publish nothing. Errs towards publishing too much: a file at the
 * top of the repository, or a reader whose paths are not followed (Terraform, ArtifactGenerator), makes every commit count.
 */
function listPaths(context: TransformContext, target: OciTarget, files: ReadonlySet<string>): string[] {
  const { artifactPath, sync } = target;
  if (artifactPath !== "") return isPlainPattern(artifactPath) ? [`${artifactPath}/**`] : [];
  const readers = findUses(context, moveOf(context, sync), ["moves"]).flatMap(({ uses }) => uses);
  if (readers.some(({ kind }) => kind === "Terraform" || kind === "ArtifactGenerator" || kind === "")) return [];
  const folders = new Set<string>();
  for (const path of files) {
    const slash = path.indexOf("/");
    if (slash < 0) return [];
    folders.add(path.slice(0, slash));
  }
  const own = context.tree.has(".sourceignore") ? [".sourceignore"] : [];
  // Patterns would read other names in ways of their own, and miss what they should find.
  if (![...folders].every(isPlainPattern)) return [];
  return [...own, ...[...folders].sort().map((folder) => `${folder}/**`)];
}

/** A name that cannot be written into a job of every forge so that it means itself. */
export function findRefused({
  branches,
  roots,
  artifactPath,
}: PublishJob): { name: string; isBranch: boolean; isTrial?: boolean } | undefined {
  if (branches.some(({ name }) => name === TRIAL_BRANCH)) return { name: TRIAL_BRANCH, isBranch: true, isTrial: true };
  const branch = branches.find(({ name }) => !isBranchName(name) || !isPlainPattern(name))?.name;
  if (branch !== undefined) return { name: branch, isBranch: true };
  const folder = [...roots, artifactPath].find((path) => !isPlainLine(path));
  return folder === undefined ? undefined : { name: folder, isBranch: false };
}

/** Branches whose pushes run the job: the first, the trial branch beside it, and the others. */
export function branchNames({ branches }: PublishJob): string[] {
  const [first, ...rest] = branches.map(({ name }) => name);
  return [first!, TRIAL_BRANCH, ...rest];
}
