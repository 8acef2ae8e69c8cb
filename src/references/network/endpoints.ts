import { groupKindHere, keyOfObject, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { type Given, goes } from "../../change/given.ts";
import { type Held, labelsOf, type World } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Stopped } from "../stopped.ts";

const SERVICE_NAME = "kubernetes.io/service-name";

/**
 * Services without a selector whose addresses are written out in Endpoints, or in EndpointSlices, and that stay while these go
 * (Kubernetes: Services without selectors).
 */
export function findLostEndpoints(given: Given): Stopped[] {
  const { before, after, risks } = given;
  const lost = [...risks.keys()].flatMap((key) => {
    const was = goes(given, key) ? before.objects.get(key) : undefined;
    const service = was && serviceOf(was);
    return service === undefined ? [] : [{ key, service }];
  });
  const gone = [...groupBy(lost, ({ service }) => service).values()].flatMap((all): Stopped[] => {
    const [{ key, service }] = all as [{ key: ObjectKey; service: ObjectKey }];
    const held = after.find(service);
    if (!held || held.object.ignored || held.by?.spec.suspend || !isAlone(held)) return [];
    if (isServed(after, service)) return [];
    return [
      {
        held,
        path: ["spec"],
        rule: "reference-breaks",
        what: `has no addresses any more: ${printKey(key)} goes, and it selects no pods`,
        why: "Flux applies it all the same, and whoever asks that Service gets no answer.",
        next: "Keep what holds its addresses, under the name of the Service, or take both out.",
      },
    ];
  });
  return [...gone, ...findLeftBehind(given)];
}

/** A Service that comes in the place of another one, whose addresses stay under the old name. */
function findLeftBehind(given: Given): Stopped[] {
  const { before, after, risks } = given;
  const old = new Set([...risks.keys()].filter((key) => key.startsWith("|Service|") && goes(given, key)));
  const fresh = after.all.filter((held) => {
    const { key, ignored } = held.object;
    const isNew = groupKindHere(key) === "|Service" && !held.by?.fixed && !before.has(key);
    return isNew && !ignored && !held.by?.spec.suspend && isAlone(held);
  });
  if (old.size === 0 || fresh.length === 0) return [];
  after.search([...old].map((key) => splitKey(key).name));
  return fresh.flatMap((held): Stopped[] => {
    if (isServed(after, held.object.key)) return [];
    const left = after.all.find((one) => {
      const service = one.object.namespace === held.object.namespace ? serviceOf(one) : undefined;
      return service !== undefined && old.has(service);
    });
    if (!left) return [];
    return [
      {
        held,
        path: ["metadata", "name"],
        rule: "reference-breaks",
        what: `has no addresses: it selects no pods, and ${printKey(left.object.key)} is for a Service that goes`,
        why: "Endpoints belong to the Service of their name, and EndpointSlices to the one that their label names.",
        next: "Give what holds the addresses the new name as well.",
      },
    ];
  });
}

/** The Service that the addresses are for. */
function serviceOf(held: Held): ObjectKey | undefined {
  const { namespace, name } = splitKey(held.object.key);
  const kind = groupKindHere(held.object.key);
  const own = kind === "|Endpoints" ? name : undefined;
  const said: unknown = kind === "discovery.k8s.io|EndpointSlice" ? labelsOf(held)[SERVICE_NAME] : own;
  if (typeof said !== "string" || said === "" || held.object.ignored) return undefined;
  return keyOfObject({ apiVersion: "v1", kind: "Service", namespace, name: said });
}

function isAlone({ object: { body } }: Held): boolean {
  const { selector, type } = body?.spec ?? {};
  const isEmpty =
    selector === undefined || selector === null || (isMap(selector) && Object.keys(selector).length === 0);
  return isMap(body?.spec) && isEmpty && type !== "ExternalName";
}

function isServed(after: World, service: ObjectKey): boolean {
  after.search([splitKey(service).name]);
  return after.all.some((held) => serviceOf(held) === service);
}
