import { expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { operatorTree } from "./home-tree.ts";

const INSTANCE = "kubernetes/flux/config/instance.yaml";
const tree = operatorTree();
const CONTAINER = "/spec/template/spec/containers/0";

/** What is said when the FluxInstance gets a patch of one operation. */
function patched(kind: string, name: string, lines: readonly string[]): string {
  const all = ["  kustomize:", "    patches:", `      - target: {kind: ${kind}, name: ${name}}`, "        patch: |"];
  const text = [...all, ...lines.map((line) => `          ${line}`), ""].join("\n");
  const { verdict, findings } = verifyEdits({ [INSTANCE]: `${tree[INSTANCE]}${text}` }, tree);
  const stops = findings.filter(({ level }) => level === "blocker").map(({ rule, what }) => `${rule}: ${what}`);
  return [verdict, ...stops].join(" | ");
}

const set = (path: string, value: string, op = "replace") => [`- op: ${op}`, `  path: ${path}`, `  value: ${value}`];
const remove = (kind: string, apiVersion: string, name: string) => [
  "$patch: delete",
  `apiVersion: ${apiVersion}`,
  `kind: ${kind}`,
  `metadata: {name: ${name}}`,
];
const RBAC = "rbac.authorization.k8s.io/v1";

test.each<[string, string, string, string[], string]>([
  [
    "the Service goes",
    "Service",
    "source-controller",
    remove("Service", "v1", "source-controller"),
    "is not there any",
  ],
  ["its selector", "Service", "source-controller", set("/spec/selector", "{app: web}"), "selects its pods no more"],
  ["its port", "Service", "source-controller", set("/spec/ports/0/port", "8080"), "has no port 80 any more"],
  ["its target", "Service", "source-controller", set("/spec/ports/0/targetPort", "web"), "leads to port web, which"],
  [
    "all arguments",
    "Deployment",
    "source-controller",
    set(`${CONTAINER}/args`, "[--log-level=debug]"),
    "--storage-adv",
  ],
  ["an argument by its place", "Deployment", "source-controller", set(`${CONTAINER}/args/5`, "--a"), "--storage-path"],
  [
    "a probe",
    "Deployment",
    "helm-controller",
    set(`${CONTAINER}/livenessProbe/httpGet/port`, "9999"),
    "the livenessProbe of helm-controller asks a port",
  ],
  [
    "the role of all controllers goes",
    "ClusterRole",
    "crd-controller-flux-system",
    remove("ClusterRole", RBAC, "crd-controller-flux-system"),
    "gives the controllers no rights on Flux's own kinds",
  ],
  [
    "its binding goes",
    "ClusterRoleBinding",
    "crd-controller-flux-system",
    remove("ClusterRoleBinding", RBAC, "crd-controller-flux-system"),
    "source-controller runs as ServiceAccount flux-system/source-controller",
  ],
  [
    "a binding gets another role",
    "ClusterRoleBinding",
    "cluster-reconciler-flux-system",
    set("/roleRef/name", "view"),
    "The API server refuses the change of roleRef",
  ],
])("a patch of the FluxInstance spoils Flux: %s", (_what, kind, name, lines, says) => {
  const said = patched(kind, name, lines);
  expect(said).toMatch(/^unsafe \| instance-harms: /);
  expect(said).toContain(says);
});

test("a patch takes the way out of the NetworkPolicy of Flux", () => {
  const said = patched("NetworkPolicy", "allow-egress", set("/spec/egress", "[]"));
  expect(said).toMatch(/^unsafe \| reconcile-stops: .*keeps source-controller from all that it has to reach/);
});

test.each<[string, string, string, string[]]>([
  ["an argument more", "Deployment", "source-controller", set(`${CONTAINER}/args/-`, "--concurrent=8", "add")],
  ["an argument that is there", "Deployment", "source-controller", set(`${CONTAINER}/args/2`, "--log-level=debug")],
  ["a port more", "Service", "source-controller", set("/spec/ports/-", "{name: prom, port: 8080}", "add")],
  ["a label", "Service", "source-controller", set("/metadata/labels/team", "web", "add")],
  ["another probe", "Deployment", "helm-controller", set(`${CONTAINER}/livenessProbe/httpGet/port`, "9440")],
  ["a rule", "ClusterRole", "crd-controller-flux-system", set("/rules/-", "{apiGroups: [a], verbs: ['*']}", "add")],
])("a patch of the FluxInstance that leaves Flux whole: %s", (_what, kind, name, lines) => {
  expect(patched(kind, name, lines)).toBe("safe");
});
