import { expect, test } from "vitest";
import transform from "../../transforms/automation-mentions/index.ts";
import { matchOldLines } from "../../transforms/shared/automation/line-numbers.ts";
import { memoryTree } from "../support/memory.ts";
import { clusterFiles, contextOf, runTransform } from "./support.ts";

test("a line is told where it lay before other lines came and went", () => {
  const before = "a\nb\n\nc\n\nb\nd\n";
  const after = "a\nnew\nnew\nb\n\n\nb\nd\n";
  const old = matchOldLines(before, after);
  expect([1, 4, 5, 6, 7, 8].map(old)).toEqual([1, 2, 3, 5, 6, 7]);
  // What came with the edits lay nowhere, and a text without them is as it was.
  expect(old(2)).toBe(2);
  expect(matchOldLines(after, after.replace("a", "z"))(4)).toBe(4);
  expect(matchOldLines(undefined, after)(4)).toBe(4);
});

test("what a second cluster is told of a script is told of it as it lies there", () => {
  const script = [
    "kubectl apply -k kubernetes/east/bootstrap/flux",
    "test -d kubernetes/west/bootstrap/flux && up",
    "",
  ];
  const files = { ...clusterFiles("kubernetes/east"), ...clusterFiles("kubernetes/west"), "up.sh": script.join("\n") };
  const { texts } = runTransform(transform, contextOf(files, "east"));
  expect(texts["up.sh"]!.split("\n").length).toBeGreaterThan(script.length);
  const west = { ...contextOf(files, "west"), tree: memoryTree({ ...files, ...texts }) };
  const { findings } = runTransform(transform, west);
  expect(findings.map(({ rule, at, what }) => [rule, at?.line, /up\.sh:(\d+)/.exec(what)?.[1]])).toEqual([
    ["automation-names-removed", 2, "2"],
  ]);
});
