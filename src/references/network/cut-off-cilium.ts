import { splitKey } from "../../admission/key.ts";
import type { OwnedObject } from "../../change/types.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { type Direction, DNS, NEEDED, sayDenied } from "./needed.ts";
import { plainLabels } from "./selectors.ts";

/** Git lies in the world, and the API server in the cluster or on a host of its own. */
const AWAY = new Set(["all", "world", "cluster", "kube-apiserver"]);
const NEAR = new Set(["all", "cluster"]);
const NAMESPACE = /^(?:k8s:|any:)?io\.kubernetes\.pod\.namespace$/;
const APP = /^(?:k8s:|any:)?app$/;

export const isCilium = ({ key }: OwnedObject): boolean => splitKey(key).group === "cilium.io";

/** Whether it is a policy that Cilium may apply to Flux. */
export function isCiliumHere(object: OwnedObject, flux: string): boolean {
  const { kind, remote, namespace } = splitKey(object.key);
  const isWide = kind === "CiliumClusterwideNetworkPolicy";
  return isCilium(object) && remote === "" && (isWide || (kind === "CiliumNetworkPolicy" && namespace === flux));
}

function rulesOf({ body }: OwnedObject): YamlData[] {
  const { spec, specs }: YamlData = isMap(body) ? body : {};
  return [spec, ...itemsOf(specs)].filter(isMap);
}

/** Its rules that leave a controller only what some policy allows (docs.cilium.io, "Policy Enforcement Modes"). */
function limiting(object: OwnedObject, controller: string, flux: string, direction: Direction): YamlData[] {
  const field = direction.toLowerCase();
  return rulesOf(object).filter(
    ({ endpointSelector, [field]: rules, enableDefaultDeny }) =>
      Array.isArray(rules) && enableDefaultDeny?.[field] !== false && selects(endpointSelector, controller, flux),
  );
}

export const ciliumLimits = (...of: Parameters<typeof limiting>): boolean => limiting(...of).length > 0;

/**
 * Errs towards yes: a rule with anything in it that is not for names alone. An empty one allows nothing.
 * @param isLeft rules that do not count
 */
export function ciliumLetsThrough(isLeft: (rule: YamlData) => boolean, ...of: Parameters<typeof limiting>): boolean {
  const isForNames = (rule: YamlData) => {
    const ports = itemsOf(rule.toPorts).flatMap((one) => itemsOf(one.ports));
    return ports.length > 0 && ports.every(({ port, endPort }) => Number(port) === DNS && endPort === undefined);
  };
  const rules = limiting(...of).flatMap((rule) => itemsOf(rule[of[3].toLowerCase()]));
  return rules.some((rule) => !isMap(rule) || (Object.keys(rule).length > 0 && !isForNames(rule) && !isLeft(rule)));
}

/** What a policy of Cilium denies Flux. */
export function listDeniedByCilium(object: OwnedObject, flux: string): string[] {
  if (!isCiliumHere(object, flux)) return [];
  return rulesOf(object).flatMap((rule: YamlData) => {
    const name = NEEDED.find((one) => selects(rule.endpointSelector, one, flux));
    const isOut = itemsOf(rule.egressDeny).some((one) => denies(one, "to", AWAY));
    const isIn = itemsOf(rule.ingressDeny).some((one) => denies(one, "from", NEAR));
    return sayDenied(name, isOut, isIn);
  });
}

/** Errs towards no. */
function selects(selector: YamlData, name: string, flux: string): boolean {
  const isMet = ([key, value]: [string, unknown]) =>
    (NAMESPACE.test(key) && value === flux) || (APP.test(key) && value === name);
  return plainLabels(selector)?.every(isMet) ?? false;
}

/** A denial of all ports. */
function denies(rule: YamlData, way: "to" | "from", entities: ReadonlySet<unknown>): boolean {
  if (!isMap(rule) || ["toPorts", "icmps"].some((field) => rule[field] !== undefined)) return false;
  const named = itemsOf(rule[`${way}Entities`]).some((one) => entities.has(one));
  return named || (way === "to" && itemsOf(rule.toCIDR).includes("0.0.0.0/0"));
}
