import { expect, test } from "vitest";
import { findKustomization, reach } from "../../src/delivery/kustomize/index.ts";
import { memoryTree } from "../support/memory.ts";

test("follows resources, bases, components and patch files of a kustomization", () => {
  const tree = memoryTree({
    "app/kustomization.yaml":
      "resources: [./b.yaml, ../base]\ncomponents: [../comp]\npatches:\n  - path: patch.yaml\n  - patch: |\n      a: b\nconfigMapGenerator:\n  - name: x\n    files: [key=conf.txt]\n",
    "app/b.yaml": "not: [parsed",
    "app/patch.yaml": "",
    "app/conf.txt": "",
    "base/kustomization.yml": "resources: [c.yaml]\nbases: [../nothing]\n",
    "base/c.yaml": "",
    "comp/Kustomization": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nresources: [d.yaml]\n",
    "comp/d.yaml": "",
  });
  const lists = ["app/kustomization.yaml", "base/kustomization.yml", "comp/Kustomization"];
  const { files, ...found } = reach(tree, "app");
  expect([...files()]).toEqual([...found.resources, ...found.others]);
  expect(found).toEqual({
    resources: ["app/b.yaml", "base/c.yaml", "comp/d.yaml"],
    kustomizations: ["app", "base", "comp"],
    auxiliary: ["app/patch.yaml", "app/conf.txt"],
    lists,
    others: ["app/patch.yaml", "app/conf.txt", ...lists],
    texts: ["app/conf.txt"],
    remotes: [],
    missing: [{ at: { file: "base/kustomization.yml", line: 2, col: 9 }, field: "bases", target: "../nothing" }],
    broken: [],
  });
});

test("reports remote bases apart from missing files", () => {
  const tree = memoryTree({
    "a/kustomization.yaml":
      "resources:\n  - github.com/fluxcd/flux2/manifests/install?ref=v2.0.0\n  - https://example.org/x.yaml\n  - gone.yaml\n",
  });
  const found = reach(tree, "a");
  expect(found.remotes.map((remote) => remote.at.line)).toEqual([2, 3]);
  expect(found.missing).toEqual([
    { at: { file: "a/kustomization.yaml", line: 4, col: 5 }, field: "resources", target: "gone.yaml" },
  ]);
});

test("walks a folder without a kustomization as kustomize-controller does", () => {
  const tree = memoryTree(
    {
      "c/z.yaml": "",
      "c/.hidden/h.yml": "",
      "c/sub/kustomization.yaml": "resources: [used.yaml]\n",
      "c/sub/used.yaml": "",
      "c/sub/unused.yaml": "",
      "c/upper.YAML": "",
      "c/data.json": "",
    },
    { statuses: { "c/link.yaml": "symlink" } },
  );
  expect(reach(tree, "c").resources).toEqual(["c/.hidden/h.yml", "c/sub/used.yaml", "c/z.yaml"]);
  expect(reach(tree, "c").kustomizations).toEqual(["c/sub"]);
});

test("calls a Flux Kustomization named kustomization.yaml broken, and a component that is listed as a resource", () => {
  const tree = memoryTree({
    "a/kustomization.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n",
    "b/kustomization.yaml": "resources: [../c, ../a]\n",
    "c/kustomization.yaml": "kind: Component\n",
  });
  expect(reach(tree, "a").broken[0]?.reason).toContain("apiVersion");
  expect(reach(tree, "b").broken.map(({ at }) => at.file)).toEqual(["c/kustomization.yaml", "a/kustomization.yaml"]);
});

test("takes the components of a FluxKustomization from its options", () => {
  const tree = memoryTree({
    "a/x.yaml": "",
    "comp/kustomization.yaml": "kind: Component\nresources: [y.yaml]\n",
    "comp/y.yaml": "",
  });
  expect(reach(tree, "a", { components: ["../comp"] }).resources).toEqual(["a/x.yaml", "comp/y.yaml"]);
  expect(reach(tree, "a", { components: ["../gone"] }).missing).toHaveLength(1);
  expect(reach(tree, "a", { components: ["../gone"], ignoreMissingComponents: true }).missing).toEqual([]);
});

test("stops at a cycle and reports it", () => {
  const tree = memoryTree({
    "a/kustomization.yaml": "resources: [../b]\n",
    "b/kustomization.yaml": "resources: [../a]\n",
  });
  expect(reach(tree, "a").broken).toHaveLength(1);
});

test("refuses a folder with two kustomization files", () => {
  const tree = memoryTree({ "a/kustomization.yaml": "", "a/Kustomization": "" });
  expect(findKustomization(tree, "a")?.error).toContain("multiple");
  expect(findKustomization(tree, "b")).toBeUndefined();
});
