import { homeTree, ks, object } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { type Cases, type Row, rows } from "./said.ts";

const both = (name: string, kind: string, lines: string[]): Row => [name, kind, lines, lines];
const FLUX = "kubernetes/flux/config/flux.yaml";
const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const PLAYER_APP = "kubernetes/apps/media/player/app";
const RBAC = "rbac.authorization.k8s.io/v1";
const FLAG = "--default-service-account";

const h = homeTree();
/** Flux from the artifact of a release, whose controllers have these flags. */
const flagged = (...flags: [name: string, flag: string][]): Files => ({
  [FLUX]: h[FLUX]!.replace(
    "  prune: true",
    `  prune: true\n  patches: [${flags
      .map(([name, flag]) => {
        const op = { op: "add", path: "/spec/template/spec/containers/0/args/-", value: flag };
        return `{target: {kind: Deployment, name: ${name}}, patch: '${JSON.stringify([op])}'}`;
      })
      .join(", ")}]`,
  ),
});
/** The same without Flux in Git. */
const unseen: Files = {
  ...h,
  "kubernetes/flux/config/kustomization.yaml": h["kubernetes/flux/config/kustomization.yaml"]!.replace(
    "  - flux.yaml\n",
    "",
  ),
};

const release = (account?: string, more = "") => [
  `spec: {interval: 1h, chartRef: {kind: OCIRepository, name: charts}${account === undefined ? "" : `, serviceAccountName: ${account}`}${more}}`,
];
const account = (name: string, namespace = "") =>
  `{kind: ServiceAccount, name: ${name}${namespace && `, namespace: ${namespace}`}}`;
const binds = (role: string, ...subjects: string[]) => [
  `roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ${role.startsWith("cluster") ? "ClusterRole" : "Role"}, name: ${role}}`,
  `subjects: [${subjects.join(", ")}]`,
];
const rules = (...all: string[]) => [`rules: [${all.map((one) => `{${one}}`).join(", ")}]`];
const ALL = "apiGroups: ['*'], resources: ['*'], verbs: ['*']";
const SECRETS = "apiGroups: [''], resources: [secrets], verbs: ['*']";

/** A namespace in which a release is applied as an account that a Role gives these rules. */
const narrowed = (namespace: string, was: string[], is: string[]): Row[] => [
  both(`${namespace}/app`, "HelmRelease", release("flux")),
  both(`${namespace}/flux`, "RoleBinding", binds("deploy", account("flux", namespace))),
  [`${namespace}/deploy`, "Role", rules(...was), rules(...is)],
];
const lost = (namespace: string, was: string[], is: string[] | undefined, more: Row[] = []): Row[] => [
  both(`${namespace}/app`, "HelmRelease", release("flux")),
  [`${namespace}/flux`, "RoleBinding", was, is],
  ...more,
];

/** The app of the player, applied as an account with these rules. */
const player = (was: string[], is: string[], edits: Edits = {}, kind = "ClusterRole"): [Files, Edits] => {
  const role = (lines: string[]) => ({
    "kubernetes/flux/role.yaml": object(
      kind,
      "cluster-deploy",
      RBAC,
      kind === "Role" ? ["  namespace: media", ...lines] : lines,
    ),
  });
  const tree: Files = {
    ...h,
    [PLAYER]: ks("player", PLAYER_APP, ["targetNamespace: media", "serviceAccountName: flux"]),
    "kubernetes/flux/binding.yaml": object(
      "ClusterRoleBinding",
      "flux",
      RBAC,
      binds("cluster-deploy", account("flux", "flux-system")),
    ),
  };
  return [
    { ...tree, ...role(rules(...was)) },
    { ...role(rules(...is)), ...edits },
  ];
};
const CLAIMS = "apiGroups: [''], resources: [persistentvolumeclaims], verbs: [patch]";
const RELEASES = "apiGroups: [helm.toolkit.fluxcd.io], resources: [helmreleases], verbs: ['*']";
const SERVICES = "apiGroups: [''], resources: [services], verbs: [create]";
const withService: Edits = {
  [`${PLAYER_APP}/kustomization.yaml`]: h[`${PLAYER_APP}/kustomization.yaml`]!.replace(
    "  - pvc.yaml\n",
    "  - pvc.yaml\n  - service.yaml\n",
  ),
  [`${PLAYER_APP}/service.yaml`]: object("Service", "web", "v1", ["spec: {ports: [{port: 80}]}"]),
};

/** What Flux may apply no more, as who it is applied as loses rights. */
export const RIGHTS: Cases = {
  "bindings that go": rows([
    ...lost("goes", binds("admin", account("flux", "goes")), undefined),
    ...lost("own-namespace", binds("admin", account("flux")), undefined),
    ...lost("other", binds("admin", account("flux", "other")), binds("admin", account("other", "other"))),
    ...lost("user", binds("admin", "{kind: User, name: 'system:serviceaccount:user:flux'}"), undefined),
    ...lost("second", binds("admin", account("flux", "second")), undefined, [
      both("second/more", "RoleBinding", binds("view", account("flux", "second"))),
    ]),
    ...lost("group", binds("admin", account("flux", "group")), undefined, [
      both("group/all", "RoleBinding", binds("view", "{kind: Group, name: 'system:serviceaccounts:group'}")),
    ]),
    ["second-name/app", "HelmRelease", release("flux"), release("flux")],
    ["suspended/app", "HelmRelease", release("flux"), release("flux", ", suspend: true")],
    ["suspended/flux", "RoleBinding", binds("admin", account("flux", "suspended")), undefined],
    [
      "remote/app",
      "HelmRelease",
      release("flux", ", kubeConfig: {secretRef: {name: a}}"),
      release("flux", ", kubeConfig: {secretRef: {name: a}}"),
    ],
    ["remote/flux", "RoleBinding", binds("admin", account("flux", "remote")), undefined],
  ]),
  "Roles that lose rules": rows([
    ...narrowed("all", [ALL], [SECRETS.replace("'*'", "get, list, update")]),
    ...narrowed("kept", [ALL], [SECRETS]),
    ...narrowed("group", [SECRETS], [SECRETS.replace("['']", "[apps]")]),
    ...narrowed("kind", [SECRETS], [SECRETS.replace("secrets", "configmaps")]),
    ...narrowed("named", [SECRETS], [`${SECRETS}, resourceNames: [a]`]),
    ...narrowed("never", [SECRETS.replace("secrets", "configmaps")], [SECRETS.replace("secrets", "services")]),
    ...narrowed("open", [SECRETS], [SECRETS.replace("[secrets]", "['${DOMAIN}']")]),
    ...narrowed("suspended", [SECRETS], []).map(
      (row): Row => (row[1] === "HelmRelease" ? both(row[0], row[1], release("flux", ", suspend: true")) : row),
    ),
    ...narrowed("elsewhere", [SECRETS], []).map(
      (row): Row =>
        row[1] === "HelmRelease" ? both(row[0], row[1], release("flux", ", storageNamespace: other")) : row,
    ),
    both("aggregated/app", "HelmRelease", release("flux")),
    both("aggregated/flux", "RoleBinding", binds("cluster-sum", account("flux", "aggregated"))),
    ["cluster-sum", "ClusterRole", ["aggregationRule: {}", ...rules(SECRETS)], ["aggregationRule: {}", ...rules()]],
    both("viewer/app", "HelmRelease", release("flux")),
    [
      "viewer/flux",
      "RoleBinding",
      binds("cluster-admin", account("flux", "viewer")),
      binds("view", account("flux", "viewer")).map((one) => one.replace("kind: Role,", "kind: ClusterRole,")),
    ],
  ]),
  "a role loses what an app has": player([RELEASES, CLAIMS], [RELEASES]),
  "a role loses more of what an app has": player([RELEASES, CLAIMS], [SERVICES]),
  "an app gets what its role does not name": player([RELEASES, CLAIMS], [RELEASES, CLAIMS], withService),
  "an app gets what its role may create and not patch": player(
    [RELEASES, CLAIMS, SERVICES],
    [RELEASES, CLAIMS, SERVICES],
    withService,
  ),
  "an app gets what its role names": player([RELEASES, CLAIMS, ALL], [RELEASES, CLAIMS, ALL], withService),
  "accounts that are named no more, where the flag is there": rows(
    [
      ["one/app", "HelmRelease", release("flux"), release()],
      ["bound/app", "HelmRelease", release("flux"), release()],
      both("bound/usual", "RoleBinding", binds("admin", account("usual", "bound"))),
      ["same/app", "HelmRelease", release("usual"), release()],
      ["comes/app", "HelmRelease", undefined, release()],
      ["comes-as-before/app", "HelmRelease", release(), release()],
      ["comes-as-before/more", "HelmRelease", undefined, release()],
      ["remote/app", "HelmRelease", release("flux"), release(undefined, ", kubeConfig: {secretRef: {name: a}}")],
    ],
    { ...h, ...flagged(["helm-controller", `${FLAG}=usual`]) },
  ),
  "accounts that are named no more, and nothing says which flags there are": rows(
    [
      ["one/app", "HelmRelease", release("flux"), release()],
      ["two/app", "HelmRelease", release("flux"), release(undefined, ", suspend: true")],
      ["three/app", "HelmRelease", release("flux"), release("other")],
      ["four/app", "HelmRelease", release(), release(undefined, ", timeout: 1m")],
      [
        "five/app",
        "HelmRelease",
        release("flux", ", kubeConfig: {secretRef: {name: a}}"),
        release(undefined, ", kubeConfig: {secretRef: {name: a}}"),
      ],
    ],
    unseen,
  ),
  "a Kustomization names its account no more, and nothing says which flags there are": [
    { ...unseen, [PLAYER]: ks("player", PLAYER_APP, ["targetNamespace: media", "serviceAccountName: flux"]) },
    { [PLAYER]: ks("player", PLAYER_APP, ["targetNamespace: media"]) },
  ],
  "the flag comes to one controller": [h, flagged(["helm-controller", `${FLAG}=usual`])],
  "the flag comes to two controllers": [h, flagged(["(helm|kustomize)-controller", `${FLAG}=usual`])],
  "the flag comes to two controllers with two accounts": [
    h,
    flagged(["helm-controller", `${FLAG}=one`], ["kustomize-controller", `${FLAG}=two`]),
  ],
};
