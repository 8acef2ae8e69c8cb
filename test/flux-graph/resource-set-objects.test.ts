import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { makeObjects } from "../../src/delivery/resource-set/build.ts";

const made = (spec: string, inputs: readonly (Record<string, unknown> | undefined)[] = [undefined]) => {
  const objects = makeObjects(parse(spec), inputs);
  if (!objects.ok) return `${objects.fails ? "fails" : "unread"}: ${objects.what}`;
  return objects.objects.map(
    ({ body, template, input }) =>
      `${body.kind} ${body.metadata.namespace ?? ""}/${body.metadata.name} of ${template} for ${input}`,
  );
};
const map = (name: string, more = "", api = "v1") =>
  `{apiVersion: ${api}, kind: ConfigMap, metadata: {name: ${name}${more}}}`;
const NAMED = map('"<< inputs.name >>"');
const OFF = ", annotations: {fluxcd.controlplane.io/reconcile: disabled}";
const TWO = [{ name: "a" }, { name: "b" }];
const text = (...docs: string[]) => `resourcesTemplate: ${JSON.stringify(docs.join("\n---\n"))}`;

describe("the objects of a ResourceSet", () => {
  test("none, and one without inputs", () => {
    expect(made("{}")).toEqual([]);
    expect(made("null")).toEqual([]);
    expect(made(`{resources: [${map("a")}]}`)).toEqual(["ConfigMap /a of 0/resources/0/0 for {}"]);
  });

  test("each template is run for each input, the first of a name counts", () => {
    expect(made(`{resources: [${NAMED}, ${map("c")}]}`, TWO)).toEqual([
      'ConfigMap /a of 0/resources/0/0 for {"name":"a"}',
      'ConfigMap /b of 0/resources/0/0 for {"name":"b"}',
      'ConfigMap /c of 0/resources/1/0 for {"name":"a"}',
    ]);
    expect(made(`{resources: [${NAMED}], ${text(map("a"), map("d"))}}`, TWO)).toEqual([
      'ConfigMap /a of 0/resources/0/0 for {"name":"a"}',
      'ConfigMap /b of 0/resources/0/0 for {"name":"b"}',
      'ConfigMap /d of 0/resourcesTemplate/1 for {"name":"a"}',
    ]);
    expect(made(`{resources: [${NAMED}]}`, [])).toEqual([]);
  });

  test("an object is another one by group, kind, namespace and name, and not by version", () => {
    const all = [
      map("a"),
      map("a", ", namespace: x"),
      map("a", "", "example.org/v1"),
      map("a", "", "example.org/v2"),
      map("a").replace("ConfigMap", "Secret"),
    ];
    expect(made(`{resources: [${all.join(", ")}]}`)).toEqual([
      "ConfigMap /a of 0/resources/0/0 for {}",
      "ConfigMap x/a of 0/resources/1/0 for {}",
      "ConfigMap /a of 0/resources/2/0 for {}",
      "Secret /a of 0/resources/4/0 for {}",
    ]);
  });

  test("what is switched off is left out: in `resources` only where there are inputs", () => {
    expect(made(`{resources: [${map("a", OFF)}]}`, [{ x: 1 }])).toEqual([]);
    expect(made(`{resources: [${map("a", OFF)}]}`)).toEqual(["ConfigMap /a of 0/resources/0/0 for {}"]);
    expect(made(`{${text(map("a", OFF), map("b"))}}`, [{ x: 1 }])).toEqual([
      'ConfigMap /b of 0/resourcesTemplate/1 for {"x":1}',
    ]);
    expect(made(`{${text(map("a", OFF), map("b"))}}`)).toEqual(["ConfigMap /b of 0/resourcesTemplate/1 for {}"]);
    expect(made(`{resources: [${map("a", OFF.replace("disabled", "enabled"))}]}`, [{ x: 1 }])).toHaveLength(1);
  });

  test("steps may not share an object, and stand alone", () => {
    const step = (...all: string[]) => `{resources: [${all.join(", ")}]}`;
    expect(made(`{steps: [${step(map("a"))}, ${step(map("b"), map("b"))}]}`)).toEqual([
      "ConfigMap /a of 0/resources/0/0 for {}",
      "ConfigMap /b of 1/resources/0/0 for {}",
    ]);
    expect(made(`{steps: [${step(map("a"))}, ${step(map("a"))}]}`)).toBe("fails: ConfigMap a in two steps");
    const beside = "fails: steps beside resources, which the API server refuses";
    expect(made(`{steps: [${step(map("a"))}], resources: [${map("b")}]}`)).toBe(beside);
    expect(made(`{steps: [${step(map("a"))}], ${text(map("b"))}}`)).toBe(beside);
  });

  test("and annotations by which the operator finds nothing stop it", () => {
    const annotated = (name: string, from: string) =>
      made(`{resources: [${map("a", `, annotations: {fluxcd.controlplane.io/${name}: '${from}'}`)}]}`);
    const stops = (name: string, wanted: string) =>
      `fails: fluxcd.controlplane.io/${name} of ConfigMap a, which does not name ${wanted}`;
    for (const name of ["copyFrom", "convertKubeConfigFrom"]) {
      expect(annotated(name, "b")).toBe(stops(name, "namespace/name"));
      expect(annotated(name, "b/c/d")).toBe(stops(name, "namespace/name"));
      expect(annotated(name, "b/c")).toHaveLength(1);
    }
    expect(annotated("convertKubeConfigFrom", "b/c:value")).toHaveLength(1);
    expect(annotated("checksumFrom", "Secret/b/c, b/c")).toBe(stops("checksumFrom", "Kind/namespace/name"));
    expect(annotated("checksumFrom", "Secret/b/c, ConfigMap/b/c,")).toHaveLength(1);
  });

  test.each<[spec: string, said: string | string[]]>([
    ["{resources: [{kind: ConfigMap, metadata: {name: a}}]}", "fails: a result that is no object"],
    ["{resources: [{apiVersion: v1, metadata: {name: a}}]}", "fails: a result that is no object"],
    ["{resources: [{apiVersion: v1, kind: ConfigMap}]}", "fails: a result that is no object"],
    ["{resources: [{apiVersion: v1, kind: '', metadata: {name: a}}]}", "fails: a result that is no object"],
    ["{resources: [{apiVersion: v1, kind: ConfigMap, metadata: {name: 5}}]}", "fails: a result that is no object"],
    // The text is read as Flux reads files, which skips what is no object.
    [
      `{${text(map("b"), "{kind: ConfigMap, metadata: {name: a}}", "{apiVersion: v1, kind: A}")}}`,
      ["ConfigMap /b of 0/resourcesTemplate/0 for {}"],
    ],
    [`{${text(map("b"), "{apiVersion: v1, metadata: {name: a}}")}}`, "fails: a result that is no object"],
    [`{${text(`{apiVersion: v1, kind: List, items: [${map("a")}]}`)}}`, "unread: a list of objects"],
    [`{${text("", "# only a comment", map("b"))}}`, ["ConfigMap /b of 0/resourcesTemplate/0 for {}"]],
    ["{resources: [{apiVersion: v1, kind: A, metadata: {name: a}, items: []}]}", ["A /a of 0/resources/0/0 for {}"]],
    [`{${text(map("b"), "{apiVersion: v1, kind: A, metadata: }")}}`, ["ConfigMap /b of 0/resourcesTemplate/0 for {}"]],
    ["{resourcesTemplate: ''}", []],
    ["{resourcesTemplate: 5}", []],
    ["{resourcesTemplate: '<< inputs.x >>'}", "fails: no input x"],
    ["{resourcesTemplate: '<< now >>'}", "unread: the function now"],
  ])("%s", (spec, said) => {
    expect(made(spec)).toEqual(said);
  });

  test("a result that is no YAML stops the operator", () => {
    expect(made("{resourcesTemplate: 'a: [<< 1 >>'}")).toMatch(/^fails: a result that is no YAML \(/);
  });
});
