import { type ObjectKey, splitKey } from "../admission/key.ts";
import type { ClusterChange } from "../change/change.ts";
import { groupOfKind } from "../change/fields.ts";
import { type Given, goes, staysWithoutGit } from "../change/given.ts";
import { listMade } from "../change/makers.ts";
import { listReferences, listReferencesAndOptional } from "../change/read.ts";
import type { OwnedObject } from "../change/types.ts";
import type { Held } from "../change/world.ts";
import { getOrMake } from "../contract/group-by.ts";
import { once } from "../contract/once.ts";
import type { BrokenReference, ReferenceAnswer, UnprovenReference } from "./broken.ts";
import { listNamedByHand } from "./by-hand.ts";
import { findMisnamed, findNaming } from "./named.ts";
import { isAlone } from "./network/idle-services.ts";
import { findMissing, findOptionalSlips, isAtWork, judgeNew, listNew, type Missing } from "./new-references.ts";
import { findUnhashed } from "./settings/unhashed.ts";
import { findValueNames } from "./value-names.ts";

/**
 * References that lead nowhere once the change is merged: their target goes while they stay, wherever they stand, or the
 * change brings them and nothing makes what they name. One that led nowhere before is no finding: what it names is there,
 * made by hand, or it never worked.
 */
export function findBrokenReferences(given: Given, change: ClusterChange, fluxNamespace: string): ReferenceAnswer {
  const gone = listGone(given);
  const users = findUsers(given, gone);
  const { slips, strays } = findMisnamed(given);
  const broken: BrokenReference[] = [
    ...users,
    ...slips,
    ...findOptionalSlips(given),
    ...findUnhashed(given).map(({ isKept, ...one }) =>
      isKept ? { ...one, isGone: false, hashed: true as const } : { ...one, isGone: true },
    ),
  ];
  const unproven: UnprovenReference[] = [...strays];
  const answers = new Map<string, Missing | "there">();
  const findTarget = (id: string, target: ObjectKey, from: ObjectKey) =>
    getOrMake(answers, id, () => findMissing(given, target, from));
  const byHand = once(() => listNamedByHand(change));
  for (const one of listNew(given)) {
    const { object, by } = one.held;
    if (gone.has(one.reference.target)) continue;
    // What the operator makes from now on, and somebody has applied before.
    if (!by && !given.before.has(object.key) && byHand().has(`${object.key} ${one.reference.target}`)) continue;
    const said = judgeNew({ ...one, given, changed: change.changed, fluxNamespace, findTarget });
    if (said && "because" in said) unproven.push(said);
    else if (said) broken.push(said);
  }
  return { broken, unproven };
}

/** What is there before and not after, of the kinds that others name, or that a health check waits for; what is left behind goes on serving them. */
export function listGone(given: Given): ReadonlySet<ObjectKey> {
  const { before, after, risks } = given;
  const gone = new Set<ObjectKey>();
  const fluxes = after.all.filter(({ object }) => object.flux);
  const awaited = new Set(fluxes.flatMap(({ object }) => listReferences(object).map(({ target }) => target)));
  for (const key of risks.keys()) {
    const { kind, group } = splitKey(key);
    if ((groupOfKind(kind) === group || awaited.has(key)) && goes(given, key) && !after.makes(key)) gone.add(key);
  }
  const remade = once(() => new Set(after.ownedKeys()));
  // What Git holds, marked not to be applied, goes with what owns the one in the cluster.
  const isLeft = (key: ObjectKey) => after.find(key)?.object.ignored && !remade().has(key);
  const made = [...before.ownedKeys(), ...before.renewed].filter((key) => !after.makes(key) || isLeft(key));
  if (made.length === 0) return gone;
  const listOf = (stays: (key: ObjectKey) => boolean) =>
    new Set(before.all.flatMap(({ object }) => (stays(object.key) ? listMade(object).map(({ key }) => key) : [])));
  const kept = listOf((key) => staysWithoutGit(given, key));
  // What went with its maker is filled by nobody.
  const there = once(() => listOf((key) => after.has(key)));
  const isFilled = (key: ObjectKey) => after.fills(key) && (before.renewed.has(key) || there().has(key));
  for (const key of made) if (!kept.has(key) && !isFilled(key)) gone.add(key);
  return gone;
}

const CAUTION = { level: "caution" } as const;

function findUsers(given: Given, gone: ReadonlySet<ObjectKey>): BrokenReference[] {
  if (gone.size === 0) return [];
  const { after } = given;
  after.search([...gone].map((key) => splitKey(key).name));
  const named = findNaming(after, gone).filter(({ from, target }) => {
    return isAtWork(from) && !isNewlyNamed(given, target, from.object.key) && !after.isOpenName(target);
  });
  const { users, taken } = findValueNames(given, gone);
  const ofValues = users.filter(({ from, target }) => isAtWork(from) && !mayBeMade(given, target, from.object.key));
  const isReplaced = makeReplaced(given);
  const listed = after.all.filter(isAtWork).flatMap((from) => {
    const own = listReferencesAndOptional(from.object).filter(({ target }) => gone.has(target) && !taken.has(target));
    const lost = own.filter(({ soft, target }) => !soft || !mayBeMade(given, target, from.object.key));
    return lost.map((reference) => ({
      ...{ ...reference, from, isGone: true, ...lapseOf(given, reference.target) },
      ...(isAlone(from, reference) || (reference.optional && !isReplaced(reference.target)) ? CAUTION : {}),
      ...(after.isHashed(reference.target) ? { hashed: true as const } : {}),
    }));
  });
  return [
    ...listed,
    ...[...named, ...ofValues].map((one) => ({ ...one, isGone: true, ...lapseOf(given, one.target) })),
  ].filter(({ from, lapses }) => !lapses || !asksForOwn(from));
}

/** Whether something new of that kind comes to the same namespace. Errs towards a name that was forgotten in the reference. */
function makeReplaced({ before, after }: Given): (target: ObjectKey) => boolean {
  const placeOf = (key: ObjectKey) => JSON.stringify({ ...splitKey(key), name: "" });
  const places = once(() => {
    const values = after.all.filter(({ object: { kind } }) => kind === "ConfigMap" || kind === "Secret");
    const fresh = values.filter(({ object }) => !before.has(object.key));
    return new Set(fresh.map(({ object }) => placeOf(object.key)));
  });
  return (target) => places().has(placeOf(target));
}

const lapseOf = ({ before, risks }: Given, target: ObjectKey) =>
  before.renewed.has(target) && !risks.has(target) ? { lapses: true as const } : {};

/** Charts make an Ingress, for which cert-manager makes the Certificate where its annotations say so. */
const asksForOwn = ({ object: { release, body } }: Held): boolean =>
  release !== undefined && JSON.stringify(body).includes("cert-manager.io/");

/** Whether something may make it from now on: a release of that name, or an object that begins to say the very name. */
function mayBeMade(given: Given, target: ObjectKey, by: ObjectKey): boolean {
  const { before, after } = given;
  // What a Certificate made, no release of before did.
  const isOfRelease = after.isOfRelease(target) && !(before.renewed.has(target) && before.isOfRelease(target));
  // Nor does one make what Git made beside it, unless it is told to; a Service it may have all along.
  const isTold = isOfCore(target) || !after.plausible.releasesOf(target).every((one) => isAsBefore(given, one));
  return (isOfRelease && isTold) || isNewlyNamed(given, target, by) || after.isOpenName(target);
}

const isOfCore = (key: ObjectKey) => splitKey(key).group === "";

/** Whether a release makes what it made before: nothing that Git says of it changes, and its chart does not lie here. */
function isAsBefore({ before }: Given, { key, body }: OwnedObject): boolean {
  const { chart, chartRef, valuesFrom } = body?.spec ?? {};
  const kind: unknown = chartRef?.kind ?? chart?.spec?.sourceRef?.kind;
  if (valuesFrom !== undefined || (kind !== "HelmRepository" && kind !== "OCIRepository")) return false;
  return JSON.stringify(before.find(key)?.object.body?.spec) === JSON.stringify(body?.spec);
}

/** What said the name while Git made it does not make it. */
function isNewlyNamed({ before, after }: Given, target: ObjectKey, by: ObjectKey): boolean {
  if (!after.isNamed(target, by)) return false;
  before.search([splitKey(target).name]);
  return !before.isNamed(target, by);
}
