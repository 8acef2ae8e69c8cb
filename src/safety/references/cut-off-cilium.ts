import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { splitKey } from "../key.ts";
import type { OwnedObject } from "../types.ts";
import { NEEDED } from "./cut-off.ts";

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
    const meant = NEEDED.filter((name) => selects(rule.endpointSelector, name, flux));
    const [first] = meant;
    if (first === undefined) return [];
    if (itemsOf(rule.egressDeny).some((one) => denies(one, "to", AWAY)))
      return [`denies ${first} what it has to reach`];
    return first === "source-controller" && itemsOf(rule.ingressDeny).some((one) => denies(one, "from", NEAR))
      ? [`denies the other controllers ${first}, from which they get their sources`]
      : [];
  });
}

/** Errs towards no. */
function selects(selector: YamlData, name: string, flux: string): boolean {
  if (!isMap(selector) || selector.matchExpressions !== undefined) return false;
  return Object.entries(selector.matchLabels ?? {}).every(
    ([key, value]) => (NAMESPACE.test(key) && value === flux) || (APP.test(key) && value === name),
  );
}

/** A denial of all ports. */
function denies(rule: YamlData, way: "to" | "from", entities: ReadonlySet<unknown>): boolean {
  if (!isMap(rule) || ["toPorts", "icmps"].some((field) => rule[field] !== undefined)) return false;
  const named = itemsOf(rule[`${way}Entities`]).some((one) => entities.has(one));
  return named || (way === "to" && itemsOf(rule.toCIDR).includes("0.0.0.0/0"));
}
