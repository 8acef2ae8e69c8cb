import { splitKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import type { Held } from "../../change/world.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { groupOf, isFluxGroup, isFluxKustomization } from "../../delivery/kinds.ts";
import { KNOWN_APIS } from "../known-apis.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";

/** Groups of Kubernetes of which all kinds but these lie in a namespace. */
const HAVE_NAMESPACE = /^(?:apps|autoscaling|batch|policy)?$/;
const HAVE_NONE = ["Namespace", "Node", "PersistentVolume"];
/** What kustomize-controller takes for an `apiVersion` that is left out. */
const DEFAULT = "apps/v1";

/** What an object waits for; `never` is what becomes of it, and goes on in what it waits for. */
interface Waits {
  field: "healthChecks" | "dependsOn";
  of: (spec: YamlData) => YamlData[];
  never: string;
  why: string;
}

const CHECKS: Waits = {
  field: "healthChecks",
  of: (spec) => (spec?.wait === true ? [] : itemsOf(spec?.healthChecks)),
  never: "never becomes ready, and what depends on it is not applied any more: a health check names",
  why: "Flux looks for what a health check names as it is written, and waits for it until it gives up.",
};
const SET: Waits = {
  field: "dependsOn",
  of: (spec) => itemsOf(spec?.dependsOn),
  never: "waits for ever, and the operator applies it no more: it depends on",
  why: "The operator looks for it as it is written, in no namespace where none is said.",
};

function waitsOf(group: string, kind: string): Waits | undefined {
  if (group === "fluxcd.controlplane.io" && kind === "ResourceSet") return SET;
  return isFluxKustomization({ apiVersion: `${group}/v1`, kind }) ? CHECKS : undefined;
}

/**
 * Health checks and dependencies that this change writes and that nothing can ever pass. kustomize-controller and the operator look
 * for them as they are written (ReferenceToObjMetadataSet, checkDependencies), in no namespace where none is said; for health checks
 * not at all beside `wait: true`.
 */
export function findVainChecks(given: Given): Stopped[] {
  return stopsOf(given, (held, was) => {
    const { key, body, kind } = held.object;
    const { group, remote } = splitKey(key);
    const spec: YamlData = body?.spec;
    const waits = waitsOf(group, kind);
    if (!waits || spec?.suspend === true) return [];
    const known = new Set(waits.of(was?.object.body?.spec).map((one) => JSON.stringify(one)));
    const vain = waits.of(spec).flatMap((check, index) => {
      const text = JSON.stringify(check);
      const why = isOpenText(text) || known.has(text) ? undefined : whyVain(check, remote === "");
      return why === undefined ? [] : [{ index, why }];
    });
    const [first] = vain;
    if (!first) return findVainExpression(held, was);
    const more = vain.length > 1 ? ` (like ${vain.length - 1} more)` : "";
    return {
      path: ["spec", waits.field, first.index],
      what: `${waits.never} ${first.why}${more}`,
      why: waits.why,
      next: "Write the apiVersion, kind and namespace of what is waited for.",
    };
  });
}

/** An expression for a kind that its API does not have, which is asked of nothing: Flux goes by the conditions that it knows. */
function findVainExpression({ object: { key, body } }: Held, was: Held | undefined): Stop | [] {
  const spec: YamlData = body?.spec;
  const isWaiting = spec?.wait === true || itemsOf(spec?.healthChecks).length > 0;
  if (!isWaiting || splitKey(key).remote !== "") return [];
  const known = new Set(itemsOf(was?.object.body?.spec?.healthCheckExprs).map(({ kind }) => kind));
  for (const [index, { apiVersion, kind }] of itemsOf(spec.healthCheckExprs).entries()) {
    if (known.has(kind) || isOpenText(kind) || !isStrange(groupOf(String(apiVersion)), kind)) continue;
    return {
      path: ["spec", "healthCheckExprs", index, "kind"],
      what: `waits without the expression that is for ${kind} of ${apiVersion}, which has no such kind`,
      why: "Flux asks an expression of the objects of its kind alone, and goes by their usual conditions where there is none.",
      next: "Write the kind as its API has it.",
    };
  }
  return [];
}

/** Whether a group of Kubernetes or Flux has no such kind, as far as that is known. */
function isStrange(group: string, kind: unknown): boolean {
  const known = ofOwn(KNOWN_APIS, group);
  return (
    typeof kind === "string" &&
    known !== undefined &&
    !known.kinds.split(" ").includes(kind) &&
    (HAVE_NAMESPACE.test(group) || isFluxGroup(group))
  );
}

/** @param isHere false for another cluster, which may have other kinds */
function whyVain(check: YamlData, isHere: boolean): string | undefined {
  const { apiVersion = DEFAULT, kind, name, namespace } = check ?? {};
  if (typeof kind !== "string" || typeof name !== "string") return undefined;
  const group = groupOf(apiVersion);
  const known = ofOwn(KNOWN_APIS, group);
  if (!known) return undefined;
  if (!known.kinds.split(" ").includes(kind))
    return isHere && isStrange(group, kind) ? `${kind} ${name} of ${apiVersion}, which has no such kind` : undefined;
  const isInNamespace = isFluxGroup(group) || (HAVE_NAMESPACE.test(group) && !HAVE_NONE.includes(kind));
  return isInNamespace && !namespace ? `${kind} ${name} without its namespace` : undefined;
}
