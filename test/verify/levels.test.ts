import { describe, expect, test } from "vitest";
import { homeTree, ks, object } from "./home-tree.ts";
import { type Files, judge } from "./judge.ts";

describe("Kustomizations that deliver each other", () => {
  const EXTRA = "kubernetes/flux/c1.yaml";
  const tree: Files = {
    ...homeTree(),
    [EXTRA]: ks("c1", "c1"),
    "c1/c2.yaml": ks("c2", "c2"),
    "c2/c3.yaml": ks("c3", "c3", ["targetNamespace: media"]),
    "c3/map.yaml": object("ConfigMap", "deep"),
  };
  const go = (...paths: string[]) => Object.fromEntries(paths.map((path) => [path, undefined]));

  test("go on purpose, all of them", () => {
    const { safety } = judge(tree, go(EXTRA, "c1/c2.yaml", "c2/c3.yaml", "c3/map.yaml"));
    expect(safety.verdict).toBe("deletes");
    expect(safety.dangers.map(({ resource, wanted }) => [resource, wanted])).toEqual(
      [
        "Kustomization flux-system/c1",
        "Kustomization flux-system/c2",
        "Kustomization flux-system/c3",
        "ConfigMap media/deep",
      ].map((resource) => [resource, false]),
    );
  });

  test("go with documents that stay", () => {
    const wanted = (...paths: string[]) =>
      judge(tree, go(...paths))
        .safety.dangers.filter((one) => one.wanted)
        .map(({ resource }) => resource);
    expect(wanted(EXTRA, "c1/c2.yaml")).toEqual(["Kustomization flux-system/c3", "ConfigMap media/deep"]);
    // What one builds goes with its document.
    expect(wanted(EXTRA, "c1/c2.yaml", "c2/c3.yaml")).toEqual([]);
  });
});
