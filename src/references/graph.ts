import { keyOfObject, type ObjectKey, splitKey } from "../admission/key.ts";
import { findNear } from "../admission/near.ts";
import { groupOfKind, isFluxGroup } from "../change/fields.ts";
import { type Given, goes, staysWithoutGit } from "../change/given.ts";
import { listMade } from "../change/makers.ts";
import { listReferences, listReferencesAndOptional, listReferencesAndSlips, type Reference } from "../change/read.ts";
import type { OwnedObject, TreeChange } from "../change/types.ts";
import type { Held, World } from "../change/world.ts";
import { getOrMake } from "../contract/group-by.ts";
import { valueAt } from "../contract/objects.ts";
import { once } from "../contract/once.ts";
import { operand, sh } from "../contract/shell.ts";
import { findMisnamed, findNaming, findUnkept } from "./named.ts";
import { findElsewhere } from "./network/gateways.ts";
import { hasOtherMakers, isAlone } from "./network/idle-services.ts";
import { findUnhashed } from "./settings/unhashed.ts";

/** A reference that leads nowhere after the change. */
export interface BrokenReference extends Reference {
  from: Held;
  /** The change takes its target away; otherwise the reference is new, and nothing makes its target. */
  isGone: boolean;
  /** A name that is there and differs by a letter or two. */
  near?: string;
  /** Git generates it under a name with a hash, and nothing writes that into the reference. */
  hashed?: true;
  /** What it names stays as it is, and runs out: no Certificate renews it. */
  lapses?: true;
  /** It is optional, and what it names is taken out rather than renamed, or nothing may need it: whoever wrote both may mean it. */
  level?: "caution";
}

export interface ReferenceAnswer {
  broken: BrokenReference[];
  /** References to what may be made by something that cannot be seen here. */
  unproven: (BrokenReference & { because: string; look: string })[];
}

/**
 * References that lead nowhere once the change is merged: their target goes while they stay, wherever they stand, or the
 * change brings them and nothing makes what they name. One that led nowhere before is no finding: what it names is there,
 * made by hand, or it never worked.
 */
export function findBrokenReferences(
  given: Given,
  { changed }: Pick<TreeChange, "changed">,
  fluxNamespace: string,
): ReferenceAnswer {
  const gone = listGone(given);
  const users = findUsers(given, gone);
  const { slips, strays } = findMisnamed(given);
  const broken: BrokenReference[] = [
    ...users,
    ...slips,
    ...findUnhashed(given).map(({ isKept, ...one }) =>
      isKept ? { ...one, isGone: false, hashed: true as const } : { ...one, isGone: true },
    ),
  ];
  const unproven: ReferenceAnswer["unproven"] = [...strays];
  const answers = new Map<string, Missing | "there">();
  for (const { held, reference, replaced } of listNew(given)) {
    const { target } = reference;
    if (gone.has(target)) continue;
    const sibling = replaced && findSibling(given, target, replaced);
    if (sibling !== undefined) {
      broken.push({ ...reference, from: held, isGone: false, near: sibling });
      continue;
    }
    const isEdited = !held.object.at || changed.has(held.object.at.file);
    if (!isEdited && held.by && given.before.fails(held.by.key)) continue;
    const id = `${target} ${held.object.release || !held.by ? held.object.key : held.by.key}`;
    const answer = getOrMake(answers, id, () => findMissing(given, target, held.object.key));
    const one = { ...reference, from: held, isGone: false };
    if (!reference.soft && losesHash(given, target)) {
      broken.push({ ...one, isGone: true });
      continue;
    }
    if (answer === "there") continue;
    // A list may name accounts that a chart makes.
    const isOther = reference.slip && hasOtherMakers(given.after, splitKey(target).namespace);
    const near =
      (isOther ? undefined : answer.near) ??
      (replaced && (findTypo(given.after, target, replaced) ?? findMoved(given, target, replaced)));
    if (near !== undefined) {
      broken.push({ ...one, near });
      continue;
    }
    if (reference.soft) {
      // A kind that Flux does not have is said by itself.
      const { field } = reference;
      const isSetWait = field === "spec.dependsOn" && !isFluxGroup(splitKey(target).group);
      if (isSetWait && isOfCluster(target, fluxNamespace)) continue;
      const isAwaited = isSetWait || field.includes("healthChecks");
      const unmet = isAwaited ? findUnmet(given, one) : findUnkept(given, target, replaced);
      if (unmet?.near !== undefined) broken.push({ ...one, near: unmet.near });
      else if (unmet) unproven.push({ ...one, because: unmet.because, look: answer.look });
      continue;
    }
    if (given.after.isHashed(target)) {
      broken.push({ ...one, hashed: true });
      continue;
    }
    const because =
      answer.because ??
      (replaced && !given.before.makes(replaced) ? "what it named before is not in Git either" : undefined) ??
      (isEdited ? undefined : "it was written before this change, and whether it ever led anywhere cannot be seen");
    if (because === undefined) broken.push(one);
    else unproven.push({ ...one, because, look: answer.look });
  }
  return { broken, unproven };
}

/**
 * Written by hand without a hash, which kustomize put into the reference as long as it generated that. A release that was there
 * before makes it no more than it did then.
 */
function losesHash({ before, after }: Given, target: ObjectKey): boolean {
  if (!before.isHashed(target) || after.isHashed(target) || after.makes(target)) return false;
  return before.isOfRelease(target) || !after.isOfRelease(target);
}

/** Flux itself, and what a cluster comes with. */
function isOfCluster(target: ObjectKey, fluxNamespace: string): boolean {
  const { kind, namespace, name } = splitKey(target);
  if (namespace === "kube-system") return true;
  return (namespace === "flux-system" || namespace === fluxNamespace) && OF_FLUX.test(`${kind} ${name}`);
}

const OF_FLUX =
  /^(?:ConfigMap flux-runtime-info|Deployment (?:flux-operator|source-watcher|(?:source|kustomize|helm|notification|image-reflector|image-automation)-controller))$/;

/**
 * What a health check waits for in vain: a slip in a short name, the name of another kind, or what nothing makes in a namespace
 * without releases and operators. Charts make most of what is waited for.
 */
function findUnmet(
  { after }: Given,
  { target, from, path }: BrokenReference,
): { near: string } | { near?: never; because: string } | undefined {
  const { group, name, namespace } = splitKey(target);
  // In no namespace nothing is looked for in vain that has none; the rest is said of its namespace.
  const check = valueAt(from.object.body, path);
  if (typeof check?.namespace !== "string") return undefined;
  for (const holder of after.holdersOf(from.object.key)) after.read(holder);
  after.search([namespace]);
  if (after.isOfRelease(target) || after.isOpenName(target) || after.unknowns.length > 0) return undefined;
  const near = findNear(name, after.namesLike(target), { short: 3, digits: true });
  const kinds = group === "apps" ? ["Deployment", "StatefulSet", "DaemonSet"] : [];
  const other = kinds.find((kind) => after.has(keyOfObject({ apiVersion: "apps/v1", kind, namespace, name })));
  if (near !== undefined || other !== undefined) return { near: near ?? `${other} ${name}` };
  return hasOtherMakers(after, namespace)
    ? undefined
    : { because: "no release and no operator in that namespace may make it" };
}

/** The name that a field had before, where it is still there or others go on naming it, and the new one differs by a letter. */
function findTypo(after: World, target: ObjectKey, replaced: ObjectKey): string | undefined {
  const [now, old] = [splitKey(target), splitKey(replaced)];
  const isOther = now.kind !== old.kind || now.namespace !== old.namespace;
  if (isOther || !(after.needs(replaced) || after.has(replaced))) return undefined;
  return findNear(now.name, [old.name], { short: 3, digits: true });
}

/** The same name of the kind that all namespaces share, or of that of one, where a field loses its `kind`: ClusterIssuer and Issuer. */
function findSibling({ before, after }: Given, target: ObjectKey, replaced: ObjectKey): string | undefined {
  const [now, old] = [splitKey(target), splitKey(replaced)];
  const isOther = now.kind === `Cluster${old.kind}` || old.kind === `Cluster${now.kind}`;
  if (!isOther || now.name !== old.name || !before.has(replaced) || !after.has(replaced)) return undefined;
  const isThere = before.has(target) || isNeeded(before, target) || after.makes(target);
  return isThere || after.isOfRelease(target) || after.isOpenName(target) ? undefined : `${old.kind} ${old.name}`;
}

/** The same name in another namespace, which Git made before and goes on making there, where nothing may make the new one. */
export function findMoved(
  { before, after }: Pick<Given, "before" | "after">,
  target: ObjectKey,
  replaced: ObjectKey,
): string | undefined {
  const [now, old] = [splitKey(target), splitKey(replaced)];
  const isSame = now.kind === old.kind && now.name === old.name && now.namespace !== old.namespace;
  if (!isSame || !before.has(replaced) || !after.has(replaced) || after.isOfRelease(target)) return undefined;
  return after.isOpenName(target) ? undefined : `${old.namespace}/${old.name}`;
}

/** What is there before and not after, of the kinds that others name, or that a health check waits for; what is left behind goes on serving them. */
function listGone(given: Given): ReadonlySet<ObjectKey> {
  const { before, after, risks } = given;
  const gone = new Set<ObjectKey>();
  const fluxes = after.all.filter(({ object }) => object.flux);
  const awaited = new Set(fluxes.flatMap(({ object }) => listReferences(object).map(({ target }) => target)));
  for (const key of risks.keys()) {
    const { kind, group } = splitKey(key);
    if ((groupOfKind(kind) === group || awaited.has(key)) && goes(given, key) && !after.makes(key)) gone.add(key);
  }
  const made = [...before.ownedKeys(), ...before.renewed].filter((key) => !after.makes(key) && !after.fills(key));
  if (made.length === 0) return gone;
  const left = before.all.filter(({ object }) => staysWithoutGit(given, object.key));
  const kept = new Set(left.flatMap(({ object }) => listMade(object).map(({ key }) => key)));
  for (const key of made) if (!kept.has(key)) gone.add(key);
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
  const isReplaced = makeReplaced(given);
  const listed = after.all.filter(isAtWork).flatMap((from) => {
    const own = listReferencesAndOptional(from.object).filter(({ target }) => gone.has(target));
    const lost = own.filter(({ soft, target }) => !soft || !mayBeMade(given, target, from.object.key));
    return lost.map((reference) => ({
      ...{ ...reference, from, isGone: true, ...lapseOf(given, reference.target) },
      ...(isAlone(from, reference) || (reference.optional && !isReplaced(reference.target)) ? CAUTION : {}),
      ...(after.isHashed(reference.target) ? { hashed: true as const } : {}),
    }));
  });
  return [...listed, ...named.map((one) => ({ ...one, isGone: true, ...lapseOf(given, one.target) }))].filter(
    ({ from, lapses }) => !lapses || !asksForOwn(from),
  );
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
  // Nor does one make a workload that Git made beside it, unless it is told to.
  const isTold = !isWorkload(target) || !after.plausible.releasesOf(target).every((one) => isAsBefore(given, one));
  return (isOfRelease && isTold) || isNewlyNamed(given, target, by) || after.isOpenName(target);
}

const isWorkload = (key: ObjectKey) => splitKey(key).group === "apps";

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

/** What is suspended asks for nothing, and in another cluster other things are there. */
function isAtWork({ object: { body } }: Held): boolean {
  return body?.spec?.suspend !== true;
}

interface NewReference {
  held: Held;
  reference: Reference;
  /** What the same field named before. */
  replaced?: ObjectKey;
}

/** References that the change brings: of what is new, and of what did not name that before. */
function* listNew({ before, after }: Given): Generator<NewReference> {
  for (const held of after.all) {
    if (held.by?.fixed || held.object.ignored || !isAtWork(held)) continue;
    const references = listReferencesAndSlips(held.object);
    if (references.length === 0) continue;
    const was = before.applied(held.object.key);
    // What resumes asks for everything anew, and did so before it was suspended.
    const old = was ? listReferencesAndSlips(was.object) : [];
    const known = new Set(old.map(({ target }) => target));
    for (const reference of references) {
      if (known.has(reference.target)) continue;
      const replaced = old.find(({ path }) => path.join() === reference.path.join());
      yield { held, reference, ...(replaced ? { replaced: replaced.target } : {}) };
    }
  }
}

interface Missing {
  near?: string | undefined;
  /** Why it may be there all the same. */
  because?: string;
  look: string;
}

const SOURCES = "source.toolkit.fluxcd.io";

/** Every namespace has them. */
const EVERYWHERE = new Set(["ServiceAccount default", "ConfigMap kube-root-ca.crt"]);

function findMissing({ before, after }: Given, target: ObjectKey, by: ObjectKey): Missing | "there" {
  const { kind, group, name, namespace } = splitKey(target);
  if (name === "") return { look: "look at the name" };
  if (EVERYWHERE.has(`${kind} ${name}`) || after.makes(target)) return "there";
  // What relied on it before, or what keeps it though Git has it no more, proves that it is there.
  if (before.has(target) || isNeeded(before, target)) return "there";
  const elsewhere = findElsewhere({ before, after }, target);
  if (elsewhere === undefined && after.isNamed(target, by)) return "there";
  const near = elsewhere ?? findNear(name, after.namesLike(target));
  const resource = `${kind.toLowerCase()}${group === "" ? "" : `.${group}`}`;
  const look = `look with ${sh`kubectl get ${resource} ${operand(name)} -n ${namespace}`.line} whether it is there`;
  if (near !== undefined) return { near, look };
  // A source that is read already, and only comes to Git, as in the commit of flux bootstrap, works with what it names.
  if (splitKey(by).group === SOURCES && !before.isWritten(by) && isNeeded(before, by)) return "there";
  if (/^(apps|batch)?$/.test(splitKey(by).group) && after.isOfRelease(target)) return "there";
  if (after.isOpenName(target))
    return { because: "what has a variable in its name, or is made from a template, may be it", look };
  if (!isFluxGroup(group)) return { because: "somebody may have made it by hand, or a chart makes it", look };
  const foreign = findForeign(after, by);
  if (foreign !== undefined) return { because: `${foreign} may hold it`, look };
  const isElsewhere = before.needsUnmade(target);
  return isElsewhere
    ? { because: `other namespaces rely on a ${kind} ${name} that is not in Git either`, look }
    : { look };
}

/** Whether something names it; builds that may do so are read. */
export function isNeeded(before: World, target: ObjectKey): boolean {
  if (before.needs(target)) return true;
  before.search([splitKey(target).name]);
  return before.needs(target);
}

/** What is applied from another repository, or made from a template, may hold objects of Flux too. */
function findForeign(after: World, by: ObjectKey): string | undefined {
  return after.unknowns.find((one) => one.by !== by && !/\.ya?ml(?:\?|$)/.test(one.what))?.what;
}
