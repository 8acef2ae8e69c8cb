import * as k8s from "@pulumi/kubernetes";
import * as flux from "./crds/flux";

// The source of everything.
const sourceRef = { kind: 'GitRepository', name: "cluster" }; // one for all

/* apps */
export const apps = new k8s.apiextensions.CustomResource("apps", {
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  metadata: { name: "more-apps", namespace: "flux-system" },
  spec: { interval: "10m", path: "./more", prune: true, sourceRef },
});

new flux.kustomize.v1.Kustomization("infra", {
  metadata: { name: "infra", namespace: "flux-system" },
  spec: {
    interval: "10m", path: "./infra", prune: true,
    sourceRef: sourceRef,
    healthChecks: [
      { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "GitRepository", name: `cluster`, namespace: "flux-system" },
    ],
  },
});

for (const team of ["red", "blue"]) {
  new k8s.apiextensions.CustomResource(`team-${team}`, {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: `team-${team}` },
    spec: { path: `./teams/${team}`, sourceRef: { kind: "GitRepository", /* ours */ name: "cluster" } as const },
  });
}
