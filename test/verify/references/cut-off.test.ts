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

test("a policy of Cilium that denies Flux what it needs is named, whatever others allow", () => {
  const cilium = (spec: string, kind = "CiliumNetworkPolicy") =>
    object(kind, "deny", "cilium.io/v2", [
      ...(kind === "CiliumNetworkPolicy" ? ["  namespace: flux-system"] : []),
      spec,
    ]);
  const said = (text: string) =>
    inShort({ ...op, [POLICY]: cilium("spec: {endpointSelector: {}}") }, { [POLICY]: text });
  const wide = "CiliumClusterwideNetworkPolicy";
  for (const text of [
    cilium("spec: {endpointSelector: {}, egressDeny: [{toEntities: [world]}]}"),
    cilium("spec: {endpointSelector: {matchLabels: {app: source-controller}}, egressDeny: [{toCIDR: [0.0.0.0/0]}]}"),
    cilium("spec: {endpointSelector: {}, ingressDeny: [{fromEntities: [cluster]}]}"),
    cilium("specs: [{endpointSelector: {}, egressDeny: [{toEntities: [all]}]}]"),
    cilium("spec: {endpointSelector: {}, egressDeny: [{toEntities: [kube-apiserver]}]}", wide),
  ])
    expect(said(text)).toContain("reconcile-stops Cilium");
  for (const text of [
    cilium("spec: {endpointSelector: {}, egress: [{toEntities: [cluster]}]}"),
    cilium("spec: {endpointSelector: {}, egressDeny: [{toEntities: [world], toPorts: [{ports: [{port: '25'}]}]}]}"),
    cilium("spec: {endpointSelector: {matchLabels: {app: web}}, egressDeny: [{toEntities: [all]}]}"),
    cilium(
      "spec: {endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': media}}, egressDeny: [{toEntities: [all]}]}",
      wide,
    ),
    cilium("spec: {endpointSelector: {}, ingressDeny: [{fromEntities: [world]}]}", wide),
  ])
    expect(said(text)).not.toContain("reconcile-stops");
});
