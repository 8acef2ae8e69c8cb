import { describe, expect, test } from "vitest";
import { ks, kustomization, object, release } from "./home-tree.ts";
import type { Files } from "./judge.ts";
import { APP, CAPP, CHESS, HR, h, LIST, PLAYER, player, sayOf } from "./odd-tree.ts";

const source = (chart: string, namespace: string) =>
  object("OCIRepository", "charts", "source.toolkit.fluxcd.io/v1", [
    `  namespace: ${namespace}`,
    `spec: {interval: 1h, url: 'oci://r.example/charts/${chart}', ref: {tag: 1.0.0}}`,
  ]);
const byRef = (name: string, interval: string) =>
  object("HelmRelease", name, "helm.toolkit.fluxcd.io/v2", [
    `spec: {interval: ${interval}, chartRef: {kind: OCIRepository, name: charts}}`,
  ]);
const GONE = (name: string) => `recreated HelmRelease ${name}`;

const tree: Files = {
  ...h,
  [HR]: byRef("player", "1h"),
  [`${APP}/oci.yaml`]: source("player", "media"),
  [LIST]: kustomization(["helmrelease.yaml", "oci.yaml", "pvc.yaml"]),
};

test("a source of the same name in another namespace is another one", () => {
  const other: Files = { ...tree, [`${CAPP}/oci.yaml`]: source("chess", "games") };
  other[`${CAPP}/kustomization.yaml`] = kustomization(["helmrelease.yaml", "oci.yaml"]);
  const change = { [`${CAPP}/oci.yaml`]: source("draughts", "games"), [HR]: byRef("player", "2h") };
  expect(sayOf(other, change)).toBe("safe");
  const own = { [`${APP}/oci.yaml`]: source("cinema", "media"), [HR]: byRef("player", "2h") };
  expect(sayOf(other, own)).toContain(GONE("media/player"));
});

test("a patch that gives a source another chart makes the release anew", () => {
  const patch = (chart: string) =>
    `${tree[LIST]}patches:\n  - patch: |\n      - {op: replace, path: /spec/url, value: 'oci://r.example/charts/${chart}'}\n    target: {kind: OCIRepository}\n`;
  expect(sayOf(tree, { [LIST]: patch("cinema") })).toContain(GONE("media/player"));
  expect(sayOf(tree, { [LIST]: patch("player") })).toBe("safe");
});

test("releases of another cluster take charts from sources there", () => {
  const far = ks("chess", CAPP, ["targetNamespace: games", "kubeConfig: {secretRef: {name: far}}"]);
  const spoke: Files = {
    ...tree,
    [CHESS]: far,
    [`${CAPP}/helmrelease.yaml`]: byRef("chess", "1h"),
    [`${CAPP}/oci.yaml`]: source("chess", "games"),
    [`${CAPP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "oci.yaml"]),
  };
  const touch = { [`${CAPP}/helmrelease.yaml`]: byRef("chess", "2h") };
  expect(sayOf(spoke, { ...touch, [`${APP}/oci.yaml`]: source("cinema", "media") })).not.toContain("chess");
  expect(sayOf(spoke, { ...touch, [`${CAPP}/oci.yaml`]: source("draughts", "games") })).toContain("chess");
});

describe("a source that another Kustomization delivers", () => {
  const K = "kubernetes/apps/media/sources";
  const KS = "kubernetes/apps/media/sources.yaml";
  const MEDIA = "kubernetes/apps/media/kustomization.yaml";
  const apart = (url: string, ...spec: string[]): Files => ({
    ...tree,
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"]),
    [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml", "sources.yaml"]),
    [KS]: ks("sources", K, ["targetNamespace: media", ...spec]),
    [`${K}/kustomization.yaml`]: kustomization(["oci.yaml"]),
    [`${K}/oci.yaml`]: source(url, "media"),
  });
  const OTHER = "{op: replace, path: /spec/url, value: 'oci://r.example/charts/cinema'}";
  const patches = `patches: [{target: {kind: OCIRepository}, patch: "- ${OTHER}"}]`;

  test.each([
    ["its file", apart("player"), apart("cinema")],
    ["a patch of the Kustomization", apart("player"), apart("player", patches)],
    [
      "a patch beside it",
      apart("player"),
      { ...apart("player"), [`${K}/kustomization.yaml`]: `${kustomization(["oci.yaml"])}${patches}\n` },
    ],
    [
      "a variable",
      apart("${APP}", "postBuild: {substitute: {APP: player}}"),
      apart("${APP}", "postBuild: {substitute: {APP: cinema}}"),
    ],
  ])("gets another chart by %s", (_title, from, to) => {
    expect(sayOf(from, to)).toContain(GONE("media/player"));
  });

  test("keeps its chart when a variable comes to say it, which may not be readable", () => {
    const from = apart("player");
    expect(sayOf(from, apart("${APP}", "postBuild: {substitute: {APP: player}}"))).toBe("safe");
    const secret = "postBuild: {substituteFrom: [{kind: Secret, name: cluster-secrets}]}";
    expect(sayOf(apart("player", secret), apart("${APP}", secret))).toMatch(/^unproven/);
    expect(sayOf(apart("player", secret), apart("${APP:=player}", secret))).toBe("safe");
  });
});

test("a chart that a release names by a variable may be another one", () => {
  const named = (chart: string) => release("player").replace("chart: app", `chart: ${chart}`);
  const secret = player("postBuild: {substituteFrom: [{kind: Secret, name: cluster-secrets}]}");
  const from = { ...h, [PLAYER]: secret, [HR]: named("app") };
  expect(sayOf(from, { [HR]: named('"${CHART}"') })).toMatch(/^unproven/);
  expect(sayOf(from, { [HR]: named('"${CHART:-app}"') })).toBe("safe");
});
