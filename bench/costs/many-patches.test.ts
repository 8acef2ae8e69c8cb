import { expect, test } from "vitest";
import { deliver, deliverFlux } from "../../src/delivery/kustomize/index.ts";
import { applyJsonPatch } from "../../src/delivery/kustomize/json-patch.ts";
import { writtenIn } from "../../src/delivery/kustomize/source-text.ts";
import { stopAfter, times } from "../../test/hostile/growth.ts";
import { memoryTree } from "../../test/support/memory.ts";
import { patchOperations } from "../../transforms/shared/apps/instance-target.ts";

const inTime = <T>(run: () => T): T => stopAfter(run, 40_000);

test("items of a list that patches bring, in one or one by one, cost no more than their number", () => {
  const env = (i: number) => `{name: E${i}, value: "${i}"}`;
  const patchOf = (all: string) =>
    `- patch: '{kind: Pod, apiVersion: v1, metadata: {name: a}, spec: {containers: [{name: c, env: [${all}]}]}}'\n`;
  const build = (patches: string) =>
    inTime(() =>
      deliver(
        memoryTree({
          "kustomization.yaml": `resources: [a.yaml]\npatches:\n${patches}`,
          "a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: d}]}\n",
        }),
        "",
      ),
    );
  const made = [
    build(times(700, (i) => patchOf(env(i)))),
    build(patchOf(Array.from({ length: 20_000 }, (_, i) => env(i)).join())),
  ];
  const [each, all] = made.map((one) => {
    const pod = one.ok && (one.objects[0]?.body as { spec: { containers: { env: { name: string }[] }[] } });
    return pod ? pod.spec.containers[0]!.env.map(({ name }) => name) : [];
  });
  expect([each!.length, each![0], each!.at(-1)]).toEqual([700, "E699", "E0"]);
  expect([all!.length, all![0], all!.at(-1)]).toEqual([20_000, "E0", "E19999"]);
});

test("patches that each make one object larger do not copy it as often, and one that fails changes nothing of it", () => {
  const patchOf = (data: string) =>
    `- patch: '{kind: ConfigMap, apiVersion: v1, metadata: {name: a}, data: {${data}}}'\n`;
  const build = (patches: string) => {
    const files = {
      "kustomization.yaml": `resources: [a.yaml]\npatches:\n${patches}`,
      "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {b: c, d: {e: f}}\n",
    };
    const made = deliverFlux(memoryTree(files), { path: "" }, { goesOn: true });
    return made.ok && made.objects[0]?.body.data;
  };
  const all = stopAfter(() => build(times(5000, (i) => patchOf(`k${i}: v`))), 8000);
  expect(Object.keys(all || {})).toHaveLength(5002);
  const [first, fails, last] = [patchOf("a: b"), patchOf("b: g, d: {e: {h: i}}"), patchOf("j: k")];
  expect(build(first + fails + last)).toEqual({ a: "b", b: "c", d: { e: "f" }, j: "k" });
});

test("patches of one file look for their objects once, and replacements of one file no longer than is known", () => {
  const object = (i: number) => `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${i}}\ndata: {a: b}\n`;
  const copy = (i: number) =>
    `- source: {name: c${i}, fieldPath: data.a}\n  targets: [{select: {name: c${i}}, fieldPaths: [data.a]}]\n`;
  const files = (count: number, list: string, text: string) => ({
    "kustomization.yaml": `resources: [all.yaml]\n${list}: [{path: more.yaml}]\n`,
    "all.yaml": times(count, object),
    "more.yaml": text,
  });
  const patches = files(15_000, "patches", times(15_000, object).replaceAll("a: b", "a: c"));
  const made = inTime(() => deliver(memoryTree(patches), ""));
  expect(made.ok && made.objects.at(-1)?.body.data).toEqual({ a: "c" });
  const copied = inTime(() => deliver(memoryTree(files(15_000, "replacements", times(15_000, copy))), ""));
  expect(copied.unknowns.map(({ what }) => what)).toEqual([expect.stringContaining("500000 objects")]);
});

test("operations of one patch cost no more than their number", () => {
  const add = Array.from({ length: 20_000 }, (_, i) => ({ op: "add", path: `/data/x${i}`, value: "1" }));
  const copy = add.map(({ path }) => ({ op: "copy", from: "/data/a", path: path.replace("x", "y") }));
  const given = Object.freeze({ data: Object.freeze({ a: "b" }) });
  const made = inTime(() => applyJsonPatch(given, [...add, ...copy])) as { data: object };
  expect(Object.keys(made.data)).toHaveLength(40_001);
  const part = [
    { op: "add", path: "/c", value: { d: {} } },
    { op: "add", path: "/c/e", value: "1" },
    { op: "copy", from: "/c", path: "/f" },
    { op: "add", path: "/c/e", value: "2" },
    { op: "add", path: "/f/d/g", value: "3" },
  ];
  expect(applyJsonPatch(given, part)).toEqual({ ...given, c: { d: {}, e: "2" }, f: { d: { g: "3" }, e: "1" } });
});

test("how numbers of many objects of one file are written is read once for all", () => {
  const object = (i: number) =>
    `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${i}}\ndata: {a: ${i}.10, b: c}\n`;
  const copy = (i: number) =>
    `- source: {kind: ConfigMap, name: c${i}, fieldPath: data.a}\n  targets: [{select: {name: c${i}}, fieldPaths: [data.b]}]\n`;
  const files = {
    "kustomization.yaml": `resources: [all.yaml]\nreplacements:\n${times(700, copy)}`,
    "all.yaml": times(700, object),
  };
  const made = inTime(() => deliver(memoryTree(files), ""));
  expect(made.ok && made.objects.at(-1)?.body.data).toEqual({ a: 699.1, b: "699.10" });
});

test("texts of one list, and what aliases stand for, are read once", () => {
  const items = times(40_000, (i) => `  - {a: &a${i} "${i}", b: *a${i}}\n`);
  const written = writtenIn(`list:\n${items}`);
  const texts = inTime(() => written(0)("\0list\0b"));
  expect(texts.map(({ text }) => text).slice(-2)).toEqual(["39998", "39999"]);
});

test("patches of an instance are not each held against every patch of the old install", () => {
  const one = (i: number, blank = "") => ({
    target: { kind: "Deployment", name: `c${i}` },
    patch: `- op: add\n  path: /a${blank}\n  value: ${i}\n`,
  });
  const all = Array.from({ length: 9000 }, (_, i) => i);
  const target = { spec: { kustomize: { patches: all.map((i) => one(i)) } }, base: [], doc: 0, file: "a.yaml" };
  const ported = all.map((i) => ({ data: one(i, " ") }));
  const more = [...ported, { data: one(9000), raw: "" }];
  expect(inTime(() => patchOperations(target as never, ported as never))).toEqual([]);
  expect(inTime(() => patchOperations(target as never, more as never))).toHaveLength(1);
});
