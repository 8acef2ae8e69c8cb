import type { DraftFinding, TransformContext } from "../../engine/transform.ts";
import { keyOf } from "../graph.ts";
import { readHelmValues } from "../helm-values.ts";
import { describe, isFluxInstance } from "../kinds.ts";
import { locateField } from "../locations.ts";
import { atLeast, type FluxVersion } from "../releases.ts";
import type { DeliveredFluxObject, YamlData } from "../types.ts";
import { describeUninstall } from "./complete.ts";
import type { AppContext } from "./context.ts";
import { identityOf } from "./identity.ts";
import { type AppSight, seeApps } from "./sight.ts";

/**
 * Blockers of the two apps as the cluster will see them: another name or namespace (traps 38 and 56), a FluxInstance
 * before its CRD (trap 12), and a circle of waits between root and instance (trap 13).
 */
export function checkDelivery(context: TransformContext, app: AppContext): DraftFinding[] {
  const { "flux-operator": operator, "flux-instance": instance } = seeApps(context, app);
  const findings: DraftFinding[] = [];
  for (const sight of [operator, instance]) {
    const how = sight && describeDisplacement(context, sight);
    if (sight && how) findings.push(displaced(context, sight, how));
  }
  if (!instance) return findings;
  const early = operator && !context.options.direct ? findEarly(instance, operator) : undefined;
  if (early) findings.push(beforeCrd(context, instance, early));
  const uninstall = describeUndone(context, instance, app.desired.version);
  if (uninstall) findings.push(undone(context, instance, uninstall));
  const circle = describeCircle(context, instance, app.desired.version);
  if (circle) findings.push(circular(context, instance, circle));
  return findings;
}

/** How transformers on the way change names or namespaces; undefined when everything stays where it was written. */
function describeDisplacement(
  { tree, cluster }: TransformContext,
  { name, object, chain, built }: AppSight,
): string | undefined {
  const { namespace, artifactRoot } = cluster;
  const [own] = chain;
  if (own?.parent) {
    const seen = identityOf(tree, own.parent.effective?.spec, artifactRoot, own.object);
    if (seen.name !== own.object.name)
      return `${describe(own.object)} becomes ${seen.name}, and what depends on it by name waits for ever`;
    const isMoved =
      own.object.namespace !== "" && seen.namespace !== own.object.namespace && !seen.namespace.includes("${");
    if (isMoved && !own.effective?.spec?.sourceRef?.namespace)
      return `${describe(own.object)} moves to namespace ${seen.namespace}, where its source is not`;
  }
  if (!built || built.uncertain) return undefined;
  if (isFluxInstance(built)) {
    if (built.name !== "flux") return `the FluxInstance is called ${built.name}`;
    return built.namespace === namespace
      ? undefined
      : `the FluxInstance lands in namespace ${built.namespace || "default"}`;
  }
  if (built.name !== object.name)
    return `HelmRelease ${object.name} becomes ${built.name}, but its chart and dependsOn keep their names`;
  const spec = (built.body as YamlData).spec ?? {};
  const target = String(spec.targetNamespace ?? built.namespace);
  if (target !== namespace && !target.includes("${")) return `the release goes to namespace ${target || "default"}`;
  const override = name === "flux-instance" ? readHelmValues(tree, object, spec).values?.fullnameOverride : undefined;
  if (override !== undefined && override !== "flux")
    return `fullnameOverride makes the FluxInstance ${override ? `${override}` : "take the name of its release"}`;
  return undefined;
}

function displaced(context: TransformContext, { name, object, chain }: AppSight, how: string): DraftFinding {
  const { tree, cluster, model } = context;
  // A finding points into the tree as the owner has it, not at a file that is about to be written.
  const place = model.tree.has(object.file) ? object : (chain[0]?.parent?.object ?? cluster.root);
  return {
    rule: "instance-displaced",
    level: "blocker",
    resource: describe(object),
    at: locateField(tree, place),
    what: `${name} does not arrive as it is written: ${how}.`,
    why: `The operator only looks at a FluxInstance called flux in its own namespace, ${cluster.namespace}; anything else is refused or ignored without a word (traps 38 and 56).`,
    next: "Take the prefix, suffix, namespace or override away for these apps, commit, and run fluxlift again.",
  };
}

/** The FluxKustomization that applies a FluxInstance manifest together with, or above, what installs its CRD. */
function findEarly(instance: AppSight, operator: AppSight): DeliveredFluxObject | undefined {
  if (!isFluxInstance(instance.object)) return undefined;
  const [own] = instance.chain;
  return operator.chain.find(({ object }) => own && keyOf(object) === keyOf(own.object));
}

function beforeCrd({ tree }: TransformContext, { object }: AppSight, by: DeliveredFluxObject): DraftFinding {
  return {
    rule: "instance-before-crd",
    level: "blocker",
    resource: describe(object),
    at: locateField(tree, object),
    what: `${describe(by.object)} applies this FluxInstance together with what brings its CRD, so on a cluster without the operator nothing of it is applied.`,
    why: "One object without its CRD stops the whole FluxKustomization, the operator behind it included (trap 12).",
    next: "Move the FluxInstance into a FluxKustomization of its own that depends on the operator's, or install the operator first and pass --direct.",
  };
}

/** How patches on the way make an owner's release uninstall Flux that does not do so as it is written (trap 55). */
function describeUndone({ model }: TransformContext, { object, built }: AppSight, version: FluxVersion) {
  if (isFluxInstance(object) || !built || !model.tree.has(object.file)) return undefined;
  if (describeUninstall(object.data?.spec, version)) return undefined;
  return describeUninstall((built.body as YamlData).spec, version);
}

function undone({ tree, cluster }: TransformContext, { chain }: AppSight, how: string): DraftFinding {
  const owner = chain[0]?.parent?.object ?? cluster.root;
  return {
    rule: "protection-undone",
    level: "blocker",
    resource: describe(owner),
    at: locateField(tree, owner, ["spec", "patches"]),
    what: `Patches of the parents reach flux-instance, and a failed release would take Flux away: ${how}.`,
    why: "Uninstalling the release deletes the FluxInstance and with it all of Flux (traps 5 and 55).",
    next: "Let the patch's target leave flux-instance out, commit, and run fluxlift again.",
  };
}

/** How root and instance would wait for each other; undefined when they do not. */
function describeCircle(
  { tree, options }: TransformContext,
  { object, chain, built }: AppSight,
  version: FluxVersion,
): string | undefined {
  const isManifest = isFluxInstance(object);
  const spec = (built?.body as YamlData)?.spec ?? object.data?.spec ?? {};
  // Without a generated root, or with `wait: false`, the operator does not wait for the root.
  if (options.sync === "keep" || (isManifest && spec.wait === false)) return undefined;
  const [own] = chain;
  const named = chain.find(({ effective }) => names(effective, "FluxInstance", "flux"));
  const reachesRoot = (from: number) =>
    chain.slice(from + 1).every(({ effective }, index) => waitsFor(effective, chain[from + index]!));
  if (named && reachesRoot(chain.indexOf(named)))
    return `${describe(named.object)} checks the health of the FluxInstance`;
  if (!own || !reachesRoot(0)) return undefined;
  if (isManifest) {
    return own.effective?.spec?.wait === true
      ? `${describe(own.object)} waits for the FluxInstance it applies`
      : undefined;
  }
  const waitsForRelease = own.effective?.spec?.wait === true || names(own.effective, "HelmRelease", object.name);
  if (!waitsForRelease) return undefined;
  if (readHelmValues(tree, object, spec).values?.healthcheck?.enabled === true)
    return "the health check of the chart waits for the FluxInstance";
  // From helm-controller 1.5 on a release waits for custom resources too (flux-semantics trap 55).
  const isPolled = atLeast(version, "2.8") && spec.waitStrategy?.name !== "legacy";
  const isWaited = spec.install?.disableWait !== true || spec.upgrade?.disableWait !== true;
  return isPolled && isWaited ? `HelmRelease ${object.name} waits for the FluxInstance it installs` : undefined;
}

function names(effective: YamlData, kind: string, name: string): boolean {
  const checks = effective?.spec?.healthChecks;
  return (
    effective?.spec?.wait !== true &&
    Array.isArray(checks) &&
    checks.some((check: YamlData) => check?.kind === kind && check?.name === name)
  );
}

function waitsFor(effective: YamlData, child: DeliveredFluxObject): boolean {
  return effective?.spec?.wait === true || names(effective, "Kustomization", child.object.name);
}

function circular({ tree, cluster }: TransformContext, { chain, object }: AppSight, how: string): DraftFinding {
  const root = chain.at(-1)?.object ?? cluster.root;
  return {
    rule: "instance-waits-for-root",
    level: "blocker",
    resource: describe(object),
    at: locateField(tree, root, ["spec", root.data?.spec?.wait === true ? "wait" : "healthChecks"]),
    what: `The root would never become Ready: ${how}, and the FluxInstance waits for the root it generates.`,
    why: "Each waits for the other until it times out, and the takeover never counts as done (trap 13).",
    next: "Let nothing between the root and the instance check the instance's health, commit, and run fluxlift again.",
  };
}
