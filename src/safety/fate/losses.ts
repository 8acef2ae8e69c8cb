import { type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import type { Outcome } from "../../change/types.ts";
import type { Loc } from "../../contract/errors.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import { groupBy } from "../../contract/group-by.ts";
import { andMore, listNames } from "../../contract/list-some.ts";
import { sh } from "../../contract/shell.ts";
import { sayAcceptor } from "./acceptance.ts";
import { sayOrigin } from "./origin.ts";
import type { Loss } from "./wanted.ts";

/** Rank from which on an intended deletion is worth a look: FluxKustomizations, HelmReleases and what holds data. */
const WORTH_A_LOOK = 5;
const CORE = 9;

/** The line at which an object begins; without a file, where its root stands. */
export type Locate = (outcome: Pick<Outcome, "at" | "doc">) => Loc;

interface Around {
  /** The root, where the operator makes it. */
  made?: ObjectKey | undefined;
  /** What cannot be applied, as the API server refuses an object of it, and the name of that. */
  held?: ReadonlyMap<ObjectKey, string>;
  /** Why the operator has taken nothing over, where that is known. */
  standstill?: string | undefined;
}

/** One finding a cause: what a parent takes along is named in it, not reported once more. */
export function reportLosses(losses: readonly Loss[], locate: Locate, around: Around = {}): SaidFinding[] {
  const findings: SaidFinding[] = [];
  const isOpen = ({ wanted, accepted }: Loss) => wanted && !accepted;
  const core = losses.filter((loss) => loss.outcome.danger === CORE && isOpen(loss));
  if (core.length > 0) findings.push(reportCore(core, losses, locate, around));
  // What goes with Flux is not said again.
  const others =
    core.length === 0 ? losses : losses.filter((loss) => !core.includes(loss) && loss.outcome.chain.length <= 1);
  const gone = new Set(losses.flatMap(({ outcome: { key, fate } }) => (fate === "deleted" ? [key] : [])));
  for (const group of groupLosses(others, isOpen)) {
    const [first, ...rest] = group;
    findings.push(
      isOpen(first)
        ? reportWanted(first, rest, locate, { ...around, gone })
        : reportIntended(first, rest, locate, around),
    );
  }
  return findings;
}

/** By what begins it, one loss and what it takes along; many that one thing takes for one reason are one as well. */
function groupLosses(losses: readonly Loss[], isOpen: (loss: Loss) => boolean): [Loss, ...Loss[]][] {
  const chains = [...groupBy(losses, (loss) => `${isOpen(loss)} ${loss.outcome.chain[0]}`).values()];
  const firsts = groupBy(chains, ([first]) => {
    const { outcome, because, mass } = first!;
    return JSON.stringify([isOpen(first!), outcome.begins, outcome.causes[0], mass ? because : outcome.chain[0]]);
  });
  return [...firsts.values()].map((group) => group.flat() as [Loss, ...Loss[]]);
}

function reportCore(core: readonly Loss[], losses: readonly Loss[], locate: Locate, around: Around): SaidFinding {
  const [first] = core as [Loss];
  const { outcome } = first;
  const { held, standstill } = around;
  // The controllers often lie in no file of this repository; what delivered them does.
  const cause = losses.find((loss) => outcome.causes.includes(loss.outcome.key) && loss.outcome.at)?.outcome;
  const begin =
    standstill === undefined
      ? "Merge what adds the operator first"
      : `The operator takes nothing over as long as ${standstill}: mend that first`;
  return {
    rule: "flux-may-go",
    level: "blocker",
    resource: printKey(outcome.key),
    at: locate(outcome.at || !cause ? outcome : cause),
    what: `Flux deletes itself: ${sayNames(core.map((loss) => loss.outcome))}.`,
    why: `${sayChain(outcome)}${begins(first)}${sayHeld(outcome, held)} Nothing guarantees that the operator has taken them over by then${standstill === undefined ? "" : `, as ${standstill}`}, and without the CRDs every FluxKustomization and HelmRelease goes, finalizers and all.`,
    next: `${begin}, wait until the FluxInstance is Ready and the objects carry its labels, then remove the old install.${core.every(isTakenOver) ? BY_HAND : ""}`,
  };
}

/** The change brings what delivers it from then on. */
const isTakenOver = ({ outcome }: Loss) => outcome.after.length > 0;
const BY_HAND =
  " Where a person has installed operator and FluxInstance before, as on the direct route (`--phase all --direct`), that shows in no file: the runbook of that route has the commands that look whether they own these objects.";

interface InLosses extends Around {
  gone: ReadonlySet<ObjectKey>;
}

function reportWanted(loss: Loss, rest: readonly Loss[], locate: Locate, around: InLosses): SaidFinding {
  const { outcome, because, renamed, mass } = loss;
  const said = sayLoss(outcome, rest, locate);
  return {
    rule: "wanted-may-go",
    level: "blocker",
    ...said,
    // What else is wrong shows in no other word.
    ...(mass ? { what: `${said.what} ${because}` } : {}),
    why: `${mass ? "" : `${because} `}${outcome.chain.length > 1 ? sayChain(outcome) : "Some order of reconciling leads there."}${begins(loss)}${sayHeld(outcome, around.held)}`,
    next:
      renamed !== undefined && outcome.kind === "HelmRelease" && outcome.leads.length === 0
        ? adviseRenamed(outcome, renamed)
        : advise(outcome, around),
  };
}

function reportIntended(loss: Loss, rest: readonly Loss[], locate: Locate, { held }: Around): SaidFinding {
  const { outcome, because, accepted } = loss;
  return {
    rule: "will-be-deleted",
    level: outcome.danger >= WORTH_A_LOOK ? "caution" : "info",
    ...sayLoss(outcome, rest, locate),
    why: `${because}${begins(loss)}${sayHeld(outcome, held)}${accepted ? ` It was accepted ${sayAcceptor(accepted)}.` : ""}`,
    next: "Nothing to do if it is meant to go; take the edit back otherwise.",
  };
}

/** The line of the change; left out where the finding stands at that very line. */
function begins({ outcome, origin }: Loss): string {
  const isHere = origin && origin.at.file === outcome.at?.file && outcome.leads.length === 0;
  return origin && !isHere ? ` ${sayOrigin(origin)}` : "";
}

/** What cannot be applied prunes nothing either (flux-facts 2.4 item 1). */
function sayHeld({ begins, causes: [first] }: Outcome, held: Around["held"]): string {
  const refused = first !== undefined && begins === "stale" ? held?.get(first) : undefined;
  return refused === undefined
    ? ""
    : ` As long as the API server refuses ${refused}, Flux prunes nothing of ${printKey(first!)}: it comes to that once this is mended.`;
}

function sayLoss(outcome: Outcome, rest: readonly Loss[], locate: Locate) {
  const others = rest.length > 0 ? ` The same happens to ${sayNames(rest.map((loss) => loss.outcome))}.` : "";
  return { resource: printKey(outcome.key), at: locate(outcome), what: `${outcome.reason}${others}` };
}

/** A guard keeps the old release as well: both would run side by side. */
function adviseRenamed({ key }: Outcome, renamed: ObjectKey): string {
  const [own, other] = [printKey(key), printKey(renamed)];
  return `Keep the name and the namespace; or, where the release may be uninstalled and ${other} installed in its place, settle it with ${sh`--accept ${own}`.line}.`;
}

/** What to do first, by what starts the chain. */
function advise(outcome: Outcome, { gone, made }: InLosses): string {
  const { begins, causes, key } = outcome;
  const set = causes.findIndex((cause) => splitKey(cause).kind === "ResourceSet");
  const first = replaced(outcome, gone) ?? causes[0] ?? key;
  switch (begins) {
    case "reinstall":
    case "helm":
      return `Keep the release name, the namespaces and the chart of ${printKey(first)}, or back up what it holds; a guard on a Kustomization does not help. Or take the edit back.`;
    case "force":
      return "Take force away in a change of its own, or back up the data; or take the edit back.";
    case "operator":
    case "uninstall":
      return "Take the edit of the FluxInstance back; what the operator made it deletes as well.";
    default:
      if (splitKey(first).kind === "HelmRelease")
        return `Give ${printKey(key)} the annotation helm.sh/resource-policy: keep in a change of its own, wait until that is released, then merge this one; or take the edit back.`;
      if (set >= 0)
        return `Give ${printKey(causes[set + 1] ?? key)} the annotation fluxcd.controlplane.io/prune: disabled in the ResourceSet, in a change of its own, wait until that is reconciled, then merge this one; or take the edit back.`;
      return `Set prune: false on ${printKey(first)}${first === made ? " by a patch of the FluxInstance," : ""} in a change of its own, wait until that is reconciled, then merge this one; or take the edit back.`;
  }
}

/**
 * The FluxKustomization that goes for good and hands to another one what it holds, such as one with a new name: it is the
 * one that must not prune. Kept from being deleted itself it would stay beside the new one, and take everything along later.
 */
function replaced({ fate, leads }: Outcome, gone: ReadonlySet<ObjectKey>): ObjectKey | undefined {
  const lead = fate === "recreated" ? leads.at(-1) : undefined;
  return lead && gone.has(lead) && splitKey(lead).kind === "Kustomization" ? lead : undefined;
}

function sayChain({ chain }: Outcome): string {
  const text = chain.join("; then ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

export function sayNames(outcomes: readonly Outcome[]): string {
  const names = outcomes.slice(0, 4).map(({ key }) => printKey(key));
  const hidden = outcomes.length - names.length;
  return hidden > 0 ? `${names.join(", ")}${andMore(hidden)}` : listNames(names);
}
