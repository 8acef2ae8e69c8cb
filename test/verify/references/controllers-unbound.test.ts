import { expect, test } from "vitest";
import type { YamlData } from "../../../src/contract/objects.ts";
import { APP, CONFIG, type GotkOptions, makeFluxSystem } from "../../gotk/make-gotk.ts";
import { object } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";

const DIR = "clusters/home";
const COMPONENTS = `${DIR}/flux-system/gotk-components.yaml`;

const tree = (edit?: GotkOptions["edit"], more: Files = {}): Files => ({
  ...makeFluxSystem(DIR, edit ? { edit } : {}),
  [`${DIR}/apps.yaml`]: APP,
  "apps/settings.yaml": CONFIG,
  ...more,
});

const without = (kind: string, name: RegExp) => (one: YamlData) =>
  one.kind === kind && name.test(one.metadata.name) ? undefined : one;
const withSubjects = (name: RegExp, subjects: YamlData[]) => (one: YamlData) =>
  one.kind === "ClusterRoleBinding" && name.test(one.metadata.name) ? { ...one, subjects } : one;

/** What is said of controllers, in full, when the install is edited. */
function saysOf(edit: GotkOptions["edit"], before = tree()) {
  const edits: Edits = { [COMPONENTS]: tree(edit)[COMPONENTS]! };
  expect(edits[COMPONENTS]).not.toBe(before[COMPONENTS]);
  return judge(before, edits)
    .findings.filter(({ rule, resource }) => rule === "reconcile-stops" && resource?.startsWith("Deployment"))
    .map(({ level, resource, what, why, next }) => ({ level, resource, what, why, next }));
}

const APPLIES = "Flux may not apply anything any more, this binding included";
const OWN = "What names no ServiceAccount of its own is applied with the rights of the controller.";
const KEEP = "Keep the binding, or give the account another one in the same change.";
const unbound = (name: string, so: string, why: string) => ({
  level: "blocker",
  resource: `Deployment flux-system/${name}`,
  what: `Deployment flux-system/${name} runs as ServiceAccount flux-system/${name}, and this change removes its last binding: ${so}.`,
  why,
  next: KEEP,
});
const KUSTOMIZE = unbound("kustomize-controller", APPLIES, OWN);
const HELM = unbound("helm-controller", APPLIES, OWN);
const SOURCE = unbound(
  "source-controller",
  "Flux may not read its own sources any more",
  "Its rights on Flux's own kinds are all it has.",
);
const subject = (name: string, namespace = "flux-system") => ({ kind: "ServiceAccount", name, namespace });

test("the binding goes of the controllers that apply", () => {
  expect(saysOf(without("ClusterRoleBinding", /^cluster-reconciler/))).toEqual([KUSTOMIZE, HELM]);
});

test("it stays and names one of them no more, or both in another namespace", () => {
  expect(saysOf(withSubjects(/^cluster-reconciler/, [subject("kustomize-controller")]))).toEqual([HELM]);
  const elsewhere = [subject("kustomize-controller", "flux"), subject("helm-controller", "flux")];
  expect(saysOf(withSubjects(/^cluster-reconciler/, elsewhere))).toEqual([KUSTOMIZE, HELM]);
});

test("what lets all controllers read Flux's own kinds is enough for sources alone", () => {
  expect(saysOf(without("ClusterRoleBinding", /^crd-controller/))).toEqual([SOURCE]);
  const reconciler = [subject("kustomize-controller"), subject("helm-controller"), subject("source-controller")];
  const both = (one: YamlData) =>
    withSubjects(/^cluster-reconciler/, reconciler)(without("ClusterRoleBinding", /^crd-controller/)(one) ?? {});
  const drop = (one: YamlData) => (both(one).kind ? both(one) : undefined);
  expect(saysOf(drop)).toEqual([]);
});

test("another binding is enough, wherever it stands, and in whatever words", () => {
  const group = object("ClusterRoleBinding", "all-of-flux", "rbac.authorization.k8s.io/v1", [
    "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}",
    "subjects: [{kind: Group, name: 'system:serviceaccounts:flux-system', apiGroup: rbac.authorization.k8s.io}]",
  ]);
  const beside = tree(undefined, { "apps/rbac.yaml": group });
  expect(saysOf(without("ClusterRoleBinding", /^cluster-reconciler/), beside)).toEqual([]);
});

test("a controller runs as an account that nothing binds", () => {
  const renamed = (one: YamlData) => {
    if (one.kind !== "Deployment" || one.metadata.name !== "helm-controller") return one;
    const copy = structuredClone(one);
    copy.spec.template.spec.serviceAccountName = "helm";
    return copy;
  };
  expect(saysOf(renamed)).toEqual([
    {
      ...HELM,
      what: `Deployment flux-system/helm-controller runs as ServiceAccount flux-system/helm from then on, and nothing in Git gives that these rights: ${APPLIES}.`,
      next: "Bind helm as helm-controller is bound first, or take the edit back.",
    },
  ]);
});

test("nothing is said where the rights were never in Git", () => {
  const none = without("ClusterRoleBinding", /^cluster-reconciler/);
  const label = (one: YamlData) => {
    const kept = none(one);
    return kept?.kind === "Namespace" ? { ...kept, metadata: { ...kept.metadata, labels: { team: "a" } } } : kept;
  };
  expect(saysOf(label, tree(none))).toEqual([]);
});
