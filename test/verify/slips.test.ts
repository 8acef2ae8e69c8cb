import { describe, expect, test } from "vitest";
import { findSlips } from "../../src/safety/unknown/slips.ts";
import { homeTree, kustomization, object, release } from "./home-tree.ts";
import { inShort, PLAYER_APP } from "./references/tree.ts";

const of = (spec: object, more: object = {}, apiVersion = "example.com/v1") => ({
  apiVersion,
  kind: "A",
  spec,
  ...more,
});
const said = (old: object, now: object) =>
  findSlips(old, now).map(({ path, doubtful }) => `${path.join(".")}${doubtful ? "?" : ""}`);

describe("a field of a kind that is not known", () => {
  test.each<[string, object, object, string[]]>([
    ["gets beside spec", of({ a: 1, from: [{ b: 2 }] }), of({ a: 1 }, { from: [{ b: 2 }] }), ["from"]],
    ["gets a step up", of({ ref: { kind: "A", name: "b" } }), of({ ref: { kind: "A" }, name: "b" }), ["spec.name?"]],
    ["gets a step down", of({ ref: { kind: "A" }, size: 3 }), of({ ref: { kind: "A", size: 3 } }), ["spec.ref.size?"]],
    ["gets into one that had nothing", of({ ref: null, size: 3 }), of({ ref: { size: 3 } }), ["spec.ref.size?"]],
    [
      "is no list any more",
      of({ all: [{ peers: [{ a: 1 }] }] }),
      of({ all: [{ peers: { a: 1 } }] }),
      ["spec.all.0.peers?"],
    ],
    ["is no map any more", of({ ref: { a: 1 } }), of({ ref: "a" }), ["spec.ref?"]],
    [
      "gets a word that is misspelt",
      of({ a: { policy: "Delete" } }),
      of({ a: { policy: "Deelte" } }),
      ["spec.a.policy?"],
    ],
    ["gets one beside spec", of({}, { policy: "Retain" }), of({}, { policy: "Retian" }), ["policy?"]],
    ["is misspelt", of({ storage: { size: 3 } }), of({ stoage: { size: 3 } }), ["spec.stoage?"]],
    [
      "is misspelt in a list",
      of({ solvers: [{ dns01: 1 }] }),
      of({ solvers: [{ dn01: 1 }] }),
      ["spec.solvers.0.dn01?"],
    ],
    [
      "comes beside the one that is meant",
      of({ cluster: { instances: 3 } }),
      of({ cluster: { instances: 3, instnces: 2 } }),
      ["spec.cluster.instnces?"],
    ],
  ])("%s", (_, old, now, paths) => {
    expect(said(old, now)).toEqual(paths);
    expect(said(now, now)).toEqual([]);
  });

  test.each<[string, object, object]>([
    ["goes", of({ a: 1, b: 2 }), of({ a: 1 })],
    ["gets another value there", of({ ref: { name: "b" } }), of({ ref: {}, name: "c" })],
    ["was there before", of({ ref: { name: "b" }, name: "b" }), of({ ref: {}, name: "b" })],
    ["is of another version", of({ from: 1 }), of({}, { from: 1 }, "example.com/v2")],
    ["loses its value", of({ ref: { a: 1 } }), of({ ref: null })],
    ["becomes a variable", of({ ref: { a: 1 } }), of({ ref: "${REF}" })],
    ["gets another word", of({ policy: "Delete" }), of({ policy: "Retain" })],
    ["gets the right word", of({ policy: "Deelte" }), of({ policy: "Delete" })],
    ["gets another name", of({ team: "Librarx" }), of({ team: "Library" })],
    ["gets a name in small letters", of({ user: "Delete" }), of({ user: "delete" })],
    ["loses a slip", of({ stoage: { size: 3 } }), of({ storage: { size: 3 } })],
    ["gets another value", of({ storage: 3 }), of({ stoage: 4 })],
    ["is one letter from another field", of({ host: "a" }), of({ hosts: "a" })],
    ["is a word of the owner", of({ library: 3 }), of({ librarx: 3 })],
    ["comes beside one of it", of({ instances: 1 }), of({ instances: 1, instance: "a" })],
    ["comes beside a label", of({ podLabels: { storage: "a" } }), of({ podLabels: { storage: "a", stoage: "a" } })],
    ["is a label", of({ podLabels: { name: "a" } }), of({ podLabels: { nam: "a" } })],
    ["is free to say anything", of({ values: { a: { b: 1 } } }), of({ values: { b: 1, a: [1] } })],
  ])("is none where it %s", (_, old, now) => {
    expect(said(old, now)).toEqual([]);
  });
});

const FILE = `${PLAYER_APP}/more.yaml`;
const tree = (text: string) => ({
  ...homeTree(),
  [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["more.yaml"]),
  [FILE]: text,
});

test("a line that loses its indentation stops the Kustomization, or may", () => {
  const secret = (end: string) =>
    object("ExternalSecret", "a", "external-secrets.io/v1", [
      "spec:",
      "  secretStoreRef:",
      "    kind: ClusterSecretStore",
      ...end.split("|"),
    ]);
  const good = tree(secret("    name: vault|  dataFrom: [{extract: {key: a}}]"));
  expect(inShort(good, { [FILE]: secret("    name: vault|dataFrom: [{extract: {key: a}}]") })).toBe(
    "unsafe | object-refused ExternalSecret media/a",
  );
  expect(inShort(good, { [FILE]: secret("  name: vault|  dataFrom: [{extract: {key: a}}]") })).toContain("unproven");
});

test("an object that loses its spec is named, whatever its kind takes", () => {
  const source = (spec: string) =>
    object("HelmRepository", "a", "source.toolkit.fluxcd.io/v1", spec === "" ? [] : [spec]);
  expect(inShort(tree(source("spec: {interval: 1h, url: 'https://a.example'}")), { [FILE]: source("") })).toContain(
    "unsafe | reconcile-stops HelmRepository media/a",
  );
  const secret = (spec: string) => object("ExternalSecret", "a", "external-secrets.io/v1", [spec]);
  expect(inShort(tree(secret("spec: {dataFrom: []}")), { [FILE]: secret("spec:") })).toContain("reconcile-stops");
  expect(inShort(tree(secret("spec:")), { [FILE]: secret("status: {}") })).not.toContain("reconcile-stops");
});

describe("a namespace that is another one", () => {
  const gateway = object("Gateway", "front", "gateway.networking.k8s.io/v1", [
    "spec: {gatewayClassName: any, listeners: [{name: https, port: 443, protocol: HTTPS, allowedRoutes: {namespaces: {from: All}}}]}",
  ]);
  const route = (namespace: string) =>
    object("HTTPRoute", "web", "gateway.networking.k8s.io/v1", [
      `spec: {parentRefs: [{name: front, namespace: ${namespace}}]}`,
    ]);
  const chart = (parent: string) => release("player", [`values: {route: {app: {parentRefs: [{${parent}}]}}}`]);
  const MISSING = "unsafe | reference-missing";

  test("of a route that comes, and means a Gateway of another namespace by its name alone", () => {
    const far = gateway.replace("name: front", "name: front\n  namespace: games");
    const treeWith = (text: string) => ({ ...tree(text), "kubernetes/flux/gateway.yaml": far });
    const alone = route("media").replace(", namespace: media", "");
    const charts = release("player", ["values: {gateways: [{name: front, namespace: games}]}"]);
    for (const held of [charts, charts.replace("front", "other")])
      expect(inShort(treeWith(held), { [FILE]: held + alone })).toBe(`${MISSING} HTTPRoute media/web`);
    const plain = chart("name: front, namespace: games");
    const bare = treeWith(release("player", ["values: {a: 1}"]));
    expect(inShort(bare, { [FILE]: chart("name: front") })).toBe(`${MISSING} HelmRelease media/player`);
    expect(inShort(bare, { [FILE]: route("games") + plain })).toBe("safe");
    // A release may hold a whole one, and what named it before shows that it is there.
    const whole = release("raw", ["values: {all: [{kind: Gateway, metadata: {name: front}}]}"]);
    expect(inShort(treeWith(whole), { [FILE]: whole + alone })).toBe("safe");
    const relied = chart("name: front, namespace: media");
    expect(inShort(treeWith(relied), { [FILE]: relied + route("media") })).toBe("safe");
    // What goes on naming it shows that it is there.
    const other = alone.replace("name: web", "name: old");
    expect(inShort(treeWith(other), { [FILE]: other + alone })).toBe("safe");
  });

  test.each([
    ["of a route", route("media"), route("games"), `${MISSING} HTTPRoute media/web`],
    [
      "in values",
      chart("name: front, namespace: media"),
      chart("name: front, namespace: games"),
      `${MISSING} HelmRelease media/player`,
    ],
    [
      "in values, by the namespace of the release",
      chart("name: front"),
      chart("name: fornt"),
      `${MISSING} HelmRelease media/player`,
    ],
    [
      "of a listener in values",
      chart("name: front, sectionName: https"),
      chart("name: front, sectionName: htps"),
      "unsafe | reference-breaks HelmRelease media/player",
    ],
    ["that holds a template", chart("name: front"), chart("name: '{{ .Values.gateway }}'"), "safe"],
    [
      "of a Gateway that somebody else makes",
      chart("name: front"),
      chart("name: internal, namespace: network"),
      "safe",
    ],
  ])("%s", (_, before, after, verdict) => {
    expect(inShort(tree(gateway + before), { [FILE]: gateway + after })).toBe(verdict);
    expect(inShort(tree(gateway + after), { [FILE]: `${gateway}${after}# more\n` })).toBe("safe");
  });
});

test("a generated ConfigMap that is emptied under another hash lacks the key", () => {
  const LIST = `${PLAYER_APP}/kustomization.yaml`;
  const list = (files: string) =>
    kustomization(
      ["more.yaml"],
      ["configurations: [names.yaml]", "configMapGenerator:", "  - name: values", `    files: ${files}`],
    );
  const whole = {
    ...tree(release("player", ["valuesFrom: [{kind: ConfigMap, name: values}]"])),
    [LIST]: list("[values.yaml]"),
    [`${PLAYER_APP}/values.yaml`]: "a: b\n",
    [`${PLAYER_APP}/names.yaml`]:
      "nameReference: [{kind: ConfigMap, version: v1, fieldSpecs: [{path: spec/valuesFrom/name, kind: HelmRelease}]}]\n",
  };
  expect(inShort(whole, { [LIST]: list("") })).toBe("unsafe | reference-breaks HelmRelease media/player");
});
