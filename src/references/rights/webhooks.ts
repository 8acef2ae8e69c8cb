import { groupKindHere, keyOfObject } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import { perWorld } from "../../change/per-world.ts";
import type { World } from "../../change/world.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { operand, sh } from "../../contract/shell.ts";
import { isMap } from "../../yaml/is-map.ts";
import { findSelected, groupPods, type Pods } from "../network/idle-services.ts";
import { isSelected, labelsOfNamespace, says } from "../network/selectors.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";

const KINDS = /^admissionregistration\.k8s\.io\|(?:Validating|Mutating)WebhookConfiguration$/;

/**
 * Webhooks that this change brings and without whose answer the API server refuses what they are asked about: one that is asked
 * about its own pods as well, so that it never comes back once none of them runs, and one whose Service nothing makes.
 */
export function findDeadWebhooks({ before, after }: Given): Stopped[] {
  return stopsOf({ before, after }, (held, was) => {
    const { object, by } = held;
    if (!KINDS.test(groupKindHere(object.key)) || by?.fixed) return [];
    const known = new Map(webhooksOf(was?.object.body).map((one) => [one.name, one]));
    return webhooksOf(object.body).flatMap((one, index): Stop | [] => {
      if (!isNeeded(one) || isOpenText(JSON.stringify(one))) return [];
      const old = isNeeded(known.get(one.name)) ? known.get(one.name) : undefined;
      const path = ["webhooks", index];
      const catches = catchesItself(after, one);
      if (catches && !(old && catchesItself(before, old))) return { path, ...sayItself(one, catches) };
      const key = serviceOf(one);
      const isOld = old && serviceOf(old) === key;
      if (isOld || before.makes(key) || after.makes(key) || after.isNamed(key, object.key) || after.isOfRelease(key))
        return [];
      return { path: [...path, "clientConfig", "service"], ...sayAbsent(one) };
    });
  });
}

const webhooksOf = (body: YamlData): YamlData[] => itemsOf(body?.webhooks).filter(isMap);

/** It has a Service, and no answer is a no. */
function isNeeded(webhook: YamlData): boolean {
  const { name, namespace } = webhook?.clientConfig?.service ?? {};
  return typeof name === "string" && typeof namespace === "string" && (webhook.failurePolicy ?? "Fail") === "Fail";
}

const serviceOf = ({ clientConfig }: YamlData) =>
  keyOfObject({ apiVersion: "v1", kind: "Service", ...clientConfig.service });

/** Whether it is asked before a pod behind its own Service is made; `unseen` where these pods are not in Git. */
function catchesItself(world: World, webhook: YamlData): "seen" | "unseen" | undefined {
  const { namespace } = webhook.clientConfig.service;
  const isPlain = itemsOf(webhook.matchConditions).length === 0;
  if (!isPlain || !itemsOf(webhook.rules).some(isOfPods)) return undefined;
  if (!isSelected(webhook.namespaceSelector, labelsOfNamespace(world, namespace))) return undefined;
  const key = serviceOf(webhook);
  world.makes(key);
  const service = world.objects.get(key)?.object;
  if (service) world.search(Object.values(service.body?.spec?.selector ?? {}).map(String));
  const pods = service ? findSelected(service, podsOf(world)) : [];
  const isCaught = ({ labels }: Pods) => isSelected(webhook.objectSelector, { known: labels, isWhole: true });
  if (pods.length > 0) return pods.every(isCaught) ? "seen" : undefined;
  return Object.keys(webhook.objectSelector ?? {}).length === 0 ? "unseen" : undefined;
}

const podsOf = perWorld(groupPods);

function isOfPods({ apiGroups, resources, operations, scope }: YamlData): boolean {
  return (
    says(apiGroups, "", "*") &&
    says(resources, "*", "*/*", "pods") &&
    says(operations, "*", "CREATE") &&
    scope !== "Cluster"
  );
}

const REFUSES =
  "Where a webhook with failurePolicy Fail does not answer, the API server refuses what it is asked about.";

function sayItself({ name, clientConfig }: YamlData, catches: "seen" | "unseen") {
  const { namespace, name: service } = clientConfig.service;
  return {
    what: `has the webhook ${name}, which is asked about each new pod, those behind its own Service ${namespace}/${service} as well: once none of them runs, none can be made, and the API server refuses all that it is asked about`,
    why: REFUSES,
    next: "Leave its own namespace out with a namespaceSelector, or set failurePolicy: Ignore.",
    ...(catches === "unseen"
      ? { look: `look with ${sh`kubectl get endpoints ${operand(service)} -n ${namespace}`.line} what answers it` }
      : {}),
  };
}

function sayAbsent({ name, clientConfig }: YamlData) {
  const { namespace, name: service } = clientConfig.service;
  return {
    rule: "reference-missing" as const,
    what: `has the webhook ${name}, whose Service ${namespace}/${service} nothing in this repository makes: where it is not there, the API server refuses all that the webhook is asked about`,
    why: REFUSES,
    next: "Correct the name and the namespace of the Service, or add it first.",
    look: `look with ${sh`kubectl get service ${operand(service)} -n ${namespace}`.line} whether it is there`,
  };
}
