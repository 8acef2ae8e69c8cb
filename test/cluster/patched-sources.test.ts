import { expect, test } from "vitest";
import { scanFluxObjects } from "../../src/cluster/scan.ts";
import { memoryTree } from "../support/memory.ts";
import { gitRepository } from "./fleet.ts";

const ROOT =
  "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: root}\nspec: {interval: 1h, prune: true, path: ./flux}\n";
const list = (patches: string) =>
  `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [root.yaml, source.yaml]\npatches:\n${patches}\n`;

const sources = (patches: string, more: Record<string, string> = {}) =>
  scanFluxObjects(
    memoryTree({
      "flux/kustomization.yaml": list(patches),
      "flux/root.yaml": ROOT,
      "flux/source.yaml": gitRepository("fleet", "https://example.org/fleet"),
      ...more,
    }),
  )
    .objects.filter(({ kind }) => kind === "GitRepository")
    .map(({ name }) => name);

const OF_ALL = "  target: {kind: Kustomization}";

test.each([
  ["plain", `- patch: |\n    spec:\n      sourceRef:\n        kind: GitRepository\n        name: fleet\n${OF_ALL}`],
  ["in flow style", `- patch: |\n    spec: {sourceRef: {kind: GitRepository, name: fleet}}\n${OF_ALL}`],
  ["as JSON", `- patch: '{"spec": {"sourceRef": {"name": "fleet", "kind": "GitRepository"}}}'\n${OF_ALL}`],
  ["as JSON in double quotes", `- patch: "{\\"spec\\": {\\"sourceRef\\": {\\"name\\": \\"fleet\\"}}}"\n${OF_ALL}`],
  ["tagged", `- patch: |\n    spec:\n      sourceRef:\n        name: !!str fleet\n${OF_ALL}`],
  ["as a JSON patch", `- patch: |\n    - op: add\n      path: /spec/sourceRef/name\n      value: fleet\n${OF_ALL}`],
  ["value first", `- patch: |\n    - value: "fleet"\n      op: add\n      path: /spec/sourceRef/name\n${OF_ALL}`],
  ["in one line", `- patch: '[{"op":"add","path":"/spec/sourceRef","value":{"name":"fleet"}}]'\n${OF_ALL}`],
])("a source that only a patch names is read: %s", (_, patches) => {
  expect(sources(patches)).toEqual(["fleet"]);
});

test("so it is where the patch is a file of its own", () => {
  const file = { "flux/patch.yaml": "- op: add\n  path: /spec/sourceRef/name\n  value: fleet\n" };
  expect(sources(`- path: patch.yaml\n${OF_ALL}`, file)).toEqual(["fleet"]);
});

test("one that nothing names is not", () => {
  expect(sources(`- patch: |\n    spec: {sourceRef: {name: other}}\n${OF_ALL}`)).toEqual([]);
});
