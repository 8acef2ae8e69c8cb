import { keyOf } from "../../src/cluster/graph.ts";
import { readHelmValues } from "../../src/cluster/helm-values.ts";
import { readable } from "../../src/contract/answer.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { given } from "../../src/contract/given.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec } from "../../src/contract/objects.ts";
import type { FluxObjectSpec, KubeData } from "../../src/contract/specs.ts";
import { describe, isFluxInstance } from "../../src/delivery/kinds.ts";
import { locateField, pointAt } from "../../src/delivery/locations.ts";
import { atLeast, type FluxVersion } from "../../src/release/releases.ts";
import type { TransformContext } from "../contract.ts";
import { describeUninstall } from "../shared/apps/complete.ts";
import type { Chain } from "../shared/apps/deliverer.ts";
import type { AppContext } from "../shared/apps/types.ts";
import { type AppSight, seeApps, seeBuilt } from "./sight.ts";

/**
 * Blockers of the two apps as the cluster will see them: another name or namespace (traps 38 and 56), a FluxInstance
 * before its CRD (trap 12), and a circle of waits between root and instance (trap 13).
 */
export function checkDelivery(context: TransformContext, app: AppContext): DraftFinding[] {
  const { tree, cluster, before } = context;
  const { version } = app.wanted;
  const { "flux-operator": operator, "flux-instance": instance } = seeApps(context, app);
  const findings: DraftFinding[] = [];
  for (const sight of [operator, instance]) {
    const how = sight && describeDisplacement(context, sight);
    if (!sight || !how) continue;
    const { name, object, chain } = sight;
    // A finding points into the tree as the owner has it, not at a file that is about to be written.
    const place = before.has(object.file) ? object : placeAbove(context, chain);
    const said = { resource: describe(object), at: locateField(tree, place) };
    const hasRelease = (how.startsWith(MOVED) && before.has(object.file)) || undefined;
    const facts = { name, how, namespace: cluster.namespace, ...given({ hasRelease }) };
    findings.push({ rule: "instance-displaced", level: "blocker", ...said, facts });
  }
  if (!instance) return findings;
  const { object, chain } = instance;
  const early = operator && !context.options.direct ? findEarly(instance, operator) : undefined;
  if (early) {
    const facts = { owner: describe(early.object) };
    findings.push({ rule: "instance-before-crd", level: "blocker", ...pointAt(tree, object), facts });
  }
  const uninstall = describeUndone(context, instance, version);
  if (uninstall) {
    const place = pointAt(tree, placeAbove(context, chain), ["spec", "patches"]);
    const facts = { app: "flux-instance", how: uninstall, by: "instance" } as const;
    findings.push({ rule: "protection-undone", level: "blocker", ...place, facts });
  }
  const how = describeCircle(context, instance, version);
  if (how) {
    const { root } = cluster;
    const at = locateField(tree, root, ["spec", root.data.spec?.wait === true ? "wait" : "healthChecks"]);
    findings.push({
      rule: "instance-waits-for-root",
      level: "blocker",
      resource: describe(object),
      at,
      facts: { how },
    });
  }
  return findings;
}

const MOVED = "the release goes to namespace";

/** What applies the FluxKustomization of an app; the root applies itself. */
function placeAbove({ cluster }: TransformContext, [own]: Chain): KubeObject {
  return own.parent?.object ?? cluster.root;
}

/** How transformers on the way change names or namespaces; undefined when everything stays where it was written. */
function describeDisplacement(
  { tree, cluster }: TransformContext,
  { name, object, chain, built }: AppSight,
): string | undefined {
  const { namespace, artifactRoot } = cluster;
  const [own] = chain;
  const seen = own.parent && seeBuilt(tree, own.object, own.parent, artifactRoot);
  if (seen && !seen.uncertain) {
    if (seen.name !== own.object.name)
      return `${describe(own.object)} becomes ${seen.name}, and what depends on it by name waits for ever`;
    const isMoved =
      own.object.namespace !== "" && seen.namespace !== own.object.namespace && !seen.namespace.includes("${");
    if (isMoved && !readableSpec(own)?.sourceRef?.namespace)
      return `${describe(own.object)} moves to namespace ${seen.namespace}, where its source is not`;
  }
  if (!built || built.uncertain) return undefined;
  if (isFluxInstance(built)) {
    if (built.name !== "flux") return `the FluxInstance is called ${built.name}`;
    if (built.namespace === namespace) return undefined;
    return `the FluxInstance lands in namespace ${built.namespace || "default"}`;
  }
  if (built.name !== object.name)
    return `HelmRelease ${object.name} becomes ${built.name}, but its chart and dependsOn keep their names`;
  const spec = (built.body as KubeData).spec ?? {};
  const target = String(spec.targetNamespace ?? built.namespace);
  if (target !== namespace && !target.includes("${")) return `${MOVED} ${target || "default"}`;
  if (name !== "flux-instance") return undefined;
  const override = readable(readHelmValues(tree, object, spec).values)?.fullnameOverride;
  if (override === undefined || override === "flux") return undefined;
  return `fullnameOverride makes the FluxInstance ${override || "take the name of its release"}`;
}

/** The FluxKustomization that applies a FluxInstance manifest together with, or above, what installs its CRD. */
function findEarly(instance: AppSight, operator: AppSight): DeliveredFluxObject | undefined {
  if (!isFluxInstance(instance.object)) return undefined;
  const [own] = instance.chain;
  return operator.chain.find(({ object }) => keyOf(object) === keyOf(own.object));
}

/** How patches on the way make an owner's release uninstall Flux that does not do so as it is written (trap 55). */
function describeUndone({ before }: TransformContext, { object, built }: AppSight, version: FluxVersion) {
  if (!built || !before.has(object.file)) return undefined;
  if (describeUninstall(object.data.spec, version)) return undefined;
  return describeUninstall((built.body as KubeData).spec, version);
}

/** How root and instance would wait for each other; undefined when they do not. */
function describeCircle(
  { tree, options }: TransformContext,
  { object, chain, built }: AppSight,
  version: FluxVersion,
): string | undefined {
  const isManifest = isFluxInstance(object);
  const spec = (built?.body as KubeData | undefined)?.spec ?? object.data.spec ?? {};
  // Without a generated root, or with `wait: false`, the operator does not wait for the root.
  if (options.sync === "keep" || (isManifest && spec.wait === false)) return undefined;
  const [own] = chain;
  const named = chain.find((item) => names(readableSpec(item), "FluxInstance", "flux"));
  const waitsFor = (spec: FluxObjectSpec | undefined, child: DeliveredFluxObject) =>
    spec?.wait === true || names(spec, "Kustomization", child.object.name);
  const reachesRoot = (from: number) =>
    chain.slice(from + 1).every((item, index) => waitsFor(readableSpec(item), chain[from + index]!));
  if (named && reachesRoot(chain.indexOf(named)))
    return `${describe(named.object)} checks the health of the FluxInstance`;
  if (!reachesRoot(0)) return undefined;
  const isWaiting = readableSpec(own)?.wait === true;
  if (isManifest) return isWaiting ? `${describe(own.object)} waits for the FluxInstance it applies` : undefined;
  if (!isWaiting && !names(readableSpec(own), "HelmRelease", object.name)) return undefined;
  if (readable(readHelmValues(tree, object, spec).values)?.healthcheck?.enabled === true)
    return "the health check of the chart waits for the FluxInstance";
  // From helm-controller 1.5 on a release waits for custom resources too (trap 55).
  const isPolled = atLeast(version, "2.8") && spec.waitStrategy?.name !== "legacy";
  const isWaited = spec.install?.disableWait !== true || spec.upgrade?.disableWait !== true;
  return isPolled && isWaited ? `HelmRelease ${object.name} waits for the FluxInstance it installs` : undefined;
}

function names(spec: FluxObjectSpec | undefined, kind: string, name: string): boolean {
  const checks = spec?.wait !== true && Array.isArray(spec?.healthChecks) ? spec.healthChecks : [];
  return checks.some((check) => check?.kind === kind && check?.name === name);
}
