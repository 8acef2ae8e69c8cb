import { keyOfObject, type ObjectKey, splitKey } from "../admission/key.ts";
import { findNear } from "../admission/near.ts";
import { withoutHash } from "../change/generated-names.ts";
import type { Given } from "../change/given.ts";
import { listReferencesAndOptional, listReferencesAndSlips, type Reference } from "../change/read.ts";
import { wasFilled } from "../change/refused-builds.ts";
import type { Held, World } from "../change/world.ts";
import { valueAt } from "../contract/objects.ts";
import { isFluxGroup } from "../delivery/kinds.ts";
import type { BrokenReference, UnprovenReference } from "./broken.ts";
import { findUnkept } from "./named.ts";
import { isMade, SYSTEM } from "./namespaces.ts";
import { findElsewhere } from "./network/gateways.ts";
import { hasOtherMakers } from "./network/idle-services.ts";
import { sayLook } from "./say-look.ts";

export interface NewReference {
  held: Held;
  reference: Reference;
  /** What the same field named before. */
  replaced?: ObjectKey;
}

/** References that the change brings: of what is new, and of what did not name that before. */
export function* listNew({ before, after }: Given): Generator<NewReference> {
  for (const held of after.all) {
    if (held.by?.fixed || held.object.ignored || !isAtWork(held)) continue;
    const references = listReferencesAndSlips(held.object);
    if (references.length === 0) continue;
    const was = before.applied(held.object.key);
    // What resumes asks for everything anew, and did so before it was suspended.
    const old = was ? listReferencesAndSlips(was.object) : [];
    const known = new Set(old.map(({ target }) => target));
    const targets = mapTargets(old);
    const isTold = wasFilled(was);
    for (const reference of references) {
      if (known.has(reference.target) || (isTold && reference.target.includes("${"))) continue;
      const replaced = targets.get(reference.path.join());
      yield { held, reference, ...(replaced === undefined ? {} : { replaced }) };
    }
  }
}

/** Slips in what is optional: nothing fails, and the values are lost. What a FluxKustomization substitutes is judged by its variables. */
export function findOptionalSlips({ before, after }: Given): (BrokenReference & { near: string })[] {
  return after.all.flatMap((held) => {
    const was = before.applied(held.object.key);
    if (held.by?.fixed !== false || held.object.ignored || !was || !isAtWork(held)) return [];
    const references = listReferencesAndOptional(held.object).filter(({ optional }) => optional);
    const old = mapTargets(references.length > 0 ? listReferencesAndOptional(was.object) : []);
    return references.flatMap((reference) => {
      const { target, path } = reference;
      const replaced = old.get(path.join());
      if (!replaced || replaced === target || after.makes(target) || isNeeded(before, target)) return [];
      const near = findTypo(after, target, replaced);
      return near === undefined ? [] : [{ ...reference, from: held, isGone: false, near }];
    });
  });
}

/** What each field names, the first where one names several. */
function mapTargets(references: readonly Reference[]): ReadonlyMap<string, ObjectKey> {
  return new Map(references.toReversed().map(({ path, target }) => [path.join(), target]));
}

interface Judging extends NewReference {
  given: Given;
  changed: ReadonlySet<string>;
  fluxNamespace: string;
  /** Whether something makes a target, kept by an id of who asks. */
  findTarget: (id: string, target: ObjectKey, from: ObjectKey) => Missing | "there";
}

/** What is to be said of a reference that the change brings, or of whose target it makes another one. */
export function judgeNew(input: Judging): BrokenReference | UnprovenReference | undefined {
  const { given, held, reference, replaced, changed } = input;
  const { target } = reference;
  const one = { ...reference, from: held, isGone: false };
  const sibling = replaced && findSibling(given, target, replaced);
  if (sibling !== undefined) return { ...one, near: sibling };
  const isEdited = !held.object.at || changed.has(held.object.at.file);
  if (!isEdited && held.by && given.before.fails(held.by.key)) return undefined;
  const by = held.object.release || !held.by ? held.object.key : held.by.key;
  const answer = input.findTarget(`${target} ${by}`, target, held.object.key);
  if (!reference.soft && losesHash(given, target)) return { ...one, isGone: true };
  // It took the generated one, which is there, and no release made that.
  if (!reference.soft && replaced && withoutHash(replaced) === target && given.after.isHashed(target))
    return { ...one, hashed: true };
  if (answer === "there") return undefined;
  // A list may name accounts that a chart makes.
  const isOther = reference.slip && hasOtherMakers(given.after, target);
  const near =
    (isOther ? undefined : answer.near) ??
    (replaced && (findTypo(given.after, target, replaced) ?? findMoved(given, target, replaced)));
  if (near !== undefined) return { ...one, near };
  if (reference.soft) return judgeSoft(input, one, answer);
  if (given.after.isHashed(target)) return { ...one, hashed: true };
  const because =
    answer.because ??
    (replaced && !given.before.makes(replaced) ? "what it named before is not in Git either" : undefined) ??
    (isEdited ? undefined : "it was written before this change, and whether it ever led anywhere cannot be seen");
  return because === undefined ? one : { ...one, because, look: answer.look };
}

/** One that does without its target for a while. A wait for a kind that Flux does not have is said by itself. */
function judgeSoft(
  { given, reference, replaced, fluxNamespace }: Judging,
  one: BrokenReference,
  { look }: Missing,
): BrokenReference | UnprovenReference | undefined {
  const { target, field } = reference;
  const isSetWait = field === "spec.dependsOn" && !isFluxGroup(splitKey(target).group);
  if (isSetWait && isOfCluster(target, fluxNamespace)) return undefined;
  const isAwaited = isSetWait || field.includes("healthChecks");
  const unmet = isAwaited ? findUnmet(given, one) : findUnkept(given, target, replaced);
  if (unmet?.near !== undefined) return { ...one, near: unmet.near };
  return unmet && { ...one, because: unmet.because, look };
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
  given: Given,
  { target, from, path }: BrokenReference,
): { near: string } | { near?: never; because: string } | undefined {
  const { after } = given;
  const { group, kind, name, namespace, remote } = splitKey(target);
  const isOfAll = typeof valueAt(from.object.body, path)?.namespace !== "string";
  for (const holder of after.holdersOf(from.object.key)) after.read(holder);
  after.search([namespace]);
  if (after.isOfRelease(target) || after.isOpenName(target) || after.unknowns.length > 0) return undefined;
  const near = findNear(name, after.namesLike(target), { short: 3, digits: true });
  const kinds = group === "apps" ? ["Deployment", "StatefulSet", "DaemonSet"] : [];
  const other = kinds.find((kind) => after.has(keyOfObject({ apiVersion: "apps/v1", kind, namespace, name }, remote)));
  if (near !== undefined || other !== undefined) return { near: near ?? `${other} ${name}` };
  // What has no namespace most charts may make, but for the namespace that nothing is applied to.
  if (isOfAll)
    return kind === "Namespace" && remote === "" && !SYSTEM.has(name) && !isMade(given, name)
      ? { because: "no file and no release makes that namespace" }
      : undefined;
  return hasOtherMakers(after, target)
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

/**
 * The same name of the kind that all namespaces share, or of that of one, where a field loses its `kind`: ClusterIssuer and Issuer;
 * or of another kind of workload.
 */
function findSibling({ before, after }: Given, target: ObjectKey, replaced: ObjectKey): string | undefined {
  const [now, old] = [splitKey(target), splitKey(replaced)];
  const isWorkload = now.group === "apps" && old.group === "apps" && now.kind !== old.kind;
  const isOther = now.kind === `Cluster${old.kind}` || old.kind === `Cluster${now.kind}` || isWorkload;
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

export interface Missing {
  near?: string | undefined;
  /** Why it may be there all the same. */
  because?: string;
  look: string;
}

const SOURCES = "source.toolkit.fluxcd.io";

/** Every namespace has them. */
export const EVERYWHERE: ReadonlySet<string> = new Set(["ServiceAccount default", "ConfigMap kube-root-ca.crt"]);

export function findMissing({ before, after }: Given, target: ObjectKey, by: ObjectKey): Missing | "there" {
  const parts = splitKey(target);
  const { kind, group, name } = parts;
  if (name === "") return { look: "look at the name" };
  if (EVERYWHERE.has(`${kind} ${name}`) || after.makes(target)) return "there";
  // What relied on it before, or what keeps it though Git has it no more, proves that it is there.
  if (before.has(target) || isNeeded(before, target)) return "there";
  const elsewhere = findElsewhere({ before, after }, target);
  if (elsewhere === undefined && after.isNamed(target, by)) return "there";
  const near = elsewhere ?? findNear(name, after.namesLike(target));
  const resource = `${kind.toLowerCase()}${group === "" ? "" : `.${group}`}`;
  const look = sayLook(resource, parts);
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
    ? { because: `other namespaces rely on ${kind} ${name}, which is not in Git either`, look }
    : { look };
}

/** Whether something names it; builds that may do so are read. */
export function isNeeded(before: World, target: ObjectKey): boolean {
  if (before.needs(target)) return true;
  before.search([splitKey(target).name]);
  return before.needs(target);
}

/** What is applied from another repository, or made from a template, may hold objects of Flux too. */
export function findForeign(after: World, by: ObjectKey): string | undefined {
  return after.unknowns.find((one) => one.by !== by && !/\.ya?ml(?:\?|$)/.test(one.what))?.what;
}
/** What is suspended asks for nothing, and in another cluster other things are there. */
export function isAtWork({ object: { body } }: Held): boolean {
  return body?.spec?.suspend !== true;
}
