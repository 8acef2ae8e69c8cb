import { expect, it } from "vitest";
import { readHelmValues } from "../../src/cluster/helm-values.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { memoryTree } from "../support/memory.ts";

const tree = memoryTree({
  "app/kustomization.yaml":
    "resources: [./release.yaml]\nconfigMapGenerator:\n- name: app-values\n  files: [values.yaml=./helm/values.yaml]\n",
  "app/helm/values.yaml": "logLevel: debug\n",
});
const release = { file: "app/release.yaml", doc: 0 } as KubeObject;
const read = (name: string) =>
  readHelmValues(tree, release, { valuesFrom: [{ kind: "ConfigMap", name }], values: { replicas: 1 } });

it("finds a generated ConfigMap as it is written, and as the build names it by its content", () => {
  const found = { values: { known: true, value: { logLevel: "debug", replicas: 1 } }, files: ["app/helm/values.yaml"] };
  expect(read("app-values")).toEqual(found);
  expect(read("app-values-h4g9t7cf2m")).toEqual(found);
});

it("reads a list with a field that kustomize does not know, as Flux does", () => {
  const list = "commonLabel: {a: b}\nconfigMapGenerator:\n- name: odd\n  files: [values.yaml]\n";
  const odd = memoryTree({ "app/kustomization.yaml": list, "app/values.yaml": "logLevel: trace\n" });
  const { values } = readHelmValues(odd, release, { valuesFrom: [{ kind: "ConfigMap", name: "odd" }] });
  expect(values).toEqual({ known: true, value: { logLevel: "trace" } });
});

it("knows nothing of one that is made elsewhere", () => {
  expect(read("other-values").values).toMatchObject({
    known: false,
    unknowns: [{ what: "valuesFrom ConfigMap other-values" }],
    partial: { replicas: 1 },
  });
  expect(read("app-values-debug").files).toEqual([]);
});
