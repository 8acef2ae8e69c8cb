import { expect, test } from "vitest";
import { APP, makeFluxSystem } from "../gotk/make-gotk.ts";
import { runPhase } from "../gotk/run-phases.ts";

const TREE = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP };
const TERRAFORM =
  'resource "helm_release" "gitops" {\n  name = "flux-operator"\n  chart = "oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator"\n}\n';
const HELM_CHART = `apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: gitops, namespace: kube-system}
spec:
  chart: oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator
  targetNamespace: flux-system
`;
const APPLICATION = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: gitops, namespace: argocd}
spec:
  source:
    repoURL: ghcr.io/controlplaneio-fluxcd/charts
    chart: flux-operator
`;

const SUBSCRIPTION = `apiVersion: operators.coreos.com/v1alpha1
kind: Subscription
metadata: {name: gitops, namespace: flux-system}
spec: {channel: stable, name: flux-operator, source: operatorhubio-catalog, sourceNamespace: olm}
`;
const EXTENSION = `apiVersion: olm.operatorframework.io/v1
kind: ClusterExtension
metadata: {name: gitops}
spec:
  namespace: flux-system
  source: {sourceType: Catalog, catalog: {packageName: flux-operator}}
`;

const said = (more: Record<string, string>) =>
  runPhase({ ...TREE, ...more }, "install").findings.filter(({ rule }) => rule === "operator-kept-elsewhere");

test.each([
  ["infra/main.tf", TERRAFORM, 1, "helm_release.gitops"],
  ["k3s/gitops.yaml", HELM_CHART, 5, "HelmChart gitops"],
  ["argo/gitops.yaml", APPLICATION, 7, "Application gitops"],
  [
    "fleet/fleet.yaml",
    "helm:\n  chart: oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator\n",
    2,
    "the bundle of Rancher Fleet",
  ],
])("a release of the operator that %s keeps is said before one is added", (file, text, line, name) => {
  const found = said({ [file]: text });
  expect(found).toMatchObject([{ level: "caution", at: { file, line } }]);
  expect(found[0]?.what).toContain(name);
  expect(found[0]?.next.includes("terraform state rm")).toBe(file.endsWith(".tf"));
});

test.each([
  ["Subscription gitops", SUBSCRIPTION],
  ["ClusterExtension gitops", EXTENSION],
])("what has the Operator Lifecycle Manager keep the operator is said before one is added: %s", (name, text) => {
  const found = said({ "clusters/home/operator.yaml": text });
  expect(found).toMatchObject([{ level: "caution", at: { file: "clusters/home/operator.yaml", line: 1 } }]);
  expect(found[0]?.what).toBe(
    `${name} has the Operator Lifecycle Manager keep the operator; this phase adds a release of its chart.`,
  );
  expect(found[0]?.next).toContain("and no FluxInstance is there yet");
  expect(said({ "clusters/home/operator.yaml": text.replace(": flux-operator", ": other") })).toEqual([]);
});

test("what is only shown, or put away, keeps nothing", () => {
  for (const folder of ["archive/old", "docs", "terraform/examples/one"])
    expect(said({ [`${folder}/main.tf`]: TERRAFORM })).toEqual([]);
});

test("charts of other names are none", () => {
  expect(said({ "infra/main.tf": TERRAFORM.replace('flux-operator"\n}', 'flux-operator-mcp"\n}') })).toEqual([]);
  expect(said({ "infra/main.tf": TERRAFORM.replace(/chart = .*/, 'chart = "flux2"') })).toEqual([]);
});

test("a release of the operator that a ResourceSet makes stops the phase", () => {
  const set = `apiVersion: fluxcd.controlplane.io/v1
kind: ResourceSet
metadata: {name: own, namespace: flux-system}
spec:
  inputs: [{app: gitops}]
  resources:
  - apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata: {name: << inputs.app >>, namespace: flux-system}
    spec: {interval: 10m, url: oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator, ref: {semver: "*"}}
  - apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: << inputs.app >>, namespace: flux-system}
    spec: {interval: 10m, chartRef: {kind: OCIRepository, name: << inputs.app >>}}
`;
  const file = "clusters/home/own.yaml";
  const found = said({ [file]: set });
  expect(found).toMatchObject([{ level: "blocker", at: { file, line: 1 } }]);
  expect(found[0]?.what).toBe(
    "ResourceSet flux-system/own makes HelmRelease flux-system/gitops; this phase adds another release of the operator.",
  );
  expect(said({ [file]: set.replace("charts/flux-operator", "charts/other") })).toEqual([]);
  expect(said({ "spare/own.yaml": set })).toEqual([]);
});

const OPERATOR = `apiVersion: apps/v1
kind: Deployment
metadata: {name: flux-operator, namespace: flux-system}
spec:
  selector: {matchLabels: {app: operator}}
  template:
    metadata: {labels: {app: operator}}
    spec: {containers: [{name: manager, image: "ghcr.io/controlplaneio-fluxcd/flux-operator:v0.59.0"}]}
`;
const resources = (url: string) =>
  `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ${url}\n`;

test.each([
  ["operator.yaml", OPERATOR, 1],
  [
    "operator/kustomization.yaml",
    resources("https://github.com/controlplaneio-fluxcd/flux-operator/releases/download/v0.59.0/install.yaml"),
    4,
  ],
  [
    "operator/kustomization.yaml",
    resources("github.com/controlplaneio-fluxcd/flux-operator//config/default?ref=v0.59.0"),
    4,
  ],
])("an operator that Flux applies from manifests stops the phase: %s", (file, text, line) => {
  const found = said({ [`clusters/home/${file}`]: text });
  expect(found).toMatchObject([{ level: "blocker", at: { file: `clusters/home/${file}`, line } }]);
  expect(found[0]?.what).toContain("Flux applies the operator from manifests");
  expect(said({ [`spare/${file}`]: text })).toEqual([]);
  expect(said({ [`clusters/home/${file}`]: text.replaceAll("flux-operator", "flux-operator-mcp") })).toEqual([]);
});

const RELEASE = "https://github.com/controlplaneio-fluxcd/flux-operator/releases/download/v0.59.0/install.yaml";

test.each([
  ["talos/cp.yaml", `cluster:\n  extraManifests:\n    - ${RELEASE}\n`, 3],
  ["nix/k3s.nix", `services.k3s.manifests.op.source = pkgs.fetchurl {\n  url = "${RELEASE}";\n};\n`, 2],
  ["up.sh", `#!/bin/sh\nkubectl apply -f ${RELEASE}\n`, 2],
])("what applies the operator from the manifests of a release is said: %s", (file, text, line) => {
  const found = said({ [file]: text });
  expect(found).toMatchObject([{ level: "caution", at: { file, line } }]);
  expect(found[0]?.next).toContain("have it install the chart instead");
  expect(said({ [`docs/${file}`]: text, "README.md": text })).toEqual([]);
});

test("a program that keeps a release of the operator is said, and no other file that names its chart", () => {
  const chart = 'chart: "oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator"';
  const program = `import * as k8s from "@pulumi/kubernetes";\nnew k8s.helm.v3.Release("op", {\n  ${chart},\n});\n`;
  expect(said({ "infra/index.ts": program })).toMatchObject([{ level: "caution", at: { line: 3 } }]);
  expect(said({ "infra/index.ts": `export const info = { ${chart} };\n` })).toEqual([]);
});
