import { expect, test } from "vitest";
import { verifyEdits } from "../edited.ts";
import { ks, object, operatorTree, release } from "../home-tree.ts";

const OPERATOR = "kubernetes/flux/operator.yaml";
const operator = (...more: string[]) =>
  release("flux-operator", more)
    .replace("chart: app", "chart: flux-operator")
    .replace("metadata:\n", "metadata:\n  namespace: flux-system\n");
const tree = { ...operatorTree(), [OPERATOR]: operator() };
const binding = object("ClusterRoleBinding", "operator", "rbac.authorization.k8s.io/v1", [
  "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}",
  "subjects: [{kind: ServiceAccount, name: flux-operator, namespace: flux-system}]",
]);

function says(text: string | undefined): string {
  const { verdict, findings } = verifyEdits({ [OPERATOR]: text }, tree);
  return [verdict, ...findings.filter(({ level }) => level === "blocker").map(({ rule }) => rule)].join(" | ");
}

const scale = `patches: [{target: {kind: Deployment}, patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: x}, spec: {replicas: 0}}'}]`;

test.each([
  ["values: {rbac: {create: false}}", "unsafe | instance-harms"],
  ["values: {serviceAccount: {create: false}}", "unsafe | instance-harms"],
  ["values: {serviceAccount: {automount: false}}", "unsafe | instance-harms"],
  ["values: {web: {serverOnly: true}}", "unsafe | instance-harms"],
  [`postRenderers: [{kustomize: {${scale}}}]`, "unsafe | instance-harms"],
  ["values: {replicas: 0}", "unproven | safety-unknown"],
  // The chart marks its CRDs to be kept.
  ["values: {installCRDs: false}", "safe"],
  ["values: {rbac: {createAggregation: false}, web: {enabled: false, serverOnly: true}}", "safe"],
])("the release of the operator gets %s", (line, said) => {
  expect(says(operator(line))).toBe(said);
});

test("what Git gives the operator instead counts", () => {
  const account = object("ServiceAccount", "own", "v1", ["  namespace: flux-system"]);
  expect(says(operator("values: {rbac: {create: false}}") + binding)).toBe("safe");
  expect(says(operator("values: {serviceAccount: {create: false, name: own}}") + account)).toBe("safe");
});

test("the release goes while the FluxInstance stays", () => {
  expect(says(undefined)).toBe("unsafe | instance-harms");
  const second = {
    ...tree,
    [OPERATOR]: `${operator()}${operator("values: {web: {serverOnly: true}}").replace("name: flux-operator", "name: web")}`,
  };
  expect(verifyEdits({ [OPERATOR]: operator() }, second).verdict).toBe("deletes");
});

test("it goes with the Kustomization or the ResourceSet that applies it, whose folder stays", () => {
  const PARENT = "kubernetes/flux/parent.yaml";
  const goes = (parent: string, folder: string) => {
    const { verdict, findings } = verifyEdits(
      { [PARENT]: undefined },
      { ...operatorTree(), [PARENT]: parent, "operator/release.yaml": folder },
    );
    return [verdict, ...findings.filter(({ level }) => level === "blocker").map(({ rule }) => rule)].join(" | ");
  };
  expect(goes(ks("operator", "operator", [], "flux-system"), operator())).toBe("unsafe | instance-harms");
  const made = operator()
    .replace("---\n", "")
    .replace(/^(?=.)/gm, "      ")
    .trim();
  const set = object("ResourceSet", "operator", "fluxcd.controlplane.io/v1", [
    "  namespace: flux-system",
    `spec:\n  resources:\n    - ${made}`,
  ]);
  expect(goes(set, "")).toBe("unsafe | instance-harms");
});

test("the operator of another cluster is not this one's", () => {
  const SPOKE = "spoke/operator.yaml";
  const spoke = {
    ...operatorTree(),
    "kubernetes/flux/spoke.yaml": ks("spoke", "spoke", ["kubeConfig: {secretRef: {name: spoke}}"], "flux-system"),
    "spoke/settings.yaml": object("ConfigMap", "settings"),
    [SPOKE]: operator(),
  };
  // It runs on there while the own one goes.
  const { findings } = verifyEdits({ [OPERATOR]: undefined }, { ...spoke, [OPERATOR]: operator() });
  expect(findings.some(({ rule }) => rule === "instance-harms")).toBe(true);
  // Somebody installed the own one by hand.
  expect(verifyEdits({ [SPOKE]: undefined }, spoke).verdict).toBe("deletes");
  expect(verifyEdits({ [SPOKE]: operator("values: {rbac: {create: false}}") }, spoke).verdict).toBe("safe");
});

test("an operator that Flux applies itself", () => {
  const pods = (version: string) =>
    object("Deployment", "flux-operator", "apps/v1", [
      "  namespace: flux-system",
      "spec:",
      "  selector: {matchLabels: {app: operator}}",
      "  template:",
      "    metadata: {labels: {app: operator}}",
      "    spec:",
      "      serviceAccountName: flux-operator",
      `      containers: [{name: manager, image: 'ghcr.io/controlplaneio-fluxcd/flux-operator:${version}'}]`,
    ]);
  const account = object("ServiceAccount", "flux-operator", "v1", ["  namespace: flux-system"]);
  const INSTANCE = "kubernetes/flux/config/instance.yaml";
  const plain = {
    ...tree,
    [OPERATOR]: account + binding + pods("v0.58.0"),
    [INSTANCE]: operatorTree()[INSTANCE]!.replace("2.6.x", "2.9.x"),
  };
  const rules = (text: string) =>
    verifyEdits({ [OPERATOR]: text }, plain)
      .findings.filter(({ level }) => level === "blocker")
      .map(({ rule }) => rule);
  expect(rules(account + binding)).toEqual(["instance-harms"]);
  expect(rules(account + pods("v0.58.0"))).toEqual(["instance-harms"]);
  expect(rules(account + binding + pods("v0.50.0"))).toEqual(["instance-harms"]);
  expect(rules(account + binding + pods("v0.58.1"))).toEqual([]);
});
