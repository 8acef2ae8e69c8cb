import { expect, test } from "vitest";
import transform from "../../transforms/docs-mentions.ts";
import { clusterFiles, contextOf, runTransform } from "./support.ts";

function linesOf(text: string, cluster = "main"): string[] {
  const files = { ...clusterFiles("kubernetes/main"), ...clusterFiles("kubernetes/edge"), "README.md": text };
  const outcome = runTransform(transform, contextOf(files, cluster));
  expect(outcome.texts).toEqual({});
  return outcome.findings.map(
    ({ what }) => /renames: (.*)\.$/.exec(what)?.[1]?.replaceAll(/[^\s,]+:(?=\d)/g, "") ?? "?",
  );
}

test("folds every line of a page into one finding", () => {
  expect(linesOf("see kubernetes/main/flux/config\n\nand `kubernetes/main/bootstrap/flux`\n")).toEqual([
    "1 (flux/config), 3 (main/bootstrap)",
  ]);
});

test("leaves the paths of another cluster to it", () => {
  expect(linesOf("kubernetes/edge/flux/config\n")).toEqual([]);
  expect(linesOf("kubernetes/edge/flux/config\n", "edge")).toEqual(["1 (flux/config)"]);
});

test("a path that may mean either is reported once", () => {
  expect(linesOf("$KUBERNETES_DIR/flux/config\n", "edge")).toEqual(["1 (flux/config)"]);
  expect(linesOf("$KUBERNETES_DIR/flux/config\n", "main")).toEqual([]);
});

test.each(["flux/configuration", "my-flux/config-old", "tools/flux/config.d", "home-kubernetes is our repository"])(
  "%s is something else",
  (line) => {
    expect(linesOf(`${line}\n`, "edge")).toEqual([]);
  },
);
