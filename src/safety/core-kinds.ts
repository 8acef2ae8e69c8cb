import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { checkPortNames } from "./core-pods.ts";
import { isOpenText } from "./open-text.ts";
import { podOf } from "./pods.ts";
import { isSchedule } from "./schedule.ts";
import type { Refusal } from "./types.ts";

/**
 * What the API server checks across the fields of a kind (`npm run e2e:kinds` tries it).
 * @param isWhole false where something that cannot be read may have set what is missing
 */
export function checkKind(groupKind: string, body: YamlData, isWhole: boolean): Refusal[] {
  if (groupKind === "|Service") return checkService(body.spec, isWhole);
  if (groupKind === "|PersistentVolumeClaim") return isWhole ? checkClaim(body.spec, ["spec"]) : [];
  if (groupKind === "apps|StatefulSet" && isWhole) {
    const claims = itemsOf(body.spec?.volumeClaimTemplates);
    return claims.flatMap((claim, index) => checkClaim(claim.spec, ["spec", "volumeClaimTemplates", index, "spec"]));
  }
  if (groupKind === "batch|CronJob" || groupKind === "batch|Job")
    return [
      ...checkSchedule(body.spec),
      ...checkTimeZone(body.spec),
      ...(isWhole ? checkRestart(groupKind, body) : []),
    ];
  if (/^rbac\.authorization\.k8s\.io\|(?:Cluster)?Role$/.test(groupKind)) return isWhole ? checkRules(body.rules) : [];
  if (groupKind === "autoscaling|HorizontalPodAutoscaler") return checkReplicas(body.spec);
  if (groupKind === "networking.k8s.io|Ingress") return checkIngress(body.spec);
  if (groupKind === "policy|PodDisruptionBudget") return checkBudget(body.spec);
  if (groupKind === "apiextensions.k8s.io|CustomResourceDefinition") return isWhole ? checkVersions(body.spec) : [];
  return [];
}

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

const NO_PATH = /\/\/|\/\.\.?(?:\/|$)|%2f/i;

/** Paths begin with a slash, and hosts are names in small letters (`ValidateIngressCreate` of Kubernetes). */
function checkIngress(spec: YamlData): Refusal[] {
  const rules = itemsOf(spec?.rules);
  return rules.flatMap(({ host, http }: YamlData, rule): Refusal[] => {
    const at = ["spec", "rules", rule];
    const paths = itemsOf(http?.paths).flatMap(({ path, pathType }: YamlData, index): Refusal[] => {
      if (typeof path !== "string" || isOpenText(`${path}${pathType}`)) return [];
      const isPlain = pathType === "Exact" || pathType === "Prefix";
      const isTaken = path === "" ? !isPlain : path.startsWith("/") && !(isPlain && NO_PATH.test(path));
      const what = path.startsWith("/") ? "holds what no path may" : "does not begin with a slash";
      return isTaken ? [] : [{ path: [...at, "http", "paths", index, "path"], what }];
    });
    const isHost = typeof host !== "string" || host === "" || isOpenText(host) || HOST.test(host);
    return isHost ? paths : [{ path: [...at, "host"], what: "is no name of a host" }, ...paths];
  });
}

const HOST = /^(?:\*\.)?[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

function checkBudget(spec: YamlData): Refusal[] {
  const { minAvailable: least, maxUnavailable: most } = isMap(spec) ? spec : {};
  return least == null || most == null
    ? []
    : [{ path: ["spec", "maxUnavailable"], what: "stands beside minAvailable" }];
}

function checkService(spec: YamlData, isWhole: boolean): Refusal[] {
  if (!isMap(spec) || isOpenText(spec.type)) return [];
  const { type, ports, clusterIP, externalName } = spec;
  const all = itemsOf(ports);
  const missing = (...path: Refusal["path"]) => [{ path: ["spec", ...path], what: "is missing" }];
  if (clusterIP === "None" && (type === "NodePort" || type === "LoadBalancer"))
    return [{ path: ["spec", "clusterIP"], what: `is None, which no Service of type ${type} may have` }];
  if (!isWhole) return [];
  if (type === "ExternalName") return externalName ? [] : missing("externalName");
  if (all.length === 0) return clusterIP === "None" || isOpenText(clusterIP) ? [] : missing("ports");
  if (all.length === 1) return [];
  const nameless = all.flatMap((port, index) => (port.name ? [] : missing("ports", index, "name")));
  return [...nameless, ...checkPortNames(ports, ["spec", "ports"])];
}

function checkClaim(spec: YamlData, path: Refusal["path"]): Refusal[] {
  const requests = spec?.resources?.requests;
  if (!isMap(requests) || requests.storage) return [];
  return [{ path: [...path, "resources", "requests", "storage"], what: "is missing" }];
}

function checkSchedule(spec: YamlData): Refusal[] {
  const schedule: unknown = spec?.schedule;
  if (typeof schedule !== "string" || schedule === "" || isOpenText(schedule) || isSchedule(schedule)) return [];
  return [{ path: ["spec", "schedule"], what: `is ${JSON.stringify(schedule)}, which is no schedule of five fields` }];
}

function checkTimeZone(spec: YamlData): Refusal[] {
  const zone: unknown = spec?.timeZone;
  if (typeof zone !== "string" || isOpenText(zone) || isTimeZone(zone)) return [];
  return [{ path: ["spec", "timeZone"], what: `is ${JSON.stringify(zone)}, which is no time zone` }];
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
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

function checkRules(rules: YamlData): Refusal[] {
  return itemsOf(rules).flatMap((rule, index) => {
    if (!isMap(rule) || itemsOf(rule.nonResourceURLs).length > 0) return [];
    const lacks = ["apiGroups", "resources"].filter((field) => itemsOf(rule[field]).length === 0);
    return lacks.map((field) => ({ path: ["rules", index, field], what: "is missing" }));
  });
}
