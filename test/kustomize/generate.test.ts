import { expect, test } from "vitest";
import { deliver } from "../../src/delivery/kustomize/index.ts";
import { memoryTree } from "../support/memory.ts";
import { configMap, expectIds, expectRefused } from "./support.ts";

const one = (kind: string, rest: string) => `${kind}Generator:\n  - name: g\n${rest.replace(/^/gm, "    ")}\n`;

test.each([
  ["files", "files: [f.txt, k=sub/h.txt]", "ConfigMap//g-552864cb9b"],
  ["literals", "literals: [a=1, 'b=\"q\"', c=x=y, 'd=<&>']", "ConfigMap//g-khk8d92tb7"],
  ["env files", "envs: [e.env]", "ConfigMap//g-6k6c86kmt5"],
  ["nothing", "namespace: ns", "ConfigMap/ns/g-6ct58987ht"],
])("hashes a ConfigMap of %s as kustomize does", (_, rest, wanted) => {
  expectIds({ ...sources, "app/kustomization.yaml": one("configMap", rest) }, [wanted]);
});

const sources = {
  "app/f.txt": "line one\r\n  <tag> & \u2028 \u00e9\nlast, no newline",
  "app/sub/h.txt": "",
  "app/e.env": "# comment\nA=1\n  B = two \n\nC\nD='q'\n",
  "app/long.txt": "x".repeat(200),
};

test.each([
  ["literals", "literals: [a=1]", "Secret//g-25khgmg44c"],
  ["a long file", "files: [long.txt]", "Secret//g-67tbt9fm64"],
  ["a type", "type: kubernetes.io/tls\nliterals: [a=1]", "Secret//g-hm5f724df9"],
])("hashes a Secret of %s as kustomize does", (_, rest, wanted) => {
  expectIds({ ...sources, "app/kustomization.yaml": one("secret", rest) }, [wanted]);
});

test("leaves the hash out where an option says so, locally or for all", () => {
  const rest = "literals: [a=1]\noptions: {disableNameSuffixHash: true}";
  expectIds({ "app/kustomization.yaml": one("configMap", rest) }, ["ConfigMap//g"]);
  const all = `generatorOptions: {disableNameSuffixHash: true}\n${one("secret", "literals: [a=1]\noptions: {disableNameSuffixHash: false}")}`;
  expectIds({ "app/kustomization.yaml": all }, ["Secret//g"]);
});

test("the hash follows the prefix, and patches of the content change it", () => {
  const text = `namePrefix: p-\nnamespace: ns\n${one("configMap", "literals: [a=1]")}`;
  expectIds({ "app/kustomization.yaml": text }, ["ConfigMap/ns/p-g-h29d89cmmt"]);
  const patch = `patches:\n  - target: {name: g}\n    patch: '[{"op": "add", "path": "/data/a", "value": "2"}]'\n`;
  expectIds({ "app/kustomization.yaml": text + patch }, ["ConfigMap/ns/p-g-6gtghh96k8"]);
});

test("merges and replaces what a base generated, under the base's name", () => {
  const files = {
    "app/kustomization.yaml": `resources: [../base]\n${one("configMap", "behavior: merge\nliterals: [b=2]")}`,
    "base/kustomization.yaml": `namePrefix: p-\n${one("configMap", "literals: [a=1]")}`,
  };
  expectIds(files, ["ConfigMap//p-g-7gdc49gk6d"]);
  expectIds({ ...files, "app/kustomization.yaml": files["app/kustomization.yaml"].replace("merge", "replace") }, [
    "ConfigMap//p-g-fmbk44khfc",
  ]);
  expectRefused(
    { ...files, "app/kustomization.yaml": files["app/kustomization.yaml"].replace("merge", "create") },
    /must be merge/,
  );
});

test("merging into a written object keeps its name without hash", () => {
  const files = {
    "app/kustomization.yaml": `resources: [a.yaml]\n${one("configMap", "behavior: merge\nliterals: [b=2]")}`,
    "app/a.yaml": configMap("g"),
  };
  expectIds(files, ["ConfigMap//g"]);
});

test.each([
  ["a merge without its object", one("configMap", "behavior: merge\nliterals: [a=1]"), /does not exist/],
  ["a missing file", one("configMap", "files: [gone.txt]"), /gone\.txt: no such file/],
  ["a key given twice", one("configMap", "literals: [a=1, a=2]"), /illegally repeats/],
  ["no name", "configMapGenerator:\n  - literals: [a=1]\n", /must have a name/],
  ["a literal without value", one("configMap", "literals: [a]"), /invalid literal/],
])("refuses %s", (_, text, reason) => {
  expectRefused({ "app/kustomization.yaml": text }, reason);
});

test.each(["literals: [hunter2]", "literals: [=hunter2]", "files: [a=b=hunter2]"])(
  "says the place of a source that is none, which may be a password, and not its text: %s",
  (sources) => {
    const { at, reason } = expectRefused({ "app/kustomization.yaml": one("secret", sources) }, /invalid/);
    expect([at.line, reason.includes("hunter2")]).toEqual([3, false]);
  },
);

test("keeps an object whose content cannot be read, without a hash and marked so", () => {
  const text = one("configMap", "files: [logo.png]") + one("secret", "literals: [a=1]").replace("name: g", "name: h");
  const tree = memoryTree({ "app/kustomization.yaml": text }, { statuses: { "app/logo.png": "binary" } });
  const delivery = deliver(tree, "app");
  expect(delivery.ok && delivery.objects.map(({ name, uncertain }) => [name, uncertain])).toEqual([
    ["g", true],
    ["h-25khgmg44c", undefined],
  ]);
  expect(delivery.unknowns).toHaveLength(1);
});

test("runs generators that are written as plugins", () => {
  const plugin = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\nliterals: [a=1]\n";
  expectIds({ "app/kustomization.yaml": "generators: [p.yaml]\n", "app/p.yaml": `${plugin}name: g\n` }, [
    "ConfigMap//g-h29d89cmmt",
  ]);
  const chart = "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: c}\nname: c\n";
  const delivery = deliver(
    memoryTree({ "app/kustomization.yaml": "generators: [p.yaml]\n", "app/p.yaml": chart }),
    "app",
  );
  expect(delivery.unknowns.map(({ what }) => what)).toEqual(["objects of the Helm chart c"]);
});
