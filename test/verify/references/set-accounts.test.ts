import { expect, test } from "vitest";
import { kustomization, object, operatorTree } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { inShort } from "./tree.ts";

const CONFIG = "kubernetes/flux/config";
const [OPERATOR, SET, RBAC] = ["operator", "set", "rbac"].map((name) => `${CONFIG}/${name}.yaml`) as [
  string,
  string,
  string,
];
const operator = (tenancy: string) =>
  object("OCIRepository", "flux-operator", "source.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    "spec: {interval: 1h, url: 'oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator', ref: {tag: 0.30.0}}",
  ]) +
  object("HelmRelease", "flux-operator", "helm.toolkit.fluxcd.io/v2", [
    "  namespace: flux-system",
    `spec: {interval: 1h, chartRef: {kind: OCIRepository, name: flux-operator}, values: {multitenancy: {${tenancy}}}}`,
  ]);
const set = (namespace: string, account?: string) =>
  object("ResourceSet", "tenants", "fluxcd.controlplane.io/v1", [
    `  namespace: ${namespace}`,
    `spec: {${account ? `serviceAccountName: ${account}, ` : ""}resources: []}`,
  ]);
const binding = object("ClusterRoleBinding", "sets", "rbac.authorization.k8s.io/v1", [
  "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}",
  "subjects: [{kind: ServiceAccount, name: default, namespace: games}]",
]);
const ON = "enabled: true, defaultServiceAccount: default";
const tree = (tenancy: string, sets: string, rbac = ""): Files => ({
  ...operatorTree(),
  [`${CONFIG}/kustomization.yaml`]: kustomization(["instance.yaml", "operator.yaml", "set.yaml", "rbac.yaml"]),
  [OPERATOR]: operator(tenancy),
  [SET]: sets,
  [RBAC]: rbac || object("ConfigMap", "none", "v1", ["  namespace: games"]),
});
const STOPS = "unsafe | reconcile-stops ResourceSet games/tenants";

test("a ResourceSet names no account any more where the operator has a default one without rights", () => {
  const edits = { [SET]: set("games") };
  expect(inShort(tree(ON, set("games", "admin")), edits)).toBe(STOPS);
  expect(inShort(tree(ON, set("games", "admin"), binding), edits)).toBe("safe");
  expect(inShort(tree("enabled: false", set("games", "admin")), edits)).toBe("safe");
});

test("the default comes, or is another one", () => {
  const bare = (tenancy: string, rbac = "") => tree(tenancy, set("games"), rbac);
  expect(inShort(bare("enabled: false"), { [OPERATOR]: operator(ON) })).toBe(STOPS);
  expect(inShort(bare("enabled: false"), { [OPERATOR]: operator("enabled: true") })).toBe(STOPS);
  expect(inShort(bare("enabled: false", binding), { [OPERATOR]: operator(ON) })).toBe("safe");
  expect(inShort(bare(ON), { [OPERATOR]: operator(`${ON}, more: 1`) })).toBe("safe");
});

test("the arguments beside those of the chart say the default, and the last of them counts", () => {
  const args = (...accounts: string[]) =>
    operator("enabled: false").replace(
      "values: {",
      `values: {extraArgs: [${accounts.map((one) => `--default-service-account=${one}`).join(", ")}], `,
    );
  const bare = tree("enabled: false", set("games"));
  expect(inShort(bare, { [OPERATOR]: args("default") })).toBe(STOPS);
  expect(inShort(bare, { [OPERATOR]: args("other", "default") })).toBe(STOPS);
  expect(inShort({ ...bare, [RBAC]: binding }, { [OPERATOR]: args("other", "default") })).toBe("safe");
  const apart = args("default").replace("account=default", "account, default");
  expect(inShort(bare, { [OPERATOR]: apart })).toBe(STOPS);
});

test("that of the operator itself has the rights of its chart, in its own namespace", () => {
  const own = tree("enabled: false", set("flux-system"));
  expect(inShort(own, { [OPERATOR]: operator("enabled: true") })).toBe("safe");
  expect(inShort(own, { [OPERATOR]: operator(ON) })).toContain("reconcile-stops ResourceSet flux-system/tenants");
});
