import type { Agreed, Transform } from "../../transforms/contract.ts";
import { stateOf, strategyInTree } from "../cluster/instances.ts";
import type { Cluster, RepoModel } from "../cluster/types.ts";
import type { Finding } from "../contract/finding.ts";
import type { Options, Phase } from "../contract/options.ts";
import type { ClusterState } from "../contract/plan.ts";
import type { Tree } from "../files/tree.ts";
import { runTransforms } from "./run-transforms.ts";

export interface PreconditionInput {
  transforms: readonly Transform[];
  cluster: Cluster;
  phase: Phase;
  options: Options;
  /** What the cluster can have reconciled: the commit it reads, not the working tree. */
  committed: { tree: Tree; model: RepoModel; agreed: Agreed; label: string };
}

const REACHED: Record<ClusterState, number> = {
  unsupported: 0,
  "not-started": 0,
  "partly-installed": 0,
  installed: 1,
  "cut-over": 2,
  done: 3,
};

/**
 * Cutover and cleanup need the phase before them in the commit the cluster reads: merged together they would make
 * kustomize-controller prune Flux before the operator adopted it (flux-facts 2.5, trap 1).
 */
export function checkPreconditions(input: PreconditionInput): Finding[] {
  const { phase, cluster, committed } = input;
  if (phase === "install") return [];
  const needed: Phase = phase === "cutover" ? "install" : "cutover";
  const there = committed.model.clusters.find(({ root, namespace }) => sameRoot(root, namespace, cluster));
  const reached = there ? REACHED[stateOf(there)] : 0;
  const wanted = phase === "cutover" ? 1 : 2;
  const isKeep = there !== undefined && strategyInTree(there) === "keep";
  if (!there || (reached < wanted && !isKeep)) return [notReached(input, needed)];
  const rest = runTransforms({ ...input, ...committed, cluster: there, phase: needed });
  const open = rest.edits.length > 0 || rest.findings.some(({ level }) => level === "blocker");
  return open
    ? [
        notReached(
          input,
          needed,
          rest.edits[0]?.path ?? rest.findings.find(({ level }) => level === "blocker")?.at?.file,
        ),
      ]
    : [];
}

function sameRoot(root: Cluster["root"], namespace: string, cluster: Cluster): boolean {
  if (namespace !== cluster.namespace) return false;
  const path = (value: unknown) => String(value ?? "").replace(/^\.?\/+|\/+$/g, "");
  return path(root.data?.spec?.path) === path(cluster.root.data?.spec?.path);
}

function notReached({ cluster, phase, committed }: PreconditionInput, needed: Phase, open?: string): Finding {
  return {
    rule: "phase-not-reached",
    level: "blocker",
    cluster: cluster.name,
    phase,
    at: { file: open ?? cluster.root.file, line: 1, col: 1 },
    what: `The ${needed} phase is not complete in ${committed.label}${open ? ` (${open} still differs)` : ""}, so merging ${phase} now could let Flux delete itself.`,
    why: `${phase === "cutover" ? "The operator must have adopted the controllers" : "References must have moved"} before what ${phase} removes may go.`,
    next: `Run \`fluxlift migrate --phase ${needed}\`, merge it, wait until it is reconciled, then come back.`,
  };
}
