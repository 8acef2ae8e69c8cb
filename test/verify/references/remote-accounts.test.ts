import { expect, test } from "vitest";
import { homeTree, ks, kustomization, object, operatorTree, release } from "../home-tree.ts";
import { type Files, judge } from "../judge.ts";
import { CHESS_APP, inShort } from "./tree.ts";

const GAMES = "kubernetes/apps/games";
const WEST = `${GAMES}/west.yaml`;
const RBAC = "spokes/rbac/binding.yaml";
const RELEASE = `${CHESS_APP}/helmrelease.yaml`;
const INSTANCE = "kubernetes/flux/config/instance.yaml";
const FAR = "kubeConfig: {secretRef: {name: west}}";

const spoke = (name: string, ...spec: string[]) => ks(name, `spokes/${name}`, [FAR, ...spec]);
const RIGHTS = spoke("rbac", "serviceAccountName: maker");
const config = object("ConfigMap", "west", "v1", ["  namespace: shop"]);
const binding = (name: string) =>
  object("ClusterRoleBinding", name, "rbac.authorization.k8s.io/v1", [
    "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}",
    `subjects: [{kind: ServiceAccount, name: ${name}, namespace: flux-system}]`,
  ]);

/** What one cluster applies to another, with the bindings that it makes there. */
const hub = (west: string, rbac = config): Files => ({
  ...homeTree(),
  [`${GAMES}/kustomization.yaml`]: kustomization(["namespace.yaml", "chess/ks.yaml", "west.yaml"]),
  [WEST]: `${west}${RIGHTS}`,
  "spokes/west/config.yaml": config,
  [RBAC]: rbac,
});
const put = (west: string) => ({ [WEST]: `${west}${RIGHTS}` });
const as = (name: string, ...more: string[]) => spoke("west", `serviceAccountName: ${name}`, ...more);
const OPEN = "unproven | safety-unknown Kustomization flux-system/west";
const LOCKDOWN = "  cluster: {multitenant: true}\n";

/** The same files where the operator installs Flux. @param more lines of its instance; without any that stays as it is */
function ofInstance(files: Files, more?: string): Files {
  const { "kubernetes/flux/config/cluster.yaml": _, "kubernetes/flux/config/flux.yaml": __, ...rest } = files;
  const moved = Object.entries(rest).map(([path, text]) => [
    path,
    text.replaceAll("name: home\n", "name: flux-system\n"),
  ]);
  if (more === undefined) return Object.fromEntries(moved);
  const { [INSTANCE]: instance, "kubernetes/flux/config/kustomization.yaml": listed } = operatorTree();
  return {
    ...Object.fromEntries(moved),
    "kubernetes/flux/config/kustomization.yaml": listed!,
    [INSTANCE]: instance!.replace("  sync:", `${more}  sync:`),
  };
}

test("what goes on in another cluster as another account needs its rights there", () => {
  expect(inShort(hub(spoke("west")), put(as("kustomize-controller")))).toBe(OPEN);
  expect(inShort(hub(as("helm-controller")), put(as("kustomize-controller")))).toBe(OPEN);
  const bound = hub(as("helm-controller"), binding("kustomize-controller"));
  expect(inShort(bound, put(as("kustomize-controller")))).toBe("safe");
  // A binding of this cluster gives none there.
  const here = { ...hub(as("helm-controller")), "kubernetes/flux/vars/rbac.yaml": binding("kustomize-controller") };
  expect(inShort(here, put(as("kustomize-controller")))).toBe(OPEN);
  // Something is applied there as that already.
  const both = `${as("helm-controller")}${as("kustomize-controller").replace("name: west", "name: other")}`;
  expect(inShort(hub(both), put(both.replace("helm-", "kustomize-")))).toBe("safe");
  expect(inShort(hub(as("helm-controller")), put(as("helm-controller", "timeout: 3m")))).toBe("safe");
});

test("the same of a release, and of what names none any more and gets the default one", () => {
  const far = (...spec: string[]) => release("chess", [...spec, FAR]);
  const named = ofInstance({ ...hub(as("helm-controller")), [RELEASE]: far("serviceAccountName: team") }, LOCKDOWN);
  expect(inShort(named, { [RELEASE]: far() })).toBe("unproven | safety-unknown HelmRelease games/chess");
  const unnamed = ofInstance(put(spoke("west")));
  expect(inShort(named, unnamed)).toBe(OPEN);
  expect(inShort(ofInstance(hub(as("helm-controller"), binding("default")), LOCKDOWN), unnamed)).toBe("safe");
  // Without a default account the user of the kubeconfig does it, who acted as the other.
  expect(inShort(hub(as("helm-controller")), put(spoke("west")))).toBe("safe");
  const open = ofInstance(hub(spoke("west")), "");
  const { findings } = judge(open, { [INSTANCE]: ofInstance(hub(spoke("west")), LOCKDOWN)[INSTANCE] });
  const said = findings.find(({ resource }) => resource === "Kustomization flux-system/west");
  expect(said?.what).toContain("as ServiceAccount flux-system/default of it from then on, since it names none");
  expect(said?.next).toContain("--as=system:serviceaccount:flux-system:default");
});

test("where nothing says which flags the controllers have, nobody knows what becomes of it", () => {
  const { "kubernetes/flux/config/flux.yaml": _, ...unseen } = hub(as("helm-controller"));
  unseen["kubernetes/flux/config/kustomization.yaml"] = kustomization(["cluster.yaml"]);
  expect(inShort(unseen, put(spoke("west")))).toBe(OPEN);
  expect(
    judge(unseen, put(spoke("west")))
      .findings.map(({ what }) => what)
      .join(),
  ).toContain("with the rights of the kubeconfig");
});

test("the last binding of the account goes in that cluster", () => {
  const before = hub(as("helm-controller"), binding("helm-controller") + config);
  expect(inShort(before, { [RBAC]: config })).toBe("unsafe | reference-breaks Kustomization flux-system/west");
  expect(judge(before, { [RBAC]: config }).findings.map(({ what }) => what)).toContain(
    "Kustomization flux-system/west is applied to another cluster as ServiceAccount flux-system/helm-controller, and this change removes its last binding there: Flux may not apply it any more.",
  );
  // Here the same account lost nothing.
  const local: Files = { ...before, [RELEASE]: release("chess") };
  local[WEST] = local[WEST]!.replace(`  ${FAR}\n`, "");
  expect(inShort(local, { [RBAC]: config })).not.toContain("reference-breaks");
});
