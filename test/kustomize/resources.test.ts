import { expect, test } from "vitest";
import { deliver } from "../../src/delivery/kustomize/index.ts";
import { memoryTree } from "../support/memory.ts";
import { configMap, expectIds, expectRefused, ids, yamlObject } from "./support.ts";

const list = (...names: string[]) => `resources: [${names.join(", ")}]\n`;

test("takes every document of a file, in order, and names where each came from", () => {
  const files = {
    "app/kustomization.yaml": list("a.yaml", "../base"),
    "app/a.yaml": `# note\n---\n${configMap("a")}---\n---\n${configMap("b")}`,
    "base/kustomization.yml": list("c.yaml"),
    "base/c.yaml": configMap("c", { namespace: "x" }),
  };
  expectIds(files, ["ConfigMap//a", "ConfigMap//b", "ConfigMap/x/c"]);
  const delivery = deliver(memoryTree(files), "app");
  expect(delivery.ok && delivery.objects.map(({ file, doc }) => `${file}#${doc}`)).toEqual([
    "app/a.yaml#0",
    "app/a.yaml#2",
    "base/c.yaml#0",
  ]);
});

test("expands lists, nested ones too, and keeps a List kind without items", () => {
  const item = (name: string) => `- ${configMap(name).trimEnd().replaceAll("\n", "\n  ")}\n`;
  expectIds(
    {
      "app/kustomization.yaml": list("a.yaml", "b.yaml", "c.yaml"),
      "app/a.yaml": `apiVersion: v1\nkind: List\nitems:\n${item("a")}${item("b")}`,
      "app/b.yaml": `apiVersion: v1\nkind: ConfigMapList\nitems:\n${item("c")}`,
      "app/c.yaml": "apiVersion: example.org/v1\nkind: AllowList\nmetadata:\n  name: d\n",
    },
    ["ConfigMap//a", "ConfigMap//b", "ConfigMap//c", "AllowList//d"],
  );
});

test("drops objects that are local configuration", () => {
  const local = (value: string) => `  annotations:\n    config.kubernetes.io/local-config: "${value}"\n`;
  expectIds(
    {
      "app/kustomization.yaml": list("a.yaml", "b.yaml", "c.yaml"),
      "app/a.yaml": configMap("a", { more: local("true") }),
      "app/b.yaml": configMap("b", { more: local("false") }),
      "app/c.yaml": configMap("c", { more: local("") }),
    },
    ["ConfigMap//b"],
  );
});

test.each([
  ["a missing file", { "app/kustomization.yaml": "resources:\n  - gone.yaml\n" }, /no such file/, 2],
  ["an object without a kind", { "app/kustomization.yaml": list("a.yaml"), "app/a.yaml": "a: b\n" }, /missing kind/, 1],
  [
    "an object without a name",
    { "app/kustomization.yaml": list("a.yaml"), "app/a.yaml": "kind: A\n" },
    /missing metadata.name/,
    1,
  ],
  [
    "a kustomization under another name",
    {
      "app/kustomization.yaml": list("kustomiztion.yaml"),
      "app/kustomiztion.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
    },
    /missing metadata.name in Kustomization, .* a file called kustomization.yaml/,
    1,
  ],
  ["malformed YAML", { "app/kustomization.yaml": list("a.yaml"), "app/a.yaml": "kind: A\n\tb: c\n" }, /malformed/, 2],
  [
    "text behind a document marker",
    { "app/kustomization.yaml": list("a.yaml"), "app/a.yaml": `${configMap("a")}--- b\n${configMap("c")}` },
    /separator/,
    5,
  ],
  [
    "a number as a map key",
    { "app/kustomization.yaml": list("a.yaml"), "app/a.yaml": configMap("a", { more: "data:\n  80: b\n" }) },
    /80/,
    1,
  ],
  [
    "a folder without a kustomization",
    { "app/kustomization.yaml": list("b"), "app/b/c.yaml": configMap("c") },
    /unable to find/,
    1,
  ],
  ["a parent folder", { "app/kustomization.yaml": list(".."), "kustomization.yaml": "resources: []\n" }, /cycle/, 1],
])("refuses %s", (_, files, reason, line) => {
  expect(expectRefused(files, reason).at.line).toBe(line);
});

test("refuses two objects with one id, where no namespace equals default, and names their files", () => {
  const files = { "app/kustomization.yaml": list("a.yaml", "b.yaml"), "app/a.yaml": configMap("a") };
  const named = /already registered id: .* \(app\/a.yaml, app\/b.yaml\)/;
  expectRefused({ ...files, "app/b.yaml": configMap("a", { namespace: "default" }) }, named);
  expectIds({ ...files, "app/b.yaml": configMap("a", { namespace: "x" }) }, ["ConfigMap//a", "ConfigMap/x/a"]);
  const role = (namespace: string) => yamlObject("rbac.authorization.k8s.io/v1", "ClusterRole", "r", { namespace });
  expectRefused({ ...files, "app/a.yaml": role("x"), "app/b.yaml": role("y") }, /already registered/);
});

test.each([
  ["an unquoted template", "data:\n  a: {{ x }}\n", /map key/],
  ["a map as a key", "data:\n  {a: b}: c\n", /map key \{…\}/],
  ["a map as a key behind a mark", "data:\n  ? a: b\n  : c\n", /map key \{…\}/],
  ["a list as a key", "data:\n  [a, 'b']: c\n", /map key \[…\]/],
  ["a list as a key behind a mark", "data:\n  ? [a]\n  : c\n", /map key \[…\]/],
  ["a date as a map key", "data:\n  2020-01-01: x\n", /map key/],
  ["a list of annotations", "  annotations: [a]\n", /annotations is no map/],
])("refuses %s", (_, more, reason) => {
  expectRefused({ "app/kustomization.yaml": list("a.yaml"), "app/a.yaml": configMap("a", { more }) }, reason);
});

test("takes what looks like a key in a text for text", () => {
  const more = "data:\n  a: x\n  b: |\n    [a]: https://example.invalid\n    {a}: c\n    ? d\n";
  expectIds({ "app/kustomization.yaml": list("a.yaml"), "app/a.yaml": configMap("a", { more }) }, ["ConfigMap//a"]);
});

test("refuses YAML directives but the one of 1.1 of a kustomization, and drops what follows a document end", () => {
  const app = { "app/kustomization.yaml": list("a.yaml") };
  expectRefused({ ...app, "app/a.yaml": `%YAML 1.2\n---\n${configMap("a")}` }, /no YAML directive/);
  const old = {
    ...app,
    "app/kustomization.yaml": `%YAML 1.1 # of an editor\n---\n${list("a.yaml")}`,
    "app/a.yaml": configMap("a"),
  };
  expectIds(old, ["ConfigMap//a"]);
  for (const version of ["1.0", "1.2"])
    expectRefused(
      { ...old, "app/kustomization.yaml": `%YAML ${version}\n---\n${list("a.yaml")}` },
      /no YAML directive/,
    );
  const text = `${configMap("a")}...\n${configMap("b")}---\n${configMap("c")}...\n---\n${configMap("d")}`;
  expectIds({ ...app, "app/a.yaml": text }, ["ConfigMap//a", "ConfigMap//c", "ConfigMap//d"]);
});

test.each([
  ["a carriage return", "\r"],
  ["a next line", "\u0085"],
  ["a line separator", "\u2028"],
])("drops a document that begins behind %s, where kustomize splits no text", (_, mark) => {
  const app = { "app/kustomization.yaml": list("a.yaml") };
  const text = `${configMap("a")}${mark}---\n${configMap("b")}---\n${configMap("c")}`;
  expectIds({ ...app, "app/a.yaml": text }, ["ConfigMap//a", "ConfigMap//c"]);
  expectIds({ ...app, "app/a.yaml": `${configMap("a")}\r\n---\r\n${configMap("b")}` }, [
    "ConfigMap//a",
    "ConfigMap//b",
  ]);
});

test("reads tags as Go's decoder does", () => {
  const app = { "app/kustomization.yaml": list("a.yaml") };
  const only = (text: string) => ({ ...app, "app/a.yaml": text });
  expectIds(only(`--- !!null\n${configMap("a")}---\n${configMap("b")}`), ["ConfigMap//b"]);
  expectIds(only(configMap("!!binary cmF3LWE=")), ["ConfigMap//raw-a"]);
  expectRefused(only(configMap("!!binary raw-a")), /binary/);
  expectRefused(only(configMap("!!timestamp raw-a")), /timestamp/);
  expectRefused(only(configMap("a").replace("metadata:", "metadata: !!null")), /name/);
  // js-yaml misreads this list, and another parser reads the text.
  const odd = "x:\n- a:\n    -\n- b\n";
  expectRefused(only(`--- !!null\n${configMap("a", { more: odd })}`), /null/);
});

test("keeps a numeric key inside a text and quoted ones", () => {
  expectIds(
    {
      "app/kustomization.yaml": list("a.yaml"),
      "app/a.yaml": configMap("a", { more: 'data:\n  "80": x\n  text: |\n    80: y\n' }),
    },
    ["ConfigMap//a"],
  );
});

test.each([
  ["empty", "# nothing\n", /empty/],
  ["only nulls", "resources:\n", /empty/],
  ["an unknown field", "resource: [a.yaml]\n", /unknown field "resource"/],
  ["a nested unknown field", "resources: []\nlabels:\n  - pair: {a: b}\n", /unknown field "pair"/],
  ["a number for a string", "images:\n  - name: a\n    newTag: 1.5\n", /string expected/],
  ["a boolean of old YAML for a string", "namespace: n\n", /string expected/],
  ["another kind", "kind: Other\n", /kind should be/],
  [
    "the Flux kind",
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n",
    /apiVersion/,
  ],
  [
    "the Flux kind with what it says",
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec: {path: ./a}\n",
    /^it holds a Kustomization of Flux, .* by the name of the file: unknown field "spec"$/,
  ],
])("refuses a kustomization that is or has %s", (_, text, reason) => {
  expectRefused({ "app/kustomization.yaml": text }, reason);
});

test.each([
  "resources: []\n",
  "Resources: []\n",
  "namespace: x\n",
  "resources: [a.yaml]\nresources: []\n",
  "namespace: 'no'\n",
])("builds nothing from %j", (text) => expectIds({ "app/kustomization.yaml": text }, []));

test("applies a component to what its parent holds so far", () => {
  const component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
  const files = {
    "app/kustomization.yaml": `resources: [a.yaml]\ncomponents: [../one, ../two]\n`,
    "app/a.yaml": configMap("a"),
    "one/kustomization.yaml": `${component}namePrefix: x-\nresources: [b.yaml]\n`,
    "one/b.yaml": configMap("b"),
    "two/kustomization.yaml": `${component}resources: [c.yaml]\n`,
    "two/c.yaml": configMap("c"),
  };
  expectIds(files, ["ConfigMap//x-a", "ConfigMap//x-b", "ConfigMap//c"]);
  expectIds(files, ["ConfigMap//x-b"], "one");
  expectRefused({ ...files, "app/kustomization.yaml": "resources: [../one]\n" }, /found Component/);
  expectRefused(
    { ...files, "app/kustomization.yaml": "components: [../base]\n", "base/kustomization.yaml": "resources: []\n" },
    /Component/,
  );
});

test("reports what it cannot see, and no patch that misses it as an error", () => {
  const tree = memoryTree({
    "app/kustomization.yaml":
      "resources:\n  - https://example.org/a.yaml\n  - b.yaml\npatches:\n  - patch: |\n      apiVersion: v1\n      kind: Secret\n      metadata: {name: there}\nhelmCharts:\n  - name: chart\n",
    "app/b.yaml": configMap("b"),
  });
  const delivery = deliver(tree, "app");
  expect(ids(delivery)).toEqual(["ConfigMap//b"]);
  expect(delivery.unknowns.map(({ at, what }) => `${at.line} ${what}`)).toEqual([
    "2 remote base https://example.org/a.yaml",
    "10 objects of the Helm chart chart",
    "6 the object of a patch: Secret.v1.[noGrp]/there.[noNs]",
  ]);
});

test("an entry of helmCharts with nothing in it is a chart as well", () => {
  const tree = memoryTree({
    "app/kustomization.yaml": "resources: [b.yaml]\nhelmCharts:\n  -\n",
    "app/b.yaml": configMap("b"),
  });
  expect(deliver(tree, "app").unknowns.map(({ what }) => what.trim())).toEqual(["objects of the Helm chart"]);
});

test("a cycle depends on the way to it, not on what was built before", () => {
  const tree = memoryTree({
    "x/kustomization.yaml": "resources: []\n",
    "x/app/kustomization.yaml": "resources: [../../other]\n",
    "other/kustomization.yaml": "resources: [../x]\n",
    "top/kustomization.yaml": "resources: [../other]\n",
  });
  for (const dir of ["x/app", "top", "x/app"]) expect([dir, deliver(tree, dir).ok]).toEqual([dir, dir === "top"]);
  const again = memoryTree(Object.fromEntries(tree.paths.map((path) => [path, tree.read(path)!])));
  for (const dir of ["top", "x/app"]) expect([dir, deliver(again, dir).ok]).toEqual([dir, dir === "top"]);
});

test.each([
  ["resources", "resources: [a.yaml, ]\nbases:\n  -\n"],
  ["resources", "resources:\n  - a.yaml\n  -\n"],
  ["components", "resources: [a.yaml]\ncomponents:\n  -\n"],
  ["patches", "resources: [a.yaml]\npatches:\n  -\n"],
  ["replicas", "resources: [a.yaml]\nreplicas:\n  -\n"],
  ["configMapGenerator", "resources: [a.yaml]\nconfigMapGenerator:\n  -\n"],
  ["files of a generator", "resources: [a.yaml]\nconfigMapGenerator: [{name: x, files: [~]}]\n"],
])("refuses an entry of %s with nothing in it", (_, text) => {
  const files = { "app/kustomization.yaml": text, "app/a.yaml": configMap("a") };
  expectRefused(files, /nothing|must|name|does not|no such file|invalid file source/);
});

test("takes a list of images or labels that has such an entry", () => {
  const text = "resources: [a.yaml]\nimages: [~]\nlabels: [~]\ngenerators: [~]\n";
  expectIds({ "app/kustomization.yaml": text, "app/a.yaml": configMap("a") }, ["ConfigMap//a"]);
});
