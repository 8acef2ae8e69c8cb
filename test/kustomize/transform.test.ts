import { test } from "vitest";
import { configMap, expectIds, expectRefused, yamlObject } from "./support.ts";

const rbac = "rbac.authorization.k8s.io/v1";

test("moves all but cluster-scoped kinds to the namespace, custom kinds too, and renames Namespace objects", () => {
  expectIds(
    {
      "app/kustomization.yaml": "namespace: x\nresources: [a.yaml]\n",
      "app/a.yaml": [
        configMap("a", { namespace: "y" }),
        yamlObject(rbac, "ClusterRole", "r"),
        yamlObject("v1", "Namespace", "n"),
        yamlObject("example.org/v1", "Namespace", "m"),
        yamlObject("cert-manager.io/v1", "ClusterIssuer", "i"),
      ].join("---\n"),
    },
    ["ConfigMap/x/a", "ClusterRole//r", "Namespace//x", "Namespace/x/m", "ClusterIssuer/x/i"],
  );
});

test("refuses objects that a namespace makes one", () => {
  const a = `${configMap("a", { namespace: "y" })}---\n${configMap("a", { namespace: "z" })}`;
  expectRefused({ "app/kustomization.yaml": "namespace: x\nresources: [a.yaml]\n", "app/a.yaml": a }, /ID conflict/);
  const n = `${yamlObject("v1", "Namespace", "n")}---\n${yamlObject("v1", "Namespace", "m")}`;
  expectRefused({ "app/kustomization.yaml": "namespace: x\nresources: [a.yaml]\n", "app/a.yaml": n }, /ID conflict/);
});

test("adds prefix and suffix to all names but those of namespaces, CRDs and API services", () => {
  expectIds(
    {
      "app/kustomization.yaml": "namePrefix: p-\nnameSuffix: -s\nresources: [../base]\n",
      "base/kustomization.yaml": "namePrefix: q-\nresources: [a.yaml]\n",
      "base/a.yaml": [
        configMap("a"),
        yamlObject(rbac, "ClusterRole", "r"),
        yamlObject("v1", "Namespace", "n"),
        yamlObject("apiextensions.k8s.io/v1", "CustomResourceDefinition", "c.d"),
        yamlObject("apiregistration.k8s.io/v1", "APIService", "v1.e"),
      ].join("---\n"),
    },
    ["ConfigMap//p-q-a-s", "ClusterRole//p-q-r-s", "Namespace//n", "CustomResourceDefinition//c.d", "APIService//v1.e"],
  );
});

test("lets a parent patch select by labels that a base added, and local-config come from commonAnnotations", () => {
  const files = {
    "app/kustomization.yaml":
      "resources: [../base]\npatches:\n  - target: {labelSelector: 'x in (1, 2),!y'}\n    patch: |\n      $patch: delete\n      kind: any\n      metadata: {name: any}\n",
    "base/kustomization.yaml": "resources: [a.yaml]\nlabels:\n  - pairs: {x: '2'}\n",
    "base/a.yaml": configMap("a"),
  };
  expectIds(files, []);
  expectIds(files, ["ConfigMap//a"], "base");
  const base = "resources: [a.yaml]\ncommonAnnotations:\n  config.kubernetes.io/local-config: 'true'\n";
  expectIds({ ...files, "base/kustomization.yaml": base }, [], "base");
});

test("refuses replicas for a name no workload has", () => {
  const files = { "app/a.yaml": yamlObject("apps/v1", "Deployment", "a", { more: "spec:\n  replicas: 1\n" }) };
  const text = (name: string) => `resources: [a.yaml]\nnamePrefix: p-\nreplicas:\n  - {name: ${name}, count: 2}\n`;
  expectIds({ ...files, "app/kustomization.yaml": text("a") }, ["Deployment//p-a"]);
  expectRefused({ ...files, "app/kustomization.yaml": text("b") }, /replicas/);
});

test("refuses a variable whose object or field is not there", () => {
  const text = (name: string, path: string) =>
    `resources: [a.yaml]\nvars:\n  - name: V\n    objref: {apiVersion: v1, kind: ConfigMap, name: ${name}}\n    fieldref: {fieldPath: ${path}}\n`;
  const files = { "app/a.yaml": configMap("a", { more: "data: {k: v}\n" }) };
  expectIds({ ...files, "app/kustomization.yaml": text("a", "data.k") }, ["ConfigMap//a"]);
  expectRefused({ ...files, "app/kustomization.yaml": text("b", "data.k") }, /cannot be mapped/);
});

test("runs transformers that are written as plugins, and refuses external ones", () => {
  const files = {
    "app/kustomization.yaml": "resources: [a.yaml]\ntransformers: [t.yaml]\n",
    "app/a.yaml": `${configMap("a")}---\n${configMap("b", { namespace: "y" })}`,
  };
  const plugin = (kind: string, rest: string) =>
    `apiVersion: builtin\nkind: ${kind}\nmetadata:\n  name: t\n  namespace: x\n${rest}`;
  expectIds({ ...files, "app/t.yaml": plugin("NamespaceTransformer", "unsetOnly: true\n") }, [
    "ConfigMap/x/a",
    "ConfigMap/y/b",
  ]);
  const prefix = plugin("PrefixTransformer", "prefix: p-\nfieldSpecs:\n- path: metadata/name\n");
  expectIds({ ...files, "app/t.yaml": prefix }, ["ConfigMap//p-a", "ConfigMap/y/p-b"]);
  const patch = plugin(
    "PatchTransformer",
    `target: {name: a}\npatch: '[{"op": "replace", "path": "/metadata/name", "value": "c"}]'\n`,
  );
  expectIds({ ...files, "app/t.yaml": patch }, ["ConfigMap//c", "ConfigMap/y/b"]);
  expectRefused(
    { ...files, "app/t.yaml": plugin("Mine", "").replace("builtin", "example.org/v1") },
    /external plugins/,
  );
});
