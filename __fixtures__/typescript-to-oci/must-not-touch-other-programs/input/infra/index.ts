import * as k8s from "@pulumi/kubernetes";

// flux: another repository, and no reference at all
new k8s.apiextensions.CustomResource("tenant", {
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  spec: { sourceRef: { kind: "GitRepository", name: "tenant" } },
});
new k8s.apiextensions.CustomResource("elsewhere", {
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  metadata: { namespace: "tenant" },
  spec: { sourceRef: { kind: "GitRepository", name: "cluster" } },
});
console.log("GitRepository cluster");
