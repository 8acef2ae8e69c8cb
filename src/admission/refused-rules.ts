import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { isOpenText } from "./open-text.ts";
import type { Refusal } from "./refusal.ts";

const has = (spec: YamlData, field: string): boolean => spec?.[field] !== undefined && spec[field] !== null;

/** Rules across fields that CRDs of Flux 2.9 write as CEL (`x-kubernetes-validations`), as far as slips break them. */
export function breakRules({ apiVersion, kind, metadata, spec }: YamlData, isWhole: boolean): Refusal[] {
  if (!isMap(spec)) return [];
  const [group] = String(apiVersion).split("/");
  const found: Refusal[] = [];
  const both = (one: string, other: string): boolean => has(spec, one) && has(spec, other);
  if (group === "helm.toolkit.fluxcd.io" && kind === "HelmRelease") {
    if (both("chart", "chartRef"))
      found.push({ path: ["spec", "chartRef"], what: "stands beside chart, and only one of both may" });
    else if (isWhole && !has(spec, "chart") && !has(spec, "chartRef"))
      found.push({ path: ["spec", "chart"], what: "is missing, and so is chartRef" });
    found.push(...findLostValues(spec), ...breakStrategies(spec));
  }
  if (group === "source.toolkit.fluxcd.io" && kind === "Bucket") found.push(...breakTokens(spec, isWhole));
  if (group === "image.toolkit.fluxcd.io" && kind === "ImagePolicy") found.push(...breakReflection(spec, isWhole));
  if (group === "notification.toolkit.fluxcd.io" && kind === "Provider") found.push(...breakStatus(spec));
  if (group === "fluxcd.controlplane.io" && kind === "FluxInstance")
    found.push(...breakName(metadata), ...breakInstanceRules(spec));
  if (group === "fluxcd.controlplane.io" && kind === "ResourceSet") found.push(...breakSetRules(spec, isWhole));
  const config = spec.kubeConfig;
  if (isWhole && isMap(config) && has(config, "secretRef") === has(config, "configMapRef"))
    found.push({ path: ["spec", "kubeConfig"], what: "has to name one Secret or one ConfigMap" });
  return found;
}

/** Only one of the two strategies waits between its attempts. */
function breakStrategies(spec: YamlData): Refusal[] {
  return ["install", "upgrade"].flatMap((action) => {
    const strategy = spec[action]?.strategy;
    if (!isMap(strategy) || !has(strategy, "retryInterval")) return [];
    const { name } = strategy;
    if (typeof name !== "string" || name === "RetryOnFailure" || isOpenText(name)) return [];
    const path = ["spec", action, "strategy", "retryInterval"];
    return [{ path, what: `stands beside ${name}, and only RetryOnFailure has one` }];
  });
}

/** `sts` of a Bucket, which only two providers have, each with its own. */
function breakTokens({ provider, sts }: YamlData, isWhole: boolean): Refusal[] {
  const own = provider ?? (isWhole ? "generic" : undefined);
  if (!isMap(sts) || typeof own !== "string" || isOpenText(own)) return [];
  const wanted = { aws: "aws", generic: "ldap" }[own];
  if (wanted === undefined) return [{ path: ["spec", "sts"], what: `stands beside provider ${own}, which takes none` }];
  if (typeof sts.provider !== "string" || isOpenText(sts.provider) || sts.provider === wanted) return [];
  return [{ path: ["spec", "sts", "provider"], what: `has to be ${wanted} for provider ${own}` }];
}

function breakReflection(spec: YamlData, isWhole: boolean): Refusal[] {
  const isAlways = spec.digestReflectionPolicy === "Always";
  if (isOpenText(spec.digestReflectionPolicy)) return [];
  if (has(spec, "interval") && !isAlways && isWhole)
    return [{ path: ["spec", "interval"], what: "stands there without digestReflectionPolicy: Always" }];
  return isAlways && isWhole && !has(spec, "interval")
    ? [{ path: ["spec", "interval"], what: "is missing beside digestReflectionPolicy: Always" }]
    : [];
}

const STATUS = ["github", "gitlab", "gitea", "bitbucketserver", "bitbucket", "azuredevops"];

function breakStatus({ type, commitStatusExpr }: YamlData): Refusal[] {
  if (typeof commitStatusExpr !== "string" || typeof type !== "string" || isOpenText(type)) return [];
  const what = `stands beside type ${type}, and only ${STATUS.join(", ")} have one`;
  return STATUS.includes(type) ? [] : [{ path: ["spec", "commitStatusExpr"], what }];
}

/** The CRD takes values of any type, and helm-controller leaves the error of reading them unsaid (`GetValues` of its API). */
function findLostValues({ values }: YamlData): Refusal[] {
  // What is filled into one line may become a map, and a block stays text.
  const isOpen = isOpenText(values) && !String(values).includes("\n");
  if ((values ?? "") === "" || isMap(values) || isOpen) return [];
  const type = Array.isArray(values) ? "a list" : typeof values === "string" ? "a text" : String(values);
  return [{ path: ["spec", "values"], what: `is ${type} and no map`, drops: "values" }];
}

/** The CRD of Flux Operator takes one name alone. */
function breakName(metadata: YamlData): Refusal[] {
  const { name } = metadata ?? {};
  if (typeof name !== "string" || name === "flux" || isOpenText(name)) return [];
  return [{ path: ["metadata", "name"], what: `is ${name}, and a FluxInstance may be called flux alone` }];
}

/** Rules of the CRD of Flux Operator (flux-facts 1.2). */
function breakInstanceRules({ sync, sharding, storage, cluster }: YamlData): Refusal[] {
  const found: Refusal[] = [];
  const { provider, kind } = sync ?? {};
  const isGit = kind === "GitRepository";
  if ((provider === "gcp" && isGit) || (provider === "github" && typeof kind === "string" && !isGit))
    found.push({ path: ["spec", "sync", "provider"], what: `is ${provider}, which a ${kind} does not have` });
  if (sharding?.storage === "persistent" && !storage)
    found.push({ path: ["spec", "sharding", "storage"], what: "is persistent, and spec.storage is missing" });
  if (cluster?.multitenantWorkloadIdentity === true && cluster.objectLevelWorkloadIdentity !== true)
    found.push({
      path: ["spec", "cluster", "multitenantWorkloadIdentity"],
      what: "is on, and objectLevelWorkloadIdentity is not",
    });
  return found;
}

/** Rules of the CRD of ResourceSets, but for what stops its build (`makeObjects`). */
function breakSetRules(spec: YamlData, isWhole: boolean): Refusal[] {
  const { steps, inputsFrom, inputStrategy, dependsOn } = spec;
  const makers = has(spec, "steps")
    ? itemsOf(steps).map((step, at) => ({ step, path: ["spec", "steps", at] }))
    : [{ step: spec, path: ["spec"] }];
  const found = makers.flatMap(({ step, path }): Refusal[] => {
    const isEmpty = isWhole && !has(step, "resources") && !has(step, "resourcesTemplate");
    return isEmpty ? [{ path: [...path, "resources"], what: "is missing, and so is resourcesTemplate" }] : [];
  });
  const names = itemsOf(steps).map((step) => step?.name);
  for (const [at, name] of names.entries())
    if (typeof name === "string" && !isOpenText(name) && names.indexOf(name) < at)
      found.push({ path: ["spec", "steps", at, "name"], what: `is ${name}, as another step is called` });
  for (const [at, reference] of itemsOf(inputsFrom).entries()) {
    const path = ["spec", "inputsFrom", at];
    if (has(reference, "name") && has(reference, "selector"))
      found.push({ path: [...path, "selector"], what: "stands beside name, and only one of both may" });
    else if (isWhole && !has(reference, "name") && !has(reference, "selector"))
      found.push({ path: [...path, "name"], what: "is missing, and so is selector" });
  }
  if (has(inputStrategy, "includeEmptyProviders") && inputStrategy.name === "Flatten")
    found.push({
      path: ["spec", "inputStrategy", "includeEmptyProviders"],
      what: "stands beside name Flatten, and only Permute has one",
    });
  for (const [at, dependency] of itemsOf(dependsOn).entries())
    if (has(dependency, "readyExpr") && !has(dependency, "ready"))
      found.push({
        path: ["spec", "dependsOn", at, "readyExpr"],
        what: "stands there without ready, as no Flux Operator from 0.59.0 on takes it",
        doubtful: true,
      });
  return found;
}
