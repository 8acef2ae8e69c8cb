import type { Data } from "./tree.ts";

export const STYLES = ["gotk", "gotk", "manifests", "manifests", "chart", "remote"] as const;
export type Style = (typeof STYLES)[number];

export interface Cluster {
  name: string;
  style: Style;
  version: string;
  /** Folder that the root applies. */
  root: string;
  rootName: string;
  sourceName: string;
  /** A folder of its own for each app, as home labs have it, or two overlays on bases. */
  layout: "home" | "fleet";
}

export const BRANCH = "main";

/** `6` of `2.6.4`. */
export const minorOf = (version: string): number => Number(version.split(".")[1]);

export const api = (version: string, kind: "source" | "kustomize" | "helm"): string => {
  if (kind === "helm") return minorOf(version) >= 3 ? "helm.toolkit.fluxcd.io/v2" : "helm.toolkit.fluxcd.io/v2beta2";
  return `${kind}.toolkit.fluxcd.io/v1`;
};

export const configMap = (name: string, data: Data, namespace?: string): Data => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...(namespace ? { namespace } : {}) },
  data,
});

export function release(cluster: Cluster, name: string, repository: string, version: string, values: Data): Data {
  return {
    apiVersion: api(cluster.version, "helm"),
    kind: "HelmRelease",
    metadata: { name },
    spec: {
      interval: "30m",
      chart: {
        spec: {
          chart: name,
          version,
          sourceRef: { kind: "HelmRepository", name: repository, namespace: "flux-system" },
        },
      },
      values,
    },
  };
}

export const helmRepository = (cluster: Cluster, name: string, url: string): Data => ({
  apiVersion: minorOf(cluster.version) >= 3 ? "source.toolkit.fluxcd.io/v1" : "source.toolkit.fluxcd.io/v1beta2",
  kind: "HelmRepository",
  metadata: { name, namespace: "flux-system" },
  spec: { interval: "2h", url },
});
