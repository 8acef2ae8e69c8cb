import { groupKindHere, printKey } from "../admission/key.ts";
import { isOpenText } from "../admission/open-text.ts";
import type { Given } from "../change/given.ts";
import type { OwnedObject } from "../change/types.ts";
import type { Held } from "../change/world.ts";
import { groupBy } from "../contract/group-by.ts";
import { itemsOf, sortKeys, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { isAtWork } from "./new-references.ts";
import type { Stop, Stopped } from "./stopped.ts";

/** What one object has by itself, as long as no other one asks for the same. */
interface Claim {
  id: string;
  /** As texts have it, to read what may hold it. */
  word: string;
  path: Stop["path"];
  /** What it leads to: where both lead to the same, nothing is lost. */
  way?: string;
  kind: "scales" | "guards" | "selects" | "serves";
  says: string;
}

/**
 * Objects that come to ask for what another one of Git has and keeps: the pods of a workload or a budget, what a scaler scales, a host
 * and a path.
 * The API server takes both, and then they get in each other's way. What gets another name, or is moved, comes to nothing new.
 */
export function findTwins({ before, after }: Given): Stopped[] {
  const fresh = after.all.flatMap((held) => {
    if (held.by?.fixed !== false || held.by.spec.suspend || held.object.ignored || !isAtWork(held)) return [];
    const claims = listClaims(held.object);
    const was = claims.length > 0 ? before.objects.get(held.object.key) : undefined;
    const known = new Set((was ? listClaims(was.object) : []).map(({ id }) => id));
    return claims.filter(({ id }) => !known.has(id)).map((claim) => ({ held, claim }));
  });
  if (fresh.length === 0) return [];
  for (const world of [before, after]) world.search(fresh.map(({ claim }) => claim.word));
  const [had, have] = [before, after].map((world) => groupClaims(world.all)) as [Having, Having];
  return fresh.flatMap(({ held, claim }): Stopped[] => {
    const others = listOthers(have, held, claim);
    // Of two new ones the second is told of.
    const other = others.find(({ object: { key } }) => before.objects.has(key) || key < held.object.key);
    if (!other || listOthers(had, held, claim).length > others.length) return [];
    return [{ held, path: claim.path, ...say(claim, printKey(other.object.key)) }];
  });
}

type Having = ReadonlyMap<string, { held: Held; id: string; way: string | undefined }[]>;

const groupClaims = (all: readonly Held[]): Having => {
  const working = all.filter(({ object, by }) => !object.ignored && !by?.spec.suspend);
  return groupBy(
    working.flatMap((held) => listClaims(held.object).map(({ id, way }) => ({ held, id, way }))),
    ({ id }) => id,
  );
};

const listOthers = (having: Having, { object }: Held, { id, way }: Claim): Held[] =>
  (having.get(id) ?? []).flatMap((one) =>
    one.held.object.key !== object.key && (way === undefined || one.way !== way) ? [one.held] : [],
  );

function say({ kind, says }: Claim, other: string): Omit<Stop, "path"> {
  if (kind === "scales")
    return {
      what: `scales ${says}, which ${other} scales as well: Kubernetes scales it by neither of them any more`,
      why: "Two that scale the same pods are ambiguous, and KEDA refuses the second one.",
      next: "Take one of them out, or name another workload.",
    };
  if (kind === "guards")
    return {
      what: `guards the pods that ${other} guards as well (${says}): Kubernetes evicts none of them any more, so a node that has one is never drained`,
      why: "The API server answers an eviction of a pod with two PodDisruptionBudgets by an error.",
      next: "Take one of them out, or select other pods.",
    };
  if (kind === "selects")
    return {
      what: `selects the same pods as ${other} (${says}): a Service that leads to one of them leads to both, and whatever counts or deletes pods takes them for one`,
      why: "",
      next: "",
      look: "give the pods and the selector a label of their own",
    };
  return {
    what: `answers ${says}, as ${other} does: one of them gets no request any more, or the controller refuses the second`,
    why: "",
    next: "",
    look: "look whether the host or the path is a copy, and whether both are meant",
  };
}

const WORKLOADS = ["Deployment", "StatefulSet", "DaemonSet"].map((kind) => `apps|${kind}`);
const ROUTES = ["HTTPRoute", "GRPCRoute", "TLSRoute"].map((kind) => `gateway.networking.k8s.io|${kind}`);
const print = (...parts: unknown[]): string => JSON.stringify(sortKeys(parts));

function listClaims(object: OwnedObject): Claim[] {
  const kind = groupKindHere(object.key);
  if (!isMap(object.body)) return [];
  const found =
    kind === "autoscaling|HorizontalPodAutoscaler" || kind === "keda.sh|ScaledObject"
      ? listScaled(object)
      : WORKLOADS.includes(kind)
        ? listPods(object, "selects")
        : kind === "policy|PodDisruptionBudget"
          ? listPods(object, "guards")
          : kind === "networking.k8s.io|Ingress"
            ? listPaths(object)
            : ROUTES.includes(kind)
              ? listMatches(object)
              : [];
  return found.filter(({ id, way = "" }) => !isOpenText(id) && !isOpenText(way));
}

function listScaled({ namespace, body }: OwnedObject): Claim[] {
  const { kind = "Deployment", name } = body.spec?.scaleTargetRef ?? {};
  if (typeof name !== "string") return [];
  const says = `${kind} ${namespace}/${name}`;
  return [{ kind: "scales", id: print("scaled", says), word: name, path: ["spec", "scaleTargetRef"], says }];
}

function listPods({ namespace, body }: OwnedObject, kind: "selects" | "guards"): Claim[] {
  const { matchLabels, matchExpressions } = body.spec?.selector ?? {};
  const values = Object.values(isMap(matchLabels) ? matchLabels : {});
  if (values.length === 0 || matchExpressions !== undefined || body.spec.replicas === 0) return [];
  const says = Object.entries(matchLabels)
    .map((pair) => pair.join("="))
    .join(",");
  const id = print(kind, namespace, matchLabels);
  return [{ kind, id, word: String(values[0]), path: ["spec", "selector"], says }];
}

/** Marks of controllers by which several share a host and a path on purpose. */
const SHARED = /canary|mergeable-ingress-type|acme|sub-?path|priority|order|weight/i;

function listPaths({ body }: OwnedObject): Claim[] {
  const { annotations, labels } = body.metadata ?? {};
  if (SHARED.test(JSON.stringify([annotations, labels]))) return [];
  const cls: unknown = body.spec?.ingressClassName ?? annotations?.["kubernetes.io/ingress.class"];
  // What no class is said for may be told apart by the default one.
  if (typeof cls !== "string") return [];
  return itemsOf(body.spec?.rules).flatMap(({ host, http }, index) =>
    itemsOf(http?.paths).flatMap(({ path = "/", pathType, backend }): Claim[] => {
      if (typeof host !== "string") return [];
      const id = print("path", cls, host, path, pathType);
      const way = print(body.metadata?.namespace, backend);
      return [{ kind: "serves", id, way, word: host, path: ["spec", "rules", index], says: `${host}${path}` }];
    }),
  );
}

/** A list of hosts and one of matches make as many claims as both multiplied. */
const MOST = 64;

function listMatches({ key, namespace, body }: OwnedObject): Claim[] {
  const { parentRefs, hostnames, rules } = body.spec ?? {};
  const kind = groupKindHere(key);
  const parents = itemsOf(parentRefs).map((ref) =>
    print(ref.kind ?? "Gateway", ref.namespace ?? namespace, ref.name, ref.sectionName, ref.port),
  );
  const hosts = itemsOf(hostnames).filter((host) => typeof host === "string");
  const matches = itemsOf(rules).flatMap((rule, index) => {
    const all = itemsOf(rule.matches);
    const way = print(namespace, rule.backendRefs, rule.filters);
    return (all.length > 0 ? all : [{}]).map((match) => ({ way, index, match: withPath(match) }));
  });
  if (parents.length * hosts.length * matches.length > MOST) return [];
  return parents.flatMap((parent) =>
    hosts.flatMap((host: string) =>
      matches.map(({ way, index, match }): Claim => {
        const says = `${host}${match.path?.value ?? ""}`;
        const id = print(kind, parent, host, match);
        return { kind: "serves", id, way, word: host, path: ["spec", "rules", index], says };
      }),
    ),
  );
}

/** A match without a path is one of all. */
const withPath = (match: YamlData): YamlData => ({
  ...match,
  path: { type: match.path?.type ?? "PathPrefix", value: match.path?.value ?? "/" },
});
