import { expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { homeTree, ks, kustomization, object } from "./home-tree.ts";

const APP = "kubernetes/apps/media/player/app";
const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const CLUSTER = "kubernetes/flux/config/cluster.yaml";
const SETTINGS = "kubernetes/flux/vars/cluster-settings.yaml";

/** What cannot be read: a base, another repository, a name that an encrypted value decides. */
const readers = (map: string) => {
  const from = `postBuild: {substituteFrom: [{kind: ConfigMap, name: ${map}}, {kind: Secret, name: settings}]}`;
  return ks("player", APP, ["targetNamespace: media", from]) + ks("theirs", "deploy", [from], "theirs");
};
const settings = (name: string, value = "example.invalid", namespace = "flux-system") =>
  object("ConfigMap", name, "v1", [`  namespace: ${namespace}`, `data: {DOMAIN: ${value}}`]);
const tree = {
  ...homeTree(),
  [PLAYER]: readers("cluster-settings"),
  [SETTINGS]: settings("cluster-settings"),
  [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "https://example.invalid/base.yaml"]),
  [`${APP}/pvc.yaml`]: object("PersistentVolumeClaim", "data-${key}"),
};
const root = homeTree()[CLUSTER]!.replace("name: cluster-settings", "name: vars");

test("a ConfigMap that gets another name and nothing else gives the same values", () => {
  const edits = { [CLUSTER]: root, [PLAYER]: readers("vars"), [SETTINGS]: settings("vars") };
  const { verdict, clusters } = verifyEdits(edits, tree);
  expect([verdict, ...clusters[0]!.safety.dangers.map(({ resource }) => resource)]).toEqual([
    "deletes",
    "ConfigMap flux-system/cluster-settings",
  ]);
});

test("one that says something else as well, or that two could be, may give others", () => {
  const edits = { [CLUSTER]: root, [PLAYER]: readers("vars") };
  expect(verifyEdits({ ...edits, [SETTINGS]: settings("vars", "other.invalid") }, tree).verdict).toBe("unproven");
  const two = { ...edits, [SETTINGS]: settings("vars") + settings("more") };
  expect(verifyEdits(two, tree).verdict).toBe("unproven");
});

test("one of another namespace says nothing of what has those names in this one", () => {
  const others = "kubernetes/flux/vars/others.yaml";
  const theirs = (name: string) => ({ [others]: settings(name, "their.invalid", "media") });
  const both = {
    ...tree,
    [SETTINGS]: tree[SETTINGS] + settings("vars", "other.invalid"),
    ...theirs("cluster-settings"),
  };
  expect(verifyEdits({ [PLAYER]: readers("vars"), ...theirs("vars") }, both).verdict).toBe("unproven");
});

test("one that names a claim is the same under another name, but where it is optional", () => {
  const reads = (map: string, more: string) =>
    ks("player", APP, [
      "targetNamespace: media",
      `postBuild: {substituteFrom: [{kind: ConfigMap, name: ${map}${more}}]}`,
    ]);
  const goes = (value: string, more = "") => {
    const before = {
      ...homeTree(),
      [PLAYER]: reads("one", more),
      "kubernetes/flux/vars/claim.yaml": settings("one", "films"),
      [`${APP}/pvc.yaml`]: object("PersistentVolumeClaim", "${DOMAIN:=other}"),
    };
    const edits = { [PLAYER]: reads("two", more), "kubernetes/flux/vars/claim.yaml": settings("two", value) };
    const { verdict, clusters } = verifyEdits(edits, before);
    return [verdict, ...clusters[0]!.safety.dangers.map(({ resource }) => resource)];
  };
  const [CLAIM, MAP] = ["PersistentVolumeClaim media/films", "ConfigMap flux-system/one"];
  expect(goes("films")).toEqual(["deletes", MAP]);
  expect(goes("music")).toEqual(["unsafe", CLAIM, MAP]);
  expect(goes("films", ", optional: true")).toEqual(["unsafe", CLAIM, MAP]);
});
