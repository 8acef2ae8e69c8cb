import { keyOfObject, keyOfOwner, type ObjectKey, ownerName, printKey, sayOwner } from "../admission/key.ts";
import type { BrokenBuild } from "../change/comparison.ts";
import type { SourceSwitch } from "../change/source-facts.ts";
import type { Outcome, TreeChange } from "../change/types.ts";
import { madeRoot } from "../cluster/instances.ts";
import type { Cluster } from "../cluster/types.ts";
import { type Loc, lineOf } from "../contract/errors.ts";
import type { SaidFinding } from "../contract/finding.ts";
import { andSoMore, listNames, listSome } from "../contract/list-some.ts";
import type { SafetyUnknown } from "../contract/safety.ts";
import { sh } from "../contract/shell.ts";
import { LEFT_OUT } from "../delivery/artifact-files.ts";
import { locateField } from "../delivery/locations.ts";
import { sayAcceptor } from "./fate/acceptance.ts";
import { reportAccountsGone } from "./fate/accounts-gone.ts";
import { type GivenUp, isPathGone, reportGivenUp } from "./fate/given-up.ts";
import { type Locate, reportLosses, sayNames } from "./fate/losses.ts";
import type { Loss } from "./fate/wanted.ts";
import type { InstanceRefusal } from "./operator/instance-refusal.ts";
import { reportRefusals } from "./refused/refusals.ts";
import { reportStuck } from "./refused/stuck-fields.ts";
import { reportCharts } from "./sources/foreign-charts.ts";
import type { TreeComparison } from "./trees.ts";
import { reportLostSettings } from "./values/lost-settings-report.ts";

export interface SafetyFindingsInput {
  comparison: TreeComparison;
  givenUp: GivenUp | undefined;
  losses: readonly Loss[];
  unknown: readonly SafetyUnknown[];
  change: TreeChange;
  cluster: Cluster;
}

/** What a person has to know of a comparison. Every finding has a place, which code hosts ask for. */
export function reportSafety(input: SafetyFindingsInput): SaidFinding[] {
  const { comparison, givenUp, losses, unknown, change, cluster } = input;
  const locate: Locate = (outcome) => locateOutcome(change, outcome) ?? locateField(change.before, cluster.root);
  const made = madeRoot(cluster);
  const gone = givenUp && reportGivenUp(givenUp, comparison.broken, locate({}));
  // What happens to a cluster that is gone happens to nobody.
  if (gone && givenUp.takenBy) return [gone];
  return [
    ...reportLosses(losses, locate, {
      made: made && keyOfObject(made),
      held: listHeld(comparison),
      standstill: comparison.standstill,
    }),
    ...reportStuck(comparison, change, locate),
    ...reportRefusals(comparison, change.after, locate),
    ...reportLostSettings(comparison.lost, change.after),
    ...comparison.stopped,
    ...comparison.shared.map((harm): SaidFinding => ({ rule: "second-owner", level: "blocker", ...harm })),
    ...comparison.unmanned.map((harm): SaidFinding => ({ rule: "operator-goes", level: "blocker", ...harm })),
    ...comparison.unprotected.map((harm): SaidFinding => ({ rule: "guard-overridden", level: "blocker", ...harm })),
    ...comparison.harms.map((harm): SaidFinding => ({ rule: "instance-harms", level: "blocker", ...harm })),
    ...reportSwitches(comparison, unknown),
    ...(comparison.refused && !isSaid(comparison.refused) ? [reportRefusal(comparison.refused)] : []),
    ...(gone ? [gone] : reportBroken(comparison, locate)),
    ...reportLeft(comparison, locate),
    ...reportAccountsGone(comparison.outcomes, change.before, locate),
    ...reportUnknown(comparison, unknown, locate),
    ...reportCharts(comparison, locate),
  ];
}

/** What applies nothing more, and for which object. */
function listHeld({ stuck, refusals }: TreeComparison): Map<ObjectKey, string> {
  const refused = refusals.filter(({ refusal }) => !refusal.doubtful && refusal.drops === undefined);
  const sure = [...stuck.filter(({ change }) => change.sure), ...refused];
  return new Map(sure.map(({ owner, key }) => [keyOfOwner(owner), printKey(key)]));
}

/** Where the document of an object begins, in the tree that holds its file. */
export function locateOutcome(
  { before, after }: TreeChange,
  { at, doc = 0 }: Pick<Outcome, "at" | "doc">,
): Loc | undefined {
  return at && locateField(before.has(at.file) ? before : after, { file: at.file, doc });
}

/** The tree of the change is not what Flux reads afterwards, so nothing that is compared holds. */
function reportSwitches({ switched }: TreeComparison, unknown: readonly SafetyUnknown[]): SaidFinding[] {
  return switched.map((one) => ({
    rule: "source-switches",
    level: unknown.find(isAbout(one))?.accepted ? "info" : one.own ? "blocker" : "caution",
    resource: one.name,
    at: one.at,
    what: `${one.name} ${one.says}.`,
    why: "What is not in there is pruned, and what is there and not here is applied, whatever this change shows.",
    next: "Compare the two first (git diff, or flux diff artifact), and guard with prune: false what must not go.",
  }));
}

/** What the CRD refuses of a manifest is found like that of any object. */
const isSaid = ({ field, form }: InstanceRefusal): boolean => field === "components" && form === "manifest";

function reportRefusal(refusal: InstanceRefusal): SaidFinding {
  const { form, at } = refusal;
  const refused = { rule: "instance-refused", level: "blocker", resource: "FluxInstance flux", at } as const;
  if (refusal.field === "build") {
    const { what, why, next } = refusal.unbuilt;
    return { ...refused, what: `${what}: the operator builds nothing, and changes nothing more in Flux.`, why, next };
  }
  const { field, from, to } = refusal;
  if (field === "distribution.version") {
    return {
      ...refused,
      what: `The operator refuses the FluxInstance: distribution.version goes back from ${from} to ${to}, so it changes nothing more in Flux.`,
      why: "It does not go below the minor it applied last.",
      next: "Name the minor that runs, or a newer one.",
    };
  }
  const stops =
    form === "manifest" ? "the Kustomization that applies it applies nothing more" : "its release fails to upgrade";
  if (field === "components") {
    return {
      ...refused,
      what: `The FluxInstance is refused: there is no component ${to}, so ${stops}.`,
      why: "Nothing is deleted by that, and nothing of the change reaches Flux.",
      next: `Write ${from}.`,
    };
  }
  return {
    ...refused,
    what: `The API server refuses the FluxInstance: sync.name cannot change from ${from} to ${to}, so ${stops}.`,
    why: "The field is immutable once it is set. Nothing is deleted by that, but what names the new source waits for it in vain.",
    next: "Take the edit back. Never delete the FluxInstance to get around it: that uninstalls Flux.",
  };
}

function isAbout({ name, says }: SourceSwitch): (unknown: SafetyUnknown) => boolean {
  return ({ resources, what }) => resources.includes(name) && what.includes(says);
}

/** What the change touches and cannot be read; what decides over Flux itself stops a plan. */
function reportUnknown({ switched }: TreeComparison, unknown: readonly SafetyUnknown[], locate: Locate): SaidFinding[] {
  const root = locate({});
  const own = unknown.filter((one) => !switched.some((other) => isAbout(other)(one)));
  return own.map(({ resources, what, look, at = root, decides, accepted, acceptedBy }) => ({
    rule: "safety-unknown",
    level: accepted ? "info" : decides ? "blocker" : "caution",
    resource: resources[0]!,
    at,
    what,
    why: decides
      ? "Whether Flux, its operator or what the migration rests on stays depends on it, and the answer is not in this repository."
      : "The answer is not in this repository, so nothing about it is called safe.",
    next: acceptedBy
      ? `Nothing to do: it was accepted ${sayAcceptor(acceptedBy)}.`
      : `${look.charAt(0).toUpperCase()}${look.slice(1)}; then settle it with ${sayAccept(resources)}.`,
  }));
}

/** Each name settles its own; a list that nobody reads ends early. */
function sayAccept(resources: readonly string[]): string {
  const rest = resources.length - MOST_ACCEPTED;
  const names = sh`--accept ${resources.slice(0, MOST_ACCEPTED).join(",")}`.line;
  return rest > 0 ? `${names} and, likewise, the ${rest} others` : names;
}

const MOST_ACCEPTED = 10;

const SHOWN_BELOW = 4;

function listBelow(names: readonly string[]): string {
  return listSome(names.map(sayOwner), SHOWN_BELOW);
}

/** More folders that moved than this get one advice for all, by which reports put them together. */
const MOST_ADVISED = 3;

function reportBuild(one: BrokenBuild, locate: Locate, moved: number): SaidFinding {
  const { name, reason, isNew, idle, unread, below = [], at = unread ? lineOf(unread.file) : locate({}) } = one;
  const more = below.length > 0 ? ` What it leads to its new folder waits for it: ${listBelow(below)}.` : "";
  return {
    rule: "build-breaks",
    level: idle ? "caution" : "blocker",
    resource: sayOwner(name),
    at,
    what: `Flux cannot build ${sayOwner(name)} after this change: ${reason}.${more}`,
    why: idle
      ? `It is suspended${isNew ? " and applies nothing" : ": what it applied stays as it is"} meanwhile. Once it resumes, Flux neither applies nor prunes anything for it until it builds again.`
      : unread
        ? `Its new path, ${unread.path}, stands in ${unread.file}, and Flux does not get there: it looks for the old folder, and applies nothing more.`
        : isNew
          ? "The change brings it, and until it builds Flux applies nothing of it."
          : "It builds today. Until it builds again Flux neither applies nor prunes anything for it.",
    next: unread ? sayStay(moved > MOST_ADVISED ? undefined : unread.path) : sayMend(reason),
  };
}

/** @param path where its files are from now on; each has its own where there are many */
function sayStay(path: string | undefined): string {
  return path === undefined
    ? "Leave a kustomization.yaml in each old folder for now, which lists what is in the new one; take them away once that is reconciled."
    : `Leave a kustomization.yaml in the old folder for now, which lists what is in ${path || "the top folder"}; take it away once that is reconciled.`;
}

const OF_FLUX = /\b(?:source|kustomize|helm|notification|image-\w+|source-watcher)-controller\b/;

function sayMend(reason: string): string {
  if (reason.endsWith(LEFT_OUT))
    return "Let the source bring it (spec.ignore, .sourceignore or spec.sparseCheckout), or keep it in a folder that comes with it.";
  if (isPathGone({ reason })) return "Point it at a folder that stays, or take it out, before this is merged.";
  if (/^loading KV pairs: .*: no such file$/.test(reason))
    return "Put a copy of that file beside the kustomization that names it and name the copy, or take it out of its generator; commit that, then run again.";
  if (!reason.startsWith("no matches for")) return "Correct that first; flux build kustomization shows the same error.";
  const more = OF_FLUX.test(reason) ? "; what it said of the old Flux install the FluxInstance says by now" : "";
  return `Correct the names in the patch, or take it out, or give it a target, so that it may match nothing${more}.`;
}

function reportBroken({ broken }: TreeComparison, locate: Locate): SaidFinding[] {
  const moved = broken.filter(({ unread }) => unread).length;
  return broken.map((one) => reportBuild(one, locate, moved));
}

/** What goes along with an object that a person deletes. */
const ALONG: Readonly<Record<string, string>> = {
  HelmRelease: "what a HelmRelease installed",
  Namespace: "all that lies in a Namespace",
  CustomResourceDefinition: "all objects of a CustomResourceDefinition",
  PersistentVolumeClaim: "the data of a PersistentVolumeClaim",
};

function reportLeft({ outcomes, adrift }: TreeComparison, locate: Locate): SaidFinding[] {
  const orphans = outcomes.filter(({ fate }) => fate === "orphaned");
  if (orphans.length === 0) return [];
  const keys = new Set(orphans.map(({ key }) => key));
  const left = adrift.filter(({ key }) => keys.has(key));
  const kinds = new Set(orphans.map(({ kind }) => kind));
  const along = [
    left.some(({ finalizes }) => finalizes) ? "what a Kustomization with prune: true applied" : [],
    Object.entries(ALONG).flatMap(([kind, what]) => (kinds.has(kind) ? what : [])),
  ].flat();
  return [
    {
      rule: "left-behind",
      level: "info",
      at: locate(orphans[0]!),
      what: `Flux leaves ${sayNames(orphans)} in the cluster, and nothing in Git manages ${orphans.length > 1 ? "them" : "it"} any more.${sayAdrift(left)}`,
      why: "prune is off for what delivered it, or the object is annotated so.",
      next: `Delete by hand what nobody needs${along.length > 0 ? `; along with it goes ${listNames(along)}` : ""}.`,
    },
  ];
}

/** What a FluxKustomization does from then on that stays in the cluster. */
function sayAdrift(left: TreeComparison["adrift"]): string {
  const [first] = left;
  if (!first) return "";
  const [failed, ...more] = left.filter(({ reason }) => reason !== undefined);
  const name = (one: typeof first) => sayOwner(ownerName(one.key));
  const goesOn = ` ${name(first)} goes on by itself${andSoMore(left.length - 1)}: what it reads in Git it still applies.`;
  return failed
    ? ` ${name(failed)} goes on by itself, and fails from then on${andSoMore(more.length)}: ${failed.reason}.`
    : goesOn;
}
