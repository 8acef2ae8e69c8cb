import { sayOwner } from "../../admission/key.ts";
import type { BrokenBuild } from "../../change/comparison.ts";
import type { TreeChange } from "../../change/types.ts";
import { repositoryPath } from "../../cluster/graph.ts";
import type { Cluster } from "../../cluster/types.ts";
import type { Loc } from "../../contract/errors.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import { listSome } from "../../contract/list-some.ts";
import type { Acceptor } from "../../contract/safety.ts";
import { sh } from "../../contract/shell.ts";
import { describe } from "../../delivery/kinds.ts";
import type { Tree } from "../../files/tree.ts";
import { type Acceptances, sayAcceptor } from "./acceptance.ts";

/** A cluster of which a change leaves nothing to start from: neither its folder nor what names that. */
export interface GivenUp {
  cluster: Cluster;
  /** The build of its root, which finds no folder. */
  root: BrokenBuild;
  /** Somebody says that the cluster is gone for good. */
  takenBy?: Acceptor | undefined;
}

/** Where the folder that Flux builds is not there. */
export const isPathGone = ({ reason }: Pick<BrokenBuild, "reason">): boolean =>
  reason.startsWith("kustomization path not found");

/**
 * Whether a change takes a whole cluster out of the repository. What Flux does there is known, and little: its root finds no
 * folder, so nothing is deleted and nothing more is applied. Whether the cluster still runs is not in the repository.
 * @param named whether anything says afterwards that Flux starts there; by default what holds its root does
 */
export function findGivenUp(
  broken: readonly BrokenBuild[],
  { after }: TreeChange,
  cluster: Cluster,
  { named = isNamedIn(after, cluster), accept }: { named?: boolean | undefined; accept: Acceptances },
): GivenUp | undefined {
  if (named) return undefined;
  const own = describe(cluster.root);
  const root = broken.find((one) => sayOwner(one.name) === own && isPathGone(one) && !one.unread);
  return root && { cluster, root, takenBy: accept.find("deletes", nameOf(cluster)) };
}

/** A manifest that several clusters share names none of them: `clusters/${CLUSTER}`. */
const isNamedIn = (after: Tree, { root, instances }: Cluster): boolean =>
  after.has(root.file) && !instances.some(({ filled }) => filled);

/** How an acceptance names a cluster. No kind of Kubernetes begins with a small letter. */
const nameOf = ({ name }: Cluster): string => `cluster ${name}`;

const SHOWN = 3;

/** @param broken all that no longer builds there */
export function reportGivenUp(
  { cluster, root, takenBy }: GivenUp,
  broken: readonly BrokenBuild[],
  at: Loc,
): SaidFinding {
  const folder = repositoryPath(cluster.root.data.spec, cluster.artifactRoot) || "./";
  const more = broken.filter((one) => one !== root).map(({ name }) => sayOwner(name));
  const along = more.length > 0 ? ` ${listSome(more, SHOWN)} would not build either.` : "";
  return {
    rule: "cluster-goes",
    level: takenBy ? "info" : "blocker",
    resource: describe(cluster.root),
    at,
    what: `The change takes this cluster out: Flux starts from ${folder}, and that folder goes.${along}`,
    why: "Where the cluster still runs, Flux finds no folder to build: it deletes nothing there, and applies nothing more.",
    next: takenBy
      ? `Nothing to do: it was accepted ${sayAcceptor(takenBy)}.`
      : `Where the cluster is gone for good, settle it with ${sh`--accept ${nameOf(cluster)}`.line}. Where it still runs, take the edit back.`,
  };
}
