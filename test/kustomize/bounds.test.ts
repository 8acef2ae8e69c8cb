import { expect, test } from "vitest";
import { deliver, reach } from "../../src/delivery/kustomize/index.ts";
import { memoryTree } from "../support/memory.ts";
import { configMap } from "./support.ts";

/** `app` includes `d1`, which includes `d2`, and so on; the last one has an object. */
function chain(length: number, entries: (next: string) => string): Record<string, string> {
  const files: Record<string, string> = { [`d${length}/kustomization.yaml`]: "resources: [a.yaml]\n" };
  files[`d${length}/a.yaml`] = configMap("a");
  for (let index = 0; index < length; index++) {
    files[`${index === 0 ? "app" : `d${index}`}/kustomization.yaml`] = entries(`../d${index + 1}`);
  }
  return files;
}

test("a chain of 200 bases builds, one of 3,000 stays unknown with its place", () => {
  const one = (next: string) => `resources: [${next}]\n`;
  const short = deliver(memoryTree(chain(200, one)), "app");
  expect(short).toMatchObject({ ok: true, unknowns: [], objects: [{ name: "a" }] });
  const tree = memoryTree(chain(3000, one));
  const long = deliver(tree, "app");
  expect(long).toMatchObject({
    ok: true,
    objects: [],
    unknowns: [{ at: { file: "d299/kustomization.yaml", line: 1 } }],
  });
  expect(reach(tree, "app").broken).toMatchObject([{ at: { file: "d300/kustomization.yaml" } }]);
});

test("a base that sixteen levels include twice each is an error or costs no more than a chain", () => {
  const twice = (next: string) => `resources: [${next}, ${next}/.]\n`;
  expect(deliver(memoryTree(chain(16, twice)), "app")).toMatchObject({ ok: false });
  const files = chain(40, (next) => `resources: [${next}]\ncomponents: [${next.replace("../d", "../c")}]\n`);
  for (let index = 1; index <= 40; index++) {
    files[`c${index}/kustomization.yaml`] = "kind: Component\nnameSuffix: -s\n";
  }
  expect(deliver(memoryTree(files), "app")).toMatchObject({ ok: true, objects: [{ name: `a${"-s".repeat(40)}` }] });
});

test("YAML that nests deeper than 100 levels stays unknown", () => {
  const deep = (levels: number) => `${configMap("a")}deep: ${"[".repeat(levels)}${"]".repeat(levels)}\n`;
  const build = (levels: number) =>
    deliver(memoryTree({ "app/kustomization.yaml": "resources: [a.yaml]\n", "app/a.yaml": deep(levels) }), "app");
  expect(build(90)).toMatchObject({ ok: true, unknowns: [], objects: [{ name: "a" }] });
  expect(build(300)).toMatchObject({ ok: true, objects: [], unknowns: [{ at: { file: "app/kustomization.yaml" } }] });
});
