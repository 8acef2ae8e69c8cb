import type { Given } from "../../change/given.ts";
import type { Held, World } from "../../change/world.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Stopped } from "../stopped.ts";
import { ciliumLetsThrough, ciliumLimits, isCilium, isCiliumHere } from "./cut-off-cilium.ts";
import { type Direction, DNS, NEEDED } from "./needed.ts";
import { findHostOutside, isInsideOnly, isInsideOnlyCilium } from "./shut-in.ts";

const FETCHER = "source-controller";

/**
 * NetworkPolicies, those of Cilium included, by which Flux reaches neither Git nor the API server any more, or source-controller is
 * not reached by the others. They add up: those of the install allow both, so this is so only where these are left out, or go.
 */
export function findCutOff(given: Given, namespace: string): Stopped | [] {
  const { before, after } = given;
  // What an artifact brings is out of sight, the policies of its install among it.
  const isSeen = after.has(`apps|Deployment|${namespace}|source-controller`);
  if (!isSeen || policiesIn(after, namespace).every(({ by }) => by?.fixed)) return [];
  for (const world of [before, after]) world.search(["NetworkPolicy"]);
  const own = policiesIn(after, namespace);
  for (const direction of ["Egress", "Ingress"] as const) {
    const cut = NEEDED.find(
      (name) =>
        isCut(own, name, direction, namespace) && !isCut(policiesIn(before, namespace), name, direction, namespace),
    );
    const held = cut === undefined ? undefined : own.find((one) => isolates(one, cut, direction, namespace));
    if (!held) continue;
    return {
      held,
      path: ["spec"],
      what:
        direction === "Egress"
          ? `keeps ${cut} from all that it has to reach, Git and the API server among it: Flux applies nothing more, and no commit can undo that`
          : `keeps everything from ${cut}: the other controllers get no source from it, and Flux applies nothing more`,
      why: "No other policy of this repository lets it through, as those of a Flux install do.",
      next: "Let it through in a policy of its own, as the policies allow-egress and allow-scraping of Flux do.",
    };
  }
  return findShutIn(given, own, namespace);
}

function policiesIn(world: World, namespace: string): Held[] {
  const prefix = `networking.k8s.io|NetworkPolicy|${namespace}|`;
  return world.all.filter(({ object }) => object.key.startsWith(prefix) || isCiliumHere(object, namespace));
}

function isolates({ object }: Held, controller: string, direction: Direction, flux: string): boolean {
  if (isCilium(object)) return ciliumLimits(object, controller, flux, direction);
  const spec: YamlData = object.body?.spec;
  // Of one that the operator makes only its name is known, and what it is for.
  if (!isMap(spec)) return direction === "Egress" ? object.name === "allow-egress" : /^allow-/.test(object.name);
  const { podSelector } = spec;
  const labels = Object.entries(podSelector?.matchLabels ?? {});
  if (itemsOf(podSelector?.matchExpressions).length > 0) return false;
  if (labels.some(([key, value]) => key !== "app" || value !== controller)) return false;
  return limits(spec, direction);
}

/** Whether a NetworkPolicy is about a direction: as its types say, or without them as its rules do. */
export function limits({ policyTypes, egress }: YamlData, direction: Direction): boolean {
  const types = Array.isArray(policyTypes) ? policyTypes : ["Ingress", ...(egress === undefined ? [] : ["Egress"])];
  return types.includes(direction);
}

/** @param isAway whether it is about what lies outside of the cluster alone */
function isCut(
  policies: readonly Held[],
  controller: string,
  direction: Direction,
  flux: string,
  isAway = false,
): boolean {
  if (direction === "Ingress" && controller !== FETCHER) return false;
  const own = policies.filter((one) => isolates(one, controller, direction, flux));
  const isOut = (rule: YamlData) => letsThrough(rule) && !(isAway && isInsideOnly(rule));
  const lets = ({ spec }: YamlData) => itemsOf(spec[direction.toLowerCase()]).some(isOut);
  const isLeft = (rule: YamlData) => isAway && isInsideOnlyCilium(rule);
  const isDeaf = ({ object }: Held) =>
    isMap(object.body) &&
    !(isCilium(object) ? ciliumLetsThrough(isLeft, object, controller, flux, direction) : lets(object.body));
  return own.length > 0 && own.every(isDeaf);
}

/** source-controller, where it reaches what runs in the cluster and nothing else. */
function findShutIn({ before, after }: Given, own: readonly Held[], namespace: string): Stopped | [] {
  const isShut = (policies: readonly Held[]) => isCut(policies, FETCHER, "Egress", namespace, true);
  if (!isShut(own) || isShut(policiesIn(before, namespace))) return [];
  const held = own.find((one) => isolates(one, FETCHER, "Egress", namespace));
  const outside = findHostOutside(after, namespace);
  if (!held || !outside) return [];
  const { host, isSure } = outside;
  return {
    held,
    path: ["spec"],
    what: `lets ${FETCHER} reach only what runs in the cluster, and no longer ${host}: Flux gets no commit any more, and none can undo that`,
    why: "No other policy of this repository lets it out, as those of a Flux install do.",
    next: "Let it out in a policy of its own, as the policy allow-egress of Flux does.",
    ...(isSure ? {} : { look: `look whether ${host} runs in this cluster` }),
  };
}

/** Errs towards yes: whom a rule means is not looked at, only whether it is for DNS alone. */
export function letsThrough(rule: YamlData): boolean {
  const ports = itemsOf(rule?.ports);
  return ports.length === 0 || ports.some(({ port, endPort }) => port !== DNS || endPort !== undefined);
}
