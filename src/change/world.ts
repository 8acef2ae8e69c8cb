import { inCluster, type ObjectKey, splitKey } from "../admission/key.ts";
import { mayBecome } from "../admission/open-text.ts";
import type { Loc } from "../contract/errors.ts";
import { getOrMake, groupBy } from "../contract/group-by.ts";
import { itemsOf, type YamlData } from "../contract/objects.ts";
import { groupOf } from "../delivery/kinds.ts";
import { withoutHash, withSettledHash } from "./generated-names.ts";
import { listMade, Plausible } from "./makers.ts";
import { listReferences } from "./read.ts";
import type { Build, FluxSpec, OwnedObject, Risk } from "./types.ts";
import { buildsAtRest, type Course, type FluxHistory } from "./variants.ts";
import { makeWords, type Words } from "./words.ts";

/** A FluxKustomization as it builds in one of the trees. */
export interface Holder {
  key: ObjectKey;
  spec: FluxSpec;
  /** Where something delivers it, if anything does. */
  at?: Loc | undefined;
  /** It builds the same on both sides. */
  fixed: boolean;
}

export interface Held {
  object: OwnedObject;
  /** The FluxKustomization that applies it; the operator has no key. */
  by?: Holder;
}

export interface WorldInput {
  course: Course;
  risks: ReadonlyMap<ObjectKey, Risk>;
}

export const labelsOf = ({ object }: Held): YamlData => object.body?.metadata?.labels ?? {};

type OpenName = Pick<OwnedObject, "namespace" | "name">;

/** From so many names on it is cheaper to build everything once. */
const MANY = 40;

/**
 * Everything that one tree gives a cluster, found as it is asked for: builds that exist anyway are read first, others only
 * where their text may hold what is looked for.
 */
export class World {
  readonly holders: readonly Holder[];
  /** What is delivered by the builds that were read so far. */
  readonly objects = new Map<ObjectKey, Held>();
  readonly #course: Course;
  readonly #side: "before" | "after";
  readonly #open: Set<Holder>;
  readonly #namespaces = new Set<string>();
  readonly #made = new Map<ObjectKey, boolean>();
  readonly #renewed = new Set<ObjectKey>();
  readonly #filled = new Set<ObjectKey>();
  readonly plausible = new Plausible();
  /** What holds the FluxInstance names Secrets and makes none. */
  readonly #carriers: ReadonlySet<ObjectKey>;
  readonly #asked = new Set<string>();
  /** By `group|kind|namespace|@cluster`. */
  readonly #names = new Map<string, Set<string>>();
  /** Names with a variable, and those in a namespace with one, by `group|kind`. */
  readonly #variable = new Map<string, OpenName[]>();
  /** Keys without the hash at their end. */
  readonly #hashed = new Set<ObjectKey>();
  readonly #byKey: ReadonlyMap<ObjectKey, readonly Holder[]>;
  readonly #unknowns: { by: ObjectKey; what: string }[] = [];
  #needs: Set<ObjectKey> | undefined;
  #unmade: Set<string> | undefined;
  readonly #listeners: ((held: Held) => void)[] = [];

  constructor({ course, risks }: WorldInput, side: "before" | "after") {
    this.#course = course;
    this.#side = side;
    this.holders = [...course.histories.values()].flatMap((history) => listHolders(history, risks, side));
    this.#byKey = groupBy(this.holders, ({ key }) => key);
    const operator = side === "before" ? course.today : course.later;
    this.#carriers = new Set(operator?.carriers);
    for (const object of operator?.objects.values() ?? []) {
      const spec = object.flux?.data.spec;
      this.#add({ object: spec ? { ...object, body: { spec } } : object });
    }
    this.#open = new Set(this.holders);
    for (const holder of this.holders) if (!holder.fixed || course.before.isBuilt(holder.spec)) this.read(holder);
    // A root that nothing delivers is there all the same, and needs its source.
    for (const { key, spec, at } of this.holders) {
      if (at) continue;
      const { kind, namespace, name } = splitKey(key);
      const body = { spec: spec.data.spec };
      if (!this.objects.has(key))
        this.#add({ object: { key, kind, namespace, name, spared: false, flux: spec, body } });
    }
  }

  /** All of these. */
  get all(): Held[] {
    return [...this.objects.values()];
  }

  /** Reads a build. */
  read(holder: Holder): void {
    if (!this.#open.delete(holder)) return;
    for (const build of this.#builds(holder)) {
      if (!build.ok) continue;
      for (const object of build.objects.values()) this.#add({ object, by: holder });
      for (const { what } of build.unknown) this.#unknowns.push({ by: holder.key, what });
    }
  }

  /** What a FluxKustomization keeps applied: of one that does not build, or is suspended, what it applied before. */
  objectsOf(holder: Holder): OwnedObject[] {
    return this.#builds(holder).flatMap((build) => (build.ok ? [...build.objects.values()] : []));
  }

  /** What of the builds that were read, other repositories included, cannot be seen here. */
  get unknowns(): readonly { by: ObjectKey; what: string }[] {
    return this.#unknowns;
  }

  #builds({ key, spec }: Holder): Build[] {
    if (this.#side === "before") return [this.#course.before.build(spec)];
    const configs = this.#course.histories.get(key)?.configs ?? [];
    const today = configs.filter(({ stage }) => stage === 0).map((config) => config.spec);
    return buildsAtRest(this.#course, key, spec, today);
  }

  /** Calls for each object, those that are read later included. */
  follow(listener: (held: Held) => void): void {
    this.#listeners.push(listener);
    for (const held of this.objects.values()) listener(held);
  }

  #add(held: Held): void {
    const { object } = held;
    const known = this.objects.get(object.key);
    // The same object of two owners: what says more of it counts.
    if (known && !known.by && held.by) return;
    this.objects.set(object.key, held);
    const { group, kind, namespace, name, remote } = splitKey(object.key);
    this.#addName(object.key);
    if (`${namespace}${name}`.includes("${")) this.#addOpen(inCluster(`${group}|${kind}`, remote), { namespace, name });
    const plain = withoutHash(object.key);
    if (plain !== undefined) {
      this.#hashed.add(plain);
      this.#addName(plain);
      this.#made.set(withSettledHash(object.key), false);
    }
    const home = object.release?.cluster === undefined ? object.release?.target : undefined;
    if (!object.ignored && remote === "") this.#namespaces.add(namespace).add(home ?? namespace);
    if (kind === "ResourceSet") this.#addTemplates(object);
    for (const { key, owned = false, renewed, filled } of listMade(object)) {
      if (filled) {
        this.#filled.add(key);
        continue;
      }
      this.#made.set(key, owned);
      if (renewed) this.#renewed.add(key);
      this.#addName(key);
    }
    if (!this.#carriers.has(object.key)) this.plausible.add(object);
    for (const listener of this.#listeners) listener(held);
  }

  #addName(key: ObjectKey): void {
    const { group, kind, namespace, name, remote } = splitKey(key);
    getOrMake(this.#names, `${group}|${kind}|${namespace}|@${remote}`, () => new Set<string>()).add(name);
  }

  #addOpen(groupKind: string, one: OpenName): void {
    getOrMake(this.#variable, groupKind, (): OpenName[] => []).push(one);
  }

  #addTemplates({ key, namespace, body }: OwnedObject): void {
    const fill = (text: unknown) => String(text).replace(/<<(?:(?!<<|>>).)*>>/g, "${input}");
    const add = (apiVersion: unknown, kind: unknown, one: OpenName) =>
      this.#addOpen(inCluster(`${groupOf(String(apiVersion ?? ""))}|${kind}`, splitKey(key).remote), one);
    for (const one of itemsOf(body?.spec?.resources)) {
      const { name, namespace: own } = one.metadata ?? {};
      add(one.apiVersion, one.kind, { namespace: fill(own ?? namespace), name: fill(name) });
    }
    const template = typeof body?.spec?.resourcesTemplate === "string" ? body.spec.resourcesTemplate : "";
    for (const [, apiVersion, kind] of template.matchAll(
      /(?<!\S)apiVersion:[ \t]*(\S+)[ \t]*\n[ \t]*kind:[ \t]*(\w+)/g,
    ))
      add(apiVersion, kind, { namespace: "${any}", name: "${any}" });
  }

  /** Reads every build that may hold one of some texts, such as a name. */
  search(texts: Iterable<string>): void {
    const open = [...new Set(texts)].filter((text) => !this.#asked.has(text));
    for (const text of open) this.#asked.add(text);
    if (this.#open.size === 0) return;
    const isAll = this.#asked.size > MANY;
    const words = makeWords(open);
    for (const holder of [...this.#open]) {
      if (isAll || this.#mentions(holder, words)) this.read(holder);
    }
  }

  #mentions({ spec }: Holder, words: Words): boolean {
    if (this.#course.before.mentions?.(spec, words) ?? true) return true;
    const values = Object.values(spec.data.spec.postBuild?.substitute ?? {}).map(String);
    return values.some((value) => value.length > 1 && words.list.some((word) => word.includes(value)));
  }

  /** Whether something of this tree delivers it. */
  has(key: ObjectKey): boolean {
    if (this.#isHeld(key)) return true;
    for (const holder of [...this.#open]) {
      if (!this.#course.before.mayHold(holder.spec, key)) continue;
      this.read(holder);
      if (this.#isHeld(key)) return true;
    }
    return false;
  }

  /** The object as this tree delivers it, if something does. */
  find(key: ObjectKey): Held | undefined {
    return this.has(key) ? this.objects.get(key) : undefined;
  }

  /** The object of a build that was read, if Flux applies it: what it leaves alone is as good as not there. */
  applied(key: ObjectKey): Held | undefined {
    const held = this.objects.get(key);
    return held?.object.ignored ? undefined : held;
  }

  #isHeld(key: ObjectKey): boolean {
    return this.objects.has(key) || this.#byKey.has(key);
  }

  /** Whether it is there, by a build or by what a controller makes for an object. */
  makes(key: ObjectKey): boolean {
    if (this.has(key) || this.#made.has(key)) return true;
    this.search([splitKey(key).name]);
    return this.#isHeld(key) || this.#made.has(key);
  }

  /** Whether it is generated under its name with a hash. kustomize writes that into the references it knows, HelmReleases not. */
  isHashed(key: ObjectKey): boolean {
    return this.#hashed.has(key) && !this.#isHeld(key);
  }

  /** Whether something that was read is in that namespace. */
  hasNamespace(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  /** Builds of a FluxKustomization. */
  holdersOf(key: ObjectKey): readonly Holder[] {
    return this.#byKey.get(key) ?? [];
  }

  /** Whether what it says is known: it is delivered, or it is the source of the root, which nothing has to deliver. */
  isWritten(key: ObjectKey): boolean {
    return this.has(key) || this.#course.before.source?.key === key;
  }

  /** Whether something that was read names it, or the source of the root does. */
  needs(key: ObjectKey): boolean {
    if (!this.#needs) {
      const needs = new Set<ObjectKey>();
      this.#needs = needs;
      const add = (object: OwnedObject) => {
        for (const { target } of object.ignored ? [] : listReferences(object)) needs.add(target);
      };
      this.follow(({ object }) => add(object));
      const { source } = this.#course.before;
      if (source && this.#side === "before") add(source);
    }
    return this.#needs.has(key);
  }

  /** Whether something that was read names one of that kind and name in another namespace, where nothing delivers it either. */
  needsUnmade(key: ObjectKey): boolean {
    const { kind, name } = splitKey(key);
    if (!this.#unmade) {
      const all = [...(this.#needs ?? [])].filter((one) => !this.#isHeld(one) && !this.#made.has(one));
      this.#unmade = new Set(all.map((one) => `${splitKey(one).kind}/${splitKey(one).name}`));
    }
    return this.#unmade.has(`${kind}/${name}`);
  }

  /**
   * Whether a FluxKustomization is there and does not build.
   * @param isSure not where what it reads cannot be known here
   */
  fails(key: ObjectKey, isSure = false): boolean {
    const own = this.holdersOf(key);
    const isBroken = (build: Build) => !build.ok && !(isSure && build.unread);
    return own.length > 0 && own.every((holder) => this.#builds(holder).some(isBroken));
  }

  /** Made for an object that owns it. */
  ownedKeys(): ObjectKey[] {
    return [...this.#made].flatMap(([key, owned]) => (owned ? [key] : []));
  }

  /** Whether something goes on filling it where it is there. */
  fills(key: ObjectKey): boolean {
    return this.#filled.has(key);
  }

  /** Made for an object that renews it. */
  get renewed(): ReadonlySet<ObjectKey> {
    return this.#renewed;
  }

  /** Whether something that may make it says its very name. */
  isNamed(key: ObjectKey, by: ObjectKey): boolean {
    return this.plausible.isNamed(key, by);
  }

  /** Whether its name begins with that of a release in its namespace. */
  isOfRelease(key: ObjectKey): boolean {
    return this.plausible.isOfRelease(key);
  }

  /** Whether an object whose name holds a variable, or one that a ResourceSet makes, may be it. */
  isOpenName(key: ObjectKey): boolean {
    const wanted = splitKey(key);
    const open = this.#variable.get(inCluster(`${wanted.group}|${wanted.kind}`, wanted.remote)) ?? [];
    return open.some(({ namespace, name }) => mayBecome(namespace, wanted.namespace) && mayBecome(name, wanted.name));
  }

  /** Names of objects of that kind in that namespace, as far as they were read. */
  namesLike(key: ObjectKey): ReadonlySet<string> {
    const { group, kind, namespace, remote } = splitKey(key);
    return this.#names.get(`${group}|${kind}|${namespace}|@${remote}`) ?? new Set();
  }

  /** Reads all there is. */
  readAll(): void {
    for (const holder of [...this.#open]) this.read(holder);
  }
}

function listHolders(
  { key, configs, fixed, delivered, at }: FluxHistory,
  risks: ReadonlyMap<ObjectKey, Risk>,
  side: "before" | "after",
): Holder[] {
  // One that nothing delivers any more goes on reconciling unless it is deleted, and takes along what it holds.
  const goes = !delivered && risks.has(key);
  if (side === "after" && goes) return [];
  const stage = side === "before" ? 0 : 2;
  const own = configs.filter((config) => config.stage === stage);
  return own.map(({ spec }) => ({ key, spec, at, fixed: fixed && !goes }));
}
