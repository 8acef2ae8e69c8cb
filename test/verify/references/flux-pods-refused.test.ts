import { expect, test } from "vitest";
import { fitsPattern } from "../../../src/admission/kyverno-pattern.ts";
import { object, operatorTree } from "../home-tree.ts";
import { inShort } from "./tree.ts";

const POLICY = "kubernetes/flux/vars/policy.yaml";
const op = operatorTree();
const goes = (from: string, to: string) => inShort({ ...op, [POLICY]: from }, { [POLICY]: to });

const kyverno = (pattern: string, match = "kinds: [Pod]", more = "") =>
  object("ClusterPolicy", "team", "kyverno.io/v1", [
    `spec: {validationFailureAction: Enforce, rules: [{name: a, match: {any: [{resources: {${match}}}]}, ${more}validate: {message: a, ${pattern}}}]}`,
  ]);
const TEAM = "pattern: {metadata: {labels: {team: '?*'}}}";
const REFUSED = "unsafe | reconcile-stops ClusterPolicy team";
const OPEN = "unproven | safety-unknown ClusterPolicy team";
// Of an API that nothing in this tree serves.
const plain = kyverno("pattern: {metadata: {name: '?*'}}");

test("a policy of Kyverno that refuses the pods of Flux", () => {
  expect(goes(plain, kyverno(TEAM))).toBe(REFUSED);
  expect(goes(kyverno(TEAM, "kinds: [Pod], namespaces: [media]"), kyverno(TEAM))).toBe(REFUSED);
  const out = "exclude: {any: [{resources: {namespaces: [flux-*]}}]}, ";
  expect(goes(kyverno(TEAM, "kinds: [Pod]", out), kyverno(TEAM))).toBe(REFUSED);
  expect(goes(plain, kyverno("podSecurity: {level: restricted}"))).toBe("safe");
  expect(goes(plain, kyverno(`any${TEAM.replace("pattern: ", "Pattern: [")}]`))).toBe(REFUSED);
  const operation = "preconditions: {all: [{key: '{{ request.operation }}', operator: NotEquals, value: DELETE}]}, ";
  expect(goes(plain, kyverno(TEAM, "kinds: [Pod]", operation))).toBe(REFUSED);
  expect(goes(plain, kyverno("deny: {conditions: {any: []}}"))).toBe(OPEN);
});

test("one that they fulfil, that leaves them out or reports, and one that was so before", () => {
  const of = (pattern: string) => kyverno(`pattern: ${pattern}`);
  for (const text of [
    of("{spec: {containers: [{image: '!*:latest'}]}}"),
    of("{spec: {containers: [{=(securityContext): {=(privileged): false}}]}}"),
    of("{spec: {=(volumes): [{X(hostPath): null}]}}"),
    of("{spec: {containers: [{resources: {limits: {memory: '<=4Gi'}}}]}}"),
    kyverno(TEAM, "kinds: [Pod], namespaces: [media, 'app-*']"),
    kyverno(TEAM, "kinds: [Pod], selector: {matchLabels: {a: b}}"),
    kyverno(TEAM, "kinds: [Pod], namespaceSelector: {matchLabels: {team: a}}"),
    kyverno(TEAM, "kinds: [Service]"),
    kyverno(TEAM, "kinds: [Pod]", "exclude: {any: [{resources: {namespaces: [flux-system]}}]}, "),
    kyverno(TEAM, "kinds: [Pod]", "exclude: {subjects: [{kind: User, name: a}]}, "),
    kyverno(TEAM, "kinds: [Pod]", "preconditions: {all: [{key: a, operator: Equals, value: b}]}, "),
    kyverno(TEAM).replace("Enforce", "Audit"),
  ])
    expect(goes(plain, text)).toBe("safe");
  expect(goes(kyverno(TEAM), kyverno(TEAM).replace("message: a", "message: b"))).toBe("safe");
  // Something may give them the label before.
  const fills = kyverno(TEAM).replace("rules: [", "rules: [{name: b, mutate: {patchStrategicMerge: {}}}, ");
  expect(goes(plain, fills)).toBe(OPEN);
});

test("an engine that is told to leave the namespace of Flux alone", () => {
  const config = object("ConfigMap", "kyverno", "v1", ["  namespace: kyverno", "data: {webhooks: flux-system}"]);
  expect(goes(config + plain, config + kyverno(TEAM))).not.toContain("reconcile-stops");
});

test("a constraint of Gatekeeper that comes to hold for the pods of Flux", () => {
  const constraint = (match: string) =>
    object("K8sRequiredLabels", "team", "constraints.gatekeeper.sh/v1beta1", [`spec: {match: {${match}}}`]);
  const pods = "kinds: [{apiGroups: ['*'], kinds: [Pod]}]";
  const said = "safety-unknown K8sRequiredLabels team";
  const before = constraint(`${pods}, excludedNamespaces: [flux-system]`);
  expect(goes(before, constraint(pods))).toContain(said);
  expect(goes(before, constraint(`${pods}, excludedNamespaces: ['flux-*']`))).not.toContain(said);
  expect(goes(before, constraint(`${pods}, namespaces: [media]`))).not.toContain(said);
  expect(goes(before, constraint("kinds: [{apiGroups: [''], kinds: [Service]}]"))).not.toContain(said);
});

test("a policy of Kubernetes that is edited while its binding stays", () => {
  const API = "admissionregistration.k8s.io/v1";
  const policy = (expression: string, rule: string, more = "") =>
    object("ValidatingAdmissionPolicy", "team", API, [
      `spec: {${more}matchConstraints: {resourceRules: [{${rule}, apiVersions: [v1], operations: [CREATE]}]}, validations: [{expression: "${expression}"}]}`,
    ]) +
    object("ValidatingAdmissionPolicyBinding", "team", API, ["spec: {policyName: team, validationActions: [Deny]}"]);
  const [pods, services] = ["apiGroups: [''], resources: [pods]", "apiGroups: [''], resources: [services]"];
  const said = "unproven | safety-unknown ValidatingAdmissionPolicy team";
  expect(goes(policy("true", pods), policy("has(object.a)", pods))).toBe(said);
  expect(goes(policy("has(object.a)", services), policy("has(object.a)", pods))).toBe(said);
  const deployments = "apiGroups: [apps], resources: [deployments]";
  expect(goes(policy("has(object.a)", services), policy("has(object.a)", deployments))).toBe(said);
  expect(goes(policy("true", services), policy("has(object.a)", services))).toBe("safe");
  const conditions = "matchConditions: [{name: a, expression: 'true'}], ";
  expect(goes(policy("true", pods), policy("has(object.a)", pods, conditions))).toBe("safe");
  expect(goes(policy("true", pods), policy("has(object.a)", pods).replace("[Deny]", "[Warn]"))).toBe("safe");
});

test("a policy of Kubernetes that comes to ask more of objects of Flux while its binding stays", () => {
  const API = "admissionregistration.k8s.io/v1";
  const policy = (expression: string) =>
    object("ValidatingAdmissionPolicy", "team", API, [
      `spec: {matchConstraints: {resourceRules: [{apiGroups: [helm.toolkit.fluxcd.io], apiVersions: ['*'], resources: [helmreleases], operations: [CREATE]}]}, validations: [{expression: "${expression}", message: a}]}`,
    ]) +
    object("ValidatingAdmissionPolicyBinding", "team", API, ["spec: {policyName: team, validationActions: [Deny]}"]);
  const said = "unproven | safety-unknown ValidatingAdmissionPolicy team";
  expect(goes(policy("true"), policy("has(object.spec.timeout)"))).toBe(said);
  expect(goes(policy("has(object.a)"), policy("has(object.a)").replace("message: a", "message: b"))).toBe("safe");
});

test("patterns of Kyverno", () => {
  const pod = { spec: { containers: [{ name: "a", image: "r/a:1" }, { name: "b" }], n: 3, off: false } };
  const rows: [unknown, string][] = [
    [{ spec: { containers: [{ name: "?" }] } }, "fits"],
    [{ spec: { containers: [{ name: "a | b" }] } }, "fits"],
    [{ spec: { containers: [{ "^(name)": "x" }] } }, "breaks"],
    [{ spec: { "^(containers)": [{ name: "a" }] } }, "fits"],
    [{ spec: { containers: [{ "(image)": "r/*", name: "a" }] } }, "fits"],
    [{ spec: { containers: [{ "(image)": "r/*", name: "z" }] } }, "breaks"],
    [{ spec: { containers: [{ image: "*" }] } }, "open"],
    [{ spec: { containers: [{ image: "?*" }] } }, "breaks"],
    [{ spec: { n: ">2 & <4" } }, "fits"],
    [{ spec: { n: 4 } }, "breaks"],
    [{ spec: { off: false, none: null } }, "fits"],
    [{ spec: { n: "{{ request.x }}" } }, "open"],
    [{ "X(spec)": null }, "breaks"],
    [{ "(spec)": { n: 4 }, metadata: { a: "b" } }, "skips"],
  ];
  for (const [pattern, fit] of rows) expect([pattern, fitsPattern(pattern, pod)]).toEqual([pattern, fit]);
  let deep: unknown = "x";
  let value: unknown = "x";
  for (let at = 0; at < 50_000; at++) [deep, value] = [{ a: deep }, { a: value }];
  expect(fitsPattern(deep, value)).toBe("open");
});
