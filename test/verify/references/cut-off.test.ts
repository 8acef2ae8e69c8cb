import { expect, test } from "vitest";
import { homeTree, object, operatorTree } from "../home-tree.ts";
import { inShort } from "./tree.ts";

const [INSTANCE, POLICY] = ["kubernetes/flux/config/instance.yaml", "kubernetes/flux/vars/policy.yaml"];
const policy = (spec: string) =>
  object("NetworkPolicy", "deny", "networking.k8s.io/v1", ["  namespace: flux-system", `spec: {${spec}}`]);
const op = operatorTree();
const OFF = `${op[INSTANCE]}  cluster: {networkPolicy: false}\n`;
const ALL = policy("podSelector: {}, policyTypes: [Ingress, Egress]");
const STOPS = "unsafe | reconcile-stops NetworkPolicy flux-system/deny";

test("a NetworkPolicy that cuts Flux off is named where none of the install lets it through", () => {
  const bare = { ...op, [INSTANCE]: OFF };
  expect(inShort(bare, { [POLICY]: ALL })).toBe(STOPS);
  expect(inShort(bare, { [POLICY]: policy("podSelector: {}, policyTypes: [Ingress]") })).toBe(STOPS);
  expect(
    inShort(bare, { [POLICY]: policy("podSelector: {matchLabels: {app: kustomize-controller}}, egress: []") }),
  ).toBe(STOPS);
  const dns = policy("podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]");
  expect(inShort(bare, { [POLICY]: dns })).toBe(STOPS);
  expect(inShort({ ...op, [POLICY]: ALL }, { [INSTANCE]: OFF })).toBe(STOPS);
  expect(inShort({ ...bare, [POLICY]: ALL }, { [POLICY]: dns })).toBe("safe");
});

test("one that leaves a way, or is for others, is not", () => {
  const bare = { ...op, [INSTANCE]: OFF };
  expect(inShort(op, { [POLICY]: ALL })).toBe("safe");
  expect(inShort(homeTree(), { [POLICY]: ALL })).toBe("safe");
  for (const spec of [
    "podSelector: {}, policyTypes: [Egress], egress: [{}]",
    "podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]",
    "podSelector: {matchExpressions: [{key: app, operator: Exists}]}, policyTypes: [Egress]",
    "podSelector: {}, egress: [{ports: [{port: 443}]}], ingress: [{from: [{podSelector: {}}]}]",
  ])
    expect(inShort(bare, { [POLICY]: policy(spec) })).toBe("safe");
});
