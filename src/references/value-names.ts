import { groupKindOf, keyOfObject, type ObjectKey, splitKey } from "../admission/key.ts";
import type { Reference } from "../change/read.ts";
import type { Held, World } from "../change/world.ts";
import { getOrMake, groupBy } from "../contract/group-by.ts";
import type { YamlData } from "../contract/objects.ts";
import { ofOwn } from "../contract/of-own.ts";
import { isMap } from "../yaml/is-map.ts";
import { type PlacedValue, walkData } from "../yaml/walk-data.ts";
import { sayPath } from "./named.ts";
import { listParents } from "./network/gateways.ts";

type Naming = Reference & { from: Held };

/** How a chart is told which class to use; `storageClass: {name: fast}` is how one is told to make it. */
const CLASSES: Readonly<Record<string, RegExp>> = {
  "storage.k8s.io|StorageClass": /storage-?class(?:name)?$/i,
  "networking.k8s.io|IngressClass": /ingress-?class(?:name)?$/i,
  "gateway.networking.k8s.io|GatewayClass": /gateway-?class(?:name)?$/i,
  "scheduling.k8s.io|PriorityClass": /priority-?class(?:name)?$/i,
  "node.k8s.io|RuntimeClass": /runtime-?class(?:name)?$/i,
  "snapshot.storage.k8s.io|VolumeSnapshotClass": /snapshot-?class(?:name)?$/i,
};

const isClass = (key: ObjectKey): boolean => splitKey(key).remote === "" && Object.hasOwn(CLASSES, groupKindOf(key));
const isGateway = (key: ObjectKey): boolean => splitKey(key).kind === "Gateway";

interface ValueNames {
  /** Values that go on naming a class or a Gateway that goes. */
  users: Naming[];
  /** Classes that values begin to say in another way, such as `storageClass: {name: fast}`: a chart makes them from now on. */
  taken: ReadonlySet<ObjectKey>;
}

/** A class that values name where they do not use it may be what a chart makes, and is left out. Errs towards missing one. */
export function findValueNames(
  { before, after }: Readonly<Record<"before" | "after", Pick<World, "all">>>,
  gone: ReadonlySet<ObjectKey>,
): ValueNames {
  const wanted = groupBy([...gone].filter(isClass), (key) => splitKey(key).name);
  const gateways = [...gone].some(isGateway) ? gone : new Set<ObjectKey>();
  if (wanted.size === 0 && gateways.size === 0) return { users: [], taken: new Set() };
  const releases = after.all.filter(isHere);
  const { uses, made, told } = readClasses(releases, wanted);
  const old = wanted.size > 0 ? readClasses(before.all.filter(isHere), wanted).told : new Set<ObjectKey>();
  const parents = releases.flatMap((from) => listParents(from.object).map((one) => ({ ...one, from })));
  const routes = parents
    .filter(({ from, target, path }) => gateways.has(target) && !isOff(from.object.body?.spec, path.slice(1)))
    .map(({ from, target, path }) => ({ from, target, path, field: sayPath(path) }));
  const users = [...uses.filter(({ target }) => !made.has(target)), ...routes];
  // Each is said once, where it is named first.
  const first = new Map<string, Naming>();
  for (const one of users) getOrMake(first, `${one.from.object.key} ${one.target}`, () => one);
  return { users: [...first.values()], taken: new Set([...told].filter((key) => !old.has(key))) };
}

/** Whether a release belongs to this cluster, and its fields are known. */
export const isHere = ({ object: { key, release, body } }: Held): boolean =>
  release !== undefined && release.cluster === undefined && splitKey(key).remote === "" && isMap(body);

interface Classes {
  /** Where values name one to use it. */
  uses: Naming[];
  /** Named anywhere else. */
  made: Set<ObjectKey>;
  /** Of these, below a key such as `storageClass`. */
  told: Set<ObjectKey>;
}

function readClasses(releases: readonly Held[], wanted: ReadonlyMap<string, readonly ObjectKey[]>): Classes {
  const classes: Classes = { uses: [], made: new Set(), told: new Set() };
  for (const from of wanted.size > 0 ? releases : []) {
    const spec: YamlData = from.object.body?.spec;
    for (const one of walkData(spec?.values, ["spec", "values"])) readValue(from, one, wanted, classes);
  }
  return classes;
}

/** What values say of some classes. */
export const readClassNames = (releases: readonly Held[], classes: ReadonlySet<ObjectKey>): Classes =>
  readClasses(
    releases,
    groupBy([...classes], (key) => splitKey(key).name),
  );

/** What stands below it is of a claim, which has its class named and makes none: `persistence: {storageClass: {name: fast}}`. */
const VOLUME = /^(?:persistence|persistentVolume(?:Claim)?|pvc|volumeClaimTemplates?)$/i;
const isOfVolume = (path: PlacedValue["path"]): boolean => path.some((part) => VOLUME.test(String(part)));

/** Classes that values have a chart make by their name, as `storageClass: {name: fast}` and `storageClasses: [{name: fast}]` do. */
export function listMadeClasses(values: YamlData): ObjectKey[] {
  return walkData(values).flatMap(({ value, path }) => {
    if (path.at(-1) !== "name" || typeof value !== "string" || isOff(values, path)) return [];
    if (isOfVolume(path)) return [];
    const owner = path.slice(0, -1).findLast((part) => typeof part === "string");
    const kinds = Object.keys(CLASSES);
    const said = kinds.filter((one) =>
      new RegExp(CLASSES[one]!.source.replace("(?:name)?$", ""), "i").test(String(owner)),
    );
    // `hostpathClass: {name: fast}` does not say of what kind: who goes on naming it tells.
    const made = said.length === 0 && /class$/i.test(String(owner)) ? kinds : said.slice(0, 1);
    // Kubernetes brings its own classes of priority along.
    if (value.startsWith("system-")) return [];
    return made.map((one) => {
      const [group, kind] = one.split("|") as [string, string];
      return keyOfObject({ apiVersion: `${group}/v1`, kind, namespace: "", name: value });
    });
  });
}

/** What a value says of classes: its key may make one, and it uses the one that it names, or makes it elsewhere. */
function readValue(
  from: Held,
  one: PlacedValue,
  wanted: ReadonlyMap<string, readonly ObjectKey[]>,
  { uses, made, told }: Classes,
): void {
  const { path, value } = one;
  const isOn = () => !isOff(from.object.body?.spec, path.slice(1));
  const isAtClass = isToldAt(path);
  const keyed = isAtClass ? (wanted.get(String(path.at(-1))) ?? []) : [];
  const near = (typeof value === "string" && wanted.get(value)) || [];
  const used = near.filter((target) => isUse(groupKindOf(target), one));
  for (const target of used.length > 0 ? keyed : [...keyed, ...near]) {
    made.add(target);
    if (isAtClass && isOn()) told.add(target);
  }
  if (used.length > 0 && isOn()) for (const target of used) uses.push({ from, target, path, field: sayPath(path) });
}

/** `priorityClasses: {high: {value: 1}}` has a chart make it, too. */
const isToldAt = (path: PlacedValue["path"]): boolean => path.some((part) => /class/i.test(String(part)));

/** Whether something that a value belongs to is switched off, as in `persistence: {enabled: false, storageClass: fast}`, or not to be made. */
function isOff(spec: YamlData, path: PlacedValue["path"]): boolean {
  let here: unknown = spec;
  for (const part of path) {
    if (isMap(here) && (here.enabled === false || here.create === false)) return true;
    here = isMap(here) || Array.isArray(here) ? (here as YamlData)[part] : undefined;
  }
  return false;
}

/** `className` says it as well below a key such as `ingress`, and `storageClass: {name: fast}` where it is of a claim. */
function isUse(kind: string, { path }: PlacedValue): boolean {
  const field = path.at(-1) === "name" && isOfVolume(path) ? path.at(-2) : path.at(-1);
  if (typeof field !== "string") return false;
  if (ofOwn(CLASSES, kind)?.test(field)) return true;
  const isShort = kind === "networking.k8s.io|IngressClass" && /^class-?name$/i.test(field);
  return isShort && path.some((part) => /ingress/i.test(String(part)));
}
