import type { Given } from "../../change/given.ts";
import type { Held } from "../../change/world.ts";
import { sh } from "../../contract/shell.ts";
import type { Controller } from "../flux/flags.ts";
import { type Stopped, stopsOf } from "../stopped.ts";
import { accountOf, appliedTo, controllerOf, DEFAULT_ACCOUNT, isBound, listBoundIn } from "./rights.ts";

/**
 * What goes on being applied to another cluster, and as another account: the user of the kubeconfig acts there as
 * `system:serviceaccount:NAMESPACE:NAME`, and what that may do is a matter of that cluster. Without an account it is the user
 * itself, which may do whatever it could hand on.
 */
export function findRemoteAccounts(given: Given, controllers: readonly Controller[]): Stopped[] {
  const defaultsOf = (side: "before" | "after") =>
    new Map(controllers.map((one) => [one.name, one[side].get(DEFAULT_ACCOUNT)]));
  const [then, now] = [defaultsOf("before"), defaultsOf("after")];
  const found = stopsOf(given, (held, was) => {
    const remote = appliedTo(held);
    if (remote === "" || !was || appliedTo(was) !== remote) return [];
    const name = accountOf(held, now, remote);
    if (name === undefined || name === accountOf(was, then, remote)) return [];
    const { namespace, body } = held.object;
    const isNamed = body?.spec?.serviceAccountName === name;
    const { line } = sh`kubectl auth can-i patch deployments --as=${`system:serviceaccount:${namespace}:${name}`}`;
    return {
      path: isNamed ? ["spec", "serviceAccountName"] : ["spec"],
      what: `is applied to another cluster, and as ServiceAccount ${namespace}/${name} of it from then on${isNamed ? "" : `, since it names none and ${controllerOf(held)} has the flag ${DEFAULT_ACCOUNT}=${name}`}; no binding in Git gives that any rights there, and without some Flux may not apply it any more`,
      why: "",
      next: "",
      look: `look with ${line} in that cluster`,
    };
  });
  if (found.length === 0) return [];
  for (const world of [given.before, given.after]) world.readAll();
  const placeOf = (held: Held, defaults: ReadonlyMap<string, string | undefined>) => {
    const remote = appliedTo(held);
    return `${remote} ${held.object.namespace}/${accountOf(held, defaults, remote)}`;
  };
  // As what something is applied there already has the rights it needs.
  const known = new Set(given.before.all.map((held) => placeOf(held, then)));
  const bound = listBoundIn(given.after);
  return found.filter(({ held }) => {
    const remote = appliedTo(held);
    const own = bound.get(remote) ?? new Set<string>();
    return !known.has(placeOf(held, now)) && !isBound(own, held.object.namespace, accountOf(held, now, remote)!);
  });
}
