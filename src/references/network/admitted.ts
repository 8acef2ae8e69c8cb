import { printKey, splitKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { Held, World } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { listSome } from "../../contract/list-some.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { isMap } from "../../yaml/is-map.ts";
import { LISTED, type Stopped } from "../stopped.ts";
import { listParents, type ParentReference, parentId } from "./gateways.ts";
import { isSelected, labelsOfNamespace } from "./selectors.ts";

const GATEWAY = "gateway.networking.k8s.io|Gateway|";

/** What keeps a route out of every listener of its Gateway. */
type Bar = "kind" | "namespace" | "hostname";

/** Routes that a listener of a protocol can serve; a protocol of an implementation is not known. */
const SERVES: Record<string, readonly string[]> = {
  HTTP: ["HTTPRoute", "GRPCRoute"],
  HTTPS: ["HTTPRoute", "GRPCRoute"],
  TLS: ["TLSRoute", "TCPRoute"],
  TCP: ["TCPRoute"],
  UDP: ["UDPRoute"],
};

/**
 * Routes that no listener of their Gateway lets in any more, or from the start: by the kinds that its protocol
 * and `allowedRoutes` take, by namespaces, the own one by default, and by hostnames. Nothing is refused, and whoever asks gets no answer.
 */
export function findUnadmitted({ before, after }: Given): Stopped[] {
  const listenersOf = (world: World, { object }: Held) =>
    JSON.stringify(world.objects.get(object.key)?.object.body?.spec?.listeners);
  const gateways = after.all.filter(({ object, by }) => object.key.startsWith(GATEWAY) && !by?.fixed);
  const altered = gateways.filter((one) => listenersOf(before, one) !== listenersOf(after, one));
  after.search(altered.map(({ object }) => object.name));
  const barred = after.all.flatMap((held) => {
    const named = listParents(held.object);
    if (named.length === 0 || held.object.ignored || held.by?.spec.suspend) return [];
    const was = before.applied(held.object.key);
    const old = new Set((was ? listParents(was.object) : []).map(parentId));
    return named.flatMap((parent): Barred[] => {
      if (!held.by?.fixed) after.has(parent.target);
      const bar = findBar(after, parent, held.object);
      if (bar === undefined || bar === "none") return [];
      // What was kept out before is no business of the change.
      if (old.has(parentId(parent)) && was && findBar(before, parent, was.object) !== "none") return [];
      return [{ held, parent, bar }];
    });
  });
  return [...groupBy(barred, ({ parent, bar }) => `${bar} ${parent.target}`).values()].flatMap((all) =>
    sayAll(after, all),
  );
}

interface Barred {
  held: Held;
  parent: ParentReference;
  bar: Bar;
}

/** From so many routes of one Gateway on, they are one finding. */
const MANY = 6;

function sayAll(after: World, all: readonly Barred[]): Stopped[] {
  const gateway = after.objects.get(all[0]!.parent.target);
  if (all.length < MANY || !gateway)
    return all.map(({ held, parent, bar }) => ({ held, path: parent.path, ...say(parent, bar) }));
  const others = [...new Set(all.map(({ held }) => held))];
  const names = others.map(({ object }) => printKey(object.key));
  const { why, next } = say(all[0]!.parent, all[0]!.bar);
  const what = `has no listener any more that lets in ${listSome(names, LISTED)}: nothing that comes in there reaches them`;
  return [{ held: gateway, path: ["spec", "listeners"], rule: "reference-breaks", others, what, why, next }];
}

/** Undefined where that cannot be known. */
function findBar(
  world: World,
  { target, section, route }: ParentReference,
  object: OwnedObject,
): Bar | "none" | undefined {
  const body: YamlData = world.objects.get(target)?.object.body;
  const all = itemsOf(body?.spec?.listeners);
  const own = section === undefined ? all : all.filter(({ name }) => name === section);
  if (own.length === 0) return undefined;
  const from = object.release?.target ?? object.namespace;
  const serves = own.map((one) => takesKind(one, route));
  if (serves.every((one) => one === false)) return "kind";
  const takes = own.map((one, index) => serves[index] && takesNamespace(world, one, from, splitKey(target).namespace));
  if (takes.every((one) => one === false)) return "namespace";
  const hosts = object.release ? undefined : object.body?.spec?.hostnames;
  const fits = own.map((one, index) => (takes[index] === false ? false : fitsHosts(one.hostname, hosts)));
  if (fits.every((one) => one === false)) return "hostname";
  return own.some((_, index) => takes[index] && fits[index]) ? "none" : undefined;
}

function takesKind({ protocol, allowedRoutes }: YamlData, kind: string | undefined): boolean | undefined {
  if (kind === undefined) return true;
  const isKnown = Object.values(SERVES).some((all) => all.includes(kind));
  const served = ofOwn(SERVES, String(protocol));
  if (isKnown && served && !served.includes(kind)) return false;
  const kinds = itemsOf(allowedRoutes?.kinds);
  if (kinds.length === 0 || kinds.some((one) => one.kind === kind)) return isKnown && !served ? undefined : true;
  return kinds.some((one) => isOpenText(String(one.kind))) ? undefined : false;
}

function takesNamespace(world: World, { allowedRoutes }: YamlData, from: string, home: string): boolean | undefined {
  const { from: which = "Same", selector }: YamlData = allowedRoutes?.namespaces ?? {};
  if (which === "All") return true;
  if (isOpenText(`${from}${home}`)) return undefined;
  if (which !== "Selector") return which === "Same" ? from === home : which === "None" ? false : undefined;
  const labels = labelsOfNamespace(world, from);
  if (!isMap(selector) || isOpenText(JSON.stringify([selector, labels.known]))) return undefined;
  // What Git does not hold may have any label.
  return isSelected(selector, labels) || (labels.isWhole ? false : undefined);
}

function fitsHosts(listener: unknown, hosts: unknown): boolean | undefined {
  if (listener === undefined || listener === "" || !Array.isArray(hosts) || hosts.length === 0) return true;
  if (typeof listener !== "string" || isOpenText(`${listener}${hosts.join()}`)) return undefined;
  return hosts.some((one) => meet(String(one), listener) || meet(listener, String(one)));
}

/** `*.example.com` stands for all below it, however deep. */
const meet = (one: string, pattern: string): boolean =>
  one === pattern || (pattern.startsWith("*.") && one.endsWith(pattern.slice(1)));

const SAY: Record<Bar, { what: (gateway: string, namespace: string) => string; why: string; next: string }> = {
  kind: {
    what: (gateway) => `is of a kind that no listener of ${gateway} takes: nothing that comes in there reaches it`,
    why: "The protocol of a listener and its allowedRoutes.kinds say which kinds of routes it takes (HTTPS takes HTTPRoute and GRPCRoute), and nothing is refused.",
    next: "Give a listener the protocol of the route, or write a route of the kind that the listener takes.",
  },
  namespace: {
    what: (gateway, namespace) =>
      `is let in by no listener of ${gateway}, which take no routes of its namespace (by default those of ${namespace} alone): nothing that comes in there reaches it`,
    why: "A listener whose allowedRoutes does not say otherwise takes routes of its own namespace, and nothing is refused.",
    next: "Set allowedRoutes.namespaces.from of a listener to All, or let it select the namespace of the route.",
  },
  hostname: {
    what: (gateway) =>
      `has none of the hostnames that the listeners of ${gateway} take: nothing that comes in there reaches it`,
    why: "A route is left out where no listener has a hostname that fits, and nothing is refused.",
    next: "Write a hostname that a listener takes, or add a listener for it.",
  },
};

function say({ target }: ParentReference, bar: Bar) {
  const { what, why, next } = SAY[bar];
  const rule = "reference-breaks" as const;
  return { rule, what: what(printKey(target), splitKey(target).namespace), why, next };
}
