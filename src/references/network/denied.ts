import type { Given } from "../../change/given.ts";
import type { Held } from "../../change/world.ts";
import { type Stopped, stopsOf } from "../stopped.ts";
import { listDeniedAbove } from "./cut-off-admin.ts";
import { isCilium, listDeniedByCilium } from "./cut-off-cilium.ts";

/**
 * Policies of Cilium, Calico or an administrator that deny Flux what it has to reach: a denial goes over all that other policies
 * allow, those of the install included (docs.cilium.io, "Deny Policies"; docs.tigera.io, "order"; network-policy-api.sigs.k8s.io). What is
 * only not allowed is another matter: any other policy may allow it.
 */
export function findDenied(given: Given, namespace: string): Stopped[] {
  return stopsOf(given, (held, was) => {
    if (held.by?.fixed || held.by?.spec.suspend) return [];
    const known = was ? listDenied(was, namespace) : [];
    const denied = listDenied(held, namespace).find((one) => !known.includes(one));
    if (denied === undefined) return [];
    return {
      path: ["spec"],
      what: `${denied}: Flux applies nothing more, and no commit can undo that`,
      why: `What ${isCilium(held.object) ? "a policy of Cilium" : "such a policy"} denies no other policy can allow, those of the Flux install included.`,
      next: "Leave the controllers of Flux out of the policy, or deny them less.",
    };
  });
}

function listDenied({ object }: Held, namespace: string): string[] {
  return [...listDeniedByCilium(object, namespace), ...listDeniedAbove(object, namespace)];
}
