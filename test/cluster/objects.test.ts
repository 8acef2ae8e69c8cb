import { describe, expect, test } from "vitest";
import {
  filesOfKind,
  objectAt,
  objectNamed,
  objectsIn,
  readLazily,
  readObjects,
  toKubeObject,
  toObject,
} from "../../src/cluster/objects.ts";
import { memoryTree } from "../support/memory.ts";

const object = (kind: string, name: string, rest = "") =>
  `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${rest}`;
const crd = (name: string) =>
  object("CustomResourceDefinition", name, "spec:\n  group: example.com\n").replace(" v1", " apiextensions.k8s.io/v1");
/** Enough for a file to be read document by document. */
const FILLING = `# ${"x".repeat(60_000)}\n`;
const named = ({ doc, kind, name, namespace }: { doc: number; kind: string; name: string; namespace: string }) =>
  [doc, kind, namespace, name].join(" ");

describe("the objects of a file", () => {
  test("what is no object of Kubernetes is left out, and counts as a document", () => {
    const text = [
      object("ConfigMap", "one"),
      "just: data\n",
      "- a\n",
      "# nothing\n",
      "kind: ConfigMap\nmetadata: {name: unversioned}\n",
      "apiVersion: v1\nmetadata: {name: no-kind}\n",
      "apiVersion: 1\nkind: ConfigMap\nmetadata: {name: number}\n",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 7}\n",
      "apiVersion: v1\nkind: ConfigMap\n",
      object("Secret", "two", "  namespace: web\n"),
      object("Secret", "three", "  namespace: 5\n"),
    ].join("---\n");
    const { objects, broken } = readObjects(memoryTree({ "a.yaml": text }), "a.yaml");
    expect(objects.map(named)).toEqual(["0 ConfigMap  one", "9 Secret web two", "10 Secret  three"]);
    expect(objects[1]).toMatchObject({ file: "a.yaml", apiVersion: "v1", data: { metadata: { namespace: "web" } } });
    expect(broken).toEqual([]);
  });

  test("what does not parse is said with its place, and nothing of the file is taken", () => {
    const tree = memoryTree({ "a.yaml": `${object("ConfigMap", "one")}---\na: [1\n` });
    expect(readObjects(tree, "a.yaml")).toEqual({
      objects: [],
      broken: [
        expect.objectContaining({ file: "a.yaml", line: expect.any(Number), reason: expect.stringMatching(/./) }),
      ],
    });
    expect(readObjects(tree, "b.yaml")).toEqual({ objects: [], broken: [] });
  });

  test("a file of large definitions is read document by document: they keep their names only", () => {
    const text = `${FILLING}${crd("a.example.com")}---\n${object("ConfigMap", "one", "data:\n  a: b\n")}---\n- no object\n`;
    const tree = memoryTree({ "a.yaml": text, "b.yaml": text.replace(FILLING, "") });
    const [definition, map, ...rest] = readObjects(tree, "a.yaml").objects;
    expect(definition).toEqual({
      ...{ file: "a.yaml", doc: 0, apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" },
      ...{ name: "a.example.com", namespace: "" },
      data: {
        ...{ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" },
        metadata: { name: "a.example.com" },
      },
    });
    expect(map).toMatchObject({ doc: 1, name: "one", data: { data: { a: "b" } } });
    expect(rest).toEqual([]);
    expect(readObjects(tree, "b.yaml").objects[0]!.data.spec).toEqual({ group: "example.com" });
  });

  test("in a large file, what does not parse is said with its line, and the rest is read", () => {
    const text = `${FILLING}${crd("a.example.com")}---\nkind: ConfigMap\na: [1\n---\n${object("ConfigMap", "one")}`;
    const { objects, broken } = readObjects(memoryTree({ "a.yaml": text }), "a.yaml");
    expect(objects.map(named)).toEqual(["0 CustomResourceDefinition  a.example.com", "2 ConfigMap  one"]);
    expect(broken).toEqual([]);
  });

  test("only files that kustomize takes for YAML are read together", () => {
    const tree = memoryTree({ "a.yaml": object("A", "a"), "b.yml": object("B", "b"), "c.json": object("C", "c") });
    expect(objectsIn(tree, ["c.json", "b.yml", "a.yaml"]).map(({ name }) => name)).toEqual(["b", "a"]);
  });

  test("one of them, by its document and by its name", () => {
    const text = [object("A", "one"), object("B", "one"), object("A", "one", "spec: {late: true}\n")].join("---\n");
    const tree = memoryTree({ "a.yaml": text });
    expect(objectAt(tree, "a.yaml", 1)?.kind).toBe("B");
    expect(objectAt(tree, "a.yaml", 3)).toBeUndefined();
    expect(objectAt(tree, "a.yaml", undefined)).toBeUndefined();
    expect(objectNamed(tree, "a.yaml", { kind: "A", name: "one" })?.doc).toBe(0);
    expect(objectNamed(tree, "a.yaml", { kind: "A", name: "two" })).toBeUndefined();
  });

  test("data alone is none", () => {
    for (const data of [undefined, null, "text", [1], 5]) expect(toObject("a.yaml", 0, data)).toBeUndefined();
  });
});

describe("the documents of a file, cut by its text", () => {
  const cut = (text: string) => readLazily(memoryTree({ "a.yaml": text }), "a.yaml");

  test("each with its place, and its body when it is asked for", () => {
    const text = `# head\n---\n${object("A", "a")}---\n\n# empty\n---\n${object("B", "b", "  namespace: web\nspec: 1\n")}`;
    const documents = cut(text);
    expect(documents.map(named)).toEqual(["0 A  a", "2 B web b"]);
    expect(documents.map(({ line }) => line)).toEqual([2, 10]);
    expect(documents[1]!.data()).toEqual({
      ...{ apiVersion: "v1", kind: "B", spec: 1 },
      metadata: { name: "b", namespace: "web" },
    });
    expect(documents[1]!.text.startsWith("apiVersion")).toBe(true);
    expect(readLazily(memoryTree({}), "a.yaml")).toEqual([]);
  });

  test.each([
    ['{"apiVersion": "v1", "kind": "A", "metadata": {"name": "a", "namespace": "web"}}'],
    ['apiVersion: "v1"\nkind: A\nmetadata: {name: a, namespace: web}\n'],
    ["metadata:\n    namespace: web\n    name: a\nkind: A\napiVersion: v1\n"],
    ["apiVersion: v1 # of the core\nkind: A\nmetadata:\n  name: a\n  namespace: web\n"],
    ["apiVersion: v1\nkind: &k A\nmetadata:\n  name: a\n  namespace: web\n"],
    ["apiVersion: v1\nkind: A\nmetadata:\n\n  labels:\n    name: other\n  name: a\n  namespace: web\n...\n"],
    ["apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  namespace: 'web'\n"],
    ["apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  namespace: web # of the site\n"],
    ["apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  namespace: &ns web\n"],
    ["apiVersion: v1\nkind: A\nmetadata:\n  name: a\n# of the site\n  namespace: web\n"],
    ["apiVersion: v1\nkind: A\nx-site: &site {namespace: web}\nmetadata:\n  <<: *site\n  name: a\n"],
    ["apiVersion: v1\r\nkind: A\r\nmetadata:\r\n  name: a\r\n  namespace: web\r\n"],
    [
      "spec:\n  metadata:\n    name: inner\n  kind: Inner\napiVersion: v1\nkind: A\nmetadata:\n  name: a\n  namespace: web\n",
    ],
  ])("however it is written: %j", (text) => {
    expect(cut(text).map(named)).toEqual(["0 A web a"]);
  });

  test("as an object without a body", () => {
    const [one] = cut(object("A", "a", "  namespace: web\nspec: 1\n"));
    expect(toKubeObject(one!)).toEqual({
      ...{ file: "a.yaml", doc: 0, apiVersion: "v1", kind: "A", name: "a", namespace: "web" },
      data: { apiVersion: "v1", kind: "A", metadata: { name: "a", namespace: "web" } },
    });
  });
});

test.each<[text: string, found: boolean]>([
  ["kind: Namespace\n", true],
  ["kind:   Namespace # of Flux\n", true],
  ['"kind": "Namespace"\n', true],
  ["{'kind' : 'Namespace'}\n", true],
  ["kind: &it !!str Namespace\n", true],
  ["kind:\n  Namespace\n", true],
  ["kind: NamespaceList\n", false],
  ["mankind: Namespace\n", false],
  ["name: Namespace\n", false],
])("whether a file says a kind: %j", (text, found) => {
  expect(filesOfKind(memoryTree({ "a.yaml": text }), "Namespace")).toEqual(found ? ["a.yaml"] : []);
});
