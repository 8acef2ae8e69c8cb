import { homeOf, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { listContainers, type Part } from "../../admission/pods.ts";
import { parseQuantity } from "../../admission/quantity.ts";
import { readHard } from "../../admission/quota.ts";
import type { ClusterChange } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import type { Held, World } from "../../change/world.ts";
import { getOrMake, groupBy } from "../../contract/group-by.ts";
import { likeMore } from "../../contract/list-some.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { sh } from "../../contract/shell.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Stopped } from "../stopped.ts";
import { listOperatorPods, type OperatorPod } from "./operator-pods.ts";
import {
  askingPartOf,
  isEdited,
  isPod,
  isRunning,
  LOOK_AT_POLICIES,
  mayMutate,
  REFUSED_AT_ONCE,
} from "./refused-pods.ts";

type Bound = "requests" | "limits";

/** What of a pod a LimitRange or a ResourceQuota of its namespace does not take. */
interface Over {
  /** Of the LimitRange or ResourceQuota. */
  path: readonly (string | number)[];
  /** Of the pods. */
  says: string;
  /** Where something may fill in what they do not say. */
  look?: string;
}

const RANGE = "|LimitRange|";
const isRange = ({ object: { key } }: Held): boolean => key.startsWith(RANGE);
const isQuota = ({ object: { key } }: Held): boolean => key.startsWith("|ResourceQuota|");

/**
 * Pods in Git that a LimitRange or a ResourceQuota of their namespace lets nobody start: for what their containers ask, or do not
 * say (kubernetes plugin/pkg/admission/limitranger, pkg/quota/v1/evaluator/core/pods.go).
 */
export function findOverBudget(given: Given, change: ClusterChange): Stopped[] {
  const { before, after } = given;
  // What a namespace takes mostly lies elsewhere than an edited workload.
  if (after.all.some((held) => isEdited(before, held)))
    for (const world of [before, after]) world.search(["LimitRange", "ResourceQuota"]);
  const budgets = after.all.filter((held) => (isRange(held) || isQuota(held)) && !held.object.ignored);
  if (budgets.length === 0) return [];
  const edited = new Set(
    budgets.filter((held) => !held.by?.fixed && print(before.objects.get(held.object.key)) !== print(held)),
  );
  // That reads further objects, so it comes before any of them are listed.
  const namespaces = [...new Set([...edited].map(({ object }) => object.namespace))];
  if (namespaces.length > 0) for (const world of [before, after]) world.search(namespaces);
  const [old, now] = [fillsOf(before), fillsOf(after)];
  const plain = after.all.flatMap((held): User[] => {
    const asks = asksOf(held);
    const was = before.objects.get(held.object.key);
    return asks ? [{ held, home: homeOf(held.object.key), asks, was: was && asksOf(was) }] : [];
  });
  const usersIn = groupBy([...plain, ...(edited.size > 0 ? listOperatorUsers(given, change) : [])], ({ home }) => home);
  const mutates = mayMutate(after);
  return budgets.flatMap((held): Stopped[] => {
    const { key } = held.object;
    const was = before.objects.get(key);
    const isOwnEdit = edited.has(held);
    const [listOver, listOverBefore] = [budgetOf(held, now), was && budgetOf(was, old)];
    const found = (usersIn.get(homeOf(key)) ?? []).flatMap(({ held: user, asks, was: asked }) => {
      const [over] = listOver(asks);
      const wasOver = over && asked && listOverBefore && listOverBefore(asked).length > 0;
      return over && !wasOver ? [{ user, over }] : [];
    });
    const [first, ...rest] = found;
    if (!first) return [];
    const { user, over } = first;
    const doubt = ({ look }: Over) => (mutates ? { look: LOOK_AT_POLICIES } : look === undefined ? {} : { look });
    const who = printKey(isOwnEdit ? user.object.key : key);
    const why =
      "The API server takes the object, and refuses its pods; those that run go on, and Flux reports no error.";
    const next = "Change what the containers ask, or what their namespace takes.";
    if (!isOwnEdit)
      return found.map((one): Stopped => {
        const stop = { held: one.user, path: ["spec"], next, ...doubt(one.over) };
        const says = `it ${one.over.says}, which ${who} refuses`;
        return isPod(one.user)
          ? { ...stop, rule: "object-refused", what: `is refused by the API server: ${says}`, why: REFUSED_AT_ONCE }
          : { ...stop, what: `starts no pod from then on: ${says}`, why };
      });
    const what = `lets no pod of ${who} be started any more: it ${over.says}${likeMore(rest.length)}`;
    return [{ held, path: over.path, others: found.map((one) => one.user), what, why, next, ...doubt(over) }];
  });
}

/** Flux Operator, of whose pod its chart says what it asks. */
function listOperatorUsers(given: Given, change: ClusterChange): User[] {
  const { before, after } = listOperatorPods(given, change);
  const read = ({ spec }: OperatorPod) => asksOfPod({ data: spec, path: [] });
  return after.flatMap((pod): User[] => {
    const asks = read(pod);
    const was = before.find(({ held }) => held.object.key === pod.held.object.key);
    return asks ? [{ held: pod.held, home: pod.home, asks, was: was && read(was) }] : [];
  });
}

const print = (held: Held | undefined): string => JSON.stringify(held?.object.body?.spec ?? null);

/** The resources that the LimitRanges of a namespace fill in where containers do not say them, by namespace and cluster. */
type Fills = ReadonlyMap<string, ReadonlySet<string>>;

function fillsOf({ all }: World): Fills {
  const fills = new Map<string, Set<string>>();
  for (const { object } of all.filter(isRange)) {
    const filled = getOrMake(fills, homeOf(object.key), () => new Set<string>());
    for (const item of itemsOf(object.body?.spec?.limits))
      for (const field of ["default", "defaultRequest", "max", "min"])
        for (const resource of Object.keys(isMap(item[field]) ? item[field] : {})) filled.add(resource);
  }
  return fills;
}

/** What the pods of a workload ask of their namespace. */
interface Asks {
  containers: readonly YamlData[];
  /** For one pod: all that its containers ask, and the first of them that does not say it. */
  total(bound: Bound, resource: string): { sum: number; silent: string | undefined };
}

interface User {
  held: Held;
  /** The namespace of the pods, with the cluster that it is in. */
  home: string;
  asks: Asks;
  /** Before the change. */
  was: Asks | undefined;
}

/** Undefined for what starts no pods, and where a variable may say anything. */
function asksOf(held: Held): Asks | undefined {
  const { object, by } = held;
  const pod = askingPartOf(held);
  if (!pod || object.ignored || by?.spec.suspend || !isRunning(object.key, object.body)) return undefined;
  return asksOfPod(pod);
}

function asksOfPod(pod: Part): Asks | undefined {
  const containers = listContainers(pod).map(({ data }) => data);
  if (JSON.stringify(containers).includes("${")) return undefined;
  const totals = new Map<string, ReturnType<Asks["total"]>>();
  const add = (bound: Bound, resource: string) => {
    const silent = containers.find((one) => amountOf(one, bound, resource) === undefined);
    const amounts = itemsOf(pod.data.containers).map((one) => parseQuantity(amountOf(one, bound, resource)) ?? 0);
    const sum = amounts.reduce((one, other) => one + other, 0);
    return { sum, silent: silent && !pod.data.resources ? String(silent.name) : undefined };
  };
  const total: Asks["total"] = (bound, resource) =>
    getOrMake(totals, `${bound}.${resource}`, () => add(bound, resource));
  return { containers, total };
}

/** Tells what a LimitRange or a ResourceQuota does not take of pods; what is in it is read once, however many ask. */
function budgetOf({ object: { key, body } }: Held, fills: Fills): (asks: Asks) => Over[] {
  // Of what the release of Flux brings only the names are known.
  if (body === undefined) return () => [];
  if (key.startsWith(RANGE)) return ({ containers }) => listOutOfRange(body, containers);
  return quotaOf(body, fills.get(homeOf(key)), key);
}

/** What a container says of a resource: a request that it does not say is its limit. */
function amountOf(container: YamlData, bound: Bound, resource: string): unknown {
  const { requests, limits } = container?.resources ?? {};
  return bound === "requests" ? (requests?.[resource] ?? limits?.[resource]) : limits?.[resource];
}

function listOutOfRange(body: YamlData, containers: readonly YamlData[]): Over[] {
  return itemsOf(body?.spec?.limits).flatMap((item, at): Over[] => {
    if (item.type !== "Container") return [];
    const bounds: [field: string, bound: Bound, word: string, isOut: (one: number, limit: number) => boolean][] = [
      ["max", "limits", "more", (one, limit) => one > limit],
      ["max", "requests", "more", (one, limit) => one > limit],
      ["min", "requests", "less", (one, limit) => one < limit],
    ];
    return bounds.flatMap(([field, bound, word, isOut]) =>
      Object.entries(isMap(item[field]) ? item[field] : {}).flatMap(([resource, said]): Over[] => {
        const limit = parseQuantity(said);
        const one = containers.find((container) => {
          const amount = parseQuantity(amountOf(container, bound, resource));
          return amount !== undefined && limit !== undefined && isOut(amount, limit);
        });
        if (!one) return [];
        const says = `has a container ${one.name} with ${bound}.${resource} ${amountOf(one, bound, resource)}, ${word} than ${said}`;
        return [{ path: ["spec", "limits", at, field, resource], says }];
      }),
    );
  });
}

/** By the name in `hard`; that without a prefix is a request. */
const HARD: Readonly<Record<string, [Bound, string]>> = {
  ...{ cpu: ["requests", "cpu"], "requests.cpu": ["requests", "cpu"], "limits.cpu": ["limits", "cpu"] },
  ...{ memory: ["requests", "memory"], "requests.memory": ["requests", "memory"] },
  "limits.memory": ["limits", "memory"],
};

function quotaOf({ spec }: YamlData, filled: ReadonlySet<string> | undefined, key: ObjectKey): (asks: Asks) => Over[] {
  const hard = readHard(spec);
  if (!hard) return () => [];
  const { namespace, remote } = splitKey(key);
  const look = `look ${remote === "" ? "" : "in that cluster "}with ${sh`kubectl get limitrange -n ${namespace}`.line} whether one fills that in`;
  const bounds = Object.entries(hard).flatMap(([name, said]) => {
    const bound = ofOwn(HARD, name);
    return bound ? [{ name, said, limit: parseQuantity(said), bound }] : [];
  });
  return ({ total }) =>
    bounds.flatMap(({ name, said, limit, bound: [bound, resource] }): Over[] => {
      const path = ["spec", "hard", name];
      const { sum, silent } = total(bound, resource);
      if (silent !== undefined && !filled?.has(resource)) {
        const says = `has a container ${silent} that says no ${bound}.${resource}, which the quota asks of each`;
        return [{ path, says, look }];
      }
      return limit !== undefined && sum > limit
        ? [{ path, says: `asks more than the ${said} of ${name} for one pod` }]
        : [];
    });
}
