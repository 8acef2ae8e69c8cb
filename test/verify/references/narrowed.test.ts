import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { CHESS, CHESS_APP, GAMES, inShort, says } from "./tree.ts";

const RBAC = "kubernetes/apps/games/rbac.yaml";
const [LIST, MORE] = ["kustomization", "more"].map((name) => `${CHESS_APP}/${name}.yaml`) as [string, string];
const role = (rules: string, kind = "ClusterRole") =>
  object(kind, "team", "rbac.authorization.k8s.io/v1", ["  namespace: games", `rules: [${rules}]`]);
const binding = (namespace = "games", kind = "RoleBinding", to = "team") =>
  object(kind, "team", "rbac.authorization.k8s.io/v1", [
    `  namespace: ${namespace}`,
    `roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${to}}`,
    "subjects: [{kind: ServiceAccount, name: team, namespace: flux-system}]",
  ]);
const rule = (groups: string, resources: string, verbs = "'*'") =>
  `{apiGroups: [${groups}], resources: [${resources}], verbs: [${verbs}]}`;
const OWN = `${rule("''", "configmaps, services")}, ${rule("apps", "deployments")}`;
const config = (name: string) => object("ConfigMap", name, "v1", ["data: {a: b}"]);
const service = object("Service", "web", "v1", ["spec: {ports: [{port: 80}]}"]);

/** Chess is applied as an account that Git binds. */
const tree = (rbac: string, more = config("rules") + service): Files => ({
  ...homeTree(),
  [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", "rbac.yaml"]),
  [RBAC]: rbac,
  [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: games", "serviceAccountName: team"]),
  [LIST]: kustomization(["more.yaml"]),
  [MORE]: more,
});
const LOST = "unsafe | reference-breaks Kustomization flux-system/chess";

describe("an account that something is applied as keeps a binding, and", () => {
  test.each([
    ["its Role loses a resource", rule("''", "configmaps")],
    ["its Role loses the verbs to write", rule("''", "configmaps, services", "get, list, watch")],
    ["its Role names another group", rule("apps", "configmaps, services")],
    ["its Role is for other names alone", OWN.replace("'*']", "'*'], resourceNames: [other]")],
  ])("%s", (_, rules) => {
    expect(inShort(tree(role(OWN) + binding()), { [RBAC]: role(rules) + binding() })).toBe(LOST);
  });

  test("the binding is for another namespace", () => {
    const { verdict, findings } = says(tree(role(OWN) + binding()), { [RBAC]: role(OWN) + binding("media") });
    expect(verdict).toBe("unsafe");
    expect(findings.find(({ rule: one }) => one === "reference-breaks")!.what).toBe(
      "Kustomization flux-system/chess is applied as ServiceAccount flux-system/team, which may not patch ConfigMap games/rules and 1 more any more: Flux applies nothing more of it.",
    );
  });

  test("something comes that none of its Roles speaks of", () => {
    const secret = object("Secret", "key", "v1", ["stringData: {a: b}"]);
    const base = tree(role(OWN) + binding());
    expect(inShort(base, { [MORE]: base[MORE]! + secret })).toBe(LOST);
    const both = {
      [MORE]: base[MORE]! + secret,
      [RBAC]: role(OWN.replace("services", "services, secrets")) + binding(),
    };
    expect(inShort(base, both)).toBe("safe");
    expect(inShort(base, { [MORE]: base[MORE]! + config("more") })).toBe("safe");
  });

  test("a release cannot keep its state any more", () => {
    const base = {
      ...tree(role(`${OWN}, ${rule("''", "secrets")}`) + binding("games")),
      [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: games"]),
      [MORE]: release("chess", ["serviceAccountName: team"]),
    };
    const own = (rbac: string) => rbac.replaceAll("namespace: flux-system}", "namespace: games}");
    base[RBAC] = own(base[RBAC]!);
    const edits = { [RBAC]: own(role(OWN) + binding("games")) };
    expect(inShort(base, edits)).toBe("unsafe | reference-breaks HelmRelease games/chess");
  });

  test.each([
    ["reads them alone", "get, list, watch", "unsafe | reference-breaks HelmRelease games/web"],
    ["may make no new one", "get, list, patch, update", "unsafe | reference-breaks HelmRelease games/web"],
    ["may do with them what Helm does, which patches none", "get, list, create, update, delete", "safe"],
  ])("the Role of a release %s", (_, verbs, expected) => {
    const own = (rules: string) =>
      [role(rules), binding()].join("").replaceAll("team", "packer").replaceAll("flux-system}", "games}");
    const all = rule("'*'", "'*'");
    const base = tree(role(all) + binding() + own(all), release("web", ["serviceAccountName: packer"]));
    const edits = { [RBAC]: role(all) + binding() + own(`${rule("''", "secrets", verbs)}, ${OWN}`) };
    expect(inShort(base, edits)).toBe(expected);
  });
});

test("what stays in the cluster although Git has it no more, or says it otherwise, goes on giving rights", () => {
  const marked = (text: string, mark: string) =>
    text.replace("  namespace: games", `  namespace: games\n  annotations: {kustomize.toolkit.fluxcd.io/${mark}}`);
  const bound = role(OWN) + marked(binding(), "prune: disabled");
  expect(inShort(tree(bound), { [RBAC]: role(OWN) })).toBe("safe");
  const other = binding("games", "RoleBinding", "less").replace("name: team\n", "name: less\n");
  const less = role(rule("''", "configmaps")).replace("name: team", "name: less");
  expect(inShort(tree(bound), { [RBAC]: role(OWN) + less + other })).toBe("safe");
  const once = (rules: string) => marked(role(rules), "ssa: IfNotPresent") + binding();
  expect(inShort(tree(once(OWN)), { [RBAC]: once(rule("''", "configmaps")) })).toBe("safe");
});

test("Endpoints are their own plural", () => {
  const base = tree(role(rule("'*'", "'*'")) + binding(), object("Endpoints", "web", "v1", ["subsets: []"]));
  expect(inShort(base, { [RBAC]: role(rule("''", "endpoints")) + binding() })).toBe("safe");
});

test("what gives it enough otherwise, or did not before, draws no word", () => {
  const all = binding("games", "ClusterRoleBinding").replace("name: team\n", "name: all\n");
  const narrow = role(rule("''", "configmaps"));
  const had = role(OWN) + binding();
  const admin = binding("games", "RoleBinding", "cluster-admin").replace("name: team\n", "name: admin\n");
  for (const after of [
    role(OWN) + all,
    narrow + binding() + admin,
    narrow + binding() + admin.replaceAll("cluster-admin", "admin"),
    role(rule("'*'", "'*'")) + binding(),
  ])
    expect(inShort(tree(had), { [RBAC]: after })).not.toContain("reference-breaks");
  // Something that Git does not hold gives it the rest.
  expect(inShort(tree(narrow + binding()), { [MORE]: config("rules") + service + config("x") })).toBe("safe");
});

test("the plural of a kind of others need not be the usual one", () => {
  const own = object("Prometheus", "main", "monitoring.coreos.com/v1", ["spec: {replicas: 1}"]);
  const rules = `${OWN}, ${rule("monitoring.coreos.com", "prometheuses")}`;
  const base = tree(role(rules) + binding(), own);
  expect(inShort(base, { [RBAC]: role(rules.replace("prometheuses", "prometheusen")) + binding() })).toBe("safe");
  expect(inShort(base, { [RBAC]: role(OWN) + binding() })).toBe(LOST);
});
