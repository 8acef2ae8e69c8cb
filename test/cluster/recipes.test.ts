import { expect, test } from "vitest";
import { findRecipes } from "../../src/cluster/recipes.ts";
import { memoryTree } from "../support/memory.ts";

const LINES = Array.from({ length: 2000 }, (_, at) => `r${at}: all r${at + 1}\n\trm -rf r${at}\n`);
const tree = memoryTree({
  Makefile: `all: all r0\n${LINES.join("")}`,
  "ci/Taskfile.yaml": "tasks:\n  build:\n    deps: [build]\n",
});

test("a recipe that thousands of commands start, and that names itself, is read once", () => {
  const many = Array.from({ length: 5000 }, (_, at) => ({ text: `make all r${at}`, entered: undefined }));
  const found = findRecipes(tree, [...many, { text: "task build", entered: "ci" }]);
  expect(found.map(({ file }) => file).filter((file) => file === "Makefile")).toHaveLength(2001);
  expect(found).toContainEqual({ file: "ci/Taskfile.yaml", first: 1, end: 4 });
});
