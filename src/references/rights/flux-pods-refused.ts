import { groupKindOf, printKey, splitKey } from "../../admission/key.ts";
import { type Fit, fitsPattern } from "../../admission/kyverno-pattern.ts";
import { refusesPod } from "../../admission/pod-security.ts";
import type { Held, World } from "../../change/world.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { compileSegment } from "../../files/glob.ts";
import { isMap } from "../../yaml/is-map.ts";
import { isSelected, labelsOfNamespace, says } from "../network/selectors.ts";
import type { Stop } from "../stopped.ts";
import { LOOK_AT_POLICIES, mayMutate } from "./refused-pods.ts";
import { isDenying, isPolicy, isRefusing } from "./refusing-policies.ts";

/** A rule that refuses pods; what of it is worked out is a pattern or a level of pod security. */
interface PodRule {
  fits(pod: YamlData): Fit;
  /** By which the same rule is known again. */
  print: string;
}

/**
 * Rules of a policy that refuse what the pods of Flux are, or may be, and that its rules before did not: the controllers that run
 * go on until they are started anew, and with the next release of Flux nothing comes up. Errs towards none: what leaves a
 * namespace or a user out by anything that is not read here is taken to leave out Flux.
 */
export function refusesFluxPods(after: World, held: Held, was: Held | undefined, flux: string): Stop | undefined {
  const rules = listRules(after, held, flux);
  if (rules.length === 0) return undefined;
  const old = new Set((was ? listRules(after, was, flux) : []).map(({ print }) => print));
  const fresh = rules.filter(({ print }) => !old.has(print));
  const pods = listFluxPods(after, flux);
  if (fresh.length === 0 || pods.length === 0) return undefined;
  const found = fresh.flatMap((rule) => pods.map((one) => ({ ...one, fit: rule.fits(one.pod) })));
  const broken = found.find(({ fit }) => fit === "breaks");
  if (broken)
    return {
      path: ["spec"],
      what: `refuses the pods of ${printKey(broken.held.object.key)}, which are not as it wants them: what runs goes on, and no controller of Flux that it holds for is started any more`,
      why: "It holds for the namespace of Flux, too, and refuses instead of reporting.",
      next: `Leave the namespace ${flux} out of it (exclude, excludedNamespaces or matchConstraints).`,
      ...(mayMutate(after) ? { look: LOOK_AT_POLICIES } : {}),
    };
  if (!found.some(({ fit }) => fit === "open")) return undefined;
  return {
    path: ["spec"],
    what: `is asked about the pods of Flux, too, and refuses those that break it: whether they do is not worked out here, and no controller of Flux that breaks it would be started any more`,
    why: "",
    next: "",
    look: `look whether the controllers of Flux fulfil it, or leave the namespace ${flux} out of it`,
  };
}

/** The pods of the controllers of Flux, as far as Git or the operator says them. */
function listFluxPods(world: World, flux: string): { held: Held; pod: YamlData }[] {
  return world.all.flatMap((held) => {
    const { key, namespace, body } = held.object;
    if (namespace !== flux || groupKindOf(key) !== "apps|Deployment" || splitKey(key).remote !== "") return [];
    const template = body?.spec?.template;
    if (!/-controller$/.test(held.object.name) || !isMap(template?.spec)) return [];
    const whole = held.by ? template : fillIn(template, held.object.name);
    const metadata = { ...whole.metadata, namespace, name: held.object.name };
    return [{ held, pod: { apiVersion: "v1", kind: "Pod", metadata, spec: whole.spec } }];
  });
}

const PROBE = { httpGet: { port: "healthz" } };

/** What every release of Flux gives its containers, and what is not kept of them here as nothing else asks for it. */
const CONTAINER = {
  imagePullPolicy: "IfNotPresent",
  livenessProbe: PROBE,
  readinessProbe: PROBE,
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" },
  },
};
const UNKNOWN = "${}";
const LABELS = ["component", "instance", "version"].map((one) => [`app.kubernetes.io/${one}`, UNKNOWN]);

/** Pods that the operator makes, with what is known of all of them; where their images lie is not. */
function fillIn({ metadata, spec }: YamlData, name: string): YamlData {
  const image = `${UNKNOWN}/${name}:v1.0.0`;
  return {
    metadata: { ...metadata, labels: { ...Object.fromEntries(LABELS), ...metadata?.labels } },
    spec: {
      nodeSelector: { "kubernetes.io/os": "linux" },
      securityContext: { fsGroup: 1337 },
      ...spec,
      containers: itemsOf(spec.containers).map((one) => ({ ...CONTAINER, image, ...one })),
    },
  };
}

function listRules(world: World, held: Held, flux: string): PodRule[] {
  const spec: YamlData = held.object.body?.spec;
  const { group, kind, namespace } = splitKey(held.object.key);
  if (!isMap(spec)) return [];
  if (group === "kyverno.io" && (kind === "ClusterPolicy" || (kind === "Policy" && namespace === flux)))
    return isLeftOut(world, flux, "kyverno.io") ? [] : listKyverno(world, spec, flux);
  if (group === "constraints.gatekeeper.sh")
    return (spec.enforcementAction ?? "deny") === "deny" &&
      isAboutPods(spec.match, flux) &&
      !isLeftOut(world, flux, "gatekeeper.sh")
      ? [{ fits: () => "open", print: JSON.stringify([spec.match, spec.parameters]) }]
      : [];
  if (!isPolicy(held) || isRefusing(world, held.object.name)) return [];
  world.search([held.object.name]);
  const isBound = world.all.some(
    (one) =>
      isDenying(one) && one.object.body?.spec?.policyName === held.object.name && !one.object.body.spec.matchResources,
  );
  return isBound ? listValidations(world, spec, flux) : [];
}

/** Whether a policy of the API server holds for pods in the namespace of Flux, and what it asks of them. */
function listValidations(world: World, spec: YamlData, flux: string): PodRule[] {
  const { matchConstraints, matchConditions, validations } = spec;
  const { namespaceSelector, objectSelector, excludeResourceRules, resourceRules } = matchConstraints ?? {};
  const isNarrow =
    itemsOf(matchConditions).length > 0 ||
    itemsOf(excludeResourceRules).length > 0 ||
    (isMap(objectSelector) && Object.keys(objectSelector).length > 0) ||
    (isMap(namespaceSelector) && !isSelected(namespaceSelector, labelsOfNamespace(world, flux)));
  const isHere = itemsOf(resourceRules).some(
    ({ apiGroups, resources, operations }) =>
      says(operations, "*", "CREATE") &&
      ((says(apiGroups, "", "*") && says(resources, "pods", "*", "*/*")) ||
        (says(apiGroups, "apps", "*") && says(resources, "deployments", "replicasets", "*", "*/*"))),
  );
  if (isNarrow || !isHere) return [];
  return itemsOf(validations)
    .map(({ expression }) => String(expression).trim())
    .filter((expression) => expression !== "true")
    .map((print) => ({ fits: () => (print === "false" ? "breaks" : "open"), print }));
}

/** `match` of a constraint of Gatekeeper. */
function isAboutPods(match: YamlData, flux: string): boolean {
  if (!isMap(match) || match.namespaceSelector || match.labelSelector || match.name) return false;
  const isOf = (list: unknown) => itemsOf(list).some((one) => compileSegment(String(one))(flux));
  if (isOf(match.excludedNamespaces) || (itemsOf(match.namespaces).length > 0 && !isOf(match.namespaces))) return false;
  return itemsOf(match.kinds).some(({ kinds, apiGroups }) => says(kinds, "Pod") && says(apiGroups, "", "*"));
}

/** Whether the engine is told to leave that namespace alone: by the values of its chart, or by its own settings. */
function isLeftOut(world: World, flux: string, group: string): boolean {
  const [engine = ""] = group.split(".");
  world.search([engine, "Config"]);
  return world.all.some(({ object: { release, kind, name, key, body } }) => {
    const isEngine = release ? name.includes(engine) : kind === "ConfigMap" && name.includes(engine);
    const isConfig = splitKey(key).group.endsWith(group) && kind === "Config";
    return (isEngine || isConfig) && JSON.stringify(body ?? null).includes(flux);
  });
}

function listKyverno(world: World, spec: YamlData, flux: string): PodRule[] {
  const whole = String(spec.validationFailureAction ?? "Audit");
  if (itemsOf(spec.validationFailureActionOverrides).length > 0) return [];
  return itemsOf(spec.rules).flatMap(({ match, exclude, preconditions, celPreconditions, validate }): PodRule[] => {
    if (!isMap(validate) || String(validate.failureAction ?? whole).toLowerCase() !== "enforce") return [];
    if (celPreconditions || (isMap(preconditions) && !isOfOperation(preconditions)) || Array.isArray(preconditions))
      return [];
    if (itemsOf(validate.failureActionOverrides).length > 0 || excludes(world, exclude, flux)) return [];
    const any = [match, ...itemsOf(match?.any)];
    if (itemsOf(match?.all).length > 0 || !any.some((one) => isMatched(world, one, flux))) return [];
    const { message, failureAction, ...asks } = validate;
    return [{ print: JSON.stringify(asks), fits: (pod) => fitsRule(asks, pod) }];
  });
}

/** `request.operation` alone, by which policies leave out deletions. */
const isOfOperation = (preconditions: YamlData): boolean =>
  [...itemsOf(preconditions.all), ...itemsOf(preconditions.any)].every(({ key }) =>
    /^\{\{\s*request\.operation\b/.test(String(key)),
  );

function fitsRule({ pattern, anyPattern, podSecurity }: YamlData, pod: YamlData): Fit {
  if (isMap(pattern)) return fitsPattern(pattern, pod);
  if (Array.isArray(anyPattern)) {
    const fits = anyPattern.map((one) => fitsPattern(one, pod));
    if (fits.some((one) => one === "fits" || one === "skips")) return "fits";
    return fits.includes("open") ? "open" : "breaks";
  }
  if (!isMap(podSecurity)) return "open";
  if (refusesPod(podSecurity.level, pod.spec) === undefined) return "fits";
  return itemsOf(podSecurity.exclude).length > 0 ? "open" : "breaks";
}

/** Fields by which it leaves out more than can be read: that may be Flux. */
const NARROW = ["selector", "names", "name", "annotations"];

/** Whether one entry of `match` takes all pods of the namespace of Flux. */
function isMatched(world: World, entry: YamlData, flux: string): boolean {
  const { resources, subjects, roles, clusterRoles } = entry ?? {};
  if (!isMap(resources) || [subjects, roles, clusterRoles, ...NARROW.map((one) => resources[one])].some(Boolean))
    return false;
  const { kinds, namespaces, namespaceSelector, operations } = resources;
  const kindsSaid = itemsOf(kinds).map((one) => String(one).split("/").at(-1));
  const isHere =
    itemsOf(namespaces).length === 0 || itemsOf(namespaces).some((one) => compileSegment(String(one))(flux));
  const isMeant = !isMap(namespaceSelector) || isSelected(namespaceSelector, labelsOfNamespace(world, flux));
  const isAsked = operations === undefined || says(operations, "CREATE");
  return isHere && isMeant && isAsked && says(kindsSaid, "Pod", "*");
}

/** Errs towards yes: any entry that may be about Flux. */
function excludes(world: World, exclude: YamlData, flux: string): boolean {
  return [exclude, ...itemsOf(exclude?.any), ...itemsOf(exclude?.all)].filter(isMap).some((entry: YamlData) => {
    const { any, all, resources, ...others } = entry;
    if (Object.keys(others).length > 0) return true;
    if (!isMap(resources)) return false;
    const { namespaces, namespaceSelector, kinds: _, ...rest } = resources;
    if (Object.keys(rest).length > 0) return true;
    if (isMap(namespaceSelector)) return !isOutOf(world, namespaceSelector, flux);
    return itemsOf(namespaces).some((one) => compileSegment(String(one))(flux));
  });
}

/** Whether a selector does not take the namespace of Flux for certain. */
function isOutOf(world: World, selector: YamlData, flux: string): boolean {
  const labels = labelsOfNamespace(world, flux);
  return labels.isWhole && !isSelected(selector, labels);
}
