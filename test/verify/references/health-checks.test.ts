import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import { CHESS, CHESS_APP, inShort, PLAYER, PLAYER_APP, says } from "./tree.ts";

const h = homeTree();
const player = (check: string, more: string[] = []) =>
  ks("player", PLAYER_APP, ["targetNamespace: media", `healthChecks: [{${check}}]`, ...more]);
const STOPS = "unsafe | reconcile-stops Kustomization flux-system/player";

describe("a health check that nothing can pass", () => {
  test.each([
    [
      "a Deployment without its namespace",
      "apiVersion: apps/v1, kind: Deployment, name: player",
      "Deployment player without its namespace",
    ],
    ["the same where the version is left out", "kind: Deployment, name: player", "without its namespace"],
    [
      "a release without its namespace",
      "apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, name: player",
      "HelmRelease player without its namespace",
    ],
    [
      "a kind of another group",
      "apiVersion: v1, kind: Deployment, name: player, namespace: media",
      "Deployment player of v1, which has no such kind",
    ],
    [
      "a kind without its group",
      "kind: HelmRelease, name: player, namespace: media",
      "HelmRelease player of apps/v1, which has no such kind",
    ],
  ])("%s", (_, check, why) => {
    expect(inShort(h, { [PLAYER]: player(check) })).toBe(STOPS);
    const found = says(h, { [PLAYER]: player(check) }).findings.find(({ rule }) => rule === "reconcile-stops");
    expect(found).toMatchObject({ what: expect.stringContaining(why), at: { file: PLAYER } });
    // Nobody looks at the list beside it, and what was so before is no change.
    expect(inShort(h, { [PLAYER]: player(check, ["wait: true"]) })).toBe("safe");
    expect(inShort({ ...h, [PLAYER]: player(check) }, { [PLAYER]: player(check, ["timeout: 9m"]) })).toBe("safe");
    expect(inShort({ ...h, [PLAYER]: player(check, ["wait: true"]) }, { [PLAYER]: player(check) })).toBe(STOPS);
  });
});

test("those of what is suspended are not made, and several are told at the first", () => {
  const vain = "apiVersion: apps/v1, kind: Deployment, name: player";
  const alone = { ...h, [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: games"]) };
  expect(inShort(alone, { [PLAYER]: player(vain, ["suspend: true"]) })).toBe("safe");
  expect(inShort(h, { [PLAYER]: player(vain, ["suspend: false"]) })).toBe(STOPS);
  const checks = (...all: string[]) =>
    ks("player", PLAYER_APP, ["targetNamespace: media", "healthChecks:", ...all.map((one) => `  - {${one}}`)]);
  const good = "apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, name: player, namespace: media";
  const found = (...all: string[]) =>
    says(h, { [PLAYER]: checks(...all) }).findings.find(({ rule }) => rule === "reconcile-stops");
  const line =
    checks(good, vain)
      .split("\n")
      .findIndex((text) => text.includes(vain)) + 1;
  expect(found(good, vain)).toMatchObject({ at: { file: PLAYER, line }, what: expect.not.stringContaining("like") });
  expect(found(vain, good, vain.replace("player", "other"), "kind: StatefulSet, name: x")).toMatchObject({
    at: { line: line - 1 },
    what: expect.stringContaining("without its namespace (like 2 more)"),
  });
});

test.each([
  ["has no kind", "name: player, namespace: media"],
  ["has no name", "apiVersion: apps/v1, kind: Deployment"],
  [
    "is of a group where charts bring kinds",
    "apiVersion: networking.k8s.io/v1, kind: Gateway, name: x, namespace: media",
  ],
  ["is a volume", "apiVersion: v1, kind: PersistentVolume, name: x"],
])("a check that %s is no business of this", (_, check) => {
  expect(inShort(h, { [PLAYER]: player(check) })).not.toContain("reconcile-stops");
});

test("another cluster may have other kinds", () => {
  const there = "kubeConfig: {secretRef: {name: other}}";
  const app = (check: string) => ({
    [PLAYER]: ks("player", PLAYER_APP, [there]),
    [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["inner.yaml"]),
    [`${PLAYER_APP}/inner.yaml`]: ks(
      "inner",
      "kubernetes/apps/games/chess/app",
      check === "" ? [] : [`healthChecks: [{${check}}]`],
    ),
  });
  const tree = { ...h, ...app("") };
  const odd = "apiVersion: apps/v1, kind: Deploymentt, name: x, namespace: media";
  expect(inShort(tree, app(odd))).not.toContain("reconcile-stops");
  expect(inShort(tree, app(odd.replace("Deploymentt", "Deployment").replace(", namespace: media", "")))).toContain(
    "reconcile-stops",
  );
});

test.each([
  ["a release", "apiVersion: helm.toolkit.fluxcd.io/v2beta1, kind: HelmRelease, name: player, namespace: media"],
  ["a workload of a chart", "apiVersion: apps/v1, kind: DaemonSet, name: player, namespace: media"],
  ["a kind without a namespace", "apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, name: a.b.c"],
  ["a node", "apiVersion: v1, kind: Node, name: one"],
  ["a kind of others", "apiVersion: ceph.rook.io/v1, kind: CephCluster, name: rook"],
  ["a variable", "apiVersion: apps/v1, kind: Deployment, name: player, namespace: '${NS}'"],
])("nothing is said of %s", (_, check) => {
  expect(inShort(h, { [PLAYER]: player(check) })).not.toContain("unsafe");
});

test("what a health check of any kind names goes", () => {
  const board = (kind: string, name: string) =>
    object(kind, name, "example.invalid/v1", ["  namespace: media", "spec: {}"]);
  const [list, file] = [`${PLAYER_APP}/kustomization.yaml`, `${PLAYER_APP}/board.yaml`];
  const tree = {
    ...h,
    [list]: kustomization(["helmrelease.yaml", "pvc.yaml", "board.yaml"]),
    [file]: board("Board", "front-board"),
  };
  const check = (name: string) =>
    player(`apiVersion: example.invalid/v1, kind: Board, name: ${name}, namespace: media`);
  const watched = { ...tree, [PLAYER]: check("front-board") };
  expect(inShort(watched, { [file]: board("Board", "lower-board") })).toContain(
    "reference-breaks Kustomization flux-system/player",
  );
  expect(inShort(tree, { [PLAYER]: check("front-board") })).toBe("safe");
  expect(inShort(tree, { [PLAYER]: check("other") })).toBe("safe");
});

test("beside wait: true what the list names need not be there", () => {
  const gone = "apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, name: nobody, namespace: media";
  expect(inShort(h, { [PLAYER]: player(gone) })).toContain("reference-missing");
  expect(inShort(h, { [PLAYER]: player(gone, ["wait: true"]) })).toBe("safe");
});

// checkDependencies of flux-operator asks for each as it is written.
describe("what a ResourceSet depends on", () => {
  const FILE = "kubernetes/flux/set.yaml";
  const FLUX = "apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization";
  const set = (dependency = "") =>
    object("ResourceSet", "tenants", "fluxcd.controlplane.io/v1", [
      "  namespace: flux-system",
      "spec:",
      ...(dependency === "" ? [] : [`  dependsOn: [{${dependency}}]`]),
      "  resources: [{apiVersion: v1, kind: ConfigMap, metadata: {name: made, namespace: media}}]",
    ]);
  const tree = { ...h, [FILE]: set() };
  const settings = (name: string) => `apiVersion: v1, kind: ConfigMap, name: ${name}, namespace: flux-system`;

  test.each<[dependency: string, said: string]>([
    [`${FLUX}, name: player`, "unsafe | reconcile-stops ResourceSet flux-system/tenants"],
    [
      "apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomizaton, name: player, namespace: flux-system",
      "unsafe | reconcile-stops ResourceSet flux-system/tenants",
    ],
    [settings("cluster-setting"), "unsafe | reference-missing ResourceSet flux-system/tenants"],
    [
      "apiVersion: fluxcd.controlplane.io/v1, kind: ResourceSet, name: first, namespace: flux-system",
      "unsafe | reference-missing ResourceSet flux-system/tenants",
    ],
    [`${FLUX}, name: player, namespace: flux-system`, "safe"],
    [settings("cluster-settings"), "safe"],
    ["apiVersion: v1, kind: Namespace, name: media", "safe"],
    ["apiVersion: v1, kind: Namespace, name: meida", "unsafe | reference-missing ResourceSet flux-system/tenants"],
    ["apiVersion: v1, kind: Namespace, name: elsewhere", "unproven | safety-unknown ResourceSet flux-system/tenants"],
    ["apiVersion: v1, kind: Namespace, name: kube-public", "safe"],
    ["apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, name: of-a-chart", "safe"],
    ["apiVersion: v1, kind: Secret, name: of-a-chart, namespace: media", "safe"],
    ["apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, name: a.b.c", "safe"],
  ])("is looked for as it is written: %s", (dependency, said) => {
    expect(inShort(tree, { [FILE]: set(dependency) })).toBe(said);
    expect(inShort({ ...tree, [FILE]: set(dependency) }, { [FILE]: `${set(dependency)}# note\n` })).toBe("safe");
  });

  test("goes", () => {
    const named = { [FILE]: set("apiVersion: v1, kind: ConfigMap, name: one, namespace: media") };
    const one = { "kubernetes/flux/one.yaml": object("ConfigMap", "one", "v1", ["  namespace: media"]) };
    expect(inShort({ ...tree, ...named, ...one }, { "kubernetes/flux/one.yaml": undefined })).toContain(
      "unsafe | reference-breaks ResourceSet flux-system/tenants",
    );
  });
});

describe("a health check of what is not there", () => {
  const web = object("Deployment", "web", "apps/v1", [
    "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: b}]}}}",
  ]);
  const check = (kind: string, name: string) =>
    player(`apiVersion: apps/v1, kind: ${kind}, name: ${name}, namespace: media`);
  const tree = (files: string[]) => ({
    ...h,
    "kubernetes/flux/config/kustomization.yaml": kustomization(["cluster.yaml"]),
    [`${PLAYER_APP}/kustomization.yaml`]: kustomization(files),
    [`${PLAYER_APP}/web.yaml`]: web,
  });

  test.each([
    ["a slip in a short name", check("Deployment", "wbe"), "There is web, which differs by a letter."],
    ["another kind", check("StatefulSet", "web"), "There is Deployment web, which differs by its kind."],
  ])("%s", (_, edited, why) => {
    const found = says(tree(["web.yaml", "helmrelease.yaml"]), { [PLAYER]: edited });
    expect(found).toMatchObject({
      verdict: "unsafe",
      findings: [{ rule: "reference-missing", why: expect.stringContaining(why) }],
    });
  });

  test("a name that nothing in that namespace may make", () => {
    const edits = { [PLAYER]: check("Deployment", "other") };
    expect(inShort(tree(["web.yaml"]), edits)).toBe("unproven | safety-unknown Kustomization flux-system/player");
    expect(inShort(tree(["web.yaml", "helmrelease.yaml"]), edits)).toBe("safe");
    expect(inShort(tree(["web.yaml"]), { [PLAYER]: check("Deployment", "web") })).toBe("safe");
  });
});

describe("what a health check names gets another name beside a release that begins with it", () => {
  const LIST = `${CHESS_APP}/kustomization.yaml`;
  const DEPLOYMENT = `${CHESS_APP}/deployment.yaml`;
  const RELEASE = `${CHESS_APP}/helmrelease.yaml`;
  const deployment = (name: string) => object("Deployment", name, "apps/v1", ["spec: {replicas: 1}"]);
  const check = "{apiVersion: apps/v1, kind: Deployment, name: chess-web, namespace: games}";
  const tree = {
    ...h,
    [LIST]: kustomization(["helmrelease.yaml", "deployment.yaml"]),
    [DEPLOYMENT]: deployment("chess-web"),
    [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: games", `healthChecks: [${check}]`]),
  };
  const BREAKS = "reference-breaks Kustomization flux-system/chess";

  test("a release that stays as it is made it no more than before", () => {
    expect(inShort(tree, { [DEPLOYMENT]: deployment("front") })).toContain(BREAKS);
  });

  test.each([
    ["other values", "values: {web: {enabled: true}}"],
    ["values from elsewhere", "valuesFrom: [{kind: ConfigMap, name: chess}]"],
  ])("one with %s may", (_, more) => {
    const edits = { [DEPLOYMENT]: deployment("front"), [RELEASE]: release("chess", [more]) };
    expect(inShort(tree, edits)).not.toContain(BREAKS);
  });

  test("so may a chart of this repository", () => {
    const local = release("chess").replace("kind: HelmRepository, name: charts", "kind: GitRepository, name: home");
    expect(inShort({ ...tree, [RELEASE]: local }, { [DEPLOYMENT]: deployment("front") })).not.toContain(BREAKS);
  });
});

test("an expression for a kind that its API does not have", () => {
  const waits = (kind: string, api = "helm.toolkit.fluxcd.io/v2", wait = "true") =>
    ks("player", PLAYER_APP, [
      "targetNamespace: media",
      `wait: ${wait}`,
      `healthCheckExprs: [{apiVersion: ${api}, kind: ${kind}, current: status.observedGeneration > 0}]`,
    ]);
  expect(inShort(h, { [PLAYER]: waits("HelmRelase") })).toBe(STOPS);
  expect(inShort(h, { [PLAYER]: waits("HelmRelease", "apps/v1") })).toBe(STOPS);
  expect(inShort(h, { [PLAYER]: waits("HelmRelease") })).toBe("safe");
  expect(inShort(h, { [PLAYER]: waits("Thing", "example.com/v1") })).toBe("safe");
  expect(inShort(h, { [PLAYER]: waits("HelmRelase", undefined, "false") })).toBe("safe");
  const before = { ...h, [PLAYER]: waits("HelmRelase") };
  expect(inShort(before, { [PLAYER]: waits("HelmRelase").replace("> 0", "> 1") })).toBe("safe");
});
