import { splitKey } from "../../admission/key.ts";
import type { OwnedObject } from "../../change/types.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { NEEDED, sayDenied } from "./cut-off.ts";
import { plainLabels } from "./selectors.ts";

/** Git lies in the world, and the API server in the cluster or on a host of its own. */
const AWAY = new Set(["all", "world", "cluster", "kube-apiserver"]);
const NEAR = new Set(["all", "cluster"]);
const NAMESPACE = /^(?:k8s:|any:)?io\.kubernetes\.pod\.namespace$/;
const APP = /^(?:k8s:|any:)?app$/;

export const isCilium = ({ key }: OwnedObject): boolean => splitKey(key).group === "cilium.io";

/** What a policy of Cilium denies Flux. */
export function listDeniedByCilium(object: OwnedObject, flux: string): string[] {
  const { kind, remote, namespace } = splitKey(object.key);
  const isWide = kind === "CiliumClusterwideNetworkPolicy";
  if (!isCilium(object) || remote !== "" || !(isWide || (kind === "CiliumNetworkPolicy" && namespace === flux)))
    return [];
  const { spec, specs }: YamlData = isMap(object.body) ? object.body : {};
  return [spec, ...itemsOf(specs)].filter(isMap).flatMap((rule: YamlData) => {
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
