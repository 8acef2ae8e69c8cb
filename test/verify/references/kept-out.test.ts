import { describe, expect, test } from "vitest";
import { kustomization, object, operatorTree, release } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { CHESS_APP, chart, GAMES, inFlux, inShort, PLAYER_APP, says } from "./tree.ts";

const [CONFIG, INSTANCE, REPOS] = ["kustomization", "instance", "repos"].map(
  (name) => `kubernetes/flux/config/${name}.yaml`,
) as [string, string, string];
const HELM = `${PLAYER_APP}/helmrelease.yaml`;
const LIST = `${PLAYER_APP}/kustomization.yaml`;
const charts = inFlux("HelmRepository", "charts", "source.toolkit.fluxcd.io/v1", [
  "  interval: 1h",
  "  url: https://charts.example.invalid",
]);
const own = charts.replace("namespace: flux-system", "namespace: media");

/** A cluster whose FluxInstance says this; charts lie in Flux's namespace and in that of the player. */
const tree = (cluster: string): Files => ({
  ...operatorTree(),
  [INSTANCE]: operatorTree()[INSTANCE]!.replace("  distribution:", `  ${cluster}\n  distribution:`),
  [CONFIG]: kustomization(["instance.yaml", "repos.yaml"]),
  [REPOS]: charts + own,
});
const LOCKED = "cluster: {multitenant: true}";
const OPEN = "cluster: {multitenant: false}";

describe("what the controllers do not take by a flag that they have", () => {
  const far = { [HELM]: chart("player", "charts") };
  const near = release("player");

  test("a reference to another namespace", () => {
    const { rules, findings } = says(tree(LOCKED), far);
    expect(rules).toEqual(["reconcile-stops HelmRelease media/player"]);
    expect(findings.find(({ rule }) => rule === "reconcile-stops")).toMatchObject({
      what: "HelmRelease media/player refers to another namespace, which helm-controller does not take: it reports an error, and what this changes in Git does not arrive.",
      why: "helm-controller has the flag --no-cross-namespace-refs=true.",
    });
    expect(inShort(tree(OPEN), far)).toBe("safe");
    expect(inShort(tree(LOCKED), { [HELM]: chart("player", "charts", ["suspend: true"]) })).toBe("safe");
    expect(inShort(tree(LOCKED), { [HELM]: near.replace("interval: 1h", "interval: 2h") })).toBe("safe");
    // It was kept out before.
    expect(inShort({ ...tree(LOCKED), ...far }, { [HELM]: chart("player", "charts", ["timeout: 3m"]) })).toBe("safe");
  });

  test("a remote base", () => {
    const remote = "https://example.invalid/base.yaml";
    const edits = { [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", remote]) };
    expect(inShort(tree(LOCKED), edits)).toContain("reconcile-stops Kustomization flux-system/player");
    expect(inShort(tree(OPEN), edits)).not.toContain("reconcile-stops");
    const second = {
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", remote, "https://example.invalid/b.yaml"]),
    };
    expect(inShort({ ...tree(LOCKED), ...edits }, second)).not.toContain("reconcile-stops");
  });
});

describe("what comes without an account where there is a default one", () => {
  const space = { [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml"]) };
  const comes = { [`${CHESS_APP}/kustomization.yaml`]: kustomization(["config.yaml", "helmrelease.yaml"]) };
  const config = kustomization(["config.yaml"]);
  const named = release("chess", ["serviceAccountName: team"]);
  const binding = (name: string) =>
    object("RoleBinding", name, "rbac.authorization.k8s.io/v1", [
      "  namespace: games",
      "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}",
      `subjects: [{kind: ServiceAccount, name: ${name}, namespace: games}]`,
    ]);
  const games = (cluster: string, more = ""): Files => ({
    ...tree(cluster),
    ...space,
    [`${CHESS_APP}/kustomization.yaml`]: config,
    [`${CHESS_APP}/config.yaml`]: object("ConfigMap", "rules", "v1", ["data: {a: b}"]) + more,
    [`${CHESS_APP}/helmrelease.yaml`]: release("chess"),
  });

  test("may lack the rights, which cannot be seen", () => {
    const { verdict, rules, findings } = says(games(LOCKED), comes);
    expect(verdict).toBe("unproven");
    expect(rules).toContain("safety-unknown HelmRelease games/chess");
    expect(findings.map(({ what }) => what).join("\n")).toContain("applied as default of its namespace");
  });

  test.each([
    ["no default account", games(OPEN), comes],
    ["an account that it names", games(LOCKED), { ...comes, [`${CHESS_APP}/helmrelease.yaml`]: named }],
    ["a binding of the default account", games(LOCKED, binding("default")), comes],
    [
      "another release of its namespace without one",
      { ...games(LOCKED), [`${CHESS_APP}/config.yaml`]: release("other") },
      comes,
    ],
  ])("is no question with %s", (_, from, edits) => {
    expect(
      says(from, edits)
        .findings.map(({ what }) => what)
        .join("\n"),
    ).not.toContain("names no ServiceAccount");
  });
});
