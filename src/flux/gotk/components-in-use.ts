import type { DraftFinding } from "../../engine/transform.ts";
import { describe, groupOf } from "../kinds.ts";
import { SOURCE_WATCHER } from "../releases.ts";
import type { Cluster } from "../types.ts";

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
 * Flux objects the cluster gets whose component the instance would not have: with the component go its CRDs, and with
 * those every object of the kind (flux-semantics 2.1, trap 2). One finding a component, at its first object.
 */
export function reportMissingComponents(cluster: Cluster, components: readonly string[]): DraftFinding[] {
  const found = new Map<string, DraftFinding>();
  for (const { object } of cluster.objects) {
    const component = /\.fluxcd\.io$/.test(groupOf(object.apiVersion)) ? NEEDS[object.kind] : undefined;
    if (component === undefined || components.includes(component) || found.has(component)) continue;
    found.set(component, {
      rule: "component-missing",
      level: "blocker",
      resource: describe(object),
      at: { file: object.file, line: 1, col: 1 },
      what: `${describe(object)} needs ${component}, which the install does not have, so the FluxInstance would not have it either.`,
      why: "Without the component the operator installs no CRD of the kind, and prunes one that is left (trap 2).",
      next: `Add ${component} to the install first (flux bootstrap --components-extra), or stop delivering the objects that need it.`,
    });
  }
  return [...found.values()];
}
