import { namespaceOf } from "./instances.ts";
import type { Install, InstanceDescription, Start } from "./types.ts";

/** Where source and root are, as far as their manifests say it. */
export function syncNamespaceOf({ root, source }: Pick<Start, "root" | "source">): string {
  return root.namespace || source?.namespace || "flux-system";
}

/**
 * Where the controllers run, and with them the FluxInstance and the operator (flux-facts 1.1, 1.5). Mostly that of source and
 * root; another one only where these stay as they are beside the FluxInstance.
 */
export function fluxNamespaceOf(start: Start, install?: Install, instance?: InstanceDescription): string {
  const own = syncNamespaceOf(start);
  if (install) return installNamespaceOf(install) ?? own;
  return instance && instance.spec.sync === undefined ? namespaceOf(instance) : own;
}

/** Where the controllers of an install run; undefined where it does not say. */
export function installNamespaceOf({ style, namespace, gotk }: Install): string | undefined {
  if (gotk) return gotk.namespace;
  // Both forms of the release manifests name flux-system; a chart goes where its release goes.
  const isRelease = style === "oci-manifests" || style === "remote-install";
  return namespace ?? (isRelease ? "flux-system" : undefined);
}
