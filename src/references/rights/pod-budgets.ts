import { homeOf, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { listContainers, type Part } from "../../admission/pods.ts";
import { parseQuantity } from "../../admission/quantity.ts";
import type { Given } from "../../change/given.ts";
import type { Held, World } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { likeMore } from "../../contract/list-some.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { sh } from "../../contract/shell.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Stopped } from "../stopped.ts";
import { isEdited, isPod, isRunning, LOOK_AT_POLICIES, mayMutate, podPartOf, REFUSED_AT_ONCE } from "./refused-pods.ts";

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

const isRange = ({ object: { key } }: Held): boolean => key.startsWith("|LimitRange|");
const isQuota = ({ object: { key } }: Held): boolean => key.startsWith("|ResourceQuota|");

/**
 * Pods in Git that a LimitRange or a ResourceQuota of their namespace lets nobody start: for what their containers ask, or do not
 * say (kubernetes plugin/pkg/admission/limitranger, pkg/quota/v1/evaluator/core/pods.go).
 */
export function findOverBudget({ before, after }: Given): Stopped[] {
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
  const [old, now] = [rangesOf(before), rangesOf(after)];
  const usersIn = groupBy(after.all.filter(isUser), ({ object }) => homeOf(object.key));
  const mutates = mayMutate(after);
  return budgets.flatMap((held): Stopped[] => {
    const { key } = held.object;
    const was = before.objects.get(key);
    const isOwnEdit = edited.has(held);
    const found = (usersIn.get(homeOf(key)) ?? []).flatMap((user) => {
      const [over] = listOver(held, user, now);
      const earlier = before.objects.get(user.object.key);
      const wasOver = was && earlier && isUser(earlier) && listOver(was, earlier, old).length > 0;
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

const print = (held: Held | undefined): string => JSON.stringify(held?.object.body?.spec ?? null);

/** The LimitRanges of a tree, by namespace and cluster. */
type Ranges = ReadonlyMap<string, readonly Held[]>;

const rangesOf = ({ all }: World): Ranges => groupBy(all.filter(isRange), ({ object }) => homeOf(object.key));

function isUser({ object, by }: Held): boolean {
  return !object.ignored && !by?.spec.suspend && isRunning(object.key, object.body);
}

function listOver(budget: Held, user: Held, ranges: Ranges): Over[] {
  const pod = podPartOf(user);
  const containers = listContainers(pod).map(({ data }) => data);
  // A variable may say anything.
  if (!pod || JSON.stringify(containers).includes("${")) return [];
  const { body, key } = budget.object;
  // Of what the release of Flux brings only the names are known.
  if (body === undefined) return [];
  return isRange(budget)
    ? listOutOfRange(body, containers)
    : listOverQuota(body, pod, ranges.get(homeOf(key)) ?? [], key);
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

function listOverQuota({ spec }: YamlData, pod: Part, ranges: readonly Held[], key: ObjectKey): Over[] {
  // A scope takes some pods alone.
  if (!isMap(spec?.hard) || spec.scopes !== undefined || spec.scopeSelector !== undefined) return [];
  const { namespace, remote } = splitKey(key);
  const isFilled = (resource: string) =>
    ranges.some(({ object }) =>
      itemsOf(object.body?.spec?.limits).some((item) =>
        ["default", "defaultRequest", "max", "min"].some((field) => item[field]?.[resource] !== undefined),
      ),
    );
  return Object.entries(spec.hard).flatMap(([name, said]): Over[] => {
    const [bound, resource] = Object.hasOwn(HARD, name) ? HARD[name]! : [];
    if (!bound || !resource) return [];
    const path = ["spec", "hard", name];
    const all = listContainers(pod).map(({ data }) => data);
    const silent = all.find((one) => amountOf(one, bound, resource) === undefined);
    if (silent && !pod.data.resources && !isFilled(resource))
      return [
        {
          path,
          says: `has a container ${silent.name} that says no ${bound}.${resource}, which the quota asks of each`,
          look: `look ${remote === "" ? "" : "in that cluster "}with ${sh`kubectl get limitrange -n ${namespace}`.line} whether one fills that in`,
        },
      ];
    const amounts = itemsOf(pod.data.containers).map((one) => parseQuantity(amountOf(one, bound, resource)) ?? 0);
    const [sum, limit] = [amounts.reduce((one, other) => one + other, 0), parseQuantity(said)];
    return limit !== undefined && sum > limit
      ? [{ path, says: `asks more than the ${said} of ${name} for one pod` }]
      : [];
  });
}
