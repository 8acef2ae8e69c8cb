import type { TreeChange } from "../change/types.ts";
import { repositoryPath } from "../cluster/graph.ts";
import { findOutsideClusters, type OutsideCluster } from "../cluster/outside/roots.ts";
import { findTold, isTerraform, type Told } from "../cluster/outside/told.ts";
import type { Cluster, RepoModel } from "../cluster/types.ts";
import { lineOf } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";
import { listSome } from "../contract/list-some.ts";
import type { MergeSafety } from "../contract/safety.ts";
import { normalizePath } from "../delivery/paths.ts";
import { checkMergeSafety, type SafetyOptions, worstVerdict } from "./merge-safety.ts";
import { listApplied } from "./started.ts";

interface JudgedOutside {
  cluster: string;
  safety: MergeSafety;
  findings: Finding[];
}

const SHOWN = 5;
const NO_CLUSTERS = { clusters: [] };

/**
 * Judges what a change does to clusters whose root is not in the repository (docs/verify.md).
 * @param model of the tree before the change, these clusters among the others
 */
export function judgeOutside(
  change: TreeChange,
  model: RepoModel,
  outside: readonly OutsideCluster[],
  options: Pick<SafetyOptions, "accept" | "render" | "settings" | "artifactPath">,
): JudgedOutside[] {
  return outside.map((one) => {
    const { cluster } = one;
    const adopted = cluster.instances.some(({ delivered }) => delivered);
    const named = isNamed(one, change);
    const { safety, findings } = checkMergeSafety(change, model, cluster, { adopted, named, ...options });
    const moved = findings.some(({ rule }) => rule === "cluster-goes") ? [] : reportMove(one, change);
    const own = [reportOutside(one), ...moved].map((finding) => ({ ...finding, cluster: cluster.name }));
    const verdict = worstVerdict([safety.verdict, ...(moved.length > 0 ? (["unsafe"] as const) : [])]);
    return {
      cluster: cluster.name,
      safety: { ...safety, verdict },
      findings: [...own, ...findings.map((finding) => ({ ...finding, cluster: cluster.name }))],
    };
  });
}

function reportOutside({ cluster, folder, told }: OutsideCluster): Finding {
  const says = told?.declared ? "applies a Kustomization on" : "says that Flux starts from";
  const who = told ? `${told.by} ${says} ${folder}` : `Flux starts from ${folder || "./"} (--root)`;
  return {
    rule: "root-outside",
    level: "info",
    at: told?.at ?? lineOf(cluster.root.file),
    what: told?.declared ? `${who}, outside of Git.` : `${who}, and no root of it is in this repository.`,
    why: "It is judged as a Kustomization with prune: true on that folder.",
    next: "Nothing, if that is so.",
  };
}

/** Whether something says afterwards that Flux starts from that folder; what a person says is said of the base. */
function isNamed({ told }: OutsideCluster, { after, changed }: TreeChange): boolean {
  if (!told) return false;
  const path = normalizePath(told.path);
  return !changed.has(told.at.file) || findTold(after).some((one) => normalizePath(one.path) === path);
}

/** What says where Flux starts names another folder afterwards, or none. */
function reportMove(one: OutsideCluster, change: TreeChange): Finding[] {
  const { cluster, folder, told } = one;
  const { before, after } = change;
  if (!told || isNamed(one, change)) return [];
  const next = findTold(after).find(({ at, by }) => at.file === told.at.file && by === told.by);
  const moved = next && findOutsideClusters(after, NO_CLUSTERS, {}).find((one) => one.told?.path === next.path);
  const kept = new Set(moved ? listApplied(after, moved.cluster) : []);
  const lost = listApplied(before, cluster).filter((name) => !kept.has(name));
  if (moved && lost.length === 0) return [];
  const what = next
    ? `${told.by} starts Flux from ${next.path} instead of ${folder}: what that folder does not hold is pruned, ${listSome(lost, SHOWN)}.`
    : `${told.by} no longer says that Flux starts from ${folder}: where that takes Flux away, what it applied stays without an owner or goes with it.`;
  return [
    {
      rule: "root-outside",
      level: "blocker",
      at: next?.at ?? (after.has(told.at.file) ? lineOf(told.at.file) : told.at),
      what,
      why: "Flux applies everything of a cluster from that folder.",
      next: "Set prune: false on the root in the cluster first, or take the edit back.",
    },
  ];
}

/**
 * Terraform is told to start a cluster from another folder, while the manifest of its root stays as it is: the next apply
 * writes it anew. A block that goes is left out, since that is the owner's way out of Terraform.
 */
export function reportMovedStarts({ before, after, changed }: TreeChange, clusters: readonly Cluster[]): Finding[] {
  if (![...changed].some(isTerraform)) return [];
  const [old, now] = [before, after].map((tree) => findTold(tree).filter(({ at }) => isTerraform(at.file)));
  const stays = ({ root, rootFrom }: Cluster) =>
    rootFrom === "manifest" && after.has(root.file) && !changed.has(root.file);
  return clusters.filter(stays).flatMap(({ name, root, artifactRoot }) => {
    const folder = repositoryPath(root.data.spec, artifactRoot);
    const isFolder = ({ path }: Told) => normalizePath(path) === folder;
    const told = old!.find(isFolder);
    const next = told && now!.find(({ at, by }) => at.file === told.at.file && by === told.by);
    if (!next || now!.some(isFolder)) return [];
    return [
      {
        rule: "root-outside",
        level: "blocker",
        cluster: name,
        at: next.at,
        what: `${next.by} starts Flux from ${next.path} instead of ${told.path}, while ${root.file} still names ${told.path}: the next terraform apply moves the root, and Flux prunes what ${next.path} does not hold.`,
        why: "Terraform writes the manifest of the root itself, outside of this change, so what goes cannot be read here.",
        next: "Take the edit back, or move the root in Git in the same change, so that it can be judged.",
      },
    ];
  });
}
