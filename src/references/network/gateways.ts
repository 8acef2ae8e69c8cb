import { keyOfObject, type ObjectKey, splitKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { World } from "../../change/world.ts";
import { itemsOf, valueAt, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { type PlacedValue, walkData } from "../../yaml/walk-data.ts";

const GROUP = "gateway.networking.k8s.io";

/** That a route, or the values of a chart that makes one, names a Gateway. */
export interface ParentReference {
  path: readonly (string | number)[];
  target: ObjectKey;
  /** A listener of it. */
  section: string | undefined;
  /** Which kind of route names it; undefined where the values of a chart do not tell. */
  route: string | undefined;
}

export const parentId = ({ target, section }: ParentReference): string => `${target} ${section}`;

/**
 * A Gateway of that name in another namespace: a route that says none means its own. Values that hold the name name that
 * Gateway as well, as hardly a chart makes one.
 */
export function findElsewhere(
  { before, after }: Pick<Given, "before" | "after">,
  target: ObjectKey,
): string | undefined {
  const { group, kind, namespace, name, remote } = splitKey(target);
  if (kind !== "Gateway" || after.isOfRelease(target) || after.isOpenName(target)) return undefined;
  for (const world of [before, after]) world.search([name]);
  if (isNamedIn(before, target) || mayBeMade(after, target)) return undefined;
  const found = after.all.find(({ object }) => {
    const other = splitKey(object.key);
    const isAlike = other.group === group && other.kind === kind && other.name === name && other.remote === remote;
    return isAlike && other.namespace !== namespace;
  });
  return found && `${found.object.namespace}/${name}`;
}

/** What relied on it before shows that it is there. */
const isNamedIn = ({ all }: World, target: ObjectKey): boolean =>
  all.some(({ object }) => listParents(object).some((one) => one.target === target));

/** Whether a release in that namespace has a whole Gateway in its values. */
function mayBeMade({ all }: World, target: ObjectKey): boolean {
  const { namespace, name } = splitKey(target);
  return all.some(({ object: { release, body } }) => {
    if (release?.target !== namespace) return false;
    const values = JSON.stringify(body?.spec?.values) ?? "";
    return values.includes(name) && /\bkind\W+Gateway\b/.test(values);
  });
}

/** Gateways that a route names, or a release in its values. */
export function listParents({ key, namespace, body, release }: OwnedObject): ParentReference[] {
  const { group, kind, remote } = splitKey(key);
  if (remote !== "" || !isMap(body)) return [];
  const spec: YamlData = body.spec;
  if (release)
    return listInValues(spec?.values).flatMap(({ value, path }) =>
      readParents(value, path, { own: release.target, route: routeAt(body, path.slice(0, -1)) }),
    );
  return group === GROUP && kind.endsWith("Route")
    ? readParents(spec?.parentRefs, ["spec", "parentRefs"], { own: namespace, route: kind })
    : [];
}

function readParents(
  refs: YamlData,
  path: ParentReference["path"],
  { own, route }: { own: string; route: string | undefined },
): ParentReference[] {
  return itemsOf(refs).flatMap((ref, index) => {
    const { name, sectionName, namespace = own, kind = "Gateway" } = ref;
    const isPlain = typeof name === "string" && name !== "" && typeof namespace === "string";
    if (!isPlain || kind !== "Gateway" || /\$\{|\{\{/.test(`${name}${namespace}${sectionName}`)) return [];
    const target = keyOfObject({ apiVersion: `${GROUP}/v1`, kind: "Gateway", namespace, name });
    const section = typeof sectionName === "string" ? sectionName : undefined;
    return [{ path: [...path, index], target, section, route }];
  });
}

/** Every `parentRefs` in the values of a chart. */
function listInValues(values: unknown): PlacedValue[] {
  return walkData(values, ["spec", "values"]).filter(
    ({ value, path }) => path.at(-1) === "parentRefs" && Array.isArray(value),
  );
}

const ROUTES = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"];

/** The kind that values say beside `parentRefs`, or that a map around them is named after. */
function routeAt(body: unknown, path: ParentReference["path"]): string | undefined {
  const said: unknown = valueAt(body, [...path, "kind"]);
  const names = said === undefined ? path.map((part) => String(part).toLowerCase()) : [String(said).toLowerCase()];
  return ROUTES.find((one) => names.includes(one.toLowerCase()));
}
