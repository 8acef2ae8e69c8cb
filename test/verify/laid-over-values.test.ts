import { expect, test } from "vitest";
import { homeTree, ks, object } from "./home-tree.ts";
import { CHESS, CHESS_APP, inShort } from "./references/tree.ts";

const SETTINGS = "kubernetes/flux/vars/cluster-settings.yaml";
const MERGE = "  annotations: {kustomize.toolkit.fluxcd.io/ssa: Merge}";
const settings = (data: string, ...more: string[]) =>
  object("ConfigMap", "cluster-settings", "v1", ["  namespace: flux-system", ...more, `data: {${data}}`]);
const THING = `${CHESS_APP}/thing.yaml`;
const thing = (text: string) => object("ConfigMap", "thing", "v1", [`data: {a: '${text}'}`]);
const FROM = "postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}]}";
const tree = {
  ...homeTree(),
  // Another cluster has one of that name, with all of them.
  "clusters/other/settings.yaml": settings("DOMAIN: other.invalid, REGION: eu"),
  [SETTINGS]: settings("DOMAIN: example.invalid, REGION: eu", MERGE),
  [`${CHESS_APP}/kustomization.yaml`]: "resources: [helmrelease.yaml, thing.yaml]\n",
  [THING]: thing("${REGION}"),
  [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: games", FROM]),
};

test("a key that leaves what Git lays over a ConfigMap of others is gone, whatever another cluster has", () => {
  expect(inShort(tree, { [SETTINGS]: settings("DOMAIN: example.invalid", MERGE) })).toBe(
    "unsafe | setting-lost Kustomization flux-system/chess",
  );
});

test("one that it never held may come from them", () => {
  const use = { [THING]: thing("${REGION}${ZONE}") };
  expect(inShort(tree, use)).toBe("safe");
  expect(inShort({ ...tree, [SETTINGS]: settings("DOMAIN: example.invalid, REGION: eu") }, use)).toBe(
    "unsafe | setting-lost Kustomization flux-system/chess",
  );
});
