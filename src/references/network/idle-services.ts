import {
  groupKindHere,
  groupKindOf,
  homeOf,
  inCluster,
  isCustomGroup,
  type ObjectKey,
  printKey,
  splitKey,
} from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { podOf } from "../../admission/pods.ts";
import type { Given } from "../../change/given.ts";
import { remoteOf } from "../../change/kube-config.ts";
import { perWorld } from "../../change/per-world.ts";
import type { Reference } from "../../change/read.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { Held, World } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { valueAt, type YamlData } from "../../contract/objects.ts";
import { sh } from "../../contract/shell.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { Stopped } from "../stopped.ts";

/** Pods of one workload. */
export interface Pods {
  key: ObjectKey;
  labels: Readonly<Record<string, unknown>>;
  /** Their spec. */
  spec: YamlData;
}

/**
 * A Service that selects pods of the tree today and none afterwards, while what makes these stays: one of the two labels was
 * edited. Charts and operators make pods, too, so that in their namespaces somebody has to look.
 */
export function findIdleServices({ before, after }: Given): Stopped[] {
  // The pods and the Service mostly stand side by side, and need not.
  const lost = listLostLabels({ before, after });
  for (const world of [before, after]) world.search(lost);
  const services = after.all.filter(({ object, by }) => {
    const isService = object.kind === "Service" && object.key.startsWith("|");
    return isService && by && (!by.fixed || lost.length > 0) && !by.spec.suspend;
  });
  if (services.length === 0) return [];
  before.search(
    services.flatMap(({ object, by }) => {
      const was = by?.fixed ? undefined : before.objects.get(object.key)?.object;
      const selector = was && readSelector(was);
      const isKept = JSON.stringify(selector) === JSON.stringify(readSelector(object));
      return selector && !isKept ? Object.values(selector) : [];
    }),
  );
  const old = groupPods(before);
  const served = services.flatMap((held) => {
    const was = before.objects.get(held.object.key)?.object;
    const [first] = was ? findSelected(was, old) : [];
    return first && readSelector(held.object) ? [{ held, first }] : [];
  });
  after.search(served.flatMap(({ held }) => Object.values(readSelector(held.object)!)));
  const now = groupPods(after);
  const idle = served.filter(({ held, first }) => findSelected(held.object, now).length === 0 && after.has(first.key));
  after.search(idle.map(({ held }) => held.object.namespace));
  return idle.map(({ held, first }) => ({
    held,
    path: ["spec", "selector"],
    rule: "reference-breaks",
    what: `selects no pod any more: it selects those of ${printKey(first.key)} today, which do not have the labels ${printLabels(held.object)}`,
    why: "Flux applies it all the same, and whoever asks that Service gets no answer.",
    next: "Correct the selector, or the labels of the pods.",
    ...(hasOtherMakers(after, held.object.key) ? { look: lookAtPods(held.object) } : {}),
  }));
}

function lookAtPods({ key, namespace }: OwnedObject): string {
  const { line } = sh`kubectl get pods -n ${namespace} --show-labels`;
  return `compare the labels with what ${line} shows${splitKey(key).remote === "" ? "" : " in that cluster"}`;
}

/** Values of labels that pods have before and not after. */
function listLostLabels({ before, after }: Pick<Given, "before" | "after">): string[] {
  return after.all.flatMap((held) => {
    if (!held.by || held.by.fixed) return [];
    const now = readPods(held);
    const was = now && before.objects.get(held.object.key);
    const old = Object.entries((was && readPods(was)?.labels) ?? {});
    return old.flatMap(([name, value]) => (now?.labels[name] === value ? [] : [String(value)]));
  });
}

/** What makes pods, as far as it was read, with their labels, by namespace and cluster. */
export function groupPods(world: World): Map<string, Pods[]> {
  const all = world.all.flatMap((held) => readPods(held) ?? []);
  return groupBy(all, ({ key }) => homeOf(key));
}

function readPods({ object: { key, body } }: Held): Pods | undefined {
  const pod = podOf(groupKindOf(key), body);
  // The labels stand beside the spec.
  const labels: unknown = pod && valueAt(body, pod.path.slice(0, -1))?.metadata?.labels;
  return pod && isMap(labels) ? { key, labels, spec: pod.data } : undefined;
}

function readSelector({ body }: OwnedObject): Record<string, string> | undefined {
  const selector: unknown = body?.spec?.selector;
  if (!isMap(selector)) return undefined;
  const entries = Object.entries(selector);
  const isPlain = entries.length > 0 && entries.every(([, value]) => typeof value === "string" && !isOpenText(value));
  return isPlain ? Object.fromEntries(entries) : undefined;
}

/** The pods that a Service selects, of those in each namespace of each cluster. */
export function findSelected(service: OwnedObject, pods: ReadonlyMap<string, readonly Pods[]>): Pods[] {
  const wanted = Object.entries(readSelector(service) ?? {});
  if (wanted.length === 0) return [];
  const isMeant = ({ labels }: Pods) =>
    wanted.every(([name, value]) => labels[name] === value || isOpenText(labels[name]));
  return (pods.get(homeOf(service.key)) ?? []).filter(isMeant);
}

function printLabels(service: OwnedObject): string {
  return Object.entries(readSelector(service) ?? {})
    .map((one) => one.join(": "))
    .join(", ");
}

/** The Service that names the pods of a StatefulSet cannot be changed there, and one pod has no other to look for. */
export const isAlone = ({ object: { key, body } }: Held, { field }: Reference): boolean =>
  groupKindHere(key) === "apps|StatefulSet" && field === "spec.serviceName" && (body?.spec?.replicas ?? 1) === 1;

/** Whether charts or operators may make pods beside an object. */
export function hasOtherMakers(world: World, beside: ObjectKey): boolean {
  return homesOfMakers(world).has(homeOf(beside));
}

const homesOfMakers = perWorld(
  ({ all }) =>
    new Set(
      all.flatMap(({ object }) => {
        if (object.release) return releaseHomeOf(object) ?? [];
        return isCustomGroup(splitKey(object.key).group) ? homeOf(object.key) : [];
      }),
    ),
);

/** Where a release makes its objects, as `homeOf` says it. */
export function releaseHomeOf({ key, namespace, release, body }: OwnedObject): string | undefined {
  return release && inCluster(release.target, remoteOf(body?.spec, namespace) || splitKey(key).remote);
}
