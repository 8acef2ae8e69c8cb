import { type ObjectKey, splitKey } from "../admission/key.ts";
import type { YamlData } from "../contract/objects.ts";
import { groupOf, isFluxKustomization } from "../delivery/kinds.ts";
import { type DeliveredObject, isNamespacedBuiltin } from "../delivery/kustomize/index.ts";
import { isNeverApplied, isSkipped } from "./exclusions.ts";
import type { Build, FluxSpec, OwnedObject } from "./types.ts";

/**
 * Whether the API server refuses something of a build because a variable stands in its name and nothing is filled in: without
 * `postBuild` Flux applies `${APP}` as it is written. All is tried before anything is applied, and what fails prunes nothing
 * (flux-facts 2.4 item 1). So it is with the old spec beside new files that take a variable of the new one.
 */
export function isRefused(spec: FluxSpec, makeBuild: () => Build): boolean {
  if (mayFill(spec)) return false;
  const build = makeBuild();
  return build.ok && [...build.objects.values()].some(hasLiteralName);
}

/** Whether something fills in variables in what a FluxKustomization applies, as far as that can be told. */
export function mayFill({ own, unseen, data }: FluxSpec): boolean {
  return Boolean(own) || unseen === true || !data.isLocal || data.spec.postBuild !== undefined;
}

/** Whether variables of an object may have been filled in before, so that the loss of postBuild tells what becomes of them. */
export function wasFilled(was: { by?: { spec: FluxSpec } | undefined } | undefined): boolean {
  return was?.by !== undefined && mayFill(was.by.spec);
}

/** Whether a variable in what it applies counts as the text that it is; an artifact may be filled in before it is published. */
export function isLiteral(spec: FluxSpec): boolean {
  return !mayFill(spec) && spec.source.startsWith("GitRepository/");
}

export function hasLiteralName({ key, body, isPart }: OwnedObject): boolean {
  const metadata: YamlData = body?.metadata;
  if (isPart || !/\$\{/.test(`${metadata?.name} ${metadata?.namespace}`)) return false;
  return !isNamedFreely(key) && !isSkipped(metadata, undefined);
}

/** Names of roles and bindings may hold anything but slashes. */
export function isNamedFreely(key: ObjectKey): boolean {
  return splitKey(key).group === "rbac.authorization.k8s.io";
}

/**
 * What an object of Flux lacks so that the API server refuses it when kustomize-controller tries all objects of a build,
 * before it applies the first (fluxcd/pkg ssa, ApplyAll): a namespace ("namespace not specified"), or a field that the CRD
 * of FluxKustomizations requires in all its versions.
 */
export function findLack(object: DeliveredObject): string | undefined {
  if (!groupOf(object.apiVersion).endsWith(".toolkit.fluxcd.io")) return undefined;
  if (object.namespace === "") return "namespace";
  // What a patch may set that cannot be read is not missing.
  if (!isFluxKustomization(object) || object.hidden) return undefined;
  const { spec } = object.body as YamlData;
  const { kind, name } = spec?.sourceRef ?? {};
  if (typeof kind !== "string" || typeof name !== "string") return "spec.sourceRef";
  return ["interval", "prune"].find((field) => (spec?.[field] ?? undefined) === undefined)?.replace(/^/, "spec.");
}

/**
 * Whether an object that Kubernetes or Flux keeps in namespaces is sure to reach kustomize-controller without one, which stops
 * its whole build.
 */
export function lacksNamespace(object: DeliveredObject): boolean {
  const { namespace, uncertain, hidden = [], body } = object;
  if (namespace !== "" || uncertain || hidden.length > 0) return false;
  const isKept = groupOf(object.apiVersion).endsWith(".toolkit.fluxcd.io") || isNamespacedBuiltin(object);
  return isKept && !isNeverApplied(body.metadata, undefined);
}
