import { expect, test } from "vitest";
import { homeTree, kustomization, object } from "../home-tree.ts";
import { inShort, PLAYER_APP } from "./tree.ts";

const CLAIM = `${PLAYER_APP}/claim.yaml`;
const CLASS = "kubernetes/apps/media/class.yaml";
const claim = (size: string, more = "storageClassName: disk, ") =>
  object("PersistentVolumeClaim", "data", "v1", [
    `spec: {${more}accessModes: [ReadWriteOnce], resources: {requests: {storage: ${size}}}}`,
  ]);
const storage = (more: string, name = "disk") =>
  object("StorageClass", name, "storage.k8s.io/v1", ["provisioner: example.invalid", more]);
const tree = (text: string, more = "", name = "disk") => ({
  ...homeTree(),
  [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["claim.yaml", "helmrelease.yaml", "pvc.yaml"]),
  "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml", "player/ks.yaml", "class.yaml"]),
  [CLAIM]: text,
  [CLASS]: storage(more, name),
});

test("a claim of a class that lets none grow is refused", () => {
  const said = "unsafe | reconcile-stops PersistentVolumeClaim media/data";
  expect(inShort(tree(claim("1Gi")), { [CLAIM]: claim("2Gi") })).toBe(said);
  expect(inShort(tree(claim("1Gi"), "allowVolumeExpansion: false"), { [CLAIM]: claim("1500Mi") })).toBe(said);
});

test("one may grow in another class, and one that does not grow stays as it is", () => {
  expect(inShort(tree(claim("1Gi"), "allowVolumeExpansion: true"), { [CLAIM]: claim("2Gi") })).toBe("safe");
  expect(inShort(tree(claim("1Gi"), "", "other"), { [CLAIM]: claim("2Gi") })).toBe("safe");
  expect(inShort(tree(claim("1Gi", "")), { [CLAIM]: claim("2Gi", "") })).toBe("safe");
  expect(inShort(tree(claim("1Gi")), { [CLAIM]: claim("1024Mi") })).toBe("safe");
  const both = { [CLAIM]: claim("2Gi"), [CLASS]: storage("allowVolumeExpansion: true") };
  expect(inShort(tree(claim("1Gi")), both)).toBe("safe");
});

test("a claim without a class is refused, as that of a volume made by hand", () => {
  const none = 'storageClassName: "", volumeName: disk, ';
  const said = "unsafe | reconcile-stops PersistentVolumeClaim media/data";
  expect(inShort(tree(claim("1Gi", none)), { [CLAIM]: claim("2Gi", none) })).toBe(said);
  expect(inShort(tree(claim("2Gi", none)), { [CLAIM]: claim("2048Mi", none) })).toBe("safe");
});

test("one that Flux only makes and never changes may ask for what it likes", () => {
  const once = (text: string) =>
    text.replace("  name: data\n", "  name: data\n  labels: {kustomize.toolkit.fluxcd.io/ssa: IfNotPresent}\n");
  for (const more of [undefined, 'storageClassName: "", '])
    expect(inShort(tree(once(claim("1Gi", more))), { [CLAIM]: once(claim("2Gi", more)) })).toBe("safe");
});
