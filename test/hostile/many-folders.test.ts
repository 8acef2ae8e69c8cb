import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { reach } from "../../src/delivery/kustomize/index.ts";
import { overlayTree } from "../../src/files/overlay.ts";
import { memoryTree } from "../support/memory.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heldNow(): number {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}

test("walks of folders that each list the next one keep little of what they ask", () => {
  const files = Array.from({ length: 400 }, (_, i) => [
    [`d${i}/kustomization.yaml`, `resources: [a.yaml, ../d${i + 1}]\n`],
    [`d${i}/a.yaml`, "a: b\n"],
  ]).flat();
  const base = memoryTree(Object.fromEntries(files));
  const tree = overlayTree(base, [{ path: "new.yaml", before: undefined, after: "a: b\n" } as never]);
  const walk = (from: number) => reach(tree, `d${from}`);
  const first = walk(0);
  const before = heldNow();
  const all = Array.from({ length: 80 }, (_, i) => walk(i + 1));
  expect(heldNow() - before).toBeLessThan(40);
  expect([first, ...all].map(({ resources }) => resources.length)).toEqual(Array.from({ length: 81 }, () => 300));
});
