import { expect, test } from "vitest";
import { homeTree, kustomization, object } from "../home-tree.ts";
import { inShort, PLAYER_APP, says } from "./tree.ts";

const LIST = `${PLAYER_APP}/kustomization.yaml`;
const DEFINITION = "kubernetes/flux/definition.yaml";
const WEB = `${PLAYER_APP}/web.yaml`;
const FIELDS = "size: {type: string, enum: [small, large]}, host: {type: string}, extra: {type: object}";
const MORE = "ports: {type: array, items: {type: object, properties: {number: {type: integer}}}}";

const definition = (fields = `${FIELDS}, ${MORE}`, more = "") =>
  object("CustomResourceDefinition", "webs.example.org", "apiextensions.k8s.io/v1", [
    "spec: {group: example.org, scope: Namespaced, names: {kind: Web, plural: webs}, versions: [{name: v1, served: true, storage: true,",
    `  schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, ${more} properties: {${fields}}}}}}}]}`,
  ]);
const web = (spec: string) => object("Web", "web", "example.org/v1", [`spec: {${spec}}`]);
const tree = (text: string, crd = definition()) => ({
  ...homeTree(),
  [DEFINITION]: crd,
  [WEB]: text,
  [LIST]: kustomization(["web.yaml", "helmrelease.yaml", "pvc.yaml"]),
});
const stricter = (spec: string, crd: string) => inShort(tree(web(spec)), { [DEFINITION]: crd });
const REFUSED = "unsafe | object-refused Web media/web";
const DOUBT = "unproven | safety-unknown Web media/web";

test("a definition that loses a field which an object has", () => {
  const crd = definition("size: {type: string}");
  expect(stricter("host: a", crd)).toBe(REFUSED);
  expect(stricter("size: small", crd)).toBe("safe");
  expect(stricter("host: a", definition("size: {type: string}", "x-kubernetes-preserve-unknown-fields: true,"))).toBe(
    "safe",
  );
  expect(stricter("extra: {any: thing}", definition("extra: {type: object}"))).toBe("safe");
  const ports = definition(
    `${FIELDS}, ports: {type: array, items: {type: object, properties: {name: {type: string}}}}`,
  );
  expect(stricter("ports: [{number: 1}, {number: 2}]", ports)).toBe(REFUSED);
});

test("a definition that wants more is taken by what stays as it is, from some Kubernetes on", () => {
  const wants = definition(FIELDS, "required: [size],");
  expect(stricter("host: a", wants)).toBe(DOUBT);
  expect(stricter("size: large", wants)).toBe("safe");
  expect(
    stricter("host: a", definition("size: {type: string, default: a}, host: {type: string}", "required: [size],")),
  ).toBe("safe");
  expect(stricter("size: large", definition("size: {type: string, enum: [small, medium]}"))).toBe(DOUBT);
  expect(stricter("size: '${SIZE}'", definition("size: {type: string, enum: [small, medium]}"))).toBe("safe");
});

test("an object that comes to say what its definition does not take", () => {
  const edited = (spec: string) =>
    inShort(tree(web("host: a, size: small"), definition(undefined, "required: [host],")), { [WEB]: web(spec) });
  expect(edited("host: a, sise: small")).toBe(REFUSED);
  expect(edited("host: a, size: medium")).toBe(REFUSED);
  expect(edited("size: large")).toBe(REFUSED);
  expect(edited("host: b, size: large")).toBe("safe");
  expect(inShort(tree(web("sise: a")), { [WEB]: web("sise: b") })).toBe("safe");
});

test("many objects of one kind are one finding", () => {
  const two = `${web("host: a")}${web("host: b").replace("name: web", "name: more")}`;
  const { findings } = says(tree(two), { [DEFINITION]: definition("size: {type: string}") });
  const [first, ...rest] = findings.filter(({ rule }) => rule === "object-refused");
  expect(rest).toEqual([]);
  expect(first?.what).toContain("spec.host, which is no field there");
  expect(first?.others).toHaveLength(1);
});

test("what an object has already is taken by whatever defines it, so it is in others and elsewhere in a list", () => {
  const more = (spec: string) => web(spec).replace("name: web", "name: more");
  expect(inShort(tree(web("sise: a")), { [WEB]: web("sise: a") + more("sise: b") })).toBe("safe");
  expect(inShort(tree(web("size: small")), { [WEB]: web("size: small") + more("sise: b") })).toBe(
    "unsafe | object-refused Web media/more",
  );
  const ports = (list: string) => web(`ports: [${list}]`);
  expect(inShort(tree(ports("{number: 1}, {nr: 2}")), { [WEB]: ports("{nr: 2}") })).toBe("safe");
  expect(inShort(tree(ports("{number: 1}")), { [WEB]: ports("{nr: 2}") })).toBe(REFUSED);
});

test("a field that is wanted and may be null", () => {
  const wants = (more: string) => definition(`size: {type: string${more}}, host: {type: string}`, "required: [size],");
  const edited = (more: string) =>
    inShort(tree(web("host: a, size: null"), wants(", nullable: true")), { [DEFINITION]: wants(more) });
  expect(edited(", nullable: true, maxLength: 5")).toBe("safe");
  expect(edited("")).toBe(DOUBT);
});

test("a value of another type", () => {
  const all =
    "host: {type: string}, on: {type: boolean}, count: {type: integer}, part: {type: number}, either: {x-kubernetes-int-or-string: true}";
  const crd = definition(
    `${all}, list: {type: array, items: {type: string}}, map: {type: object, additionalProperties: {type: string}}`,
  );
  const right = "host: a, on: true, count: 1, part: 0.5, either: 1, list: [a], map: {a: b}";
  const edited = (from: string, to: string) => inShort(tree(web(right), crd), { [WEB]: web(right.replace(from, to)) });
  for (const [from, to] of [
    ["host: a", "host: 1"],
    ["host: a", "host: true"],
    ["host: a", "host: {a: b}"],
    ["on: true", "on: 'true'"],
    ["count: 1", "count: '1'"],
    ["count: 1", "count: 1.5"],
    ["list: [a]", "list: a"],
    ["list: [a]", "list: [1]"],
    ["map: {a: b}", "map: [a]"],
    ["map: {a: b}", "map: {a: 1}"],
  ] as const)
    expect(edited(from, to), to).toContain(REFUSED);
  for (const [from, to] of [
    ["host: a", "host: '1'"],
    ["host: a", "host: null"],
    ["host: a", "host: 2026-01-01"],
    ["host: a", "host: '${HOST}'"],
    ["count: 1", "count: 2.0"],
    ["part: 0.5", "part: 1"],
    ["either: 1", "either: a"],
  ] as const)
    expect(edited(from, to), to).toBe("safe");
  const [found] = says(tree(web(right), crd), { [WEB]: web(right.replace("host: a", "host: 1")) }).findings;
  expect(found?.what).toBe(
    "Web media/web has spec.host, which has to be text, not 1, as CustomResourceDefinition webs.example.org says it.",
  );
  // Whatever takes it today is not what Git has.
  expect(inShort(tree(web("host: 1"), crd), { [WEB]: web("host: 2") })).toBe("safe");
});

test("a value that is too small, too large or of another form", () => {
  const all =
    "count: {type: integer, minimum: 1, maximum: 5}, part: {type: number, minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true}, host: {type: string, minLength: 1, maxLength: 3, pattern: '^[a-z]*$'}, list: {type: array, minItems: 1, maxItems: 2, items: {type: string}}";
  const right = "count: 1, part: 0.5, host: a, list: [a]";
  const edited = (from: string, to: string) =>
    inShort(tree(web(right), definition(all)), { [WEB]: web(right.replace(from, to)) });
  for (const [from, to] of [
    ["count: 1", "count: 0"],
    ["count: 1", "count: 6"],
    ["part: 0.5", "part: 0"],
    ["part: 0.5", "part: 1"],
    ["host: a", "host: ''"],
    ["host: a", "host: abcd"],
    ["host: a", "host: A"],
    ["list: [a]", "list: []"],
    ["list: [a]", "list: [a, b, c]"],
  ] as const)
    expect(edited(from, to), to).toBe(REFUSED);
  for (const [from, to] of [
    ["count: 1", "count: 5"],
    ["part: 0.5", "part: 0.9"],
    ["host: a", "host: abc"],
    ["host: a", "host: '${HOST}'"],
    ["list: [a]", "list: [a, b]"],
  ] as const)
    expect(edited(from, to), to).toBe("safe");
  expect(
    inShort(tree(web("host: abc"), definition(all)), {
      [DEFINITION]: definition(all.replace("maxLength: 3", "maxLength: 2")),
    }),
  ).toBe(DOUBT);
});
