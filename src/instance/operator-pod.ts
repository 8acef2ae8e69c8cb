import { isDeepStrictEqual } from "node:util";
import { isFilled, itemsOf, type YamlData } from "../contract/objects.ts";
import { operatorBase } from "../release/base.ts";
import { readBaseFacts } from "../release/facts.ts";
import { nearestFlux } from "../release/releases.ts";
import { runPatches } from "../release/simulate.ts";
import type { WantedInstance } from "./want.ts";

/** Variables that a program needs to reach the network at all: proxies, and an API server at another address. */
const REACH = /^(?:https?_proxy|no_proxy|all_proxy|kubernetes_service_(?:host|port))$/i;

/**
 * Values of the operator's chart without which its pod may not be scheduled, or may reach nothing, where every controller of
 * Flux has them: tolerations, node selectors and proxies. The operator is a controller more, and nothing else says of it
 * where it may run.
 */
export function valuesOfPod(wanted: WantedInstance, namespace: string): YamlData {
  const nearest = nearestFlux(wanted.version);
  const facts = nearest && readBaseFacts(nearest);
  if (!facts || wanted.patches.length === 0) return {};
  const objects = operatorBase(facts, { components: wanted.spec.components, namespace, fields: wanted.fields });
  const failure = runPatches(
    objects,
    wanted.patches.map(({ data }) => data),
  );
  if (failure !== undefined) return {};
  const pods = objects
    .filter(({ data, deleted }) => data.kind === "Deployment" && !deleted)
    .map(({ data }) => data.spec?.template?.spec ?? {});
  const selectors = pods.map(({ nodeSelector }) => Object.entries<YamlData>(nodeSelector ?? {}));
  const values = {
    tolerations: inAll(pods.map(({ tolerations }) => itemsOf(tolerations))),
    nodeSelector: Object.fromEntries(inAll(selectors).filter(([key]) => key !== "kubernetes.io/os")),
    extraEnvs: inAll(pods.map(({ containers }) => itemsOf(itemsOf(containers)[0]?.env))).filter(({ name }) =>
      REACH.test(String(name)),
    ),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => isFilled(value)));
}

/** The items of the first list that every other list has too. */
function inAll<T>([first = [], ...others]: readonly (readonly T[])[]): T[] {
  return first.filter((item) => others.every((list) => list.some((other) => isDeepStrictEqual(other, item))));
}
