import { itemsOf, valueAt, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { checkAddresses, checkIngress, checkPolicy, checkTypeFields } from "./core-network.ts";
import { checkPortNames } from "./core-pods.ts";
import { checkLimits, checkPriority, checkQuota, checkScaling, checkStorageClass } from "./core-policies.ts";
import { checkApiService, checkWebhooks } from "./core-registration.ts";
import { checkLabels } from "./metadata.ts";
import { isPlainName } from "./names.ts";
import { isOpenText } from "./open-text.ts";
import { podOf } from "./pods.ts";
import { parseQuantity } from "./quantity.ts";
import type { Refusal } from "./refusal.ts";
import { show } from "./refused-words.ts";
import { isSchedule } from "./schedule.ts";

const RBAC = "rbac.authorization.k8s.io";

/**
 * What the API server checks across the fields of a kind (`npm run e2e:kinds` tries it).
 * @param isWhole false where something that cannot be read may have set what is missing
 */
export function checkKind(groupKind: string, body: YamlData, isWhole: boolean): Refusal[] {
  if (groupKind === "|Service")
    return [...checkLabels(body.spec?.selector, ["spec", "selector"]), ...checkService(body.spec, isWhole)];
  if (groupKind === "|PersistentVolumeClaim") return checkClaim(body.spec, ["spec"], isWhole);
  if (groupKind === "apps|StatefulSet") {
    const claims = itemsOf(body.spec?.volumeClaimTemplates);
    return claims.flatMap((claim, index) =>
      checkClaim(claim.spec, ["spec", "volumeClaimTemplates", index, "spec"], isWhole),
    );
  }
  if (groupKind === "batch|CronJob" || groupKind === "batch|Job")
    return [
      ...checkSchedule(body.spec),
      ...checkTimeZone(body.spec),
      ...(isWhole ? [...checkRestart(groupKind, body), ...checkIndexed(groupKind, body)] : []),
    ];
  if (groupKind === `${RBAC}|Role`) return checkRules(body.rules, isWhole, true);
  if (groupKind === `${RBAC}|ClusterRole`) return checkRules(body.rules, isWhole, false);
  if (groupKind === `${RBAC}|RoleBinding`) return checkSubjects(body.subjects, false);
  if (groupKind === `${RBAC}|ClusterRoleBinding`) return checkSubjects(body.subjects, isWhole);
  if (groupKind === "apps|Deployment" && isWhole)
    return [...checkRollout(body.spec?.strategy, ["spec", "strategy"], "25%"), ...checkDeadline(body.spec)];
  if (groupKind === "apps|DaemonSet" && isWhole)
    return checkRollout(body.spec?.updateStrategy, ["spec", "updateStrategy"], 0);
  if (groupKind === "networking.k8s.io|NetworkPolicy") return isWhole ? checkPolicy(body.spec) : [];
  if (groupKind === "autoscaling|HorizontalPodAutoscaler")
    return [...checkReplicas(body.spec), ...(isWhole ? checkScaling(body) : [])];
  if (/^admissionregistration\.k8s\.io\|(?:Validating|Mutating)WebhookConfiguration$/.test(groupKind))
    return checkWebhooks(body.webhooks, isWhole);
  if (groupKind === "apiregistration.k8s.io|APIService") return checkApiService(body);
  if (groupKind === "|LimitRange") return checkLimits(body.spec, isWhole);
  if (groupKind === "|ResourceQuota") return checkQuota(body.spec);
  if (groupKind === "scheduling.k8s.io|PriorityClass") return checkPriority(body);
  if (groupKind === "storage.k8s.io|StorageClass") return checkStorageClass(body);
  if (groupKind === "networking.k8s.io|Ingress") return checkIngress(body.spec, isWhole);
  if (groupKind === "policy|PodDisruptionBudget") return checkBudget(body.spec);
  if (groupKind === "apiextensions.k8s.io|CustomResourceDefinition") return isWhole ? checkVersions(body.spec) : [];
  return [];
}

const ROLLING = "RollingUpdate";

/** Objects are stored in one version. */
function checkVersions(spec: YamlData): Refusal[] {
  const versions = itemsOf(spec?.versions);
  const stored = versions.filter((version) => version.storage === true).length;
  if (versions.length === 0 || stored === 1) return [];
  const what = stored === 0 ? "has no version with storage: true" : `has ${stored} versions with storage: true`;
  return [{ path: ["spec", "versions"], what: `${what}, and one is to have it` }];
}

function checkReplicas(spec: YamlData): Refusal[] {
  const { minReplicas: least, maxReplicas: most } = isMap(spec) ? spec : {};
  if (!(typeof least === "number" && typeof most === "number" && least > most)) return [];
  return [{ path: ["spec", "minReplicas"], what: `is more than maxReplicas, ${most}` }];
}

function checkBudget(spec: YamlData): Refusal[] {
  const { minAvailable: least, maxUnavailable: most } = isMap(spec) ? spec : {};
  if (least != null && most != null) return [{ path: ["spec", "maxUnavailable"], what: "stands beside minAvailable" }];
  return Object.entries({ minAvailable: least, maxUnavailable: most }).flatMap(([field, value]) =>
    typeof value === "string" && /^\d+%$/.test(value) && Number.parseInt(value, 10) > 100
      ? [{ path: ["spec", field], what: `is ${show(value)}, which is more than all` }]
      : [],
  );
}

function checkService(spec: YamlData, isWhole: boolean): Refusal[] {
  if (!isMap(spec) || isOpenText(spec.type)) return [];
  const { type, ports, clusterIP, externalName } = spec;
  const all = itemsOf(ports);
  const missing = (...path: Refusal["path"]) => [{ path: ["spec", ...path], what: "is missing" }];
  if (clusterIP === "None" && (type === "NodePort" || type === "LoadBalancer"))
    return [{ path: ["spec", "clusterIP"], what: `is None, which no Service of type ${type} may have` }];
  const strange = checkAddresses(spec, type);
  if (strange.length > 0) return strange;
  if (!isWhole) return [];
  const barred = checkTypeFields(spec, type);
  if (barred.length > 0) return barred;
  if (type === "ExternalName") return externalName ? checkExternal(externalName) : missing("externalName");
  if (all.length === 0) return clusterIP === "None" || [clusterIP, ports].some(isOpenText) ? [] : missing("ports");
  if (all.length === 1) return [];
  const nameless = all.flatMap((port, index) => (port.name || isOpenText(port) ? [] : missing("ports", index, "name")));
  return [...nameless, ...checkPortNames(ports, ["spec", "ports"])];
}

/** With a dot at its end or without. */
function checkExternal(name: unknown): Refusal[] {
  if (typeof name !== "string" || isOpenText(name) || isPlainName(name.replace(/\.$/, ""))) return [];
  return [{ path: ["spec", "externalName"], what: `is ${show(name)}, which is no name of a host` }];
}

function checkClaim(spec: YamlData, path: Refusal["path"], isWhole: boolean): Refusal[] {
  const { resources, accessModes, dataSource, dataSourceRef } = isMap(spec) ? spec : {};
  const found: Refusal[] = [];
  const storage: unknown = resources?.requests?.storage;
  const place = [...path, "resources", "requests", "storage"];
  if (isWhole && isMap(resources?.requests) && (storage ?? "") === "") found.push({ path: place, what: "is missing" });
  else if (parseQuantity(storage) === 0) found.push({ path: place, what: "is 0" });
  const modes = itemsOf(accessModes);
  if (modes.includes("ReadWriteOncePod") && modes.some((mode) => mode !== "ReadWriteOncePod" && !isOpenText(mode)))
    found.push({ path: [...path, "accessModes"], what: "has other modes beside ReadWriteOncePod" });
  for (const [field, source] of Object.entries({ dataSource, dataSourceRef })) {
    const { kind, apiGroup } = isMap(source) ? source : {};
    if (isWhole && typeof kind === "string" && kind !== CLAIM && !isOpenText(kind) && (apiGroup ?? "") === "")
      found.push({ path: [...path, field, "apiGroup"], what: `is missing, and no ${kind} is without one` });
  }
  return found;
}

const CLAIM = "PersistentVolumeClaim";

function checkSchedule(spec: YamlData): Refusal[] {
  const schedule: unknown = spec?.schedule;
  if (typeof schedule !== "string" || schedule === "" || isOpenText(schedule) || isSchedule(schedule)) return [];
  return [{ path: ["spec", "schedule"], what: `is ${show(schedule)}, which is no schedule of five fields` }];
}

function checkTimeZone(spec: YamlData): Refusal[] {
  const zone: unknown = spec?.timeZone;
  if (typeof zone !== "string" || isOpenText(zone) || isTimeZone(zone)) return [];
  return [{ path: ["spec", "timeZone"], what: `is ${show(zone)}, which is no time zone` }];
}

/** Each part of a name of the time zone database begins with one; what stands for another name is told by nothing else. */
const CAPITALS = /^[A-Z][^/]*(?:\/[A-Z][^/]*)*$/;

/** Of Go, which wants the letters as they are (`europe/berlin` is none), and no offset. */
function isTimeZone(zone: string): boolean {
  try {
    const { timeZone: known } = new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions();
    // From node 22 on an offset (`+01:00`) counts as a zone.
    return CAPITALS.test(zone) && (zone === known || zone.toLowerCase() !== known.toLowerCase());
  } catch {
    return false;
  }
}

/** Pods of a Job end. */
function checkRestart(groupKind: string, body: YamlData): Refusal[] {
  const pod = podOf(groupKind, body);
  const policy: unknown = pod?.data.restartPolicy;
  if (!pod || policy === "OnFailure" || policy === "Never" || isOpenText(policy)) return [];
  return [{ path: [...pod.path, "restartPolicy"], what: "has to be OnFailure or Never" }];
}

function checkIndexed(groupKind: string, body: YamlData): Refusal[] {
  const path = groupKind === "batch|Job" ? ["spec"] : ["spec", "jobTemplate", "spec"];
  const { completionMode, completions } = valueAt(body, path) ?? {};
  if (completionMode !== "Indexed" || completions != null) return [];
  return [{ path: [...path, "completions"], what: "is missing, and completionMode is Indexed" }];
}

/** Ten minutes, where nothing is said. */
const DEADLINE = 600;

function checkDeadline(spec: YamlData): Refusal[] {
  const { minReadySeconds: ready, progressDeadlineSeconds } = isMap(spec) ? spec : {};
  const deadline: unknown = progressDeadlineSeconds ?? DEADLINE;
  if (!(typeof ready === "number" && typeof deadline === "number" && deadline <= ready)) return [];
  return [{ path: ["spec", "minReadySeconds"], what: `is no less than progressDeadlineSeconds, ${deadline}` }];
}

function checkRules(rules: YamlData, isWhole: boolean, isNamespaced: boolean): Refusal[] {
  return itemsOf(rules).flatMap((rule, index): Refusal[] => {
    if (!isMap(rule) || isOpenText(rule.nonResourceURLs)) return [];
    const at = ["rules", index];
    if (itemsOf(rule.nonResourceURLs).length > 0) {
      const path = [...at, "nonResourceURLs"];
      if (isNamespaced) return [{ path, what: "stands in a Role, which has none" }];
      const beside = ["apiGroups", "resources", "resourceNames"].find((field) => itemsOf(rule[field]).length > 0);
      return beside === undefined ? [] : [{ path, what: `stands beside ${beside}` }];
    }
    const lacks = ["apiGroups", "resources"].filter(
      (field) => itemsOf(rule[field]).length === 0 && !isOpenText(rule[field]),
    );
    return isWhole ? lacks.map((field) => ({ path: [...at, field], what: "is missing" })) : [];
  });
}

/** @param isAnywhere of a binding without a namespace: an account needs one then */
function checkSubjects(subjects: YamlData, isAnywhere: boolean): Refusal[] {
  return itemsOf(subjects).flatMap((subject, index): Refusal[] => {
    if (!isMap(subject) || isOpenText(subject.apiGroup)) return [];
    const at = ["subjects", index];
    const { kind, name, apiGroup } = subject;
    if (kind === "User" || kind === "Group")
      return ["", RBAC].includes(apiGroup ?? "") ? [] : [{ path: [...at, "apiGroup"], what: `has to be ${RBAC}` }];
    if (kind !== "ServiceAccount") return [];
    if (typeof name === "string" && name !== "" && !isOpenText(name) && !isPlainName(name))
      return [{ path: [...at, "name"], what: `is ${show(name)}, which is no name of one` }];
    if ((subject.apiGroup ?? "") !== "") return [{ path: [...at, "apiGroup"], what: "stands at a ServiceAccount" }];
    return isAnywhere && (subject.namespace ?? "") === "" ? [{ path: [...at, "namespace"], what: "is missing" }] : [];
  });
}

/** One of both has to let a rollout begin; of a DaemonSet that waits for its pods to be deleted nobody looks. @param surge by default */
function checkRollout(strategy: YamlData, path: Refusal["path"], surge: unknown): Refusal[] {
  const { type = ROLLING, rollingUpdate } = isMap(strategy) ? strategy : {};
  if (type === "Recreate" && isMap(rollingUpdate))
    return [{ path: [...path, "rollingUpdate"], what: "stands beside type Recreate" }];
  if (type !== ROLLING || !isMap(rollingUpdate)) return [];
  const { maxSurge = surge, maxUnavailable } = rollingUpdate;
  const isNone = [maxSurge, maxUnavailable].every((value) => value === 0 || /^0+%$/.test(String(value)));
  return isNone ? [{ path: [...path, "rollingUpdate", "maxUnavailable"], what: "is 0, and so is maxSurge" }] : [];
}
