import { expect, test } from "vitest";
import { homeTree, kustomization, object } from "../home-tree.ts";
import { inShort, PLAYER_APP, says } from "./tree.ts";

const FILE = `${PLAYER_APP}/policy.yaml`;
const tree = (text: string) => ({
  ...homeTree(),
  [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "policy.yaml"]),
  [FILE]: text,
});
const goes = (from: string, to: string) => inShort(tree(from), { [FILE]: to });

const policy = (action: string, own = "", name = "team") =>
  object("ClusterPolicy", "labels", "kyverno.io/v1", [
    `spec: {${action}rules: [{name: ${name}, validate: {${own}message: team}}, {name: other, mutate: {}}]}`,
  ]);
const [AUDIT, ENFORCE] = ["validationFailureAction: Audit, ", "validationFailureAction: enforce, "];
const UNPROVEN = "unproven | safety-unknown ClusterPolicy labels";

test("a policy of Kyverno that reported begins to refuse", () => {
  expect(goes(policy(AUDIT), policy(ENFORCE))).toBe(UNPROVEN);
  expect(goes(policy(""), policy("", "failureAction: Enforce, "))).toBe(UNPROVEN);
  expect(
    says(tree(policy(AUDIT)), { [FILE]: policy(ENFORCE) })
      .findings.map(({ next }) => next)
      .join(),
  ).toContain("kubectl get policyreport,clusterpolicyreport -A");
});

test("one that does so already, that comes, or that stops it does not", () => {
  expect(goes(policy(ENFORCE), policy("", "failureAction: Enforce, "))).toBe("safe");
  expect(goes(policy(AUDIT), policy(ENFORCE, "failureAction: Audit, "))).toBe("safe");
  expect(goes(policy(ENFORCE), policy(AUDIT))).toBe("safe");
  expect(goes(policy(AUDIT), policy(ENFORCE, "", "new"))).toBe("safe");
  const comes = says(tree(object("ConfigMap", "x")), { [FILE]: policy(ENFORCE) });
  expect(comes.findings.map(({ what }) => what).join()).not.toContain("refuses from then on");
});

test("a constraint of Gatekeeper does so as well, which denies unless it says otherwise", () => {
  const constraint = (action: string) =>
    object("K8sRequiredLabels", "team", "constraints.gatekeeper.sh/v1beta1", [`spec: {${action}match: {}}`]);
  const dry = constraint("enforcementAction: dryrun, ");
  const said = "unproven | safety-unknown K8sRequiredLabels";
  expect(goes(dry, constraint(""))).toContain(said);
  expect(goes(dry, constraint("enforcementAction: deny, "))).toContain(said);
  expect(goes(dry, constraint("enforcementAction: warn, "))).toBe("safe");
  expect(goes(constraint(""), constraint("enforcementAction: deny, "))).toBe("safe");
});

test("a binding of a policy of Kubernetes that warned begins to deny", () => {
  const binding = (...actions: string[]) =>
    object("ValidatingAdmissionPolicyBinding", "labels", "admissionregistration.k8s.io/v1", [
      `spec: {policyName: labels, validationActions: [${actions.join(", ")}]}`,
    ]);
  const said = "unproven | safety-unknown ValidatingAdmissionPolicyBinding labels";
  expect(goes(binding("Audit", "Warn"), binding("Audit", "Deny"))).toBe(said);
  expect(goes(binding("Deny"), binding("Deny", "Audit"))).toBe("safe");
  expect(goes(binding("Deny"), binding("Audit"))).toBe("safe");
});

/** Whether a change of the policy asks more of what Flux itself is told. */
const asks = (from: string | undefined, to: string) =>
  says(tree(from ?? object("ConfigMap", "x")), { [FILE]: to }).findings.some(({ what }) =>
    what.includes("is asked about objects of Flux"),
  );

test("a policy of Kyverno comes that is asked about objects of Flux and refuses, or it asks for something else", () => {
  const of = (match: string, more = "pattern: {a: b}", action = ENFORCE) =>
    object("ClusterPolicy", "labels", "kyverno.io/v1", [
      `spec: {${action}rules: [{name: team, match: ${match}, validate: {message: a, ${more}}}]}`,
    ]);
  const any = (resources: string) => `{any: [{resources: {${resources}}}]}`;
  const releases = of(any("kinds: [HelmRelease]"));
  expect(asks(undefined, releases)).toBe(true);
  expect(asks(undefined, of("{resources: {kinds: [helm.toolkit.fluxcd.io/v2/HelmRelease]}}"))).toBe(true);
  expect(asks(undefined, of(any('kinds: ["*"]')))).toBe(true);
  expect(asks(undefined, of(any("kinds: [HelmRelease], namespaces: [media]")))).toBe(true);
  expect(asks(undefined, of(any("kinds: [HelmRelease], namespaces: [elsewhere]")))).toBe(false);
  expect(asks(undefined, of(any("kinds: [HelmRelease], operations: [DELETE]")))).toBe(false);
  expect(asks(undefined, of(any("kinds: [Bucket, Pod]")))).toBe(false);
  expect(asks(undefined, of(any("kinds: [HelmRelease]"), "pattern: {a: b}", AUDIT))).toBe(false);
  expect(asks(releases, releases.replace("message: a", "message: b"))).toBe(false);
  expect(asks(releases, releases.replace("{a: b}", "{a: c}"))).toBe(true);
  expect(asks(releases, of(any("kinds: [HelmRelease, Kustomization]")))).toBe(true);
});

test("so does a constraint of Gatekeeper, and a binding of a policy of Kubernetes", () => {
  const constraint = (match: string, action = "") =>
    object("K8sRequiredLabels", "team", "constraints.gatekeeper.sh/v1beta1", [`spec: {${action}match: {${match}}}`]);
  expect(asks(undefined, constraint('kinds: [{apiGroups: ["*"], kinds: [Kustomization]}]'))).toBe(true);
  expect(asks(undefined, constraint("kinds: [{apiGroups: [apps], kinds: [Deployment]}]"))).not.toBe(true);
  expect(asks(undefined, constraint("kinds: [{kinds: [Kustomization]}]", "enforcementAction: warn, "))).toBe(false);
  const binding = (rules: string, actions = "[Deny]") =>
    object("ValidatingAdmissionPolicy", "labels", "admissionregistration.k8s.io/v1", [
      `spec: {matchConstraints: {resourceRules: [{${rules}}]}, validations: [{expression: has(object.spec)}]}`,
    ]) +
    object("ValidatingAdmissionPolicyBinding", "labels", "admissionregistration.k8s.io/v1", [
      `spec: {policyName: labels, validationActions: ${actions}}`,
    ]);
  const releases = "apiGroups: [helm.toolkit.fluxcd.io], apiVersions: ['*'], resources: [helmreleases]";
  expect(asks(undefined, binding(`${releases}, operations: [UPDATE]`))).toBe(true);
  expect(asks(undefined, binding(`${releases}, operations: [DELETE]`))).not.toBe(true);
  expect(asks(undefined, binding(`${releases}, operations: [UPDATE]`, "[Warn]"))).not.toBe(true);
  expect(asks(undefined, binding("apiGroups: ['*'], apiVersions: ['*'], resources: [pods], operations: ['*']"))).toBe(
    false,
  );
  expect(asks(undefined, binding("apiGroups: [apps], apiVersions: [v1], resources: ['*'], operations: ['*']"))).toBe(
    false,
  );
});
