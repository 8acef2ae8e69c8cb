import { expect, test } from "vitest";
import { deliverFlux } from "../../src/delivery/kustomize/index.ts";
import { memoryTree } from "../support/memory.ts";

/** Flux fills in the printed object, in which nothing quotes what is no more than a variable (flux-facts 2.9). */
test.each<[string, string, unknown]>([
  ["${N}", "8080", 8080],
  ["${N}", "0644", 420],
  ["1.${N}", "10", 1.1],
  ["${N}", "true", true],
  ["${N}", "off", false],
  ["${N}", "~", null],
  ["${N}", "1.2.3", "1.2.3"],
  ["${N}", "2026-01-02", "2026-01-02"],
  ["${N}", "", ""],
  ["http://a:${N}", "80", "http://a:80"],
  ["${Q}${N}${Q}", "8080", "8080"],
  ["a #${N}", "1", "a #1"],
  ["*${N}", "1", "*1"],
  [" ${N}", "1", " 1"],
  ["${N}\n", "1", "1\n"],
  ["${N:=7}", "", 7],
  ["${N}", "oN", "oN"],
  ["${N}", "1_000", 1000],
  ["${N}", "{b: [c]}", { b: ["c"] }],
  ["a${N}", " #b", "a"],
  ["${N}", "!b", "!b"],
  ["${N}", "[&b [c, c], *b]", "[&b [c, c], *b]"],
  ["<${N}>", "a", "<a>"],
])("%j with %j is %j", (written, value, wanted) => {
  const text = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { k: written } });
  const tree = memoryTree({ "b/a.yaml": text, "b/kustomization.yaml": "resources: [a.yaml]\n" });
  const delivery = deliverFlux(tree, { path: "b", postBuild: { substitute: { N: value, Q: '"' } } });
  expect(delivery.ok && delivery.objects[0]?.body).toMatchObject({ data: { k: wanted } });
});

test.each([
  ["${N}", "*.a.example"],
  ["${N}", "a: b"],
  ["${N}", "@a"],
  ["${N}", "'a"],
])("%j with %j is refused", (written, value) => {
  const text = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { k: written } });
  const tree = memoryTree({ "b/a.yaml": text, "b/kustomization.yaml": "resources: [a.yaml]\n" });
  expect(deliverFlux(tree, { path: "b", postBuild: { substitute: { N: value } } })).toMatchObject({ ok: false });
});
