import * as k8s from "@pulumi/kubernetes";

const flux = new (require("@pulumi/pulumi").Config)("flux");
export const shared = { kind: "GitRepository", name: "cluster" };

new k8s.apiextensions.CustomResource("computed", {
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  spec: { sourceRef: { kind: "GitRepository", name: flux.require("source") } },
});

new k8s.apiextensions.CustomResource("shared", {
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  spec: { sourceRef: shared },
});

new k8s.apiextensions.CustomResource("spread", {
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  spec: { sourceRef: { kind: "GitRepository", name: "cluster", ...flux.requireObject("ref") } },
});

app("helper", { path: "./helper", sourceRef: { kind: "GitRepository", name: "cluster" } });

new k8s.yaml.ConfigGroup("text", {
  yaml: `
kind: Kustomization
spec:
  sourceRef:
    kind: GitRepository
    name: cluster
`,
});
