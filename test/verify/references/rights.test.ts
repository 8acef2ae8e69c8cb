import { expect, test } from "vitest";
import { APP, CONFIG, makeFluxSystem } from "../../gotk/make-gotk.ts";
import { runPhase } from "../../gotk/run-phases.ts";
import { homeTree, ks, kustomization, object, operatorTree, release } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";
import { CHESS, CHESS_APP, inShort } from "./tree.ts";

const GAMES = "kubernetes/apps/games";
const RBAC = `${GAMES}/rbac.yaml`;
const INSTANCE = "kubernetes/flux/config/instance.yaml";
const account = object("ServiceAccount", "team", "v1", ["  namespace: games"]);
const binding = (subject: string, name = "team", kind = "RoleBinding") =>
  object(kind, name, "rbac.authorization.k8s.io/v1", [
    "  namespace: games",
    "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}",
    `subjects: [${subject}]`,
  ]);
const TEAM = "{kind: ServiceAccount, name: team, namespace: games}";
const ALL = "{kind: Group, name: 'system:serviceaccounts:games', apiGroup: rbac.authorization.k8s.io}";

const tree = (rbac: string): Files => ({
  ...homeTree(),
  [`${GAMES}/kustomization.yaml`]: kustomization(["namespace.yaml", "chess/ks.yaml", "rbac.yaml"]),
  [RBAC]: account + rbac,
  [`${CHESS_APP}/helmrelease.yaml`]: release("chess", ["serviceAccountName: team"]),
});

test("the last binding of an account goes while a release is applied as it", () => {
  expect(inShort(tree(binding(TEAM)), { [RBAC]: account })).toBe("unsafe | reference-breaks HelmRelease games/chess");
});

test("the same of a ResourceSet", () => {
  const set = (own: string) =>
    object("ResourceSet", "chess", "fluxcd.controlplane.io/v1", ["  namespace: games", `spec: {${own}resources: []}`]);
  const of = (own: string) => ({
    ...tree(binding(TEAM) + set(own)),
    [`${CHESS_APP}/helmrelease.yaml`]: release("chess"),
  });
  const lose = (own: string) => inShort(of(own), { [RBAC]: account + set(own) });
  expect(lose("serviceAccountName: team, ")).toBe("unsafe | reference-breaks ResourceSet games/chess");
  expect(lose("serviceAccountName: other, ")).toBe("deletes");
  expect(lose("")).toBe("deletes");
});

test("or its subject gets another name or namespace", () => {
  const other = binding(TEAM.replace("namespace: games", "namespace: media"));
  expect(inShort(tree(binding(TEAM)), { [RBAC]: account + other })).toContain(
    "reference-breaks HelmRelease games/chess",
  );
});

test("another binding, or one of its group, is enough", () => {
  const both = tree(binding(TEAM) + binding(TEAM, "second"));
  expect(inShort(both, { [RBAC]: account + binding(TEAM, "second") })).toBe("deletes");
  expect(inShort(tree(binding(TEAM)), { [RBAC]: account + binding(ALL) })).toBe("safe");
});

const LOST = "unsafe | reference-breaks HelmRelease games/chess";
const RELEASE = `${CHESS_APP}/helmrelease.yaml`;
const CLUSTER_WIDE = ["'system:serviceaccounts'", "'system:authenticated'", "'system:serviceaccounts:games'"];

test.each<[subject: string]>([
  ["{kind: User, name: 'system:serviceaccount:games:team', apiGroup: rbac.authorization.k8s.io}"],
  ["{kind: ServiceAccount, name: team}"],
  ...CLUSTER_WIDE.map((name): [string] => [`{kind: Group, name: ${name}, apiGroup: rbac.authorization.k8s.io}`]),
])("another subject stands for the account as well: %s", (subject) => {
  expect(inShort(tree(binding(TEAM)), { [RBAC]: account + binding(subject) })).toBe("safe");
});

test("so does one that a Secret out of sight names", () => {
  const filled = ks("cluster-apps", "kubernetes/apps", ["postBuild: {substituteFrom: [{kind: Secret, name: unseen}]}"]);
  const open = binding("{kind: ServiceAccount, name: '${NAME}', namespace: games}");
  const files = { ...tree(binding(TEAM)), "kubernetes/flux/apps.yaml": filled };
  expect(inShort(files, { [RBAC]: account + open })).not.toContain("reference-breaks");
});

test.each([
  ["{kind: User, name: team, apiGroup: rbac.authorization.k8s.io}"],
  ["{kind: User, name: 'system:serviceaccount:media:team', apiGroup: rbac.authorization.k8s.io}"],
  ["{kind: Group, name: 'system:serviceaccounts:media', apiGroup: rbac.authorization.k8s.io}"],
  ["{kind: Group, name: team, apiGroup: rbac.authorization.k8s.io}"],
  ["{kind: ServiceAccount, name: guests, namespace: games}"],
])("another subject stands for somebody else: %s", (subject) => {
  expect(inShort(tree(binding(TEAM)), { [RBAC]: account + binding(subject) })).toBe(LOST);
});

test("an account goes that is named as a user, or for all of a cluster", () => {
  const user = binding("{kind: User, name: 'system:serviceaccount:games:team', apiGroup: rbac.authorization.k8s.io}");
  expect(inShort(tree(user), { [RBAC]: account })).toBe(LOST);
  expect(inShort(tree(binding(TEAM, "team", "ClusterRoleBinding")), { [RBAC]: account })).toBe(LOST);
});

test("what is suspended, or applied to another cluster, needs no account here", () => {
  const applied = (...spec: string[]) => ({
    ...tree(binding(TEAM)),
    [RELEASE]: release("chess", ["serviceAccountName: team", ...spec]),
  });
  expect(inShort(applied("suspend: true"), { [RBAC]: account })).toBe("deletes");
  expect(inShort(applied("suspend: false"), { [RBAC]: account })).toBe(LOST);
  expect(inShort(applied("kubeConfig: {secretRef: {name: other}}"), { [RBAC]: account })).not.toContain(
    "reference-breaks",
  );
});

test("a Kustomization is applied as an account as well, and another kind with such a field is not", () => {
  const named = tree(binding(TEAM.replace("namespace: games", "namespace: flux-system")));
  named[CHESS] = named[CHESS]!.replace("  prune: true", "  prune: true\n  serviceAccountName: team");
  named[RELEASE] = release("chess");
  named[RBAC] = named[RBAC]!.replace("namespace: games", "namespace: flux-system");
  const gone = { [RBAC]: account.replace("namespace: games", "namespace: flux-system") };
  expect(inShort(named, gone)).toContain("reference-breaks Kustomization flux-system/chess");
  const pod = object("Pod", "chess", "v1", ["spec: {serviceAccountName: team, containers: [{name: c, image: a/b:1}]}"]);
  expect(inShort({ ...tree(binding(TEAM)), [RELEASE]: pod }, { [RBAC]: account })).toBe("deletes");
});

test("nothing is said where what is applied as it goes as well, or never had a binding here", () => {
  const gone = { [RBAC]: account, [`${CHESS_APP}/helmrelease.yaml`]: release("chess") };
  expect(inShort(tree(binding(TEAM)), gone)).toBe("deletes");
  expect(inShort(tree(""), { [CHESS]: tree("")[CHESS]!.replace("30m", "1h") })).toBe("safe");
});

test("the binding of the controllers stays when the operator takes it over", () => {
  const app = APP.replace("spec:\n", "spec:\n  serviceAccountName: kustomize-controller\n");
  const before = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": app, "apps/settings.yaml": CONFIG };
  expect(app).toContain("serviceAccountName");
  const install = runPhase(before, "install");
  const written = Object.fromEntries(install.changed.map((path) => [path, install.files[path]!]));
  expect(inShort(before, written)).toBe("safe");
});

test("with multitenant what names no account needs one with rights", () => {
  const on = (more = "") =>
    operatorTree()[INSTANCE]!.replace("  sync:", `  cluster: {multitenant: true${more}}\n  sync:`);
  expect(inShort(operatorTree(), { [INSTANCE]: on() })).toContain("unsafe | instance-harms Kustomization");
  const everywhere = object("ClusterRoleBinding", "all", "rbac.authorization.k8s.io/v1", [
    "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}",
    "subjects: [{kind: Group, name: 'system:serviceaccounts', apiGroup: rbac.authorization.k8s.io}]",
  ]);
  const bound = { ...operatorTree(), "kubernetes/flux/vars/rbac.yaml": everywhere };
  expect(inShort(bound, { [INSTANCE]: on() })).toBe("safe");
  const already = { ...operatorTree(), [INSTANCE]: on() };
  expect(inShort(already, { [INSTANCE]: on(", tenantDefaultServiceAccount: team") })).toContain("instance-harms");
  expect(inShort(already, { [INSTANCE]: on(", networkPolicy: false") })).not.toContain("instance-harms");
});

test("the last binding goes of the account that is the default", () => {
  const lockdown = operatorTree()[INSTANCE]!.replace("  sync:", "  cluster: {multitenant: true}\n  sync:");
  const bound = binding("{kind: ServiceAccount, name: default, namespace: games}");
  const before: Files = { ...tree(account), ...operatorTree(), [INSTANCE]: lockdown, [RBAC]: account + bound };
  before[`${GAMES}/kustomization.yaml`] = tree("")[`${GAMES}/kustomization.yaml`]!;
  expect(inShort(before, { [RBAC]: account })).toBe("unsafe | reference-breaks HelmRelease games/chess");
  expect(inShort(before, { [RBAC]: account + bound.replace("name: admin", "name: edit") })).not.toContain(
    "reference-breaks",
  );
  const open = { ...before, [INSTANCE]: operatorTree()[INSTANCE]! };
  expect(inShort(open, { [RBAC]: account })).toBe("deletes");
});

test("what names no longer the account that it was applied as gets the default one", () => {
  const lockdown = operatorTree()[INSTANCE]!.replace("  sync:", "  cluster: {multitenant: true}\n  sync:");
  const unnamed = { [RELEASE]: release("chess") };
  const own = (more = ""): Files => ({ ...operatorTree(), ...gamesOf(binding(TEAM) + more), [INSTANCE]: lockdown });
  expect(inShort(own(), unnamed)).toBe("unsafe | reconcile-stops HelmRelease games/chess");
  const bound = binding("{kind: ServiceAccount, name: default, namespace: games}", "second");
  expect(inShort(own(bound), unnamed)).toBe("safe");
  expect(inShort({ ...own(), [INSTANCE]: operatorTree()[INSTANCE]! }, unnamed)).toBe("safe");
  // It said no more than the default.
  const same = own()[RELEASE]!.replace(/serviceAccountName: \w+/, "serviceAccountName: default");
  expect(same).toContain("serviceAccountName: default");
  expect(inShort({ ...own(), [RELEASE]: same }, unnamed)).toBe("safe");
});

/** What is said of a rule, without the ends of sentences that all findings share. */
function saysInFull(before: Files, edits: Edits, rule: string) {
  return judge(before, edits)
    .findings.filter((one) => one.rule === rule)
    .map(({ at, ...one }) => ({ ...one, at: `${at?.file}:${at?.line}` }));
}

const KEEP = "Keep the binding, or give the account another one in the same change.";
const AT_RELEASE = { level: "blocker", resource: "HelmRelease games/chess" };

test("what is said names the account, the place that names it, and what to do", () => {
  expect(saysInFull(tree(binding(TEAM)), { [RBAC]: account }, "reference-breaks")).toEqual([
    {
      ...AT_RELEASE,
      rule: "reference-breaks",
      at: `${RELEASE}:9`,
      what: "HelmRelease games/chess is applied as ServiceAccount games/team, and this change removes its last binding: Flux may not apply it any more.",
      why: "What spec.serviceAccountName names decides which rights Flux has for it.",
      next: KEEP,
    },
  ]);
});

test("with multitenant all that name no account are one finding, told at the first", () => {
  const on = operatorTree()[INSTANCE]!.replace("  sync:", "  cluster: {multitenant: true}\n  sync:");
  expect(saysInFull(operatorTree(), { [INSTANCE]: on }, "instance-harms")).toEqual([
    {
      level: "blocker",
      rule: "instance-harms",
      resource: "Kustomization flux-system/cluster-apps",
      others: [
        "Kustomization flux-system/chess",
        "Kustomization flux-system/player",
        "HelmRelease games/chess",
        "HelmRelease media/player",
      ],
      at: "kubernetes/flux/apps.yaml:7",
      what: "Kustomization flux-system/cluster-apps is applied as ServiceAccount default of its namespace from then on, like 4 more that name no ServiceAccount, and no binding in Git gives that any rights: Flux may not apply them any more.",
      why: "This change gives kustomize-controller and helm-controller the flag --default-service-account=default.",
      next: "Name a ServiceAccount with the rights it needs in each of them first, or take the edit back.",
    },
  ]);
  const lockdown = { ...operatorTree(), ...gamesOf(binding(TEAM)), [INSTANCE]: on };
  expect(saysInFull(lockdown, { [RELEASE]: release("chess") }, "reconcile-stops")).toEqual([
    {
      ...AT_RELEASE,
      rule: "reconcile-stops",
      at: `${RELEASE}:6`,
      what: "HelmRelease games/chess names no ServiceAccount any more and is applied as default of its namespace, and no binding in Git gives that any rights: Flux may not apply it any more.",
      why: "helm-controller has the flag --default-service-account=default.",
      next: "Name the ServiceAccount again, or give that account the rights first.",
    },
  ]);
  const bound = binding("{kind: ServiceAccount, name: default, namespace: games}");
  const before: Files = { ...operatorTree(), ...gamesOf(bound), [INSTANCE]: on, [RELEASE]: release("chess") };
  expect(saysInFull(before, { [RBAC]: account }, "reference-breaks")).toEqual([
    {
      ...AT_RELEASE,
      rule: "reference-breaks",
      at: `${RELEASE}:6`,
      what: "HelmRelease games/chess is applied as ServiceAccount games/default, since it names none, and this change removes its last binding: Flux may not apply it any more.",
      why: "helm-controller has the flag --default-service-account=default.",
      next: KEEP,
    },
  ]);
});

/** The files of the games in a tree. */
function gamesOf(rbac: string): Files {
  const all = tree(rbac);
  return Object.fromEntries([`${GAMES}/kustomization.yaml`, RBAC, RELEASE].map((path) => [path, all[path]!]));
}

test("where nothing says which flags the controllers have, nobody knows what becomes of it", () => {
  const { "kubernetes/flux/config/flux.yaml": _, ...unseen } = tree(binding(TEAM));
  unseen["kubernetes/flux/config/kustomization.yaml"] = kustomization(["cluster.yaml"]);
  const edits = { [`${CHESS_APP}/helmrelease.yaml`]: release("chess") };
  expect(inShort(unseen, edits)).toBe("unproven | safety-unknown HelmRelease games/chess");
  expect(inShort(tree(binding(TEAM)), edits)).toBe("safe");
  // The account that each namespace has begins without rights, and what rests asks for none.
  const other = { [`${CHESS_APP}/helmrelease.yaml`]: release("chess", ["serviceAccountName: default"]) };
  expect(inShort(unseen, other)).toBe("unproven | safety-unknown HelmRelease games/chess");
  const bound = { [RBAC]: unseen[RBAC]! + binding(TEAM.replace("name: team", "name: default"), "own") };
  expect(inShort({ ...unseen, ...bound }, other)).toBe("safe");
  const rests = { [`${CHESS_APP}/helmrelease.yaml`]: release("chess", ["suspend: true"]) };
  expect(inShort(unseen, rests)).toBe("safe");
});

test("a release comes to name an account of Git to which nothing gives any rights", () => {
  const unnamed = (rbac: string) => ({ ...tree(rbac), [RELEASE]: release("chess") });
  const named = { [RELEASE]: release("chess", ["serviceAccountName: team"]) };
  const OPEN = "unproven | safety-unknown HelmRelease games/chess";
  expect(inShort(unnamed(""), named)).toBe(OPEN);
  expect(inShort(unnamed(binding(TEAM)), named)).toBe("safe");
  expect(inShort(unnamed(""), { ...named, [RBAC]: account + binding(TEAM) })).toBe("safe");
  expect(inShort(unnamed(binding(TEAM)), { ...named, [RBAC]: account })).toBe(LOST);
  // As one that is new itself.
  expect(
    inShort({ ...unnamed(""), [RBAC]: binding("{kind: ServiceAccount, name: other}") }, { ...named, [RBAC]: account }),
  ).toContain("unproven");
  // Something is applied as that already, so it has them.
  const other = `${CHESS_APP}/other.yaml`;
  const both = {
    ...unnamed(""),
    [`${CHESS_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "other.yaml"]),
    [other]: release("other", ["serviceAccountName: team"]),
  };
  expect(inShort(both, named)).toBe("safe");
  // In another cluster it is that one's account, which no binding of this one gives anything.
  const far = ["serviceAccountName: team", "kubeConfig: {secretRef: {name: west}}"];
  const remote = { ...unnamed(binding(TEAM)), [RELEASE]: release("chess", far.slice(1)) };
  expect(inShort(remote, { [RELEASE]: release("chess", far) })).toBe(OPEN);
});
