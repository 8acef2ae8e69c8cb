import { isCustomGroup, keyOfOwner, type ObjectKey, ownerName, printKey, splitKey } from "../../admission/key.ts";
import { findNear } from "../../admission/near.ts";
import type { Comparison } from "../../change/comparison.ts";
import { DEFAULTS, type Settings } from "../../change/settings.ts";
import type { Outcome, TreeChange } from "../../change/types.ts";
import { isYamlPath, objectNamed } from "../../cluster/objects.ts";
import type { Loc } from "../../contract/errors.ts";
import { given } from "../../contract/given.ts";
import { countEach, getOrMake } from "../../contract/group-by.ts";
import type { Acceptor } from "../../contract/safety.ts";
import { isFluxCore } from "./danger.ts";
import { type Dropped, makeListOf } from "./dropped.ts";
import { makeLateGuards } from "./late-guards.ts";
import { HARMLESS, makeMadeJudge } from "./made.ts";
import { findWritten, identityOf, type MovedTo, makeMoved } from "./moved-document.ts";
import type { Origin } from "./origin.ts";
import { makePatchedAway } from "./patched-away.ts";

/** An object that may be deleted, with why it is or is not still wanted. */
export interface Loss {
  outcome: Outcome;
  /** Whether the tree after the change shows that somebody still wants it. */
  wanted: boolean;
  because: string;
  /** It holds data that nothing in Git can bring back. */
  data?: true;
  /** One of so many that together they are no decision any more. */
  mass?: true;
  /** What its document makes from now on: it only gets another name or namespace. */
  renamed?: ObjectKey;
  /** Where in the change it begins. */
  origin?: Origin | undefined;
  /** Who settled it. */
  accepted?: Acceptor;
}

/**
 * Tells purpose from accident (docs/verify.md, which says the same to users). On purpose: the document is gone; a new patch
 * deletes it by its name; its file is the one app that the change takes out of one list; it goes with what goes on purpose.
 * By accident: Flux itself; what the tree goes on delivering; what only changes its name or namespace and takes data or an
 * inventory along; a document that stays while a slip, a path, an `ignore`, several lists or entries, or a parent of its
 * FluxKustomization takes it out; what gets a guard at the moment it goes; data whose document stays and that goes through
 * anything but its own FluxKustomization; more than half of an inventory, but for one app that goes with its folder.
 * Errs towards accident.
 */
export function judgeLosses(
  comparison: Comparison,
  change: TreeChange,
  artifactRoot: string,
  settings: Settings = DEFAULTS,
  isMovedAway: (file: string) => boolean = () => false,
): Loss[] {
  const lost = comparison.outcomes.filter(({ fate }) => fate === "deleted" || fate === "recreated");
  const own = makeOwnJudge(comparison, change, artifactRoot, { ...settings, isMovedAway });
  const byKey = new Map(lost.map((outcome) => [outcome.key, outcome]));
  const judged = new Map(lost.map((outcome) => [outcome.key, own(outcome)]));
  limitLists(lost, judged, settings);
  const masses = findMasses(comparison.outcomes, judged, settings);
  for (const [key, mass] of masses) judged.set(key, { wanted: true, because: mass });
  return lost.map((outcome) => {
    const { wanted, because, renamed } = judgeWithLead(outcome, byKey, judged, settings);
    return {
      ...{ outcome, wanted, because },
      ...(renamed === undefined ? {} : { renamed }),
      ...(settings.dataOf(outcome.key) === undefined ? {} : { data: true as const }),
      ...(masses.has(outcome.key) ? { mass: true as const } : {}),
    };
  });
}

interface Judgement {
  wanted: boolean;
  because: string;
  renamed?: ObjectKey;
  /** The whole folder that it goes with, which a list gives up: where that is one app, it is a decision, however much it is. */
  whole?: string;
  /** Its document stays where it was: what takes it along may have been taken out on purpose. */
  stays?: true;
  /** Another cluster applies it from now on, and has none of its data. */
  away?: true;
  /** The list that gave up its file. */
  dropped?: Dropped;
}

interface JudgeSettings extends Settings {
  /** Whether a file lies where another cluster is led. */
  isMovedAway: (file: string) => boolean;
}

function makeOwnJudge(
  comparison: Comparison,
  change: TreeChange,
  artifactRoot: string,
  { dataOf, isMovedAway }: JudgeSettings,
) {
  const { before, after, changed } = change;
  const delivered = new Map<string, Outcome>();
  for (const outcome of comparison.outcomes) {
    // A List, or a component of several apps, makes several objects at one place: what was there before is no successor.
    const isNew = outcome.before.length === 0;
    if (isNew && outcome.after.length > 0 && outcome.at) delivered.set(placeOf(outcome), outcome);
  }
  const judgeMade = makeMadeJudge(comparison.outcomes, after);
  const listOf = makeListOf(comparison, change, artifactRoot);
  const guardOf = makeLateGuards(comparison, change);
  const findMoved = makeMoved(comparison, change, isMovedAway);
  const isPatchedAway = makePatchedAway(comparison, change);
  /** What is lost although its document, or that of another one, goes on delivering it. */
  const judgeDelivered = (outcome: Outcome): Judgement | undefined => {
    const isPlain = outcome.danger <= HARMLESS && dataOf(outcome.key) === undefined;
    if (outcome.begins === "force" && outcome.leads.length === 0 && isPlain && !outcome.losesClaims) {
      return { wanted: false, because: "Its Kustomization may do that (force), and applies it again at once." };
    }
    // What is deleted for good although the tree delivers it is wanted no less.
    if (outcome.after.length > 0) {
      const verb = outcome.after.length > 1 ? "deliver" : "delivers";
      return { wanted: true, because: `${outcome.after.join(" and ")} still ${verb} it.` };
    }
    const { paused } = outcome;
    return paused === undefined
      ? undefined
      : { wanted: true, because: `${paused} is to deliver it, and is suspended.` };
  };

  /** Where the document is that made it, and what took it out. */
  const judgeDocument = (outcome: Outcome, { file }: Loc): Judgement => {
    const written = findWritten(before, outcome);
    const isHere = isYamlPath(file) && objectNamed(after, file, written) !== undefined;
    const moved = isHere ? undefined : findMoved(identityOf(written));
    if (typeof moved === "string") return judgeMoved(moved, dataOf(outcome.key) !== undefined);
    if (moved) return judgeSuccessor(outcome, moved);
    if (after.has(file) && after.status(file) !== "text") {
      return { wanted: true, because: "Its file is no plain text any more, or a link, which Flux does not follow." };
    }
    const dropped = listOf(file);
    if (!isHere) {
      const folder = dropped?.folder;
      const whole = folder !== undefined && !after.isDir(folder) ? folder : undefined;
      return { wanted: false, because: "Its document is removed from the tree.", ...given({ whole }) };
    }
    if ([written, outcome].some(isPatchedAway))
      return { wanted: false, because: "The change brings a patch that deletes it by its name." };
    if (dropped) return { wanted: false, because: "The change takes its file out of a list.", dropped };
    const because = changed.has(file)
      ? "Its document is still in the file, which the change edits."
      : "Its document is still in the tree, and no list gave it up, but Flux delivers it no more.";
    return { wanted: true, because, stays: true };
  };

  return (outcome: Outcome): Judgement => {
    if (isFluxCore(outcome.key)) return { wanted: true, because: "Without it Flux stops, or takes everything along." };
    const standing = judgeDelivered(outcome) ?? (outcome.made && judgeMade(outcome, dataOf(outcome.key) !== undefined));
    if (standing) return standing;
    const successor = outcome.made ? undefined : delivered.get(placeOf(outcome));
    // Where one of another kind takes its place in the file, the document itself is gone; `Namespce` is a slip.
    const isKind = ({ kind }: Outcome) => kind === outcome.kind || findNear(kind, [outcome.kind]) !== undefined;
    if (successor && successor.key !== outcome.key && isKind(successor)) {
      const isSame = outcome.kind === successor.kind && outcome.name === successor.name;
      return isSame ? judgeSuccessor(outcome, successor) : judgeRenamed(outcome, successor);
    }
    const guard = guardOf(outcome);
    if (guard !== undefined) return { wanted: true, because: guard };
    if (!outcome.at) return { wanted: false, because: "Nothing in the tree delivers it any more." };
    return judgeDocument(outcome, outcome.at);
  };
}

/** Of a document that left its file and makes nothing new in this cluster. */
function judgeMoved(moved: MovedTo, holdsData: boolean): Judgement {
  if (moved === "archived") return { wanted: false, because: "Its document is moved to an archive." };
  if (moved === "undelivered")
    return { wanted: true, because: "Its document was moved to where no FluxKustomization delivers it." };
  return holdsData
    ? { wanted: true, because: "Its document is moved to another cluster, and what it holds stays behind and goes." }
    : { wanted: false, because: "Its document is moved to another cluster.", away: true };
}

function judgeRenamed(outcome: Outcome, successor: Outcome): Judgement {
  const because = `Its document now makes ${ownerName(successor.key)}; the old object goes.`;
  return { wanted: outcome.danger >= HARMLESS, because, renamed: successor.key };
}

/** Traefik reads its objects and makes nothing for them, and its group has another name since version 3. */
const MAKES_NOTHING = /^traefik\.(?:io|containo\.us)$/;

/** A controller that is not known here may take along all that it made for the old object: a certificate, a database. */
function judgeSuccessor(outcome: Outcome, successor: Outcome): Judgement {
  const { group } = splitKey(outcome.key);
  if (!isCustomGroup(group) || MAKES_NOTHING.test(group)) return judgeRenamed(outcome, successor);
  const because = `Its document now makes ${ownerName(successor.key)}; what the controller of its kind takes along with the old object is not known.`;
  return { wanted: true, because };
}

/** One app taken out of one list is a decision, and so are those that go with their folders; several, whose documents all stay, look like a slip. */
function limitLists(lost: readonly Outcome[], judged: Map<ObjectKey, Judgement>, { dataOf }: Settings): void {
  const dropped = lost.filter(({ key }) => {
    const entry = judged.get(key)?.dropped;
    return entry !== undefined && !entry.goes;
  });
  const entryOf = ({ key }: Outcome) => judged.get(key)!.dropped!;
  const lists = new Set(dropped.map((one) => entryOf(one).list));
  const isFlux = ({ kind }: Outcome) => kind === "Kustomization";
  // The folder of an app and what lies in it beside its FluxKustomization are that app.
  const told = new Set(dropped.filter(isFlux).map((one) => entryOf(one).folder));
  const appOf = (one: Outcome) => {
    const { folder } = entryOf(one);
    return isFlux(one) ? one.at?.file : told.has(folder) ? undefined : folder;
  };
  const apps = new Set(dropped.map(appOf).filter((one) => one !== undefined));
  // One entry of a component that several apps use takes the data of all of them.
  const holders = new Set(dropped.filter(({ key }) => dataOf(key) !== undefined).flatMap(({ before }) => before));
  if (lists.size < 2 && apps.size < 2 && holders.size < 2) return;
  const what =
    lists.size < 2 && apps.size < 2
      ? `data of ${holders.size} apps`
      : apps.size > 1
        ? `${apps.size} apps`
        : `entries of ${lists.size} lists`;
  const because = `The change takes ${what} out at once, and the documents stay in the tree; one of one list would be a decision.`;
  for (const { key } of dropped) judged.set(key, { wanted: true, because });
}

/** What takes a document along that stays: its own FluxKustomization, or whatever else goes before it. */
function judgeWithLead(
  outcome: Outcome,
  lost: ReadonlyMap<ObjectKey, Outcome>,
  judged: ReadonlyMap<ObjectKey, Judgement>,
  { dataOf }: Settings,
): Judgement {
  const own = judged.get(outcome.key)!;
  // What lies in no file of the tree is wanted like all that delivers it.
  const makers = outcome.at || own.wanted ? [] : outcome.before.map(keyOfOwner);
  if (makers.length > 0 && makers.every((key) => judged.get(key)?.wanted))
    return { wanted: true, because: `It goes with ${printKey(makers[0]!)}. ${judged.get(makers[0]!)!.because}` };
  if (!own.stays) return own;
  const isFlux = outcome.kind === "Kustomization";
  const owners = isFlux ? [] : outcome.before.map(keyOfOwner).filter((key) => lost.has(key));
  const lead = outcome.leads[0];
  const takers = [...owners, ...(lead === undefined || owners.includes(lead) ? [] : [lead])];
  const taker = takers.find((key) => judged.get(key)?.wanted === false);
  if (taker === undefined) {
    const cause = takers[0];
    return cause === undefined
      ? own
      : { wanted: true, because: `It goes with ${printKey(cause)}. ${judged.get(cause)!.because}` };
  }
  const name = printKey(taker);
  if (!owners.includes(taker)) {
    const says = `Its document stays in the tree, and ${name} takes it along`;
    if (lost.get(taker)?.kind === "Kustomization")
      return { wanted: true, because: `${says}, a parent of what delivers it.` };
    if (dataOf(outcome.key) !== undefined) return { wanted: true, because: `${says}, with the data in it.` };
  }
  if (judged.get(taker)?.away && dataOf(outcome.key) !== undefined)
    return {
      wanted: true,
      because: `It goes with ${name}, which is moved to another cluster, and its data stays behind.`,
    };
  return { wanted: false, because: `It goes with ${name}. ${judged.get(taker)!.because}` };
}

/** What runs something; of one app there are a few at most, and in a folder of many apps there are more. */
const RUNS: ReadonlySet<string> = new Set(["HelmRelease", "Kustomization", "Deployment", "StatefulSet", "DaemonSet"]);
const MOST_OF_AN_APP = 3;

/** Objects that their FluxKustomization prunes together with more than half of its inventory, while it stays itself. */
function findMasses(
  outcomes: readonly Outcome[],
  judged: ReadonlyMap<ObjectKey, Judgement>,
  { massCount, massShare }: Settings,
): Map<ObjectKey, string> {
  const all = countEach(outcomes.flatMap(({ before }) => before.map(keyOfOwner)));
  const runs = countEach(outcomes.flatMap(({ key, kind }) => (RUNS.has(kind) ? (judged.get(key)?.whole ?? []) : [])));
  const gone = new Map<ObjectKey, ObjectKey[]>();
  for (const { key, fate, begins, causes, leads, renewed } of outcomes) {
    const by = causes[0];
    if (fate !== "deleted" || begins !== "stale" || leads.length > 0 || by === undefined || judged.has(by) || renewed)
      continue;
    const { whole } = judged.get(key) ?? {};
    if (whole !== undefined && (runs.get(whole) ?? 0) <= MOST_OF_AN_APP) continue;
    getOrMake(gone, by, () => []).push(key);
  }
  const masses = new Map<ObjectKey, string>();
  for (const [by, keys] of gone) {
    const total = all.get(by) ?? 0;
    if (keys.length < massCount || keys.length <= total * massShare) continue;
    const because = `${keys.length} of the ${total} objects of ${printKey(by)} go at once, while it stays itself.`;
    for (const key of keys) if (!judged.get(key)?.wanted) masses.set(key, because);
  }
  return masses;
}

function placeOf({ at, doc }: Outcome): string {
  return `${at?.file}#${doc}`;
}
