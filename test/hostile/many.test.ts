import { runInThisContext } from "node:vm";
import { expect, test } from "vitest";
import { lineOf } from "../../src/contract/errors.ts";
import { deliver } from "../../src/delivery/kustomize/index.ts";
import { readFailures } from "../../src/safety/build-unknowns.ts";
import { memoryTree } from "../support/memory.ts";
import { homeTree } from "../verify/home-tree.ts";
import { type Edits, type Files, judge, type Verdict } from "../verify/judge.ts";

/** Stops what hangs, which a test's own time limit cannot. */
function inTime<T>(run: () => T): T {
  Object.assign(globalThis, { manyDeadline: run });
  return runInThisContext("manyDeadline()", { timeout: 40_000 }) as T;
}

const APP = "kubernetes/apps/media/many";
const times = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join("");

/** What `verify` says of a file of objects that one change turns into another. */
function judgeFile(before: string, after: string): Verdict {
  const list = (text: string): Edits => ({ [`${APP}/all.yaml`]: text });
  const tree: Files = {
    ...homeTree(),
    [`${APP}/kustomization.yaml`]: "resources: [all.yaml]\n",
    "kubernetes/apps/media/kustomization.yaml": "resources: [namespace.yaml, player/ks.yaml, many]\n",
    [`${APP}/all.yaml`]: before,
  };
  return inTime(() => judge(tree, list(after)));
}

test("patches that all fail cost no more than their number, in time and memory", () => {
  const patches = Array.from({ length: 2000 }, (_, i) => ({ patch: `[{op: remove, path: /spec/x${i}}]`, target: {} }));
  const failures = patches.map(({ patch }) => ({ at: lineOf("a.yaml"), what: patch }));
  const input = { tree: memoryTree({}), side: "after", spec: { path: "./a", patches }, artifactRoot: "" } as const;
  const read = inTime(() => readFailures(failures, new Set(), { ...input, changed: new Set(), values: new Map() }));
  expect(new Set(read.map(({ reads }) => reads)).size).toBe(2000);
  expect(JSON.stringify(read).length).toBeLessThan(1_000_000);
});

test("vars of a kustomization cost no more than their number", () => {
  const object = (i: number) =>
    `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${i}, namespace: media}\ndata: {a: b${i}, c: $(V${i})}\n`;
  const ref = (i: number) =>
    `- {name: V${i}, objref: {apiVersion: v1, kind: ConfigMap, name: c${i}}, fieldref: {fieldpath: data.a}}\n`;
  const files = {
    "kustomization.yaml": `resources: [all.yaml]\nvars:\n${times(3000, ref)}`,
    "all.yaml": times(3000, object),
  };
  expect(inTime(() => deliver(memoryTree(files), "")).unknowns).toHaveLength(3000);
});

const OPERATOR = "fluxcd.controlplane.io/v1";
const set = (i: number, from: string) =>
  `---\napiVersion: ${OPERATOR}\nkind: ResourceSet\nmetadata: {name: set${i}, namespace: flux-system}\nspec: {inputsFrom: [${from}], resources: [{apiVersion: v1, kind: ConfigMap, metadata: {name: "made-<< inputs.a >>", namespace: media}}]}\n`;
const provider = (i: number, type: string) =>
  `---\napiVersion: ${OPERATOR}\nkind: ResourceSetInputProvider\nmetadata: {name: in${i}, namespace: flux-system}\nspec: {type: ${type}, url: "https://git.example", defaultValues: {a: b${i}}}\n`;

test("ResourceSets that each name a provider of many, or one that names many, cost no more than their number", () => {
  const each = times(1500, (i) => set(i, `{name: in${i}}`) + provider(i, "Static"));
  const all =
    set(
      0,
      times(1500, (i) => `{name: in${i}}, `),
    ) + times(1500, (i) => provider(i, "Static"));
  for (const before of [each, all])
    expect(judgeFile(before, before.replace("b7}", "c7}")).safety.outcomes).toBeDefined();
});

test("ResourceSets with a selector that cannot be read do not each hold every provider", () => {
  const selector = "{selector: {matchExpressions: [{key: a, operator: Exists}]}}";
  const before = times(800, (i) => set(i, `${selector}, ${selector}`) + provider(i, "GitHubTag"));
  expect(judgeFile(before, before.replace("b7}", "c7}")).safety.verdict).not.toBe("safe");
});

test("Services and workloads that all fit one another cost no more than their number, and list few ports", () => {
  const pods = (i: number, port: string) =>
    `---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d${i}, namespace: media}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: nginx, ports: [{name: ${port}${i}, containerPort: 80}]}]}}}\n`;
  const service = (i: number) =>
    `---\napiVersion: v1\nkind: Service\nmetadata: {name: s${i}, namespace: media}\nspec: {selector: {a: b}, ports: [{port: 80, targetPort: p${i}}]}\n`;
  const tree = (port: string) => times(1200, (i) => pods(i, port) + service(i));
  const { findings, safety } = judgeFile(tree("p"), tree("q"));
  const said = JSON.stringify([findings, safety]);
  expect(said).toContain("q0, q1, ");
  expect(said.length).toBeLessThan(3_000_000);
});
