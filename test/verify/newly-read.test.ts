import { expect, test } from "vitest";
import { makeViews } from "../../src/change/artifact-views.ts";
import { memoryTree } from "../support/memory.ts";

const list = (...entries: string[]) => `resources: [${entries.join(", ")}]\n`;
const LEFT = { "left/a.yaml": "kind: ConfigMap\nmetadata: {name: a}\n" };
const kustomization = (file: string, path: string) => ({
  ...{ file, doc: 0, apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization", name: "a", namespace: "b" },
  data: { spec: { path } },
});

/** Whether a source that leaves `left` out is looked at, when a change brings these files; the cluster builds `apps` and has a FluxInstance. */
function isAsked(files: Record<string, string>, added: ReturnType<typeof kustomization>[] = []): boolean {
  const old = { ...LEFT, "apps/b.yaml": "", "flux.yaml": "sync: {path: apps}\n" };
  const effective = { known: true, value: { spec: { path: "./apps" } } };
  const instances = [{ object: { file: "flux.yaml" } }];
  const own = { instances, local: [{ effective }], artifactRoot: "", files: new Set(["flux.yaml"]) };
  const facts = { ref: "", layer: "", ignore: "/left\n", sparse: [], includes: [], submodules: false, unpublished: "" };
  const table = new Map([["GitRepository/s", facts]]);
  const trees = { before: memoryTree(old), after: memoryTree({ ...old, ...files }) };
  const change = {
    ...trees,
    changed: new Set(Object.keys(files)),
    added,
    cluster: { ...own, root: { file: "r.yaml" } },
  };
  return makeViews(change as never, { before: table, after: table } as never, () => "")("GitRepository/s").token !== "";
}

test("what a list of the cluster comes to read may be left out", () => {
  expect(isAsked({ "apps/kustomization.yaml": list("../left/a.yaml") })).toBe(true);
  expect(isAsked({ "apps/kustomization.yaml": list("b.yaml") })).toBe(false);
});

test("so may what a FluxKustomization of the cluster leads to, through lists that nothing read before", () => {
  const files = {
    "apps/ks.yaml": "",
    "new/kustomization.yaml": list("../more"),
    "more/kustomization.yaml": list("../left/a.yaml"),
  };
  expect(isAsked(files, [kustomization("apps/ks.yaml", "./new")])).toBe(true);
  expect(isAsked(files, [kustomization("apps/ks.yaml", "./apps")])).toBe(false);
  expect(isAsked(files, [kustomization("apps/ks.yaml", "./new/${CLUSTER}")])).toBe(true);
});

test("so may what an edited FluxInstance reads, whoever holds it", () => {
  const files = { "new/kustomization.yaml": list("../left/a.yaml") };
  expect(isAsked({ ...files, "flux.yaml": "values: {instance: {sync: {path: './new'}}}\n" })).toBe(true);
  expect(isAsked({ ...files, "flux.yaml": "sync: {path: apps, interval: 1m}\n" })).toBe(false);
});

test("what another cluster reads is no matter", () => {
  const files = { "other/kustomization.yaml": list("../left/a.yaml"), "other/ks.yaml": "" };
  expect(isAsked(files, [kustomization("other/ks.yaml", "./left")])).toBe(false);
});
