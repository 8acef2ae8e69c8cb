import { printKey, splitKey } from "../admission/key.ts";
import type { Comparison } from "../change/comparison.ts";
import { DEFAULTS, type Settings } from "../change/settings.ts";
import type { Gap, Outcome, TreeChange } from "../change/types.ts";
import type { Cluster, RepoModel } from "../cluster/types.ts";
import { hideCredentialsIn } from "../contract/address.ts";
import type { SaidFinding } from "../contract/finding.ts";
import { groupBy } from "../contract/group-by.ts";
import type { Facts } from "../contract/options.ts";
import type {
  Acceptor,
  MergeSafety,
  SafetyDanger,
  SafetyTransfer,
  SafetyUnknown,
  Verdict,
} from "../contract/safety.ts";
import type { RenderChart } from "../files/helm.ts";
import { parseFluxVersion } from "../release/releases.ts";
import type { Acceptances } from "./fate/acceptance.ts";
import { isFluxCore } from "./fate/danger.ts";
import { findGivenUp } from "./fate/given-up.ts";
import { judgeMeant } from "./fate/meant.ts";
import { makeMovedAway } from "./fate/moved-away.ts";
import { makeOrigins } from "./fate/origin.ts";
import { judgeLosses, type Loss } from "./fate/wanted.ts";
import { locateOutcome, reportSafety } from "./findings.ts";
import { compareTrees, type TreeComparison } from "./trees.ts";
import { openGaps } from "./unknown/gaps.ts";
import { joinOpenPoints, makeDecides } from "./unknown/unknowns.ts";

export interface SafetyResult {
  safety: MergeSafety;
  findings: SaidFinding[];
}

export interface SafetyOptions {
  /** Whether the operator has reconciled its FluxInstance by then. */
  adopted: boolean;
  /** The change is one that fluxlift makes. */
  planned?: true;
  /** What was measured on that cluster. */
  facts?: Facts | undefined;
  settings?: Settings;
  /** Losses and unknowns that somebody takes. */
  accept: Acceptances;
  /** Whether anything says after the change that Flux starts there, for a root that no file holds. */
  named?: boolean | undefined;
  /** Renders charts that lie in the repository. */
  render?: RenderChart | undefined;
  /** What a person says is published: `--artifact-path`. */
  artifactPath?: string | undefined;
  /** What the change may delete; anything else that goes is an accident. Without it the change itself says. */
  isMeant?: ((loss: Loss) => boolean) | undefined;
}

/**
 * What Flux will do to one cluster when a change is merged, in every order of reconciling (docs/commands/verify.md).
 * @param model of the tree before the change
 */
export function checkMergeSafety(
  change: TreeChange,
  model: RepoModel,
  cluster: Cluster,
  {
    adopted,
    facts,
    accept,
    named,
    planned,
    render,
    artifactPath,
    isMeant = () => true,
    settings = DEFAULTS,
  }: SafetyOptions,
): SafetyResult {
  const measured = {
    isAdoptionSeen: facts?.adopted !== undefined,
    inventories: facts?.inventories,
    version: parseFluxVersion(facts?.fluxVersion ?? ""),
  };
  const compare = (gaps?: readonly Gap[]) =>
    compareTrees(change, model, cluster, {
      ...{ adopted, settings, render, artifactPath, gaps, ...measured },
      ...(planned ? { planned } : {}),
    });
  const isMovedAway = makeMovedAway(change, model, cluster);
  const rules = { change, cluster, accept, named, settings, isMeant, isMovedAway };
  const judge = (comparison: TreeComparison) => judgeComparison(comparison, rules);
  const comparison = compare();
  // A migration says by itself what it cannot read.
  const gaps = planned ? [] : comparison.gaps;
  const open = openGaps(gaps, { as: () => judge(comparison), asIfBuilt: () => judge(compare(gaps)) });
  const { verdict, losses, unknown, findings } = judge({ ...comparison, open: [...comparison.open, ...open] });
  return hideCredentialsIn({
    safety: {
      verdict,
      adopted,
      outcomes: countOutcomes(comparison),
      dangers: losses.map((loss) => toDanger(loss, change)),
      transfers: groupTransfers(comparison),
      unknown,
    },
    findings,
  });
}

interface JudgeInput {
  change: TreeChange;
  cluster: Cluster;
  accept: Acceptances;
  named: boolean | undefined;
  settings: Settings;
  isMeant: (loss: Loss) => boolean;
  isMovedAway: (file: string) => boolean;
}

function judgeComparison(comparison: TreeComparison, input: JudgeInput) {
  const { change, cluster, accept, named, settings, isMeant, isMovedAway } = input;
  const givenUp = findGivenUp(comparison.broken, change, cluster, { named, accept });
  const findAcceptor = (resource: string) => accept.find("unknown", resource) ?? givenUp?.takenBy;
  const unknown = joinOpenPoints(comparison.open, { decides: makeDecides(change, cluster), findAcceptor });
  const findOrigin = makeOrigins(comparison, change, (file) => cluster.files.has(file));
  const losses = judgeLosses(comparison, change, cluster.artifactRoot, settings, isMovedAway)
    .map((loss) => judgeMeant(loss, isMeant))
    .map((loss) => settle({ ...loss, origin: findOrigin(loss.outcome) }, accept, givenUp?.takenBy))
    .sort((a, b) => Number(b.wanted) - Number(a.wanted) || weigh(b) - weigh(a) || isClaim(b) - isClaim(a));
  const findings = reportSafety({ comparison, givenUp, losses, unknown, change, cluster });
  const goes = losses.length > 0 || givenUp !== undefined;
  return { verdict: judgeVerdict(findings, goes, unknown), losses, unknown, findings };
}

/** Flux itself first, then what holds data, then what takes most along. */
function weigh({ outcome, data }: Loss): number {
  return outcome.danger + (data && !isFluxCore(outcome.key) ? 1.5 : 0);
}

/** Of data that weighs the same, what its owner thinks of first. */
function isClaim({ outcome }: Loss): number {
  return Number(splitKey(outcome.key).kind === "PersistentVolumeClaim");
}

/** Whoever takes the loss of something takes the loss of what goes with it. */
function settle(loss: Loss, accept: Acceptances, all: Acceptor | undefined): Loss {
  for (const key of [loss.outcome.key, ...loss.outcome.leads]) {
    const accepted = accept.find("deletes", printKey(key));
    if (accepted) return { ...loss, accepted };
  }
  return all ? { ...loss, accepted: all } : loss;
}

function countOutcomes({ outcomes }: Comparison): MergeSafety["outcomes"] {
  const groups = groupBy(outcomes, ({ fate }) => fate);
  return Object.fromEntries([...groups].map(([fate, group]) => [fate, tally(group)]));
}

function tally(outcomes: readonly Outcome[]) {
  return { count: outcomes.length, names: outcomes.map(({ key }) => printKey(key)) };
}

function toDanger({ outcome, wanted, because, origin, accepted }: Loss, change: TreeChange): SafetyDanger {
  const at = locateOutcome(change, outcome);
  return {
    resource: printKey(outcome.key),
    outcome: outcome.fate as SafetyDanger["outcome"],
    wanted,
    rank: outcome.danger,
    what: outcome.reason,
    why: because,
    ...(origin ? { origin } : {}),
    chain: [...outcome.chain],
    ...(at ? { at } : {}),
    ...(accepted ? { accepted: true as const, acceptedBy: accepted } : {}),
  };
}

function groupTransfers({ outcomes }: Comparison): SafetyTransfer[] {
  const sides = ({ before, after }: Outcome) => [before.join(" + "), after.join(" + ")];
  const groups = groupBy(outcomes, (outcome) => JSON.stringify([...sides(outcome), outcome.fate]));
  return [...groups.values()].map((group) => {
    const [first] = group as [Outcome];
    const [from, to] = sides(first);
    return { ...(from ? { from } : {}), ...(to ? { to } : {}), outcome: first.fate, ...tally(group) };
  });
}

/** Worst first. */
const ORDER: readonly Verdict[] = ["unsafe", "unproven", "deletes", "safe"];

/** Rules whose blockers say that something cannot be known, not that it breaks. */
const UNPROVEN: ReadonlySet<string> = new Set(["safety-unknown", "source-switches"]);

/** The verdict on one cluster (docs/commands/verify.md). What was accepted counts as taken out on purpose. */
function judgeVerdict(
  findings: readonly Pick<SaidFinding, "rule" | "level">[],
  loses: boolean,
  unknown: readonly SafetyUnknown[],
): Verdict {
  if (findings.some(({ rule, level }) => level === "blocker" && !UNPROVEN.has(rule))) return "unsafe";
  if (unknown.some(({ accepted }) => !accepted)) return "unproven";
  return loses || unknown.length > 0 ? "deletes" : "safe";
}

/** The verdict on several: the worst of them. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return ORDER.find((one) => verdicts.includes(one)) ?? "safe";
}
