import { describe, expect, it } from "vitest";
import { scanFolder } from "../../bench/corpus/gate/reach.ts";
import { joinPath } from "../../bench/corpus/gate/snapshot.ts";
import { tree } from "./trees.ts";

describe("the folder that a FluxKustomization builds", () => {
  it.each(["", ".", "./", "/", "./."])("is the whole repository for %j", (path) => {
    expect(joinPath("", path)).toBe("");
  });

  it.each([
    ["./clusters/home/", "clusters/home"],
    ["clusters//home", "clusters/home"],
    ["clusters/../apps", "apps"],
  ])("%s is %s", (path, is) => {
    expect(joinPath(path)).toBe(is);
  });

  it("holds nothing that source-controller leaves out by itself", () => {
    const files = { "a/.sops.yaml": "x: 1\n", "a/b/.flux.yaml": "x: 1\n", "a/b/cm.yaml": "x: 1\n" };
    expect(scanFolder(tree(files), "a")).toEqual(["a/b/cm.yaml"]);
  });
});
