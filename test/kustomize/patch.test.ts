import { expect, test } from "vitest";
import { deliver } from "../../src/delivery/kustomize/index.ts";
import { memoryTree } from "../support/memory.ts";
import { configMap, expectIds, expectRefused, ids, yamlObject } from "./support.ts";

const indent = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => `      ${line}`)
    .join("\n");
const patches = (patch: string, rest = "") => `resources: [a.yaml]\npatches:\n  - patch: |-\n${indent(patch)}\n${rest}`;
const files = { "app/a.yaml": `${configMap("a")}---\n${configMap("b", { namespace: "n" })}` };
const remove = (name: string, namespace?: string) =>
  `$patch: delete\n${configMap(name, namespace === undefined ? {} : { namespace })}`;

test("deletes by a patch with and without target", () => {
  expectIds({ ...files, "app/kustomization.yaml": patches(remove("a")) }, ["ConfigMap/n/b"]);
  expectIds({ ...files, "app/kustomization.yaml": patches(remove("any"), "    target: {kind: Config.*}\n") }, []);
  expectIds({ ...files, "app/kustomization.yaml": patches(remove("any"), "    target: {kind: Config}\n") }, [
    "ConfigMap//a",
    "ConfigMap/n/b",
  ]);
});

test("a patch without target must match one object, namespace included", () => {
  expectRefused({ ...files, "app/kustomization.yaml": patches(remove("b")) }, /no matches/);
  expectIds({ ...files, "app/kustomization.yaml": patches(remove("b", "n")) }, ["ConfigMap//a"]);
  expectIds({ ...files, "app/kustomization.yaml": patches(remove("a", "default")) }, ["ConfigMap/n/b"]);
});

test("several documents are fine without a target and refused with one", () => {
  const both = `${remove("a")}---\n${remove("b", "n")}`;
  const tree = memoryTree({ ...files, "app/kustomization.yaml": patches(both) });
  expect(ids(deliver(tree, "app"))).toEqual([]);
  expect(deliver(tree, "app").unknowns[0]?.what).toContain("kustomize 5.5 crashes");
  expectIds({ ...files, "app/kustomization.yaml": patches(`${configMap("a")}---\n${remove("b", "n")}`) }, [
    "ConfigMap//a",
  ]);
  expectRefused({ ...files, "app/kustomization.yaml": patches(both, "    target: {kind: ConfigMap}\n") }, /several/);
});

test("changes name and kind only where the options allow it, the namespace never", () => {
  const other = yamlObject("v1", "Secret", "c", { namespace: "z" });
  const target = "    target: {name: a}\n";
  expectIds({ ...files, "app/kustomization.yaml": patches(other, target) }, ["ConfigMap//a", "ConfigMap/n/b"]);
  const allow = (options: string) => patches(other, `${target}    options: {${options}}\n`);
  expectIds({ ...files, "app/kustomization.yaml": allow("allowNameChange: true") }, ["ConfigMap//c", "ConfigMap/n/b"]);
  expectIds({ ...files, "app/kustomization.yaml": allow("allowKindChange: true") }, ["Secret//a", "ConfigMap/n/b"]);
});

test("a renamed object is still found under its old name", () => {
  const rename = `  - target: {name: a}\n    patch: '[{"op": "replace", "path": "/metadata/name", "value": "c"}]'\n`;
  const byTarget = `  - target: {name: a}\n    patch: '[{"op": "add", "path": "/metadata/namespace", "value": "x"}]'\n`;
  expectIds({ ...files, "app/kustomization.yaml": `resources: [a.yaml]\npatches:\n${rename}${byTarget}` }, [
    "ConfigMap/x/c",
    "ConfigMap/n/b",
  ]);
  const parent = { "top/kustomization.yaml": `resources: [../app]\npatches:\n  - patch: |-\n${indent(remove("a"))}\n` };
  const base = { ...files, "app/kustomization.yaml": "resources: [a.yaml]\nnamespace: x\nnamePrefix: p-\n" };
  expectIds({ ...base, ...parent }, ["ConfigMap/x/p-b"], "top");
});

test.each([
  [
    "replace on a missing key adds it",
    '[{"op": "replace", "path": "/metadata/namespace", "value": "x"}]',
    ["ConfigMap/x/a", "ConfigMap/n/b"],
  ],
  [
    "move",
    '[{"op": "move", "from": "/metadata/name", "path": "/old"}, {"op": "copy", "from": "/kind", "path": "/metadata/name"}]',
    ["ConfigMap//ConfigMap", "ConfigMap/n/b"],
  ],
  [
    "test that holds",
    '[{"op": "test", "path": "/metadata/name", "value": "a"}, {"op": "add", "path": "/kind", "value": "X"}]',
    ["X//a", "ConfigMap/n/b"],
  ],
])("JSON6902: %s", (_, patch, wanted) => {
  expectIds({ ...files, "app/kustomization.yaml": patches(patch, "    target: {name: a}\n") }, wanted);
});

test.each([
  ["removing what is not there", '[{"op": "remove", "path": "/metadata/labels"}]', /nonexistent/],
  ["adding below what is not there", '[{"op": "add", "path": "/metadata/labels/x", "value": "y"}]', /missing the path/],
  ["a test that fails", '[{"op": "test", "path": "/metadata/name", "value": "z"}]', /differs/],
  ["taking the name away", '[{"op": "remove", "path": "/metadata/name"}]', /missing metadata.name/],
  ["neither kind of patch", "a: b", /unable to parse/],
])("refuses %s", (_, patch, reason) => {
  expectRefused({ ...files, "app/kustomization.yaml": patches(patch, "    target: {name: a}\n") }, reason);
});

test("a JSON patch needs a target, and one that selects nothing is fine", () => {
  expectRefused(
    { ...files, "app/kustomization.yaml": patches('[{"op": "remove", "path": "/kind"}]') },
    /must specify a target/,
  );
  expectIds(
    { ...files, "app/kustomization.yaml": patches('[{"op": "remove", "path": "/kind"}]', "    target: {name: aa}\n") },
    ["ConfigMap//a", "ConfigMap/n/b"],
  );
});

test("reads patches from files, legacy fields too", () => {
  const text =
    "resources: [a.yaml]\npatchesStrategicMerge:\n  - p.yaml\n  - |-\n      $patch: delete\n      apiVersion: v1\n      kind: ConfigMap\n      metadata: {name: b, namespace: n}\n" +
    "patchesJson6902:\n  - path: j.yaml\n    target: {version: v1, kind: ConfigMap, name: a}\n";
  const all = {
    ...files,
    "app/kustomization.yaml": text,
    "app/p.yaml": configMap("a", { more: "data: {k: v}\n" }),
    "app/j.yaml": "- {op: add, path: /metadata/name, value: c}\n",
  };
  expectIds(all, ["ConfigMap//c"]);
  const { "app/p.yaml": _, ...without } = all;
  expect(expectRefused(without, /p\.yaml: no such file/).at).toEqual({
    file: "app/kustomization.yaml",
    line: 3,
    col: 5,
  });
});

test("keeps the body patched, for those who read more than ids", () => {
  const spec =
    "spec:\n  template:\n    spec:\n      containers:\n        - {name: x, image: i}\n        - {name: y, image: j}\n";
  const patch =
    "spec:\n  replicas: 2\n  template:\n    spec:\n      containers:\n        - {name: y, image: k}\n        - {name: x, $patch: delete}\n";
  const tree = memoryTree({
    "app/kustomization.yaml": patches(yamlObject("apps/v1", "Deployment", "d", { more: patch })),
    "app/a.yaml": yamlObject("apps/v1", "Deployment", "d", { more: spec }),
  });
  const delivery = deliver(tree, "app");
  expect(delivery.ok && delivery.objects[0]?.body.spec).toEqual({
    replicas: 2,
    template: { spec: { containers: [{ name: "y", image: "k" }] } },
  });
});

test("replaces fields that make up an identity", () => {
  const text = (source: string, target: string) =>
    `resources: [a.yaml]\nreplacements:\n  - source: ${source}\n    targets:\n      - ${target}\n`;
  const source = "{kind: ConfigMap, name: b, fieldPath: metadata.namespace}";
  expectIds(
    {
      ...files,
      "app/kustomization.yaml": text(
        source,
        "{select: {name: a}, fieldPaths: [metadata.namespace], options: {create: true}}",
      ),
    },
    ["ConfigMap/n/a", "ConfigMap/n/b"],
  );
  expectIds(
    {
      ...files,
      "app/kustomization.yaml": text(
        source,
        "{select: {kind: ConfigMap}, reject: [{name: b}], fieldPaths: [metadata.name], options: {delimiter: '-', index: 1}}",
      ),
    },
    ["ConfigMap//a-n", "ConfigMap/n/b"],
  );
  expectRefused(
    { ...files, "app/kustomization.yaml": text(source, "{select: {name: a}, fieldPaths: [metadata.namespace]}") },
    /unable to find field/,
  );
  expectRefused({ ...files, "app/kustomization.yaml": text("{name: z}", "{select: {name: a}}") }, /nothing selected/);
  expectRefused(
    { ...files, "app/kustomization.yaml": text("{kind: ConfigMap}", "{select: {name: a}}") },
    /multiple matches/,
  );
});
