import { atLeast, type FluxVersion } from "../releases.ts";
import type { YamlData } from "../types.ts";
import type { SyncSpec } from "./types.ts";

/** Interval the operator gives the root, whatever `sync.interval` says. */
export const ROOT_INTERVAL = "10m0s";

/** The source and the root FluxKustomization that flux-operator makes of `spec.sync` (flux-semantics 1.5). */
export function generateSync(
  sync: SyncSpec,
  options: { namespace: string; fluxVersion: FluxVersion; multitenant?: boolean },
): { source: YamlData; root: YamlData } {
  const metadata = { name: sync.name ?? options.namespace, namespace: options.namespace };
  const isStable = sync.kind === "GitRepository" || atLeast(options.fluxVersion, "2.6");
  const places: YamlData =
    sync.kind === "Bucket"
      ? { bucketName: sync.ref, endpoint: sync.url }
      : { url: sync.url, ref: sync.kind === "OCIRepository" ? { tag: sync.ref } : { name: sync.ref } };
  return {
    source: {
      apiVersion: `source.toolkit.fluxcd.io/${isStable ? "v1" : "v1beta2"}`,
      kind: sync.kind,
      metadata,
      spec: {
        interval: sync.interval,
        ...places,
        ...(sync.pullSecret ? { secretRef: { name: sync.pullSecret } } : {}),
        ...(sync.provider ? { provider: sync.provider } : {}),
      },
    },
    root: {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata,
      spec: {
        interval: ROOT_INTERVAL,
        path: sync.path,
        prune: true,
        sourceRef: { kind: sync.kind, name: metadata.name },
        ...(options.multitenant ? { serviceAccountName: "kustomize-controller" } : {}),
      },
    },
  };
}
