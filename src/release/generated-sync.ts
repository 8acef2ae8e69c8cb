import type { YamlData } from "../contract/objects.ts";
import { apiVersionsFor, type FluxVersion } from "./releases.ts";

/** `spec.sync` of a FluxInstance (flux-facts 1.2). */
export interface SyncSpec {
  /** Absent when it equals the namespace of the instance. */
  name?: string;
  kind: string;
  url: string;
  ref: string;
  path: string;
  pullSecret?: string;
  provider?: string;
  interval: string;
}

/** An object that flux-operator makes of `spec.sync`, before the patches of the instance (flux-facts 1.5). */
export interface SyncObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
  spec: Record<string, YamlData>;
}

/** The source, in the namespace of the instance. */
export function generateSource(sync: Omit<SyncSpec, "path">, namespace: string, version: FluxVersion): SyncObject {
  const { kind, url, ref, interval, pullSecret, provider } = sync;
  const isBucket = kind === "Bucket";
  return {
    apiVersion: kind === "GitRepository" ? "source.toolkit.fluxcd.io/v1" : apiVersionsFor(version).ociRepository,
    kind,
    metadata: { name: sync.name || namespace, namespace },
    spec: {
      interval,
      ...(isBucket ? { bucketName: ref } : { ref: kind === "OCIRepository" ? { tag: ref } : { name: ref } }),
      ...(pullSecret ? { secretRef: { name: pullSecret } } : {}),
      ...(provider ? { provider } : {}),
      [isBucket ? "endpoint" : "url"]: url,
    },
  };
}

/** The root FluxKustomization beside it; its interval is the same whatever `sync.interval` says. */
export function generateRoot(
  sync: Pick<SyncSpec, "name" | "kind" | "path">,
  namespace: string,
  isMultitenant = false,
): SyncObject {
  const name = sync.name || namespace;
  return {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name, namespace },
    spec: {
      interval: "10m0s",
      path: sync.path,
      prune: true,
      sourceRef: { kind: sync.kind, name },
      ...(isMultitenant ? { serviceAccountName: "kustomize-controller" } : {}),
    },
  };
}
