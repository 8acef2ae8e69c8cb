import { describe, expect, test } from "vitest";
import { deliver, deliverFlux } from "../../src/delivery/kustomize/index.ts";
import type { Delivery } from "../../src/delivery/kustomize/types.ts";
import { makeObjects } from "../../src/delivery/resource-set/build.ts";
import { memoryTree } from "../support/memory.ts";
import { stopAfter, times } from "./growth.ts";

const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n";
const FILE = { "app/a.yaml": CONFIG_MAP };

const inTime = <T>(run: () => T): T => stopAfter(run, 20_000);

const build = (files: Record<string, string>): Delivery => inTime(() => deliver(memoryTree(files), "app"));
const kustomization = (text: string) => ({ ...FILE, "app/kustomization.yaml": `resources: [a.yaml]\n${text}` });
/** Every level holds twice the objects of the one below it, under other names. */
function doubling(levels: number): Record<string, string> {
  const files: Record<string, string> = { "l0/kustomization.yaml": "resources: [a.yaml]\n", "l0/a.yaml": CONFIG_MAP };
  for (let level = 1; level <= levels; level++) {
    for (const side of ["s", "t"])
      files[`l${level}${side}/kustomization.yaml`] = `namePrefix: ${side}\nresources: [../l${level - 1}]\n`;
    files[`l${level}/kustomization.yaml`] = `resources: [../l${level}s, ../l${level}t]\n`;
  }
  return { ...files, "app/kustomization.yaml": `resources: [../l${levels}]\n` };
}

test("bases that double at every level are built as far as an object list of Flux reaches, the rest is unknown", () => {
  const small = build(doubling(6));
  expect(small.ok && small.objects.length).toBe(64);
  expect(small.unknowns).toEqual([]);
  const large = build(doubling(60));
  expect(large.ok).toBe(true);
  expect(large.unknowns[0]).toMatchObject({ adds: true, what: expect.stringContaining("more than 100000 steps") });
});

test("more objects than a list of Flux holds are unknown, with the base that is too much", () => {
  const many = times(150, (i) => `---\n${CONFIG_MAP.replace("name: a", `name: a${i}`)}`);
  const files: Record<string, string> = { "base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": many };
  for (let i = 0; i < 400; i++) files[`o${i}/kustomization.yaml`] = `namePrefix: p${i}-\nresources: [../base]\n`;
  const made = build({ ...files, "app/kustomization.yaml": `resources:\n${times(400, (i) => `  - ../o${i}\n`)}` });
  expect(made.ok && made.objects.length).toBe(133 * 150);
  expect(made.unknowns).toMatchObject([{ what: "what o133 adds to more than 20000 objects" }]);
});

test("components that lead to one another in ever more ways are unknown, and cost no more than a thousand", () => {
  const files: Record<string, string> = {};
  for (let level = 0; level <= 40; level++)
    for (const side of ["s", "t"])
      files[`c${level}${side}/kustomization.yaml`] =
        `kind: Component\n${level === 0 ? "labels: []" : `components: [../c${level - 1}s, ../c${level - 1}t]`}\n`;
  const made = build({ ...files, ...kustomization("components: [../c40s]\n") });
  expect(made.unknowns[0]?.what).toContain("more than 1000 components");
  expect(made.ok && made.objects[0]?.hidden?.length).toBeGreaterThan(0);
});

test("transformers that each look at every object are run half a million times, and what follows is unknown", () => {
  const many = times(800, (i) => `---\n${CONFIG_MAP.replace("name: a", `name: a${i}`)}`);
  const component = { "c/kustomization.yaml": "kind: Component\ncommonAnnotations: {a: b}\n" };
  const files = { ...kustomization(`components:\n${times(900, () => "- ../c\n")}`), "app/a.yaml": many, ...component };
  const made = build(files);
  expect(made.unknowns).toMatchObject([{ what: expect.stringContaining("after they looked at 500000 objects") }]);
  expect(made.ok && made.objects.every(({ hidden }) => hidden?.length === 1)).toBe(true);
  const base = {
    "app/kustomization.yaml": "resources: [../b]\n",
    "b/kustomization.yaml": files["app/kustomization.yaml"]!,
  };
  expect(build({ ...component, ...base, "b/a.yaml": many }).unknowns).toMatchObject([
    { adds: true, what: "what b adds to more than 500000 steps of a build" },
  ]);
});

test("images of a list cost each object no more than the texts of its own", () => {
  const container = (i: number) => `{name: c${i}, image: "nginx:1"}, `;
  const pod = (i: number) =>
    `---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d${i}}\nspec: {template: {spec: {containers: [${times(200, container)}]}}}\n`;
  const images = `images:\n${times(1000, (i) => `- {name: i${i}, newTag: a}\n`)}- {name: nginx, newTag: "2"}\n`;
  const made = build({ ...kustomization(images), "app/a.yaml": times(200, pod) });
  expect(made.ok && JSON.stringify(made.objects[7]!.body).match(/nginx:2/g)).toHaveLength(200);
});

test("a text that doubles, a map that holds itself ever again and a name without end are refused, as by the API server", () => {
  const target = (path: string, more = "") =>
    `    targets: [{select: {kind: ConfigMap}, fieldPaths: [${path}], options: {create: true${more}}}]\n`;
  const source = (path: string) => `  - source: {kind: ConfigMap, fieldPath: ${path}}\n`;
  const text = kustomization(
    `replacements:\n${times(60, () => source("data.a") + target("data.a", ", delimiter: b, index: 99"))}`,
  );
  expect(build({ ...text, "app/a.yaml": CONFIG_MAP.replace("a: b", `a: ${"b".repeat(200)}`) })).toMatchObject({
    ok: false,
    reason: expect.stringContaining("too long to be taken apart"),
  });
  const map = kustomization(`replacements:\n${times(60, (i) => source("data") + target(`data.k${i}`))}`);
  expect(build(map)).toMatchObject({ ok: false, reason: expect.stringContaining("larger or deeper than Kubernetes") });
  const names: Record<string, string> = { ...kustomization("") };
  for (let i = 1; i < 60; i++)
    names[`n${i}/kustomization.yaml`] =
      `namePrefix: ${"x".repeat(9000)}\nresources: [../${i === 1 ? "app" : `n${i - 1}`}]\n`;
  expect(inTime(() => deliver(memoryTree(names), "n59"))).toMatchObject({
    ok: false,
    reason: "a name becomes longer than Kubernetes takes any",
  });
});

test("a JSON6902 patch whose copies double is refused", () => {
  const copies = times(60, (i) => `- {op: copy, from: /data, path: /data/k${i}}\n`);
  const made = inTime(() =>
    deliverFlux(memoryTree(kustomization("")), {
      path: "app",
      patches: [{ patch: copies, target: { kind: "ConfigMap" } }],
    }),
  );
  expect(made).toMatchObject({ ok: false, reason: expect.stringContaining("larger or deeper than Kubernetes") });
});

test("a ResourceSet of many inputs and many templates is unknown", () => {
  const resources = Array.from({ length: 300 }, (_, i) => ({
    ...{ apiVersion: "v1", kind: "ConfigMap" },
    metadata: { name: `<< inputs.a >>-${i}` },
  }));
  const inputs = Array.from({ length: 300 }, (_, i) => ({ a: `b${i}` }));
  expect(inTime(() => makeObjects({ resources }, inputs))).toEqual({
    ok: false,
    what: "more than 20000 objects",
    fails: false,
  });
});

describe("a template of a ResourceSet", () => {
  const made = (template: string, count = 3, input: object = {}) => {
    const head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: << inputs.a >>\ndata:\n";
    const inputs = Array.from({ length: count }, (_, i) => ({ a: `a${i}`, ...input }));
    return inTime(() => makeObjects({ resourcesTemplate: `${template.replace("DATA", head)}` }, inputs));
  };
  const again = (step: string) => `<<- $a := "x\\n" >>${step.repeat(60)}`;

  test.each([
    ["joins texts that double", again("<<- $a = cat $a $a >>")],
    ["formats texts that double", again('<<- $a = printf "%s%s" $a $a >>')],
    ["replaces each letter by two", again('<<- $a = replace "x" "xx" $a >>')],
    ["replaces each letter by all letters", `${again("")}${'<<- $a = replace "x" $a $a >>'.repeat(60)}`],
    ["quotes quotes", again("<<- $a = quote $a >>")],
    ["writes JSON of JSON", again("<<- $a = toJson $a >>")],
    ["indents what is indented", again("<<- $a = indent 100000 $a >>")],
    ["has lists of lists", "<<- $a := list 1 2 >>".concat("<<- $a = list $a $a >>".repeat(60))],
    ["counts very far", "<<- range until 100000000 >>.<<- end >>"],
  ])("that %s is unknown", (_, template) => {
    expect(made(`${template}DATA  a: b\n`)).toEqual({
      ok: false,
      what: expect.stringMatching(/grows very long|very long result|very long list/),
      fails: false,
    });
  });

  test("that is long, for many inputs, is unknown", () => {
    expect(made(`DATA  a: ${"y".repeat(300_000)}\n`, 2000)).toMatchObject({ ok: false, what: "a very long result" });
  });

  test("finds no key in a map that nobody wrote there", () => {
    const all = made(
      'DATA  a: "<< hasKey inputs.map "toString" >>"\n  b: "<< get inputs.map "constructor" >>"\n  c: "<< hasKey inputs.map "k" >>"\n',
      1,
      { map: { k: "v" } },
    );
    expect(all.ok && all.objects[0]!.body.data).toEqual({ a: "false", b: "", c: "true" });
  });
});

describe("many entries of one kustomization cost no more than their number", () => {
  const objects = { "app/a.yaml": times(4000, (i) => `---\n${CONFIG_MAP.replace("name: a", `name: a${i}`)}`) };
  const add = "[{op: add, path: /data/x, value: y}]";
  test.each<[string, Record<string, string>]>([
    [
      "files that are not there",
      { "app/kustomization.yaml": `resources:\n${times(20_000, (i) => `  - ${i}.yaml\n`)}` },
    ],
    ["images", kustomization(`images:\n${times(20_000, (i) => `  - {name: x${i}, newTag: v}\n`)}`)],
    ["labels", kustomization(`labels:\n${times(20_000, (i) => `  - pairs: {l${i}: x}\n`)}`)],
    [
      "targets",
      {
        ...kustomization(`patches:\n${times(4000, (i) => `  - {target: {name: a${i}}, patch: "${add}"}\n`)}`),
        ...objects,
      },
    ],
  ])("%s", (_, files) => {
    expect(stopAfter(() => build(files), 50_000)).toBeDefined();
  });

  test("labels are the same as one entry each, and as all in one", () => {
    const labels = (text: string) => {
      const made = build(kustomization(`labels:\n${text}`));
      return made.ok && made.objects[0]?.body;
    };
    const apart = labels(
      "  - pairs: {a: '1'}\n  - {pairs: {b: '2'}, includeSelectors: false}\n  - pairs: {a: '3', c: '4'}\n",
    );
    const merged = labels("  - pairs: {a: '1'}\n  - pairs: {a: '3', b: '2', c: '4'}\n");
    expect(apart).toMatchObject({ metadata: { labels: { a: "3", b: "2", c: "4" } } });
    expect(merged).toEqual(apart);
  });
});

describe("names upon names", () => {
  const objects = (count: number) => times(count, (i) => `---\n${CONFIG_MAP.replace("name: a", `name: a${i}`)}`);

  test("of bases that each rename what the one below them holds are followed as far as they fit", () => {
    const levels = (count: number) => {
      const files: Record<string, string> = {};
      for (let level = 0; level < count; level++)
        files[`${"app/".repeat(level + 1)}kustomization.yaml`] =
          `namePrefix: p-\nresources: [${level + 1 < count ? "app" : "a.yaml"}]\n`;
      return build({ ...files, [`${"app/".repeat(count)}a.yaml`]: objects(600) });
    };
    const few = levels(10);
    expect(few.ok && few.objects[0]?.name).toBe(`${"p-".repeat(10)}a0`);
    expect(few.unknowns).toEqual([]);
    expect(levels(90).unknowns[0]).toMatchObject({ adds: true, what: expect.stringContaining("steps of a build") });
  });

  test("of components or transformers are unknown after a hundred", () => {
    const component = "kind: Component\nnamePrefix: p-\n";
    const folders = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`c${i}/kustomization.yaml`, component]));
    const plugin =
      "---\napiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: t}\nprefix: p-\nfieldSpecs: [{path: metadata/name}]\n";
    for (const made of [
      build({
        ...folders,
        ...kustomization(`components: [${times(300, (i) => `../c${i}, `)}]\n`),
        "app/a.yaml": objects(100),
      }),
      build({
        ...kustomization("transformers: [t.yaml]\n"),
        "app/a.yaml": objects(100),
        "app/t.yaml": times(300, (i) => plugin.replace("name: t", `name: t${i}`)),
      }),
    ]) {
      expect(made.unknowns.map(({ what }) => what)).toEqual(["what becomes of objects that had more than 100 names"]);
      expect(made.ok && made.objects[0]?.hidden?.length).toBe(1);
    }
  });
});
