import { itemsOf } from "../../../src/contract/objects.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { firstDoc } from "../read.ts";
import type { FluxApp } from "./apps.ts";

/** Charts that bring the CRD of ServiceMonitors. */
export const PROVIDERS: readonly string[] = [
  "prometheus-operator-crds",
  "kube-prometheus-stack",
  "prometheus-operator",
];

/**
 * Whether the operator chart renders a ServiceMonitor, which the API server refuses until its CRD is there, and nothing
 * installs that before the apps: no release of these helmfiles, and no line of a script.
 */
export function lacksServiceMonitor(
  tree: Tree,
  operator: Pick<FluxApp, "merged"> | undefined,
  helmfiles: readonly (string | undefined)[],
): boolean {
  if (operator?.merged?.serviceMonitor?.create !== true) return false;
  const isListed = helmfiles.some((path) => {
    const releases = itemsOf(path !== undefined && firstDoc(tree, path)?.releases);
    return releases.some((release) => PROVIDERS.some((name) => String(release.chart).endsWith(`/${name}`)));
  });
  return !isListed && tree.grep("monitoring.coreos.com_servicemonitors").length === 0;
}
