import { expect, test } from "vitest";
import { ks, kustomization, object } from "./home-tree.ts";
import type { Files } from "./judge.ts";
import { APP, CAPP, CHESS, HR, h, LIST, sayOf } from "./odd-tree.ts";

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
