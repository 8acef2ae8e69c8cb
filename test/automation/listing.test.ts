import { expect, it } from "vitest";
import { overlayTree } from "../../src/files/overlay.ts";
import { foldersListing } from "../../transforms/shared/automation/idle-folders.ts";
import { memoryTree } from "../support/memory.ts";

const list = (...entries: string[]) => `resources:\n${entries.map((entry) => `  - ${entry}\n`).join("")}`;
const FILES = {
  "base/kustomization.yaml": list("a.yaml"),
  "base/a.yaml": "a: b\n",
  "base/overlays/one/kustomization.yaml": list("../../"),
  "two/kustomization.yml": `components:\n  - ../base\n  - ./../base/\n`,
  "three/kustomization.yaml": "resources: [",
};

it("finds every folder that lists a path, however the entry is written", () => {
  const tree = memoryTree(FILES);
  expect(foldersListing(tree, "base")).toEqual(["base/overlays/one", "two"]);
  expect(foldersListing(tree, "base/a.yaml")).toEqual(["base"]);
  expect(foldersListing(tree, "three")).toEqual([]);
});

it("reads the lists that an overlay edits, adds and takes away", () => {
  const tree = memoryTree(FILES);
  const changes = [
    { path: "two/kustomization.yml", before: FILES["two/kustomization.yml"], after: list("../three") },
    { path: "four/kustomization.yaml", after: list("../base", "../base/a.yaml") },
    { path: "base/kustomization.yaml", before: FILES["base/kustomization.yaml"] },
  ];
  const edited = overlayTree(tree, changes);
  expect(foldersListing(edited, "base")).toEqual(["base/overlays/one", "four"]);
  expect(foldersListing(edited, "base/a.yaml")).toEqual(["four"]);
  expect(foldersListing(edited, "three")).toEqual(["two"]);
  // The tree below says what it did.
  expect(foldersListing(tree, "base")).toEqual(["base/overlays/one", "two"]);
});
