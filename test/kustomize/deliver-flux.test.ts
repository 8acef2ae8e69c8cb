import { expect, test } from "vitest";
import { deliver, deliverFlux } from "../../src/delivery/kustomize/index.ts";
import { memoryTree } from "../support/memory.ts";
import { configMap, ids, yamlObject } from "./support.ts";

const component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";

function refusal(files: Record<string, string>, spec: Record<string, unknown>): string {
  const delivery = deliverFlux(memoryTree(files), spec);
  if (delivery.ok) throw new Error(`delivered ${ids(delivery).join(" ")}`);
  return delivery.reason;
}

test("builds a folder without a kustomization as kustomize-controller does", () => {
  const tree = memoryTree({
    "c/z.yaml": configMap("z"),
    "c/.hidden/h.yml": configMap("h"),
    "c/empty.yaml": "# nothing\n",
    "c/sub/kustomization.yaml": "namePrefix: p-\nresources: [used.yaml]\n",
    "c/sub/used.yaml": configMap("used"),
    "c/sub/unused.yaml": configMap("unused"),
    "c/notes.txt": "",
    "other.yaml": configMap("other"),
  });
  const wanted = ["ConfigMap//h", "ConfigMap//p-used", "ConfigMap//z"];
  expect(ids(deliverFlux(tree, { path: "./c" }))).toEqual(wanted);
  expect(ids(deliverFlux(tree, { path: "/c/" }))).toEqual(wanted);
  expect(ids(deliver(tree, "c"))).toEqual(wanted);
  expect(ids(deliverFlux(tree, {}))).toContain("ConfigMap//other");
});

test.each([
  ["a path that is not there", { "a.yaml": configMap("a") }, { path: "b" }, /path not found/],
  ["a file that is no object", { "b/values.yaml": "replicas: 1\n" }, { path: "b" }, /missing kind/],
  [
    "an object without apiVersion",
    { "b/a.yaml": "kind: A\nmetadata: {name: a}\n" },
    { path: "b" },
    /missing apiVersion/,
  ],
  [
    "a component below a folder without kustomization",
    { "b/c/kustomization.yaml": `${component}resources: []\n` },
    { path: "b" },
    /found Component/,
  ],
  ["a Helm chart", { "b/kustomization.yaml": "helmCharts: [{name: c}]\n" }, { path: "b" }, /inflates no charts/],
  [
    "a component that is not there",
    { "b/a.yaml": configMap("a") },
    { path: "b", components: ["../c"] },
    /no such directory/,
  ],
  [
    "a remote component",
    { "b/a.yaml": configMap("a") },
    { path: "b", components: ["https://example.org/c"] },
    /local and relative/,
  ],
])("refuses %s", (_, files, spec, reason) => {
  expect(refusal(files as Record<string, string>, spec)).toMatch(reason);
});

test("reads the file at the path without strictness, nested ones with it", () => {
  const files = { "b/kustomization.yaml": "resource: [x]\nresources: [a.yaml]\n", "b/a.yaml": configMap("a") };
  expect(ids(deliverFlux(memoryTree(files), { path: "b" }))).toEqual(["ConfigMap//a"]);
  expect(ids(deliverFlux(memoryTree({ ...files, "b/kustomization.yaml": "" }), { path: "b" }))).toEqual([]);
  expect(deliver(memoryTree(files), "b").ok).toBe(false);
  expect(refusal({ ...files, "c/kustomization.yaml": "resources: [../b]\n" }, { path: "c" })).toContain(
    "unknown field",
  );
});

test("applies targetNamespace, prefix, suffix, components and patches of the spec", () => {
  const tree = memoryTree({
    "b/kustomization.yaml": "namespace: own\nnamePrefix: q-\nresources: [a.yaml]\n",
    "b/a.yaml": `${configMap("a")}---\n${configMap("gone")}---\n${yamlObject("v1", "Namespace", "n")}`,
    "c/kustomization.yaml": `${component}resources: [s.yaml]\n`,
    "c/s.yaml": yamlObject("v1", "Secret", "s"),
  });
  const spec = {
    path: "b",
    targetNamespace: "x",
    namePrefix: "p-",
    nameSuffix: "-s",
    components: ["../c", "../missing"],
    ignoreMissingComponents: true,
    patches: [
      { patch: "$patch: delete\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: gone}\n" },
      { target: { kind: "Secret" }, patch: '[{"op": "replace", "path": "/metadata/name", "value": "t"}]' },
    ],
  };
  expect(ids(deliverFlux(tree, spec))).toEqual(["ConfigMap/x/p-a-s", "Namespace//x", "Secret/x/p-t-s"]);
});

test("misses symlinks, which no artifact holds, while kustomize on a disk may follow them", () => {
  const tree = memoryTree({ "b/kustomization.yaml": "resources: [l.yaml]\n" }, { statuses: { "b/l.yaml": "symlink" } });
  const delivery = deliverFlux(tree, { path: "b" });
  expect(delivery.ok ? undefined : delivery.reason).toMatch(
    /l\.yaml: no such file or directory, since it is a link, and Flux gets none/,
  );
  expect(deliver(tree, "b").unknowns.map(({ what }) => what)).toEqual(["objects of the symlink file b/l.yaml"]);
});

test("names the FluxKustomization where only its spec is wrong", () => {
  const tree = memoryTree({ "b/kustomization.yaml": "resources: [a.yaml]\n", "b/a.yaml": configMap("a") });
  const at = { file: "ks.yaml", line: 7, col: 3 };
  const patches = [{ patch: "apiVersion: v1\nkind: Secret\nmetadata: {name: z}\n" }];
  const delivery = deliverFlux(tree, { path: "b", patches }, { at });
  expect(delivery.ok ? undefined : delivery.at).toEqual(at);
});

const variables = {
  "b/a.yaml": `${configMap("${A}-x")}---\n${configMap("b", { namespace: "${N:=fallback}" })}`,
};

test("substitutes variables in names and namespaces", () => {
  const spec = { path: "b", postBuild: { substitute: { A: "one" } } };
  expect(ids(deliverFlux(memoryTree(variables), spec))).toEqual(["ConfigMap//one-x", "ConfigMap/fallback/b"]);
});

test("leaves everything as it is without postBuild or without a variable", () => {
  const wanted = ["ConfigMap//${A}-x", "ConfigMap/${N:=fallback}/b"];
  expect(ids(deliverFlux(memoryTree(variables), { path: "b" }))).toEqual(wanted);
  expect(ids(deliverFlux(memoryTree(variables), { path: "b", postBuild: {} }))).toEqual(wanted);
});

test("a variable that may come from substituteFrom is unknown until its values are given", () => {
  const spec = { path: "b", postBuild: { substituteFrom: [{ kind: "Secret", name: "s" }], substitute: { N: "own" } } };
  const tree = memoryTree(variables);
  const hidden = deliverFlux(tree, spec);
  expect(hidden.ok && hidden.objects.map(({ name, namespace, uncertain }) => [namespace, name, uncertain])).toEqual([
    ["", "${A}-x", true],
    ["own", "b", undefined],
  ]);
  expect(hidden.unknowns).toEqual([
    {
      at: { file: "b/a.yaml", line: 1, col: 1 },
      what: "value of A in the id of ConfigMap.v1.[noGrp]/${A}-x.[noNs]",
      variables: ["A"],
    },
  ]);
  const known = deliverFlux(tree, spec, { substitutions: { A: "two", N: "lost" } });
  expect(ids(known)).toEqual(["ConfigMap//two-x", "ConfigMap/own/b"]);
  expect(known.unknowns).toEqual([]);
  const complete = deliverFlux(tree, spec, { substitutions: {}, complete: true });
  expect(ids(complete)).toEqual(["ConfigMap//-x", "ConfigMap/own/b"]);
});

test("spares objects that disable substitution, and fails for text that is no expression", () => {
  const off = (field: string) =>
    `  ${field}:\n    kustomize.toolkit.fluxcd.io/substitute: disabled\ndata:\n  x: \${{ y }}\n`;
  const spec = { path: "b", postBuild: { substitute: { A: "one" } } };
  for (const field of ["labels", "annotations"]) {
    const files = { "b/a.yaml": configMap("${A}", { more: off(field) }) };
    expect(ids(deliverFlux(memoryTree(files), spec))).toEqual(["ConfigMap//${A}"]);
  }
  expect(refusal({ "b/a.yaml": configMap("a", { more: "data:\n  x: ${{ y }}\n" }) }, spec)).toMatch(/unable to parse/);
});

test("an expression may begin in a key and end in its value, since Flux reads an object as one text", () => {
  const ref = "spec:\n  ref:\n    ${ref=branch: main}\n";
  const tree = memoryTree({
    "b/a.yaml": yamlObject("source.toolkit.fluxcd.io/v1", "GitRepository", "g", { more: ref }),
  });
  const of = (substitute: Record<string, string>, more = {}) => {
    const delivery = deliverFlux(tree, { path: "b", postBuild: { substitute, ...more } });
    return delivery.ok && delivery.objects[0]?.body.spec;
  };
  expect(of({ a: "b" })).toEqual({ ref: { branch: "main" } });
  expect(of({ ref: "commit: abc" })).toEqual({ ref: { commit: "abc" } });
  expect(of({ ref: "main" })).toBe(false);
  const written = { ref: { "${ref=branch": "main}" } };
  expect(of({ a: "b" }, { substituteFrom: [{ kind: "ConfigMap", name: "c" }] })).toEqual(written);
});

test("does not know the hash of a Secret whose source is decrypted first", () => {
  const files = {
    "b/kustomization.yaml": "secretGenerator:\n  - name: s\n    envs: [s.env]\n",
    "b/s.env": "A=ENC[AES256_GCM,data:x]\nsops_version=3.9.0\n",
  };
  const plain = deliverFlux(memoryTree(files), { path: "b" });
  expect(plain.unknowns).toEqual([]);
  const delivery = deliverFlux(memoryTree(files), { path: "b", decryption: { provider: "sops" } });
  expect(delivery.ok && delivery.objects.map(({ name, uncertain }) => [name, uncertain])).toEqual([["s", true]]);
  expect(delivery.unknowns).toHaveLength(1);
});

test("hands out children with the parent's patches and variables in their bodies", () => {
  const child = yamlObject("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "k", { more: "spec:\n  path: ./${A}\n" });
  const spec = {
    path: "b",
    postBuild: { substitute: { A: "apps" } },
    patches: [{ target: { kind: "Kustomization" }, patch: "kind: x\nmetadata: {name: x}\nspec: {prune: false}\n" }],
  };
  const delivery = deliverFlux(memoryTree({ "b/a.yaml": child }), spec);
  expect(delivery.ok && delivery.objects[0]?.body.spec).toEqual({ path: "./apps", prune: false });
});

test("takes a generator's file to be there where asked: what is generated is known but for the hash", () => {
  const listing = (options: string) =>
    `configMapGenerator:\n  - name: settings\n    envs: [gone.env]\n${options}resources: [a.yaml]\n`;
  const tree = (options: string) =>
    memoryTree({ "b/kustomization.yaml": listing(options), "b/a.yaml": configMap("a") });
  const plain = tree("generatorOptions: {disableNameSuffixHash: true}\n");
  expect(deliverFlux(plain, { path: "b" })).toMatchObject({ ok: false, missing: "b/gone.env" });
  const assumed = deliverFlux(plain, { path: "b" }, { assumesSources: () => true });
  expect(assumed).toMatchObject({ ok: true, unknowns: [] });
  expect(ids(assumed)).toEqual(["ConfigMap//a", "ConfigMap//settings"]);
  const hashed = deliverFlux(tree(""), { path: "b" }, { assumesSources: () => true });
  expect(hashed.unknowns.map(({ what }) => what)).toEqual(["content of b/gone.env, which is not in this repository"]);
  expect(hashed.ok && hashed.objects.map(({ name, uncertain }) => [name, uncertain])).toContainEqual([
    expect.stringContaining("settings"),
    true,
  ]);
});
