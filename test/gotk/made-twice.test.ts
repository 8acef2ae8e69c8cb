import { describe, expect, test } from "vitest";
import { APP, makeFluxSystem } from "./make-gotk.ts";
import { runPhase } from "./run-phases.ts";

const FILES: Record<string, string> = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP };
const CHART = { "charts/sync/Chart.yaml": "apiVersion: v2\nname: sync\nversion: 0.1.0\n" };

const template = (name: string, namespace = "{{ .Release.Namespace }}") =>
  [
    ...["apiVersion: source.toolkit.fluxcd.io/v1", "kind: GitRepository", "metadata:", "  name: fleet"],
    ...["spec:", "  url: {{ .Values.url }}", "---"],
    ...["apiVersion: kustomize.toolkit.fluxcd.io/v1", "kind: Kustomization", "metadata:", "  labels:"],
    ...[
      "    name: x",
      `  namespace: ${namespace}`,
      `  name: ${name} # the root`,
      "spec:",
      "  path: {{ .Values.path }}",
    ],
    ...["  sourceRef:", "    kind: GitRepository", "    name: flux-system", ""],
  ].join("\n");

function said(text: string, file = "charts/sync/templates/sync.yaml") {
  const { findings } = runPhase({ ...FILES, ...CHART, [file]: text }, "install");
  return findings.filter(({ rule }) => rule === "sync-made-twice").map(({ what, at }) => `${at?.line} ${what}`);
}

test("a chart that has the root of a cluster among its templates as well is named", () => {
  expect(said(template("flux-system"))).toEqual([
    "9 The chart charts/sync makes Kustomization flux-system/flux-system as well, which clusters/home/flux-system/gotk-sync.yaml has in Git.",
  ]);
  expect(said(template('"flux-system"', "flux-system"))).toHaveLength(1);
});

test("another name, another namespace, a name that is filled in, and what is no chart are none", () => {
  expect(said(template("apps"))).toEqual([]);
  expect(said(template("flux-system", "tenant"))).toEqual([]);
  expect(said(template("{{ .Release.Name }}"))).toEqual([]);
  expect(said(template("flux-system"), "docs/templates/sync.yaml")).toEqual([]);
});

test("nor is what no release makes: a library, an example, notes, a comment, another kind, the root of another cluster", () => {
  const file = "charts/sync/templates/sync.yaml";
  expect(said(template("flux-system").replaceAll("\n", "\r\n"))).toHaveLength(1);
  expect(said(template("flux-system").replace("{{ .Values.path }}", "./clusters/home/"))).toHaveLength(1);
  expect(said(template("flux-system").replace("{{ .Values.path }}", "./clusters/away"))).toEqual([]);
  expect(said(template("flux-system").replace("kustomize.toolkit.fluxcd.io/v1", "kustomize.config.k8s.io/v1"))).toEqual(
    [],
  );
  expect(said(`{{- /*\n${template("flux-system")}*/}}\n`)).toEqual([]);
  expect(said(template("flux-system"), "charts/sync/templates/NOTES.txt")).toEqual([]);
  for (const [chart, more] of [
    ["examples/sync", ""],
    ["charts/library", "type: library\n"],
  ]) {
    const { findings } = runPhase(
      {
        ...FILES,
        [`${chart}/Chart.yaml`]: `name: x\n${more}`,
        [file.replace("charts/sync", chart!)]: template("flux-system"),
      },
      "install",
    );
    expect(findings.map(({ rule }) => rule)).not.toContain("sync-made-twice");
  }
});

describe("a template below a condition", () => {
  const file = "charts/sync/templates/sync.yaml";
  const below = (condition: string, text = template("flux-system")) => `{{- if ${condition} }}\n${text}{{- end }}\n`;
  const release = (values: string, more = "") =>
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: sync, namespace: flux-system}\nspec:\n  interval: 1h\n  chart:\n    spec:\n      chart: ./charts/sync\n      sourceRef: {kind: GitRepository, name: flux-system}\n${more}  values: ${values}\n`;
  /** `made`, or that it is open; nothing where it is not said. */
  const standing = (text: string, files: Record<string, string> = {}) => {
    const { findings } = runPhase({ ...FILES, ...CHART, [file]: text, ...files }, "install");
    return findings
      .filter(({ rule }) => rule === "sync-made-twice")
      .map(({ what }) => (/ if its values say so: .* is not known here/.test(what) ? "open" : "made"))
      .join();
  };
  const DEFAULTS = "charts/sync/values.yaml";
  const RELEASE = "clusters/home/sync.yaml";

  test("is made where the defaults say so, and open where they do not and no release is here", () => {
    expect(standing(below(".Values.sync.enabled"), { [DEFAULTS]: "sync: {enabled: true}\n" })).toBe("made");
    expect(standing(below(".Values.sync.enabled"), { [DEFAULTS]: "sync: {enabled: false}\n" })).toBe("open");
    expect(standing(below(".Values.sync.enabled"))).toBe("open");
  });

  test.each([
    [".Values.sync.enabled", "{sync: {enabled: true}}", "made"],
    [".Values.sync.enabled", "{sync: {enabled: false}}", ""],
    [".Values.sync.enabled", "{}", ""],
    [".Values.sync.enabled", '{sync: {enabled: "${ON}"}}', "open"],
    ["not .Values.off", "{off: true}", ""],
    ["not .Values.off", "{}", "made"],
    ["and .Values.a .Values.b", "{a: 1, b: 0}", ""],
    ["and .Values.a .Values.b", "{a: 1, b: [x]}", "made"],
    ['eq .Values.mode "sync"', "{mode: sync}", "open"],
  ])("%s with %s in a release is '%s'", (condition, values, said) => {
    expect(standing(below(condition), { [RELEASE]: release(values) })).toBe(said);
  });

  test("counts from where it is opened to its end, and the other way round behind else", () => {
    const off = { [RELEASE]: release("{on: false}") };
    expect(standing(`{{ if .Values.on }}\na: b\n{{ end }}\n---\n${template("flux-system")}`, off)).toBe("made");
    expect(standing(`{{ if .Values.on }}\na: b\n{{ else }}\n${template("flux-system")}{{ end }}\n`, off)).toBe("made");
    const both = `{{ if .Values.b }}\na: b\n{{ else if .Values.on }}\n${template("flux-system")}{{ end }}\n`;
    expect(standing(both, off)).toBe("open");
  });

  test("is open where a release takes values that are not here, or something else installs the chart", () => {
    const secret = release("{}", "  valuesFrom: [{kind: Secret, name: a}]\n");
    expect(standing(below(".Values.on"), { [RELEASE]: secret })).toBe("open");
    const off = { [RELEASE]: release("{on: false}") };
    expect(standing(below(".Values.on"), off)).toBe("");
    expect(standing(below(".Values.on"), { ...off, "up.sh": "helm install x charts/sync --set on=true\n" })).toBe(
      "open",
    );
  });
});

describe("an object that holds source and root for a cluster", () => {
  const nested = (kind: string, api: string, spec: string, indent: number) =>
    [`apiVersion: ${api}`, `kind: ${kind}`, "metadata: {name: flux-system, namespace: flux-system}", `spec: ${spec}`]
      .map((line) => " ".repeat(indent) + line)
      .join("\n");
  const rootIn = (path: string, indent: number) =>
    nested("Kustomization", "kustomize.toolkit.fluxcd.io/v1", `{path: ${path}, prune: true}`, indent);
  const crossplane = (path: string) =>
    `apiVersion: kubernetes.crossplane.io/v1alpha2\nkind: Object\nmetadata: {name: start}\nspec:\n  forProvider:\n    manifest:\n${rootIn(path, 6)}\n`;
  const work = (path: string) => {
    const source = nested("GitRepository", "source.toolkit.fluxcd.io/v1", "{interval: 1m}", 6).replace(
      "    api",
      "  - api",
    );
    const root = rootIn(path, 6).replace("    api", "  - api");
    return `apiVersion: work.open-cluster-management.io/v1\nkind: ManifestWork\nmetadata: {name: start, namespace: home}\nspec:\n  workload:\n    manifests:\n${source}\n${root}\n`;
  };

  test("is named where it builds the folder of the root", () => {
    expect(said(crossplane("clusters/home/"), "hub/start.yaml")).toEqual([
      "1 Object start has Crossplane make Kustomization flux-system/flux-system as well, which clusters/home/flux-system/gotk-sync.yaml has in Git.",
    ]);
    expect(said(work("./clusters/home"), "hub/start.yaml")).toEqual([
      "1 ManifestWork home/start has Open Cluster Management make GitRepository flux-system/flux-system and Kustomization flux-system/flux-system as well, which clusters/home/flux-system/gotk-sync.yaml has in Git.",
    ]);
  });

  test("is none where it is an example, or only observes", () => {
    expect(said(crossplane("./clusters/home"), "examples/start.yaml")).toEqual([]);
    const observed = crossplane("./clusters/home").replace("spec:", "spec:\n  managementPolicies: [Observe]");
    expect(said(observed, "hub/start.yaml")).toEqual([]);
  });

  test("is none where it starts another cluster", () => {
    expect(said(crossplane("./clusters/away"), "hub/start.yaml")).toEqual([]);
    expect(said(work("./clusters/away"), "hub/start.yaml")).toEqual([]);
  });
});
