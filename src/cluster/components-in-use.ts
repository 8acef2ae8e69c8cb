import { readable } from "../contract/answer.ts";
import type { DraftFinding } from "../contract/finding.ts";
import type { KubeObject } from "../contract/objects.ts";
import { ofOwn } from "../contract/of-own.ts";
import { groupOf } from "../delivery/kinds.ts";
import { pointAt } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { type FluxVersion, hasComponent, SOURCE_WATCHER } from "../release/releases.ts";
import type { Cluster, Install } from "./types.ts";

/** Kind -> the component without which nothing reconciles it and its CRD is missing. */
const NEEDS: Readonly<Record<string, string>> = {
  ImageRepository: "image-reflector-controller",
  ImagePolicy: "image-reflector-controller",
  ImageUpdateAutomation: "image-automation-controller",
  ArtifactGenerator: SOURCE_WATCHER,
  HelmRelease: "helm-controller",
  Alert: "notification-controller",
  Provider: "notification-controller",
  Receiver: "notification-controller",
};

/**
 * Components that objects of a cluster need, each with the first object that does.
 * @param known components that nobody asks about; files that speak of no other are not read.
 */
export function componentsInUse(
  cluster: Pick<Cluster, "findObjects" | "kustomizations">,
  known: readonly string[] = [],
): Map<string, KubeObject> {
  const found = new Map<string, KubeObject>();
  const add = (component: string | undefined, object: KubeObject) => {
    if (component !== undefined && !found.has(component)) found.set(component, object);
  };
  const words = Object.keys(NEEDS).filter((kind) => !known.includes(NEEDS[kind]!));
  if (!known.includes(SOURCE_WATCHER)) words.push("ExternalArtifact");
  for (const { object } of cluster.findObjects((text) => words.some((word) => text.includes(word)))) {
    if (/\.fluxcd\.io$/.test(groupOf(object.apiVersion))) add(ofOwn(NEEDS, object.kind), object);
    if (readsExternal(object.data.spec?.chartRef)) add(SOURCE_WATCHER, object);
  }
  for (const { object, effective } of cluster.kustomizations) {
    if (readsExternal(readable(effective).spec?.sourceRef)) add(SOURCE_WATCHER, object);
  }
  return found;
}

/** The gate for reading an ExternalArtifact is only set together with source-watcher (flux-facts 1.3). */
export function readsExternal(ref: { kind?: string } | undefined): boolean {
  return ref?.kind === "ExternalArtifact";
}

/**
 * Flux objects the cluster gets whose component the instance would not have: with the component go its CRDs, and with
 * those every object of the kind (flux-facts 2.1, trap 2). One finding a component, at its first object.
 * @param gated whether the install sets the gate for external artifacts itself, so that other tools may make them.
 */
export function reportMissingComponents(
  tree: Tree,
  cluster: Cluster,
  components: readonly string[],
  version: FluxVersion,
  install: Pick<Install, "style">,
  gated = false,
): DraftFinding[] {
  const findings: DraftFinding[] = [];
  for (const [component, object] of componentsInUse(cluster, components)) {
    if (components.includes(component)) continue;
    const isReader = component === SOURCE_WATCHER && object.kind !== "ArtifactGenerator";
    const isKnown = hasComponent(version, component);
    if (isReader && gated && isKnown) continue;
    const place = pointAt(tree, object);
    const tooOld = isKnown ? undefined : `${version.major}.${version.minor}`;
    const facts = { resource: place.resource, component, style: install.style, isReader, tooOld };
    findings.push({ rule: "component-missing", level: "blocker", ...place, facts });
  }
  return findings;
}
