import { expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { homeTree, kustomization, object } from "./home-tree.ts";

const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const MAP = "kubernetes/apps/media/player/app/helmrelease.yaml";
const LIST = "kubernetes/apps/media/player/app/kustomization.yaml";
const MORE = "kubernetes/apps/media/player/app/more.yaml";
const CLAIM = "kubernetes/apps/media/player/app/pvc.yaml";
const tree: Record<string, string> = { ...homeTree(), [MAP]: object("ConfigMap", "player") };
const bare = tree[PLAYER]!.replace("  targetNamespace: media\n", "");

const findRefused = (edits: Record<string, string>, base = tree) =>
  verifyEdits(edits, base).findings.find(({ rule }) => rule === "object-refused");

test("a targetNamespace that goes leaves objects of Kubernetes without a namespace, with which nothing is applied", () => {
  expect(findRefused({ [PLAYER]: bare })?.what).toContain(
    "metadata.namespace is missing. Flux then applies nothing more of Kustomization flux-system/player",
  );
  expect(findRefused({ [CLAIM]: object("PersistentVolumeClaim", "other") })).toBeUndefined();
});

test("what a mark keeps Flux off is not tried", () => {
  const mark = "  annotations: {kustomize.toolkit.fluxcd.io/ssa: Ignore}\n";
  const marked = { ...tree, [MAP]: tree[MAP] + mark, [CLAIM]: tree[CLAIM] + mark };
  expect(findRefused({ [PLAYER]: bare }, marked)).toBeUndefined();
});

test("what comes beside others without a namespace is refused with them, as before", () => {
  expect(findRefused({ [MAP]: object("ConfigMap", "other") }, { ...tree, [PLAYER]: bare })).toBeUndefined();
  const edits = {
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "more.yaml"]),
    [MORE]: object("ConfigMap", "more"),
  };
  expect(findRefused(edits, { ...tree, [PLAYER]: bare })).toBeUndefined();
  // All that is there says its namespace, or Flux is kept off it: what comes stops the rest.
  const inMedia = (text: string) => text.replace("metadata:\n", "metadata:\n  namespace: media\n");
  const placed = { ...tree, [PLAYER]: bare, [MAP]: inMedia(tree[MAP]!), [CLAIM]: inMedia(tree[CLAIM]!) };
  expect(findRefused(edits, placed)?.resource).toBe("ConfigMap default/more");
  const oneBare = { ...placed, [MAP]: tree[MAP]! };
  expect(findRefused(edits, oneBare)).toBeUndefined();
});

test("what comes from another FluxKustomization and had no namespace there either is refused as before", () => {
  const moved = bare.replaceAll("name: player", "name: other");
  expect(findRefused({ [PLAYER]: moved }, { ...tree, [PLAYER]: bare })).toBeUndefined();
});
