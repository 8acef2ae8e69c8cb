import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Given } from "../given.ts";
import { splitKey } from "../key.ts";
import type { OwnedObject } from "../types.ts";
import { NEEDED } from "./cut-off.ts";
import { listDeniedAbove } from "./cut-off-admin.ts";
import type { Stopped } from "./stopped.ts";
import type { Held } from "./world.ts";

/** Git lies in the world, and the API server in the cluster or on a host of its own. */
const AWAY = new Set(["all", "world", "cluster", "kube-apiserver"]);
const NEAR = new Set(["all", "cluster"]);
const NAMESPACE = /^(?:k8s:|any:)?io\.kubernetes\.pod\.namespace$/;
const APP = /^(?:k8s:|any:)?app$/;

/**
 * Policies of Cilium, Calico or an administrator that deny Flux what it has to reach: a denial goes over all that other policies
 * allow, those of the install included (docs.cilium.io, "Deny Policies"; docs.tigera.io, "order"; network-policy-api.sigs.k8s.io). What is
 * only not allowed is another matter: any other policy may allow it.
 */
export function findDenied({ before, after }: Given, namespace: string): Stopped[] {
  return [...after.objects.values()].flatMap((held): Stopped[] => {
    if (held.by?.fixed || held.by?.spec.suspend) return [];
    const was = before.objects.get(held.object.key);
    const list = ({ object }: Held) => [...listDenied(object, namespace), ...listDeniedAbove(object, namespace)];
    const known = new Set(was ? list(was) : []);
    const [denied] = list(held).filter((one) => !known.has(one));
    if (denied === undefined) return [];
    return [
      {
        held,
        path: ["spec"],
        rule: "reconcile-stops",
        what: `${denied}: Flux applies nothing more, and no commit can undo that`,
        why: `What ${isCilium(held.object) ? "a policy of Cilium" : "such a policy"} denies no other policy can allow, those of the Flux install included.`,
        next: "Leave the controllers of Flux out of the policy, or deny them less.",
      },
    ];
  });
}

const isCilium = ({ key }: OwnedObject): boolean => splitKey(key).group === "cilium.io";

function listDenied(object: OwnedObject, flux: string): string[] {
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
  if (!isMap(selector) || (selector as YamlData).matchExpressions !== undefined) return false;
  return Object.entries((selector as YamlData).matchLabels ?? {}).every(
    ([key, value]) => (NAMESPACE.test(key) && value === flux) || (APP.test(key) && value === name),
  );
}

/** A denial of all ports. */
function denies(rule: YamlData, way: "to" | "from", entities: ReadonlySet<unknown>): boolean {
  if (!isMap(rule) || ["toPorts", "icmps"].some((field) => (rule as YamlData)[field] !== undefined)) return false;
  const named = itemsOf((rule as YamlData)[`${way}Entities`]).some((one) => entities.has(one));
  return named || (way === "to" && itemsOf((rule as YamlData).toCIDR).includes("0.0.0.0/0"));
}
