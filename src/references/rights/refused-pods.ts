import {
  groupKindOf,
  homeOf,
  inCluster,
  namespaceKey,
  type ObjectKey,
  printKey,
  splitKey,
} from "../../admission/key.ts";
import { ENFORCE, POD_SECURITY_LEVELS, refusesPod } from "../../admission/pod-security.ts";
import { type Part, podOf } from "../../admission/pods.ts";
import { parseQuantity } from "../../admission/quantity.ts";
import { readHard } from "../../admission/quota.ts";
import type { ClusterChange } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import { type Held, labelsOf, type World } from "../../change/world.ts";
import { getOrMake, groupBy } from "../../contract/group-by.ts";
import { likeMore } from "../../contract/list-some.ts";
import type { YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { once } from "../../contract/once.ts";
import { operand, sh } from "../../contract/shell.ts";
import { releaseHomeOf } from "../network/idle-services.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";
import { listOperatorPods, type OperatorPod } from "./operator-pods.ts";

/** Pods in Git that their namespace lets nobody start from now on: by the level that it enforces, or by a quota of none. */
export function findRefusedPods(given: Given, change: ClusterChange): Stopped[] {
  return [...findBelowLevel(given), ...findNoQuota(given, change)];
}

const rankOf = (level: unknown): number => POD_SECURITY_LEVELS.indexOf(String(level));

/** The Namespace of an object, in the cluster that it is in. */
function namespaceOf(key: ObjectKey): ObjectKey {
  const { namespace, remote } = splitKey(key);
  return inCluster(namespaceKey(namespace), remote);
}

/** What a Namespace asks of pods, where Git says so. */
function levelOf(world: World, key: ObjectKey): unknown {
  const held = world.objects.get(key);
  return held ? labelsOf(held)[ENFORCE] : undefined;
}

/** The spec of the pods of a workload of which all is known. */
function podPartOf({ object: { key, body, isPart } }: Held): Part | undefined {
  return isPart ? undefined : podOf(groupKindOf(key), body);
}

/** The same where only its number and what its containers ask count, which is known of the controllers of an operator too. */
export function askingPartOf(held: Held): Part | undefined {
  const { key, body } = held.object;
  return held.by === undefined ? podOf(groupKindOf(key), body) : podPartOf(held);
}

const specOf = (held: Held): YamlData | undefined => podPartOf(held)?.data;

/** Whether the change alters the pods of a workload, or brings it. */
export function isEdited(before: World, held: Held): boolean {
  if (held.by?.fixed !== false) return false;
  const was = before.objects.get(held.object.key);
  const [old, now] = [was && specOf(was), specOf(held)];
  return now !== undefined && JSON.stringify(old) !== JSON.stringify(now);
}

export const LOOK_AT_POLICIES = "look whether a policy changes these pods before they start";

/** Policies of Kyverno may fill in what pods do not say. */
export const mayMutate = (after: World): boolean =>
  after.all.some(({ object: { kind, body } }) => /Policy$/.test(kind) && JSON.stringify(body).includes("mutat"));

interface Below {
  held: Held;
  why: string;
  level: string;
}

function findBelowLevel({ before, after }: Given): Stopped[] {
  // The Namespace of an edited workload mostly lies elsewhere.
  const edited = after.all.filter((held) => isEdited(before, held));
  for (const key of new Set(edited.map(({ object }) => namespaceOf(object.key))))
    for (const world of [before, after]) world.has(key);
  const enforcing = after.all.filter(
    (held) => held.object.kind === "Namespace" && labelsOf(held)[ENFORCE] !== undefined,
  );
  if (enforcing.length === 0) return [];
  const raised = enforcing.filter(({ object: { key } }) => levelOf(after, key) !== levelOf(before, key));
  after.search(raised.map(({ object }) => object.name));
  const below = after.all.flatMap((held): Below[] => {
    const own = namespaceOf(held.object.key);
    const [level, spec] = [levelOf(after, own), specOf(held)];
    const why = spec && refusesPod(level, spec);
    if (why === undefined || held.by?.spec.suspend) return [];
    const was = before.objects.get(held.object.key);
    const old = was && specOf(was);
    return old && refusesPod(levelOf(before, own), old) !== undefined ? [] : [{ held, why, level: String(level) }];
  });
  const told = new Set(below.map(({ held }) => namespaceOf(held.object.key)));
  const runs = ({ object }: Held) => releaseHomeOf(object) !== undefined && before.has(object.key);
  const releasesIn = once(() => groupBy(after.all.filter(runs), ({ object }) => releaseHomeOf(object)!));
  const unseen = raised
    .filter(({ object: { key } }) => !told.has(key))
    .flatMap((held) => sayUnseen(held, { before, after }, (home) => releasesIn().get(home) ?? []));
  const isSure = below.length > 0 && !mayMutate(after);
  const doubt = isSure ? {} : { look: LOOK_AT_POLICIES };
  const seen = [...groupBy(below, ({ held }) => namespaceOf(held.object.key)).values()].flatMap(
    (group): Stopped | Stopped[] => {
      const own = namespaceOf(group[0]!.held.object.key);
      const place = raised.find(({ object }) => object.key === own);
      if (!place) return group.map((one) => ({ ...sayPod(one), ...doubt }));
      const [{ held, why, level }, ...rest] = group as [Below];
      return {
        held: place,
        path: ["metadata", "labels", ENFORCE],
        others: group.map((one) => one.held),
        what: `enforces the level ${level} from then on, which refuses the pods of ${printKey(held.object.key)}: it ${why}${likeMore(rest.length)}`,
        why: "Pods that run go on; none is started any more, and Flux reports no error.",
        next: "Change the pods first, or leave the level as it is. The label pod-security.kubernetes.io/warn says what would be refused.",
        ...doubt,
      };
    },
  );
  return [...seen, ...unseen];
}

/** A level that rises over pods of a chart, which nobody can see here. */
function sayUnseen(
  held: Held,
  { before, after }: Pick<Given, "before" | "after">,
  releasesIn: (home: string) => readonly Held[],
): Stopped | [] {
  const { key, name } = held.object;
  const [was, level] = [before.applied(key), levelOf(after, key)];
  if (!was || rankOf(level) <= Math.max(0, rankOf(levelOf(before, key)))) return [];
  const [first, ...rest] = releasesIn(inCluster(name, splitKey(key).remote));
  if (!first) return [];
  return {
    held,
    path: ["metadata", "labels", ENFORCE],
    what: `enforces the level ${String(level)} from then on, and whether that takes the pods of ${printKey(first.object.key)} cannot be seen here${likeMore(rest.length)}`,
    why: "Pods that run go on; none that breaks the level is started any more, and Flux reports no error.",
    next: "",
    look: `look with ${sh`kubectl label --dry-run=server --overwrite namespace ${operand(name)} ${`${ENFORCE}=${level}`}`.line}, which names the pods that break it`,
  };
}

function sayPod({ held, why, level }: Below): Stopped {
  const next = `Change it, or lower ${ENFORCE} of the Namespace.`;
  if (isPod(held))
    return {
      held,
      path: ["spec"],
      rule: "object-refused",
      what: `is refused by the API server: it ${why}, and its namespace enforces the level ${level}`,
      why: REFUSED_AT_ONCE,
      next,
    };
  return {
    held,
    path: ["spec"],
    what: `starts no pod from then on: it ${why}, which its namespace refuses, as that enforces the level ${level}`,
    why: "The API server takes the object, and refuses its pods; Flux reports no error.",
    next,
  };
}

/** A Pod of its own, which no controller makes. */
export const isPod = ({ object }: Held): boolean => groupKindOf(object.key) === "|Pod";

export const REFUSED_AT_ONCE =
  "What is a Pod itself is refused before it is there, and Flux applies nothing beside it.";

/** How many pods a ResourceQuota takes of all that there are (Kubernetes: Resource Quotas, Quota on object count). */
function countOf({ object: { key, body } }: Held): number | undefined {
  const hard = groupKindOf(key) === "|ResourceQuota" ? readHard(body?.spec) : undefined;
  const counts = [hard?.pods, hard?.["count/pods"]].flatMap((one) => parseQuantity(one) ?? []);
  return counts.length > 0 ? Math.min(...counts) : undefined;
}

function findNoQuota(given: Given, change: ClusterChange): Stopped[] {
  const isNone = (held: Held) => countOf(held) === 0;
  // By namespace: there may be many quotas.
  const users = new Map<string, Held | null>();
  const findUser = (home: string) =>
    given.after.all.find(
      ({ object }) =>
        releaseHomeOf(object) === home || (homeOf(object.key) === home && isRunning(object.key, object.body)),
    ) ?? null;
  const none = stopsOf(given, (held, was) => {
    if (held.by?.fixed || !isNone(held) || (was && isNone(was))) return [];
    const { namespace, key } = held.object;
    const home = homeOf(key);
    given.after.search([namespace]);
    if (!users.has(home)) users.set(home, findUser(home));
    const user = users.get(home);
    if (!user) return [];
    return {
      path: ["spec", "hard"],
      what: `lets no pod be started in namespace ${namespace} any more, those of ${printKey(user.object.key)} among them`,
      why: "Pods that run go on; none is started any more, and Flux reports no error.",
      next: "Raise the number, or take the quota out.",
    };
  });
  return [...none, ...findTooFew(given, change)];
}

/** A number of pods below what Git runs there for certain. Where the quota stays as it is, the workload is named that asks for more. */
function findTooFew(given: Given, change: ClusterChange): Stopped[] {
  const { before, after } = given;
  const isMore = (held: Held) => {
    const was = before.objects.get(held.object.key);
    return held.by?.fixed === false && countPods(held) > (was ? countPods(was) : 0);
  };
  // The quota of a workload mostly lies elsewhere.
  if (after.all.some(isMore)) for (const world of [before, after]) world.search(["ResourceQuota"]);
  const quotas = after.all.filter((held) => !held.object.ignored && !held.by?.spec.suspend && (countOf(held) ?? 0) > 0);
  if (quotas.length === 0) return [];
  for (const world of [before, after]) world.search(quotas.map(({ object }) => object.namespace));
  const operatorPods = once(() => listOperatorPods(given, change));
  const scaled = listScaled([...before.all, ...after.all]);
  const podsOf = (held: Held) => {
    const { key, kind, name } = held.object;
    return Math.min(countPods(held), scaled.get(placeOf(homeOf(key), kind, name)) ?? Number.POSITIVE_INFINITY);
  };
  const [old, now] = [before, after].map((world) =>
    groupBy(
      world.all.filter((held) => podsOf(held) > 0),
      ({ object }) => homeOf(object.key),
    ),
  );
  const sum = (all: readonly Held[] | undefined) => (all ?? []).reduce((pods, held) => pods + podsOf(held), 0);
  const runs = new Map<string, { pods: number; podsBefore: number; more: Held | undefined }>();
  const count = (home: string) => ({
    pods: sum(now!.get(home)),
    podsBefore: sum(old!.get(home)),
    more: now!.get(home)?.find((one) => {
      const earlier = before.objects.get(one.object.key);
      return podsOf(one) > (earlier ? podsOf(earlier) : 0);
    }),
  });
  return quotas.flatMap((held): Stopped[] => {
    const { namespace, key } = held.object;
    const [limit, was] = [countOf(held)!, before.objects.get(key)];
    const limitBefore = was && countOf(was);
    const home = homeOf(key);
    const counted = getOrMake(runs, home, () => count(home));
    const { more } = counted;
    // The operator is one more; of its release that is not asked where there is room for it.
    const isTight = counted.pods >= limit && limit !== limitBefore;
    const operators = isTight ? operatorPods() : { before: [], after: [] };
    const here = (list: readonly OperatorPod[]) => list.filter((one) => one.home === home).length;
    const [pods, podsBefore] = [counted.pods + here(operators.after), counted.podsBefore + here(operators.before)];
    if (pods <= limit || (limitBefore !== undefined && podsBefore > limitBefore)) return [];
    const says = `${limit} ${limit === 1 ? "pod" : "pods"} in namespace ${namespace}, and Git runs at least ${pods} there`;
    return limit === limitBefore && more
      ? [
          {
            held: more,
            path: ["spec"],
            what: `runs more pods than may be: ${printKey(key)} takes ${says}`,
            ...sayMany(more),
          },
        ]
      : [{ held, path: ["spec", "hard"], what: `takes ${says}`, ...sayMany(held) }];
  });
}

const sayMany = (held: Held): Pick<Stop, "rule" | "why" | "next"> => ({
  ...(isPod(held) ? { rule: "object-refused" } : {}),
  why: isPod(held)
    ? REFUSED_AT_ONCE
    : "Those above the number are not started, nor is any pod anew that has to be; Flux reports no error.",
  next: "Raise the number, or run fewer pods.",
});

const placeOf = (...parts: readonly [home: string, kind: string, name: string]): string => parts.join(" ");

/** What scales other workloads, each with the fewest pods that it goes down to by its spec: KEDA to none by default. */
const SCALERS: Readonly<Record<string, (spec: YamlData) => unknown>> = {
  "keda.sh|ScaledObject": ({ minReplicaCount }) => minReplicaCount ?? 0,
  "autoscaling|HorizontalPodAutoscaler": ({ minReplicas }) => minReplicas ?? 1,
};

/** The fewest pods of what a scaler decides about, whatever its replicas say. */
function listScaled(all: readonly Held[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { object } of all) {
    const spec: YamlData = object.body?.spec ?? {};
    const { kind, name }: YamlData = spec.scaleTargetRef ?? {};
    const readLeast = ofOwn(SCALERS, groupKindOf(object.key));
    if (!readLeast || typeof name !== "string") continue;
    const place = placeOf(homeOf(object.key), kind ?? "Deployment", name);
    const least = readLeast(spec);
    found.set(place, Math.min(found.get(place) ?? Number.POSITIVE_INFINITY, typeof least === "number" ? least : 0));
  }
  return found;
}

/** Pods that a workload always runs, as far as Git says so: none for a DaemonSet or a Job, whose number hangs on others. */
function countPods(held: Held): number {
  const { key, body, ignored } = held.object;
  if (ignored || held.by?.spec.suspend || !askingPartOf(held)) return 0;
  if (isPod(held)) return 1;
  if (!REPLICATED.has(groupKindOf(key))) return 0;
  const { replicas = 1 } = body.spec;
  return typeof replicas === "number" ? replicas : 0;
}

const REPLICATED = new Set(["apps|Deployment", "apps|StatefulSet"]);

export function isRunning(key: ObjectKey, body: YamlData): boolean {
  return podOf(groupKindOf(key), body) !== undefined && body.spec?.replicas !== 0;
}
