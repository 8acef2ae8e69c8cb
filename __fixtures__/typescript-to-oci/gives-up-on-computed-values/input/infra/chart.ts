import * as k8s from "@pulumi/kubernetes";

new k8s.apiextensions.CustomResource("echo", {
  apiVersion: "helm.toolkit.fluxcd.io/v2",
  kind: "HelmRelease",
  spec: { chart: { spec: { chart: "./charts/echo", sourceRef: { kind: "GitRepository", name: "cluster" } } } },
});
