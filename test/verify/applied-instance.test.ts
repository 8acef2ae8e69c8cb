import { describe, expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { homeTree, ks, kustomization, object, operatorTree } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";

const CONFIG = "kubernetes/flux/config";
const INSTANCE = `${CONFIG}/instance.yaml`;
const LIST = `${CONFIG}/kustomization.yaml`;
const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const APP = "kubernetes/apps/media/player/app";

const patched = (path: string, value: unknown) => {
  const patch = JSON.stringify([{ op: "add", path, value }]);
  return kustomization(["instance.yaml"], [`patches: [{target: {kind: FluxInstance}, patch: '${patch}'}]`]);
};
const says = (tree: Files, edits: Edits) => {
  const { verdict, findings } = verifyEdits(edits, tree);
  return [verdict, ...new Set(findings.filter(({ level }) => level === "blocker").map(({ rule }) => rule))].join(" | ");
};

describe("a patch on the way changes the FluxInstance", () => {
  test.each<[path: string, value: unknown, said: string]>([
    ["/spec/components", ["source-controller", "kustomize-controller"], "unsafe | flux-may-go"],
    ["/spec/distribution/version", "2.5.x", "unsafe | instance-refused"],
    ["/spec/distribution/version", "2.7.x", "safe"],
    ["/spec/sync/path", "kubernetes/apps", "unsafe | flux-may-go | wanted-may-go"],
    ["/spec/sync/ref", "refs/heads/next", "unproven | source-switches"],
    ["/spec/sync/interval", "5m", "safe"],
    ["/metadata/annotations", { "fluxcd.controlplane.io/reconcile": "disabled" }, "unsafe | instance-harms"],
    ["/spec/cluster", { domain: "other.local" }, "unproven | safety-unknown"],
  ])("%s to %j", (path, value, said) => {
    expect(says(operatorTree(), { [LIST]: patched(path, value) })).toBe(said);
  });

  test("and an edit that it covers is none", () => {
    const tree: Files = { ...operatorTree(), [LIST]: patched("/spec/distribution/version", "2.6.x") };
    expect(says(tree, { [INSTANCE]: tree[INSTANCE]!.replace("2.6.x", "2.5.x") })).toBe("safe");
  });

  test("and so the Flux that fields are known by", () => {
    const tree: Files = { ...operatorTree(), [LIST]: patched("/spec/distribution/version", "2.8.x") };
    tree[INSTANCE] = tree[INSTANCE]!.replace("2.6.x", "2.3.x");
    const orphan = tree[PLAYER]!.replace("  prune: true", "  prune: true\n  deletionPolicy: Orphan");
    expect(says(tree, { [PLAYER]: orphan })).toBe("safe");
  });
});

test("a variable, a mark or a patch of its Kustomization changes the FluxInstance", () => {
  const { [INSTANCE]: instance, ...rest } = operatorTree();
  const app = (...more: string[]) => ks("player", APP, ["targetNamespace: flux-system", ...more], "flux-system");
  const by = (version: string, more = "") =>
    app(`postBuild: {substitute: {DOMAIN: a.example, FLUX: ${version}}}`, ...(more ? [more] : []));
  const tree: Files = {
    ...rest,
    [LIST]: "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n",
    [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "instance.yaml"]),
    [`${APP}/instance.yaml`]: instance!.replace("2.6.x", "'${FLUX}'"),
    [PLAYER]: by("2.6.x"),
  };
  expect(says(tree, { [PLAYER]: by("2.5.x") })).toBe("unsafe | instance-refused");
  expect(says(tree, { [PLAYER]: by("2.7.x") })).toBe("safe");
  const paused = "commonMetadata: {annotations: {fluxcd.controlplane.io/reconcile: disabled}}";
  expect(says(tree, { [PLAYER]: by("2.6.x", paused) })).toBe("unsafe | instance-harms");
  const patch = '[{"op": "replace", "path": "/spec/distribution/version", "value": "2.5.x"}]';
  const patches = `patches: [{target: {kind: FluxInstance}, patch: '${patch}'}]`;
  expect(says(tree, { [PLAYER]: by("2.6.x", patches) })).toBe("unsafe | instance-refused");
});

describe("a variable comes into the FluxInstance, goes or changes", () => {
  const { [INSTANCE]: instance, ...rest } = operatorTree();
  const FILE = "kubernetes/instance/instance.yaml";
  const VALUES = "kubernetes/instance/values.yaml";
  const values = (version: string) =>
    object("ConfigMap", "versions", "v1", ["  namespace: flux-system", `data: {FLUX: ${version}}`]);
  const written = (version: string) => instance!.replace("2.6.x", `'${version}'`);
  const from = (kind: string) => `postBuild: {substituteFrom: [{kind: ${kind}, name: versions}]}`;
  const own = "postBuild: {substitute: {DOMAIN: a.example}}";
  const tree = (build: string, version: string, value = "2.6.x"): Files => ({
    ...rest,
    [LIST]: kustomization(["apply.yaml"]),
    [`${CONFIG}/apply.yaml`]: ks("instance", "kubernetes/instance", [build], "flux-system"),
    ...{ [FILE]: written(version), [VALUES]: values(value) },
  });

  test.each<[said: string, build: string, from: string, to: string]>([
    ["safe", from("ConfigMap"), "2.6.x", "${FLUX}"],
    ["safe", from("ConfigMap"), "${FLUX}", "2.6.x"],
    ["safe", from("ConfigMap"), "2.6.x", "${FLUX:=2.4.x}"],
    ["unsafe | instance-refused", from("ConfigMap"), "2.7.x", "${FLUX}"],
    ["unsafe | instance-refused", from("ConfigMap"), "${FLUX}", "2.5.x"],
    ["safe", from("ConfigMap"), "2.6.x", "${OTHER:=2.6.x}"],
    ["safe", own, "2.6.x", "${FLUX:=2.6.x}"],
    ["unsafe | instance-refused", own, "2.6.x", "${FLUX:=2.5.x}"],
    ["unproven | safety-unknown", from("Secret"), "2.6.x", "${FLUX}"],
    ["unproven | safety-unknown", from("Secret"), "${FLUX}", "2.6.x"],
  ])("%s: %s, %s to %s", (said, build, was, is) => {
    expect(says(tree(build, was), { [FILE]: written(is) })).toBe(said);
  });

  test("with its value, and one that stays", () => {
    const build = from("ConfigMap").replace("{substituteFrom", "{substitute: {MORE: '6'}, substituteFrom");
    const more = {
      ...tree(build, "${FLUX}"),
      [FILE]: `${written("${FLUX}")}  commonMetadata: {labels: {a: 'b\${MORE}'}}\n`,
    };
    expect(says(more, { [VALUES]: values("2.7.x") })).toBe("safe");
    expect(says(more, { [VALUES]: values("2.5.x") })).toBe("unsafe | instance-refused");
  });
});

describe("a FluxInstance beside the old install, with another name than the root", () => {
  const tree = (add: string): Files => ({
    ...homeTree(),
    [INSTANCE]: operatorTree()[INSTANCE]!.replace("spec:\n", `${add}spec:\n`),
    [LIST]: kustomization(["cluster.yaml", "flux.yaml", "instance.yaml"]),
  });
  const paused = "  annotations: {fluxcd.controlplane.io/reconcile: disabled}\n";
  const edit = {
    [`${APP}/pvc.yaml`]: `${homeTree()[`${APP}/pvc.yaml`]}# Edited\n`,
    [PLAYER]: `${homeTree()[PLAYER]}  wait: true\n`,
  };
  const cutover = {
    "kubernetes/flux/config/flux.yaml": undefined,
    [LIST]: kustomization(["cluster.yaml", "instance.yaml"]),
  };

  test("takes nothing over while it is paused, and no edit of an app does", () => {
    expect(says(tree(paused), edit)).toBe("safe");
    expect(says(tree(paused), { [INSTANCE]: tree("")[INSTANCE] })).toContain("second-owner");
    expect(says(tree(paused), cutover)).toContain("flux-may-go");
  });

  test("may have a component that only a newer operator knows", () => {
    const more = tree("");
    more[INSTANCE] = more[INSTANCE]!.replace("image-reflector-controller]", "quite-another]");
    expect(says(more, cutover)).not.toContain("flux-may-go");
  });
});
