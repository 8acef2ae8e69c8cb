import { formatLoc } from "../errors.ts";
import { describe } from "../flux/kinds.ts";
import {
  type Comparison,
  compareTrees,
  judgeLosses,
  type Loss,
  type Outcome,
  printKey,
  type Refusal,
  type SourceSwitch,
  type TreeChange,
  type TreeComparison,
} from "../flux/ownership/index.ts";
import { parseFluxVersion } from "../flux/releases.ts";
import type { Cluster, RepoModel } from "../flux/types.ts";
import type { DraftFinding } from "./transform.ts";
import type { Facts, MergeSafety, ObjectFate, SafetyDanger, SafetyTransfer } from "./types.ts";
import { joinUnknowns } from "./unknowns.ts";

/** Names listed of each outcome. */
const MAX_NAMES = 50;
const MAX_DANGERS = 200;
const MAX_EXAMPLES = 3;
/** Rank from which on an intended deletion is worth a look: FluxKustomizations, HelmReleases and what holds data. */
const WORTH_A_LOOK = 5;
const CORE = 9;

export interface SafetyResult {
  safety: MergeSafety;
  findings: DraftFinding[];
}

/**
 * What Flux will do to one cluster when a change is merged, whatever the order of reconciling (design section 9).
 * @param model of the tree before the change
 * @param adopted whether the operator has reconciled its FluxInstance by then
 * @param facts what was measured on that cluster
 */
export function checkMergeSafety(
  change: TreeChange,
  model: RepoModel,
  cluster: Cluster,
  adopted: boolean,
  facts?: Facts,
): SafetyResult {
  const version = parseFluxVersion(facts?.fluxVersion ?? "");
  const compared = compareTrees(change, model, cluster, {
    adopted,
    ...(facts?.inventories ? { inventories: facts.inventories } : {}),
    ...(version ? { version } : {}),
  });
  const comparison = { ...compared, unknown: joinUnknowns(compared.unknown) };
  const losses = judgeLosses(comparison, change).sort(
    (a, b) => Number(b.wanted) - Number(a.wanted) || b.outcome.danger - a.outcome.danger,
  );
  return {
    safety: {
      adopted,
      outcomes: countOutcomes(comparison),
      dangers: losses.slice(0, MAX_DANGERS).map(toDanger),
      transfers: groupTransfers(comparison),
      unknown: [...comparison.switched.map(saySwitch), ...comparison.unknown],
    },
    findings: [
      ...reportLosses(losses),
      ...reportBreaks(comparison),
      ...reportSwitches(comparison),
      ...(comparison.refused ? [reportRefusal(comparison.refused)] : []),
      ...reportRest(comparison, cluster),
    ],
  };
}

function countOutcomes({ outcomes }: Comparison): MergeSafety["outcomes"] {
  const counts: MergeSafety["outcomes"] = {};
  for (const { fate, key } of outcomes) {
    counts[fate] ??= { count: 0, names: [] };
    const known = counts[fate];
    known.count++;
    // What stays is the rest of the tree: its number says enough.
    if (fate !== "kept" && known.names.length < MAX_NAMES) known.names.push(printKey(key));
  }
  return counts;
}

function toDanger({ outcome, wanted, because }: Loss): SafetyDanger {
  return {
    resource: printKey(outcome.key),
    outcome: outcome.fate as SafetyDanger["outcome"],
    wanted,
    rank: outcome.danger,
    what: outcome.reason,
    why: because,
    chain: [...outcome.chain],
    ...(outcome.at ? { at: outcome.at } : {}),
  };
}

function groupTransfers({ outcomes }: Comparison): SafetyTransfer[] {
  const groups = new Map<string, SafetyTransfer>();
  for (const { fate, before, after, key } of outcomes) {
    const [from, to] = [before.join(" + "), after.join(" + ")];
    const id = JSON.stringify([from, to, fate]);
    let group = groups.get(id);
    if (!group) {
      group = { ...(from ? { from } : {}), ...(to ? { to } : {}), outcome: fate, count: 0, examples: [] };
      groups.set(id, group);
    }
    group.count++;
    if (group.examples.length < MAX_EXAMPLES) group.examples.push(printKey(key));
  }
  return [...groups.values()];
}

/** One finding a cause: what a parent takes along is named in it, not reported once more. */
function reportLosses(losses: readonly Loss[]): DraftFinding[] {
  const findings: DraftFinding[] = [];
  const core = losses.filter(({ outcome }) => outcome.danger === CORE);
  if (core.length > 0) findings.push(reportCore(core));
  const groups = new Map<string, Loss[]>();
  for (const loss of losses) {
    if (loss.outcome.danger === CORE || (core.length > 0 && loss.outcome.chain.length > 1)) continue;
    const id = `${loss.wanted} ${loss.outcome.chain[0]}`;
    groups.set(id, [...(groups.get(id) ?? []), loss]);
  }
  for (const group of groups.values()) {
    const [first, ...rest] = group as [Loss, ...Loss[]];
    findings.push(first.wanted ? reportWanted(first, rest) : reportIntended(first, rest));
  }
  return findings;
}

function reportCore(core: readonly Loss[]): DraftFinding {
  const [{ outcome }] = core as [Loss];
  return {
    rule: "flux-may-go",
    level: "blocker",
    resource: printKey(outcome.key),
    ...(outcome.at ? { at: outcome.at } : {}),
    what: `Flux deletes itself: ${listNames(core.map((loss) => loss.outcome))}.`,
    why: `${sayChain(outcome)} Nothing guarantees that the operator has taken them over by then, and without the CRDs every FluxKustomization and HelmRelease goes, finalizers and all.`,
    next: "Merge what adds the operator first, wait until the FluxInstance is Ready and the objects carry its labels, then remove the old install.",
  };
}

function reportWanted({ outcome, because }: Loss, rest: readonly Loss[]): DraftFinding {
  const owner = outcome.before[0];
  return {
    rule: "wanted-may-go",
    level: "blocker",
    resource: printKey(outcome.key),
    ...(outcome.at ? { at: outcome.at } : {}),
    what: `${outcome.reason}${sayRest(rest)}`,
    why: `${because} ${outcome.chain.length > 1 ? sayChain(outcome) : "Some order of reconciling leads there."}`,
    next: `Set prune: false on ${owner && owner !== "flux-operator" ? `Kustomization ${owner}` : "its old owner"} in a change of its own, wait until that is reconciled, then merge this one; or take the edit back.`,
  };
}

function reportIntended({ outcome, because }: Loss, rest: readonly Loss[]): DraftFinding {
  return {
    rule: "will-be-deleted",
    level: outcome.danger >= WORTH_A_LOOK ? "caution" : "info",
    resource: printKey(outcome.key),
    ...(outcome.at ? { at: outcome.at } : {}),
    what: `${outcome.reason}${sayRest(rest)}`,
    why: because,
    next: "Nothing to do if it is meant to go; take the edit back otherwise.",
  };
}

function reportBreaks({ lost, dangling }: TreeComparison): DraftFinding[] {
  const findings = lost.map(({ name, field, file }): DraftFinding => {
    const at = { file, line: 1, col: 1 };
    const effect =
      field === "decryption"
        ? `kustomize-controller writes the ciphertext of a Secret with stringData over its value and reports Ready; at anything else that is encrypted it stops, and applies nothing more for Kustomization ${name}`
        : `Flux applies the variables in what Kustomization ${name} delivers as they are written`;
    return {
      rule: "setting-lost",
      level: "blocker",
      resource: `Kustomization ${name}`,
      at,
      what: `Kustomization ${name} loses spec.${field}: ${effect}.`,
      why: `${formatLoc(at)} still needs it.`,
      next: `Keep spec.${field} on it, or on the parent that patches it in.`,
    };
  });
  for (const { from, field, target } of dangling) {
    findings.push({
      rule: "reference-breaks",
      level: "blocker",
      resource: describe(from),
      at: { file: from.file, line: 1, col: 1 },
      what: `${describe(from)} names ${target} in ${field}, which this change removes: Flux does not apply it any more.`,
      why: "It resolves today, and nothing of that name is left afterwards.",
      next: "Point it at the new name in the same change.",
    });
  }
  return findings;
}

/** The tree of the change is not what Flux reads afterwards, so nothing that is compared holds. */
function reportSwitches({ switched }: TreeComparison): DraftFinding[] {
  return switched.map((one) => ({
    rule: "source-switches",
    level: one.own ? "blocker" : "caution",
    resource: one.source.replace("/", " "),
    at: one.at,
    what: saySwitch(one),
    why: "What is not in there is pruned, and what is there and not here is applied, whatever this change shows.",
    next: "Compare the two first (git diff, or flux diff artifact), and guard with prune: false what must not go.",
  }));
}

function reportRefusal({ field, from, to, form, at }: Refusal): DraftFinding {
  const stops =
    form === "manifest" ? "the Kustomization that applies it applies nothing more" : "its release fails to upgrade";
  const isName = field === "sync.name";
  return {
    rule: "instance-refused",
    level: "blocker",
    resource: "FluxInstance flux",
    at,
    what: isName
      ? `The API server refuses the FluxInstance: sync.name cannot change from ${from} to ${to}, so ${stops}.`
      : `The operator refuses the FluxInstance: distribution.version goes back from ${from} to ${to}, so it changes nothing more in Flux.`,
    why: isName
      ? "The field is immutable once it is set. Nothing is deleted by that, but what names the new source waits for it in vain."
      : "It does not go below the minor it applied last.",
    next: isName
      ? "Take the edit back. Never delete the FluxInstance to get around it: that uninstalls Flux."
      : "Name the minor that runs, or a newer one.",
  };
}

function saySwitch({ source, from, to }: SourceSwitch): string {
  return `${source.replace("/", " ")} reads ${to} instead of ${from} from then on: what is in there cannot be seen here.`;
}

function reportRest({ outcomes, unknown, broken }: Comparison, cluster: Cluster): DraftFinding[] {
  const at = { file: cluster.root.file, line: 1, col: 1 };
  const findings = broken.map(
    (one): DraftFinding => ({
      rule: "build-breaks",
      level: "blocker",
      resource: `Kustomization ${one.name}`,
      at: one.at ?? at,
      what: `Flux cannot build Kustomization ${one.name} after this change: ${one.reason}.`,
      why: "It builds today. Until it builds again Flux neither applies nor prunes anything for it.",
      next: "Correct that first; flux build kustomization shows the same error.",
    }),
  );
  const orphans = outcomes.filter(({ fate }) => fate === "orphaned");
  if (orphans.length > 0) {
    findings.push({
      rule: "left-behind",
      level: "info",
      at: orphans[0]!.at ?? at,
      what: `Flux leaves ${listNames(orphans)} in the cluster, and nothing in Git manages ${orphans.length > 1 ? "them" : "it"} any more.`,
      why: "prune is off for what delivered it, or the object is annotated so.",
      next: "Delete by hand what nobody needs.",
    });
  }
  for (const what of unknown) {
    findings.push({
      rule: "safety-unknown",
      level: "caution",
      at,
      what: `What Flux will do cannot be known in full. ${what}`,
      why: "The answer is not in this repository, so nothing about it is called safe.",
      next: "Look at it by hand; flux build kustomization shows what the cluster would get.",
    });
  }
  return findings;
}

function sayChain({ chain }: Outcome): string {
  const text = chain.join("; then ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function sayRest(rest: readonly Loss[]): string {
  return rest.length > 0 ? ` The same happens to ${listNames(rest.map(({ outcome }) => outcome))}.` : "";
}

function listNames(outcomes: readonly Outcome[]): string {
  const names = outcomes.slice(0, 4).map(({ key }) => printKey(key));
  const hidden = outcomes.length - names.length;
  if (hidden > 0) return `${names.join(", ")} and ${hidden} more`;
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join("");
}

/** Order in which reports name outcomes: the worst first. */
export const FATES: readonly ObjectFate[] = [
  ...(["deleted", "recreated", "unknown", "orphaned", "moved", "adopted", "created", "kept"] as const),
];
