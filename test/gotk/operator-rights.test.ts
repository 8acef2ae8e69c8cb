import { expect, test } from "vitest";
import { kustomization, makeFluxSystem } from "./make-gotk.ts";
import { runPhase } from "./run-phases.ts";

const DIR = "clusters/home";
const BINDING =
  "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata:\n  name: cluster-reconciler-flux-system\n";
const GONE = `- patch: |\n${`${BINDING}$patch: delete\n`.replace(/^(?=.)/gm, "    ")}`;
const NARROWED =
  "- patch: |\n    - op: replace\n      path: /roleRef/name\n      value: view\n  target:\n    kind: ClusterRoleBinding\n    name: cluster-reconciler.*\n";
const withoutSubject = (index: number) =>
  `- patch: |\n    - op: remove\n      path: /subjects/${index}\n  target:\n    kind: ClusterRoleBinding\n    name: cluster-reconciler.*\n`;

function powerless(patches: string, more: Record<string, string> = {}): string[] {
  const list = `resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${Object.keys(more)
    .map((name) => `- ${name}\n`)
    .join("")}patches:\n`;
  const tree = makeFluxSystem(DIR, { kustomization: kustomization(`${list}${patches}`), more });
  const said = runPhase(tree, "install").findings;
  return said
    .filter(({ rule }) => rule === "operator-rights-missing")
    .map(({ what, at }) => `${/ServiceAccount (\S+)/.exec(what)![1]} ${at?.file}:${at?.line}`);
}

const SAID = [`flux-system/helm-controller ${DIR}/flux-system/kustomization.yaml:7`];

test("an install whose controllers may not bind the operator's account is told, at the patch that takes the rights", () => {
  expect(powerless(GONE)).toEqual(SAID);
  expect(powerless(NARROWED)).toEqual(SAID);
  expect(powerless(withoutSubject(1))).toEqual(SAID);
  // Of kustomize-controller the chart needs nothing.
  expect(powerless(withoutSubject(0))).toEqual([]);
});

function own(role: string, rules?: string) {
  const binding = `${BINDING.replace("cluster-reconciler-flux-system", "ours")}roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: ${role}\nsubjects:\n- kind: ServiceAccount\n  name: helm-controller\n  namespace: flux-system\n`;
  const made = `---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: ${role}\nrules:\n${rules}`;
  return { "rights.yaml": rules === undefined ? binding : `${binding}${made}` };
}

const LINE = SAID.map((one) => one.replace(":7", ":8"));

test.each<[string, string, string | undefined, readonly string[]]>([
  ["cluster-admin", "cluster-admin", undefined, []],
  ["a role that is not in Git", "made-elsewhere", undefined, []],
  ["all rights", "all", '- apiGroups: ["*"]\n  resources: ["*"]\n  verbs: ["*"]\n', []],
  [
    "the right to bind",
    "binder",
    "- apiGroups: [rbac.authorization.k8s.io]\n  resources: [clusterroles]\n  verbs: [bind]\n",
    [],
  ],
  ["less", "health", "- nonResourceURLs: [/livez]\n  verbs: [head]\n", LINE],
])("a binding of the owner to %s", (_, role, rules, told) => {
  expect(powerless(GONE, own(role, rules))).toEqual(told);
});

test("nothing is told where patches leave the rights alone", () => {
  expect(
    powerless("- patch: |\n    - op: remove\n      path: /metadata/labels\n  target:\n    kind: NetworkPolicy\n"),
  ).toEqual([]);
});
