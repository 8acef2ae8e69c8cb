import type { Given } from "../../change/given.ts";
import type { Held, World } from "../../change/world.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Stopped } from "../stopped.ts";

/** Without these no commit arrives that could undo it. */
export const NEEDED = ["source-controller", "kustomize-controller"];
const DNS = 53;

/** What a policy that goes over others denies one of them. */
export function sayDenied(name: string | undefined, isOut: boolean, isIn: boolean): string[] {
  if (name === undefined) return [];
  if (isOut) return [`denies ${name} what it has to reach`];
  return isIn && name === "source-controller"
    ? [`denies the other controllers ${name}, from which they get their sources`]
    : [];
}

/**
 * NetworkPolicies by which Flux reaches neither Git nor the API server any more, or source-controller is not reached by the others.
 * They add up: those of the install allow both, so this is so only where these are left out, or go.
 */
export function findCutOff({ before, after }: Given, namespace: string): Stopped | [] {
  // What an artifact brings is out of sight, the policies of its install among it.
  const isSeen = after.has(`apps|Deployment|${namespace}|source-controller`);
  if (!isSeen || policiesIn(after, namespace).every(({ by }) => by?.fixed)) return [];
  for (const world of [before, after]) world.search(["NetworkPolicy"]);
  const own = policiesIn(after, namespace);
  for (const direction of ["Egress", "Ingress"] as const) {
    const cut = NEEDED.find(
      (name) => isCut(own, name, direction) && !isCut(policiesIn(before, namespace), name, direction),
    );
    const held = cut === undefined ? undefined : own.find((one) => isolates(one, cut, direction));
    if (!held) continue;
    return {
      held,
      path: ["spec"],
      what:
        direction === "Egress"
          ? `keeps ${cut} from all that it has to reach, Git and the API server among it: Flux applies nothing more, and no commit can undo that`
          : `keeps everything from ${cut}: the other controllers get no source from it, and Flux applies nothing more`,
      why: "No other NetworkPolicy of this repository lets it through, as those of a Flux install do.",
      next: "Let it through in a policy of its own, as the policies allow-egress and allow-scraping of Flux do.",
    };
  }
  return [];
}

function policiesIn(world: World, namespace: string): Held[] {
  const prefix = `networking.k8s.io|NetworkPolicy|${namespace}|`;
  return world.all.filter(({ object }) => object.key.startsWith(prefix));
}

type Direction = "Egress" | "Ingress";

function isolates({ object }: Held, controller: string, direction: Direction): boolean {
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

function isCut(policies: readonly Held[], controller: string, direction: Direction): boolean {
  if (direction === "Ingress" && controller !== "source-controller") return false;
  const own = policies.filter((one) => isolates(one, controller, direction));
  const lets = ({ spec }: YamlData) => itemsOf(spec[direction.toLowerCase()]).some(letsThrough);
  return own.length > 0 && own.every(({ object }) => isMap(object.body) && !lets(object.body));
}

/** Errs towards yes: whom a rule means is not looked at, only whether it is for DNS alone. */
export function letsThrough(rule: YamlData): boolean {
  const ports = itemsOf(rule?.ports);
  return ports.length === 0 || ports.some(({ port, endPort }) => port !== DNS || endPort !== undefined);
}
