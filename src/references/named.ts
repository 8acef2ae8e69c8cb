import { groupKindOf, keyOfObject, type ObjectKey, splitKey } from "../admission/key.ts";
import { findNear } from "../admission/near.ts";
import type { Given } from "../change/given.ts";
import { perWorld } from "../change/per-world.ts";
import { listReferencesAndOptional, type Reference } from "../change/read.ts";
import type { OwnedObject } from "../change/types.ts";
import type { Held, World } from "../change/world.ts";
import { getOrMake, groupBy } from "../contract/group-by.ts";
import type { YamlData } from "../contract/objects.ts";
import { groupOf } from "../delivery/kinds.ts";
import { isMap } from "../yaml/is-map.ts";
import { textsIn } from "../yaml/walk-data.ts";
import { sayLook } from "./say-look.ts";

/** How fields are called that hold the name of such an object: `existingClaim`, `apiTokenSecretRef.name`, `configMaps[]`. */
const WORDS: Readonly<Record<string, RegExp>> = {
  Secret: /secrets?(?:name|ref|keyref)?$/i,
  ConfigMap: /config-?maps?(?:name|ref|keyref)?$/i,
  PersistentVolumeClaim: /(?:claims?(?:name|ref)?|pvc)$/i,
  ClusterIssuer: /cluster-?issuer(?:name|ref)?$/i,
};

const apiOf = (kind: string): string => (kind === "ClusterIssuer" ? "cert-manager.io/v1" : "v1");

/**
 * Objects of any kind that go on naming what goes, in values of charts and in fields of other operators that no table
 * knows. Told by the field: `existingClaim: player` in the namespace of the claim. What stands elsewhere, or is optional,
 * is left out. Errs towards missing one.
 */
export function findNaming(
  after: Pick<World, "objects">,
  gone: ReadonlySet<ObjectKey>,
): (Reference & { from: Held })[] {
  const print = (kind: string, name: string) => `${kind} ${name}`;
  const known = [...gone].filter((key) => {
    const { group, kind, remote } = splitKey(key);
    return remote === "" && Object.hasOwn(WORDS, kind) && group === groupOf(apiOf(kind));
  });
  const wanted = groupBy(known, (key) => print(splitKey(key).kind, splitKey(key).name));
  if (wanted.size === 0) return [];
  return [...after.objects.values()].flatMap((from) => {
    const { object } = from;
    if (!isMap(object.body) || splitKey(object.key).remote !== "") return [];
    const named = listNamed(object).filter(({ kind, name }) => wanted.has(print(kind, name)));
    if (named.length === 0) return [];
    const known = new Set(listReferencesAndOptional(object).map(({ target }) => target));
    return named.flatMap(({ kind, name, path }) => {
      const home = homeOf(object, path);
      const near = (wanted.get(print(kind, name)) ?? []).filter(
        (target) => !known.has(target) && (home === "" || ["", home].includes(splitKey(target).namespace)),
      );
      // Each is said once, where it is named first.
      for (const target of near) known.add(target);
      return near.map((target) => ({ from, target, path, field: sayPath(path) }));
    });
  });
}

/** A name where one of a kind is named. */
interface Named {
  kind: string;
  name: string;
  path: readonly (string | number)[];
  /** The namespace that is said beside it. */
  beside?: string;
}

/** Claims are made by hand as well, and the one that is left is told by itself (`claim-unread`). */
const CLAIM = "PersistentVolumeClaim";

interface Misnamed extends Reference {
  from: Held;
  isGone: false;
}

export interface MisnamedAnswer {
  /** With the name that is meant. */
  slips: (Misnamed & { near: string })[];
  /** With why it may be there all the same, and what to look at. */
  strays: (Misnamed & { because: string; look: string })[];
}

/**
 * The same where a name is misspelt: one that Git made was there before and is still, and the new one, which nothing makes,
 * differs by a letter. A claim that an app brings along is known by its namespace. Where it is another name altogether, somebody
 * has to look: what stood there before was made here. Errs towards missing one.
 */
export function findMisnamed({ before, after }: Given): MisnamedAnswer {
  const answer: MisnamedAnswer = { slips: [], strays: [] };
  const judge = makeNameJudge({ before, after });
  for (const from of after.all) {
    const { object, by } = from;
    const body: YamlData = object.body;
    const isOut = object.ignored || body?.spec?.suspend === true;
    if (by?.fixed !== false || splitKey(object.key).remote !== "" || !isMap(body) || isOut) continue;
    const names = listNamed(object);
    if (names.length === 0) continue;
    const was = before.applied(object.key)?.object;
    const print = ({ kind, path }: Named) => `${kind} ${path.join()}`;
    const old = new Map((was ? listNamed(was) : []).map((one) => [print(one), one]));
    const known = new Set(listReferencesAndOptional(object).map(({ target }) => target));
    for (const one of names) {
      const home = homeOf(object, one.path);
      const judged =
        home === undefined ? undefined : judge(one, { old: old.get(print(one)), home, holder: object.key, known });
      if (!judged) continue;
      const found = { from, target: judged.target, path: one.path, field: sayPath(one.path), isGone: false } as const;
      if ("near" in judged) answer.slips.push({ ...found, near: judged.near });
      else answer.strays.push({ ...found, because: judged.because, look: judged.look });
    }
  }
  return answer;
}

interface NameContext {
  /** What stood there before the change. */
  old: Named | undefined;
  /** The namespace of the object that names it, empty where it has none. */
  home: string;
  holder: ObjectKey;
  /** What the object names in fields that a table knows. */
  known: ReadonlySet<ObjectKey>;
}

/** What a name is that nothing makes: a slip for one that is there, or another one that somebody has to look at. */
type NameAnswer = { target: ObjectKey; near: string } | { target: ObjectKey; because: string; look: string };

function makeNameJudge({ before, after }: Pick<Given, "before" | "after">) {
  const isRelied = makeRelied(before);
  const homesOf = makeHomes(before, after);
  /** A name that is new here: `like` is one that is there and hardly differs. */
  const judgeNew = (target: ObjectKey, kind: string, like: string): NameAnswer | undefined => {
    if (kind === CLAIM) return { target, near: like };
    if (after.isHashed(target) || isRelied(target)) return undefined;
    return sayStray(target, `there is ${like}, which differs by a letter`);
  };
  /** A name that stands in place of an `earlier` one. */
  const judgeOther = (target: ObjectKey, earlier: ObjectKey): NameAnswer | undefined => {
    const { kind, name } = splitKey(target);
    const near = findNear(name, [splitKey(earlier).name], { short: 3, digits: true });
    if (near !== undefined) return before.has(earlier) && after.has(earlier) ? { target, near } : undefined;
    if (kind === CLAIM || after.isHashed(target) || isRelied(target)) return undefined;
    const isReplaced = before.makes(earlier) && !after.isOfRelease(target);
    return isReplaced ? sayStray(target, "what it named before is made here") : undefined;
  };
  /** The same name in another namespace. */
  const judgeMoved = ({ kind, name, beside }: Named, from: string | undefined): NameAnswer | undefined => {
    if (beside === undefined || from === undefined || beside === from) return undefined;
    const [target, earlier] = [beside, from].map((namespace) =>
      keyOfObject({ apiVersion: apiOf(kind), kind, namespace, name }),
    ) as [ObjectKey, ObjectKey];
    const isOpen = [before, after].some((world) => world.makes(target) || world.isOfRelease(target));
    return isOpen || after.isOpenName(target) || !after.makes(earlier)
      ? undefined
      : sayStray(target, `it is made in namespace ${from}`);
  };
  return (one: Named, { old, home, holder, known }: NameContext): NameAnswer | undefined => {
    const { kind, name } = one;
    const earlier = old?.name;
    if (!/^[a-z0-9.-]+$/.test(name)) return undefined;
    if (name === earlier) return home === "" ? judgeMoved(one, old?.beside) : undefined;
    // What has no namespace says one beside the name, or its controller knows where to look.
    const [namespace, ...others] = home !== "" || kind === "ClusterIssuer" ? [home] : homesOf(one, earlier);
    if (namespace === undefined || others.length > 0) return undefined;
    const keyOf = (other: string) => keyOfObject({ apiVersion: apiOf(kind), kind, namespace, name: other });
    const target = keyOf(name);
    const like = earlier === undefined ? findNear(name, after.namesLike(target)) : undefined;
    if ((earlier ?? like) === undefined || known.has(target) || after.makes(target)) return undefined;
    if (after.isOpenName(target) || after.isNamed(target, holder)) return undefined;
    return earlier === undefined ? judgeNew(target, kind, like!) : judgeOther(target, keyOf(earlier));
  };
}

function sayStray(target: ObjectKey, because: string): NameAnswer {
  const parts = splitKey(target);
  return { target, because, look: sayLook(parts.kind.toLowerCase(), parts) };
}

/** The namespaces in which Git makes an earlier name, where nothing says one. */
function makeHomes(before: World, after: World) {
  const homesIn = anew(after, () => {
    const homes = new Map<string, Set<string>>();
    for (const key of [...after.objects.keys(), ...after.ownedKeys()]) {
      const { group, kind, namespace, name, remote } = splitKey(key);
      if (group === "" && remote === "") getOrMake(homes, `${kind} ${name}`, () => new Set<string>()).add(namespace);
    }
    return homes;
  });
  return ({ kind, beside }: Named, earlier: string | undefined): readonly string[] => {
    if (beside !== undefined) return [beside];
    if (earlier === undefined) return [];
    for (const world of [before, after]) world.search([earlier]);
    return [...(homesIn().get(`${kind} ${earlier}`) ?? [])];
  };
}

/** A list of all objects of a tree, made once, and anew where more of it was read since: a change may bring many. */
function anew<T>({ objects }: Pick<World, "objects">, make: () => T): () => T {
  let known: { size: number; value: T } | undefined;
  return () => {
    const { size } = objects;
    if (known?.size !== size) known = { size, value: make() };
    return known.value;
  };
}

/** What something relied on before is there. */
function makeRelied(before: World): (target: ObjectKey) => boolean {
  const homesIn = anew(before, () => {
    const homes = new Map<string, Set<string | undefined>>();
    for (const { kind, name, home } of listAllNamed(before))
      getOrMake(homes, `${kind} ${name}`, () => new Set<string | undefined>()).add(home);
    return homes;
  });
  return (target) => {
    if (before.makes(target) || before.needs(target)) return true;
    const { kind, namespace, name } = splitKey(target);
    const found = homesIn().get(`${kind} ${name}`);
    return found !== undefined && (namespace === "" || found.has("") || found.has(namespace));
  };
}

/** What all objects of one tree name, with the namespace it is looked for in. */
function listAllNamed({ objects }: Pick<World, "objects">): (Named & { home: string | undefined })[] {
  return [...objects.values()].flatMap(({ object }) =>
    !isMap(object.body) || splitKey(object.key).remote !== ""
      ? []
      : listNamed(object).map((one) => ({ ...one, home: homeOf(object, one.path) })),
  );
}

/** Kinds that whoever keeps them in Git makes nowhere else. */
const KEPT = new Set(["ClusterIssuer", "Issuer", "Gateway", "IPAddressPool", "Cluster"]);

const kindsIn = perWorld(({ objects }) => new Set([...objects.keys()].map(groupKindOf)));

/** What values of releases say, here or in a ConfigMap: a chart may make a Gateway or an issuer under that name, in any namespace. */
const saidIn = perWorld(({ objects }) => {
  const said = new Set<string>();
  for (const { object } of objects.values()) {
    const { kind, body, release }: OwnedObject = object;
    const texts = release ? textsIn(body?.spec?.values) : kind === "ConfigMap" ? textsIn(body?.data) : [];
    for (const text of texts) for (const word of text.split(/[^\w.-]+/)) said.add(word);
  }
  return said;
});

/** Another name of such a kind, where what the field named before is made here; a first name where others of the kind are. */
export function findUnkept(
  { before, after }: Pick<Given, "before" | "after">,
  target: ObjectKey,
  replaced: ObjectKey | undefined,
): { near?: never; because: string } | undefined {
  const { kind, name, remote } = splitKey(target);
  if (!KEPT.has(kind) || after.isOfRelease(target) || after.isOpenName(target)) return undefined;
  if (replaced !== undefined) {
    const isMade = splitKey(replaced).kind === kind && before.has(replaced);
    return isMade ? { because: "what it named before is made here" } : undefined;
  }
  before.search([kind]);
  if (remote !== "" || !kindsIn(before).has(groupKindOf(target))) return undefined;
  after.search([name]);
  return saidIn(after).has(name) ? undefined : { because: `each ${kind} that is there by Git has another name` };
}

/** Where what it names is looked for: a chart makes its objects where the release goes, which may be another cluster. */
export function homeOf({ key, release }: OwnedObject, path: Named["path"]): string | undefined {
  if (!release || path[1] !== "values") return splitKey(key).namespace;
  return release.cluster === undefined ? release.target : undefined;
}

export function sayPath(path: Named["path"]): string {
  return path.filter((one) => typeof one === "string").join(".");
}

interface Place {
  value: unknown;
  path: readonly (string | number)[];
  /** The nearest key above that is a word, lists left out. */
  above: string;
}

const KINDS = Object.entries(WORDS);

/** How charts that fill in their values let these say the name of the release: `{{ .Release.Name }}-secret`. */
const RELEASE_NAME = /\{\{-?\s*\$?\.Release\.Name\s*-?\}\}/g;

/** Every name of such an object in a document, as a chart reads it. */
function listNamed({ body, release }: OwnedObject): Named[] {
  const found = listWritten(body);
  if (!release) return found;
  const fill = (text: string) => text.replace(RELEASE_NAME, () => release.name);
  return found.map((one) => (one.path[1] === "values" ? { ...one, name: fill(one.name) } : one));
}

function listWritten(body: unknown): Named[] {
  const found: Named[] = [];
  const queue: Place[] = [{ value: body, path: [], above: "" }];
  for (const place of queue) {
    for (const one of namesAt(place)) found.push(one);
    for (const one of placesIn(place)) queue.push(one);
  }
  return found;
}

/** What lies in a map or a list of a document: what is optional names nothing that has to be there. */
function entriesOf({ value, path }: Place): [key: string | number, value: unknown][] {
  if (Array.isArray(value)) return [...value.entries()];
  if (!isMap(value) || (value as Record<string, unknown>).optional === true) return [];
  return Object.entries(value).filter(([key]) => path.length > 0 || key !== "metadata");
}

function placesIn(place: Place): Place[] {
  return entriesOf(place).flatMap(([key, value]) => {
    const above = typeof key === "string" ? key : place.above;
    return typeof value === "object" ? [{ value, path: [...place.path, key], above }] : [];
  });
}

/** One key of a Secret, as operators ask for it under any name: `dopplerToken: {name: doppler, key: token}`. */
function isKeyOf(map: Readonly<Record<string, unknown>>): boolean {
  return typeof map.key === "string" && Object.keys(map).every((one) => /^(?:name|namespace|key)$/.test(one));
}

/** The names that stand right in a map or a list. */
function namesAt(place: Place): Named[] {
  const { value, path, above } = place;
  const map = isMap(value) ? value : {};
  const said = [map.kind, map.type].map((one) => String(one).toLowerCase());
  const beside = typeof map.namespace === "string" ? { beside: map.namespace } : {};
  const isNameOf = (key: string | number, kind: string, word: RegExp) => {
    if (typeof key === "number") return word.test(above);
    if (kind === "Secret" && key === "name" && isKeyOf(map) && !WORDS.ConfigMap!.test(above)) return true;
    return word.test(key) || (key === "name" && (word.test(above) || said.includes(kind.toLowerCase())));
  };
  return entriesOf(place).flatMap(([key, name]) => {
    if (typeof name !== "string") return [];
    const kinds = KINDS.filter(([kind, word]) => isNameOf(key, kind, word));
    return kinds.map(([kind]) => ({ kind, name, path: [...path, key], ...beside }));
  });
}
