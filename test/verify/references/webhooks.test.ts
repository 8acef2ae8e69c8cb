import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { inShort, PLAYER_APP, says } from "./tree.ts";

const HOOK = `${PLAYER_APP}/hook.yaml`;
const PODS = "{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}";
const hook = (more = "", rules = PODS, kind = "ValidatingWebhookConfiguration") =>
  object(kind, "guard", "admissionregistration.k8s.io/v1", [
    `webhooks: [{name: guard.example.com, sideEffects: None, admissionReviewVersions: [v1], rules: [${rules}], clientConfig: {service: {name: guard, namespace: media}}${more}}]`,
  ]);
const server =
  object("Deployment", "guard", "apps/v1", [
    "spec: {selector: {matchLabels: {app: guard}}, template: {metadata: {labels: {app: guard}}, spec: {containers: [{name: guard, image: guard}]}}}",
  ]) + object("Service", "guard", "v1", ["spec: {selector: {app: guard}, ports: [{port: 443}]}"]);
const tree = (text: string): Files => ({
  ...homeTree(),
  [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["hook.yaml", "server.yaml"]),
  [`${PLAYER_APP}/server.yaml`]: server,
  [HOOK]: text,
});
const NONE = "# none yet\n";
const EVERYTHING = "{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']}";
const OWN =
  ", namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [media]}]}";

describe("a webhook that is asked about its own pods", () => {
  test.each([
    ["about pods", hook(), "Validating"],
    ["about everything", hook("", EVERYTHING), "Validating"],
    ["where it changes objects", hook(", failurePolicy: Fail", EVERYTHING, "MutatingWebhookConfiguration"), "Mutating"],
    ["where it leaves out another namespace", hook(OWN.replace("[media]", "[games]")), "Validating"],
    [
      "where it is for pods with a label that these have",
      hook(", objectSelector: {matchLabels: {app: guard}}"),
      "Validating",
    ],
  ])("%s", (_, text, kind) => {
    expect(inShort(tree(NONE), { [HOOK]: text })).toBe(`unsafe | reconcile-stops ${kind}WebhookConfiguration guard`);
    expect(
      inShort(tree(text), { [HOOK]: text.replace("sideEffects: None", "sideEffects: None, timeoutSeconds: 5") }),
    ).toBe("safe");
  });

  test.each([
    ["where no answer is a yes", hook(", failurePolicy: Ignore")],
    ["where it leaves its own namespace out", hook(OWN)],
    ["where it leaves out what it may", hook(", namespaceSelector: {matchLabels: {guarded: 'yes'}}")],
    ["where it is for other pods", hook(", objectSelector: {matchLabels: {app: web}}")],
    ["where it says by itself what it is asked about", hook(", matchConditions: [{name: a, expression: 'true'}]")],
    ["about other kinds", hook("", PODS.replace("''", "example.com"))],
    ["about pods that change", hook("", PODS.replace("CREATE", "UPDATE"))],
  ])("is no trouble %s", (_, text) => {
    expect(inShort(tree(NONE), { [HOOK]: text })).toBe("safe");
  });
});

test("one whose Service nothing makes has to be looked at, and so has one whose pods are not in Git", () => {
  const away = (text: string) => text.replace("namespace: media", "namespace: guards");
  const said = "unproven | safety-unknown ValidatingWebhookConfiguration guard";
  const other = away(hook("", PODS.replace("''", "example.com")));
  expect(inShort(tree(NONE), { [HOOK]: other })).toBe(said);
  expect(says(tree(NONE), { [HOOK]: other }).findings[0]?.what).toContain("whose Service guards/guard nothing");
  expect(inShort(tree(NONE), { [HOOK]: away(hook()) })).toBe(said);
  expect(inShort(tree(other), { [HOOK]: other.replace("None", "NoneOnDryRun") })).toBe("safe");
});

test("a Service that goes while a webhook, an API or the conversion of a CRD names it breaks that", () => {
  const api = object("APIService", "v1.guard.example", "apiregistration.k8s.io/v1", [
    "spec: {group: guard.example, version: v1, groupPriorityMinimum: 1, versionPriority: 1, service: {name: guard, namespace: media}}",
  ]);
  const version = (name: string, storage: boolean) =>
    `{name: ${name}, served: true, storage: ${storage}, schema: {openAPIV3Schema: {type: object}}}`;
  const crd = object("CustomResourceDefinition", "rules.guard.example", "apiextensions.k8s.io/v1", [
    "spec:",
    "  group: guard.example",
    "  names: {kind: Rule, plural: rules}",
    "  scope: Namespaced",
    "  conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: {service: {name: guard, namespace: media}}}}",
    `  versions: [${version("v1", true)}, ${version("v1beta1", false)}]`,
  ]);
  const calm = hook(", failurePolicy: Ignore");
  const gone = { [`${PLAYER_APP}/server.yaml`]: NONE };
  expect(inShort(tree(calm + api), gone)).toBe(
    "unsafe | reference-breaks APIService v1.guard.example | reference-breaks ValidatingWebhookConfiguration guard",
  );
  expect(inShort(tree(crd), gone)).toBe("unsafe | reference-breaks CustomResourceDefinition rules.guard.example");
  // Charts bring most of them.
  expect(inShort(tree(NONE), { [HOOK]: crd.replace("namespace: media", "namespace: guards") })).toBe("safe");
});
