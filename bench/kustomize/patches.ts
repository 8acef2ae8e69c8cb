import type { Dice } from "./dice.ts";
import { type Body, compact, labels, names } from "./objects.ts";

const fresh = [
  ...["x", "new", 7, true, "8080", "yes", "", null, {}, [], { a: 1 }, [1], [{ name: "n", value: "v" }], 0.5],
  ...["raw:0600", "raw:q:z", "raw:1_0", "l1\nl2\n"],
];
const mergeKeys = [
  "name",
  "containerPort",
  "port",
  "mountPath",
  "topologyKey",
  "whenUnsatisfiable",
  "key",
  "uid",
  "protocol",
];

const isMap = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);
const escapeKey = (key: string) => key.replaceAll("~", "~0").replaceAll("/", "~1");

/** Every pointer into a value. */
function pointers(value: unknown, prefix = ""): string[] {
  if (typeof value !== "object" || value === null) return [prefix];
  const below = Object.entries(value).flatMap(([key, item]) => pointers(item, `${prefix}/${escapeKey(key)}`));
  return prefix === "" ? below : [prefix, ...below];
}

function at(body: unknown, pointer: string): unknown {
  const parts = pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return parts.reduce<unknown>((value, part) => (value as Body)?.[part], body);
}

const oddPaths = [
  "/nothing/x",
  "/metadata/annotations/a~1b",
  "/metadata/labels/new",
  "metadata/name",
  "",
  "/",
  "/metadata/annotations",
  "/metadata/annotations/a~01",
  "/spec/template/spec/containers/-1",
  "/spec/template/spec/containers/00",
  "/spec/template/spec/containers/9",
  "/spec/template/spec/containers/+0/image",
  "/spec/ports/-",
];

export function jsonOperations(dice: Dice, body: Body): Body[] {
  const all = pointers(body);
  const harmless = all.filter((one) => !/^\/(apiVersion|kind|metadata|metadata\/name)$/.test(one));
  const somewhere = () => {
    if (dice.chance(0.04)) return dice.pick(oddPaths);
    return dice.pick(dice.chance(0.05) || harmless.length === 0 ? all : harmless);
  };
  return dice.some(1, 3, () => {
    const op = dice.pick(["add", "replace", "add", "replace", "add", "replace", "remove", "test", "copy", "move"]);
    const path = somewhere();
    const value = dice.pick(fresh);
    if (op === "test") return { op, path, value: dice.chance(0.9) ? (at(body, path) ?? null) : value };
    if (op === "remove") return { op, path };
    if (op === "copy" || op === "move") return { op, from: somewhere(), path: dice.chance(0.5) ? `${path}x` : path };
    if (op === "add" && dice.chance(0.35)) {
      const parents = ["metadata/annotations", "spec", "data", "metadata/labels"].filter(
        (one) => one === "metadata/annotations" || isMap(at(body, `/${one}`)) || dice.chance(0.02),
      );
      const path = `/${dice.pick(parents)}/${dice.pick(["example.com~1team", "new"])}`;
      return { op, path, value: dice.chance(0.8) ? "home" : value };
    }
    if (op === "add" && Array.isArray(at(body, path)))
      return { op, path: `${path}/${dice.pick(["-", "0", "1", "-1"])}`, value };
    if (dice.chance(0.01)) return { op, path };
    if (dice.chance(0.01)) return { op: "Add", path, value };
    return { op, path, value };
  });
}

export function strategic(dice: Dice, body: Body, withIdentity: boolean): Body {
  const metadata = isMap(body.metadata) ? body.metadata : {};
  const identity = withIdentity
    ? compact({ name: metadata.name, namespace: metadata.namespace })
    : compact({ name: dice.pick(["any", ...names]) });
  const head = { apiVersion: body.apiVersion, kind: body.kind };
  if (dice.chance(0.06)) return { ...head, metadata: identity, $patch: "delete" };
  const rest = Object.fromEntries(
    Object.entries(body).filter(([key]) => key !== "apiVersion" && key !== "kind" && key !== "metadata"),
  );
  const change = dice.chance(0.85) ? mergePart(dice, rest) : {};
  const more = compact({
    labels: dice.maybe(0.25, () => metaPart(dice, metadata.labels)),
    annotations: dice.maybe(0.25, () => metaPart(dice, metadata.annotations)),
    finalizers: dice.maybe(0.05, () => ["more", "other"]),
  });
  return {
    ...head,
    metadata: { ...identity, ...more },
    ...change,
    ...(dice.chance(0.01) ? { $patch: dice.pick(["replace", "merge", "odd"]) } : {}),
  };
}

function metaPart(dice: Dice, found: unknown): unknown {
  if (dice.chance(0.12)) return dice.pick([null, {}, { $patch: "delete" }, { $patch: "replace", z: "1" }]);
  const dropped = isMap(found) && dice.chance(0.4) ? { [dice.pick(Object.keys(found).concat("none"))]: null } : {};
  return { ...labels(dice), ...dropped };
}

/** A patch for a part of an object. */
function mergePart(dice: Dice, value: unknown): unknown & Body {
  return mergeValue(dice, value, true) as Body;
}

function mergeValue(dice: Dice, value: unknown, top = false): unknown {
  if (!top && dice.chance(0.05)) return dice.chance(0.85) ? null : structuredClone(dice.pick(fresh));
  if (Array.isArray(value)) return mergeItems(dice, value);
  if (!isMap(value)) return dice.chance(0.15) ? value : structuredClone(dice.pick(["x", "new", 7, true, "8080"]));
  const keys = Object.keys(value);
  const kept = keys.filter(() => !dice.chance(0.55));
  const result = Object.fromEntries(kept.map((key) => [key, mergeValue(dice, value[key])]));
  if (dice.chance(0.15)) result[dice.pick(["added", "name", "image"])] = structuredClone(dice.pick(fresh));
  if (!top && dice.chance(0.06))
    result.$patch = dice.pick(["replace", "delete", "merge", "replace", "delete", "merge", "replace", "delete", "odd"]);
  if (dice.chance(0.02)) result.$retainKeys = kept;
  if (dice.chance(0.02)) result[`$setElementOrder/${keys[0] ?? "x"}`] = [{ name: "app" }];
  return result;
}

function mergeItems(dice: Dice, list: readonly unknown[]): unknown[] {
  const result: unknown[] = [];
  for (const item of list) {
    if (dice.chance(0.4)) continue;
    if (!isMap(item)) {
      result.push(dice.chance(0.5) ? item : "x");
      continue;
    }
    const keys = mergeKeys.filter((key) => key in item && !dice.chance(0.03));
    const identity = Object.fromEntries(keys.map((key) => [key, item[key]]));
    if (dice.chance(0.15)) result.push({ ...identity, $patch: dice.chance(0.9) ? "delete" : "replace" });
    else result.push({ ...(mergeValue(dice, item, true) as Body), ...identity });
  }
  if (dice.chance(0.3))
    result.push({
      name: dice.pick(["added", "app", "web"]),
      ...(dice.chance(0.5) ? { image: "new", containerPort: 80, port: 80, mountPath: "/a" } : {}),
    });
  if (dice.chance(0.06))
    result.push({
      $patch: dice.pick(["replace", "delete", "merge", "replace", "delete", "merge", "replace", "delete", "odd"]),
    });
  if (dice.chance(0.02)) result.push(null);
  if (dice.chance(0.02)) result.push({});
  return result;
}
