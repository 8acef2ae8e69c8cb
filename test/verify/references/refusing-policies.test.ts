import { expect, test } from "vitest";
import { homeTree, kustomization, object } from "../home-tree.ts";
import { inShort, PLAYER_APP } from "./tree.ts";

const GROUP = "admissionregistration.k8s.io/v1";
const LIST = `${PLAYER_APP}/kustomization.yaml`;
const FILE = `${PLAYER_APP}/policy.yaml`;
const ALL = "{apiGroups: ['*'], apiVersions: ['*'], operations: [CREATE, UPDATE], resources: ['*']}";
const policy = (expression: string, { rule = ALL, more = "", within = "", binding = "" } = {}) =>
  object("ValidatingAdmissionPolicy", "guard", GROUP, [
    `spec: {matchConstraints: {resourceRules: [${rule}]${within}}, validations: [{expression: "${expression}"}]${more}}`,
  ]) +
  object("ValidatingAdmissionPolicyBinding", "guard", GROUP, [
    `spec: {policyName: guard, ${binding || "validationActions: [Deny]"}}`,
  ]);
const calm = policy("true");
const tree = { ...homeTree(), [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "policy.yaml"]), [FILE]: calm };

test("a policy that refuses all that anybody writes", () => {
  const stops = "unsafe | reconcile-stops ValidatingAdmissionPolicy guard";
  expect(inShort(tree, { [FILE]: policy("false") })).toBe(stops);
  expect(
    inShort(
      { ...tree, [FILE]: policy("false", { binding: "validationActions: [Warn]" }) },
      { [FILE]: policy("false") },
    ),
  ).toBe(stops);
  expect(inShort({ ...tree, [FILE]: policy("false") }, { [FILE]: policy("false ") })).toBe("safe");
});

test.each([
  ["tells of it alone", policy("false", { binding: "validationActions: [Audit]" })],
  [
    "is for a namespace",
    policy("false", {
      binding: "validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {a: b}}}",
    }),
  ],
  ["is for some objects", policy("false", { within: ", objectSelector: {matchLabels: {a: b}}" })],
  ["is for calls", policy("false", { rule: ALL.replace("CREATE, UPDATE", "CONNECT") })],
  ["has conditions", policy("false", { more: ", matchConditions: [{name: a, expression: 'object.kind == \"Pod\"'}]" })],
])("one that %s lets Flux work", (_, text) => {
  expect(inShort(tree, { [FILE]: text })).toBe("safe");
});

test("one that looks may refuse what Flux applies, and one for pods its controllers", () => {
  const unproven = "unproven | safety-unknown ValidatingAdmissionPolicy guard";
  expect(inShort(tree, { [FILE]: policy("object.metadata.name != 'a'") })).toBe(unproven);
  const pods = policy("false", { rule: ALL.replace("resources: ['*']", "resources: [pods]") });
  expect(inShort(tree, { [FILE]: pods })).toBe("unsafe | reconcile-stops ValidatingAdmissionPolicy guard");
});
