import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { joinArguments } from "../../src/cluster/argument-lists.ts";
import { chartAddressOf, isChartAddress, readChartUse, releaseNameOf } from "../../src/cluster/chart-release.ts";
import { isYamlPath, objectAt, objectNamed, readLazily, readObjects } from "../../src/cluster/objects.ts";
import { readGitRef } from "../../src/cluster/running-source.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { memoryTree } from "../support/memory.ts";

const object = (kind: string, name: string, spec: string, file = "a.yaml"): KubeObject => ({
  ...{ file, doc: 0, apiVersion: "x/v1", kind, name, namespace: "" },
  data: { spec: parse(spec) },
});

describe("which branch or tag a source names", () => {
  test.each<[ref: string, read: object]>([
    ["branch: main", { branch: "main" }],
    ["branch: ''", { branch: "" }],
    ["branch: 5", {}],
    ["tag: v1, branch: main", { tag: { name: "v1", isRange: false } }],
    ["semver: '1.x', tag: v1, branch: main", { tag: { name: "1.x", isRange: true } }],
    ["name: refs/heads/a/b, semver: '1.x'", { branch: "a/b" }],
    ["name: refs/tags/v1, branch: main", { tag: { name: "v1", isRange: false } }],
    ["name: refs/pull/1/head, branch: main", {}],
    ["name: my/refs/heads/main", {}],
    ["name: refs/heads/", {}],
    ["commit: abc, name: refs/heads/a, tag: v1, branch: main", { branch: "main" }],
    ["commit: abc, tag: v1", {}],
    ["commit: '', tag: v1", { tag: { name: "v1", isRange: false } }],
    ["tag: '${TAG}', branch: main", { branch: "main" }],
    ["name: '', semver: '', tag: '', branch: main", { branch: "main" }],
  ])("%s", (ref, read) => {
    expect(readGitRef(object("GitRepository", "a", `{ref: {${ref}}}`))).toEqual(read);
  });

  test("of another kind, or without a ref", () => {
    expect(readGitRef(object("OCIRepository", "a", "{ref: {tag: v1, branch: main}}"))).toEqual({ branch: "main" });
    expect(readGitRef(object("GitRepository", "a", "{}"))).toEqual({});
    expect(readGitRef(undefined)).toEqual({});
  });
});

describe("the chart of a release", () => {
  const source = (url: string, ref: string) => object("OCIRepository", "charts", `{url: '${url}', ref: {${ref}}}`);
  const use = (spec: string, ...objects: KubeObject[]) => {
    const found = readChartUse(object("HelmRelease", "a", spec), objects);
    return found && [found.chart, found.version?.value, found.version?.path.join(".")];
  };
  const REF = "{chartRef: {name: charts}}";

  test.each<[spec: string, objects: KubeObject[], found: unknown]>([
    ["{chart: {spec: {chart: app, version: 1.x}}}", [], ["app", "1.x", "spec.chart.spec.version"]],
    ["{chart: {spec: {chart: ./charts/app}}}", [], ["app", undefined, undefined]],
    ["{chart: {spec: {chart: ./charts/app/}}}", [], ["app", undefined, undefined]],
    ["{chart: {spec: {chart: app, version: 1}}}", [], ["app", undefined, undefined]],
    [REF, [source("oci://x/charts/app", "tag: 1.2.3")], ["app", "1.2.3", "spec.ref.tag"]],
    [REF, [source("oci://x/charts/app/", "tag: 1.2.3")], ["app", "1.2.3", "spec.ref.tag"]],
    [REF, [source("oci://x/charts/app", "semver: 1.x")], ["app", "1.x", "spec.ref.semver"]],
    [REF, [source("oci://x/charts/app", "digest: a")], ["app", undefined, undefined]],
    [REF, [object("OCIRepository", "charts", "{ref: {tag: v1}}")], undefined],
    [REF, [], undefined],
    [REF, [object("HelmChart", "charts", "{url: oci://x/app}")], undefined],
    [
      "{chartRef: {kind: HelmChart, name: charts}}",
      [object("HelmChart", "charts", "{chart: app, version: 1.x}")],
      ["app", "1.x", "spec.version"],
    ],
    ["{chartRef: {name: 5}}", [], undefined],
    ["{}", [], undefined],
  ])("%s", (spec, objects, found) => {
    expect(use(spec, ...objects)).toEqual(found);
  });

  test("has an address that is no flag", () => {
    const of = (url: string) => chartAddressOf(readChartUse(object("HelmRelease", "a", REF), [source(url, "tag: x")]));
    expect(of("oci://x/app")).toBe("oci://x/app");
    expect(of("--post-renderer=x")).toBeUndefined();
    expect(chartAddressOf(undefined)).toBeUndefined();
    expect(["a-b", "-a", ""].map(isChartAddress)).toEqual([true, false, true]);
  });

  test.each<[spec: string, name: string]>([
    ["{releaseName: b, targetNamespace: c}", "b"],
    ["{targetNamespace: c}", "c-a"],
    ["{}", "a"],
  ])("%s is installed under a name", (spec, name) => {
    expect(releaseNameOf(object("HelmRelease", "a", spec))).toBe(name);
  });
});

describe("arguments one by one", () => {
  test.each<[text: string, joined: string]>([
    ['run(["flux", "bootstrap", "git"])', "run([flux bootstrap git])"],
    ["run('flux', 'install', '--export')", "run(flux install --export)"],
    ["run('flux', \"reconcile\", `ks`)", "run(flux reconcile ks)"],
    ['run([\n  "flux",\n  "bootstrap",\n  "git",\n])', "run([\n  flux bootstrap git\n\n,\n])"],
    ['join("flux", "config")', 'join("flux", "config")'],
    ['["flux", "--version", "x"]', "[flux --version x]"],
    ['["reflux", "bootstrap"]', '["reflux", "bootstrap"]'],
    ["argv:\n  - flux\n  - bootstrap\n  - git\nmore: x\n", "argv:\n- flux bootstrap git\n\n\nmore: x\n"],
    ["args:\n- 'flux'\n- \"install\"\n", "args:\n- flux install\n\n"],
    ["command:\n  - flux\n  - get\n  -x\n", "command:\n- flux get\n\n  -x\n"],
    ["other:\n  - flux\n  - bootstrap\n", "other:\n  - flux\n  - bootstrap\n"],
    ["args:\n  - fluxctl\n  - bootstrap\n", "args:\n  - fluxctl\n  - bootstrap\n"],
    ["args:\n  - flux\nmore: x\n", "args:\n  - flux\nmore: x\n"],
  ])("%j", (text, joined) => {
    expect(joinArguments(text)).toBe(joined);
    expect(joined.split("\n")).toHaveLength(text.split("\n").length);
  });
});

describe("the objects of a file", () => {
  const FILE = "a.yaml";
  const read = (text: string) => {
    const tree = memoryTree({ [FILE]: text });
    const lazy = readLazily(tree, FILE).map(({ doc, kind, name, namespace, line }) => [
      doc,
      kind,
      name,
      namespace,
      line,
    ]);
    const all = readObjects(tree, FILE).objects.map(({ doc, kind, name, namespace }) => [doc, kind, name, namespace]);
    return { lazy, all };
  };
  const one = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: b\n";

  test.each<[what: string, text: string, found: unknown[][]]>([
    ["in plain style", one, [[0, "ConfigMap", "a", "b", 1]]],
    [
      "one after another",
      `${one}---\n${one.replace("name: a", "name: c")}`,
      [
        [0, "ConfigMap", "a", "b", 1],
        [1, "ConfigMap", "c", "b", 6],
      ],
    ],
    ["with Windows line ends", one.replaceAll("\n", "\r\n"), [[0, "ConfigMap", "a", "b", 1]]],
    [
      "with an end that is written",
      `${one}...\n---\n${one}`,
      [
        [0, "ConfigMap", "a", "b", 1],
        [1, "ConfigMap", "a", "b", 7],
      ],
    ],
    ["with spaces behind", one.replaceAll("\n", "  \n"), [[0, "ConfigMap", "a", "b", 1]]],
    [
      "in one line",
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}}\n",
      [[0, "ConfigMap", "a", "b", 1]],
    ],
    ["with quotes", one.replace("name: a", 'name: "a"'), [[0, "ConfigMap", "a", "b", 1]]],
    ["without a namespace", one.replace("  namespace: b\n", ""), [[0, "ConfigMap", "a", "", 1]]],
    [
      "with the namespace of something else",
      `${one.replace("  namespace: b\n", "")}spec:\n  namespace: x\n`,
      [[0, "ConfigMap", "a", "", 1]],
    ],
    ["with an empty line in between", one.replace("  namespace", "\n  namespace"), [[0, "ConfigMap", "a", "b", 1]]],
    [
      "with names further down",
      `${one.replace("  name: a\n", "  labels:\n    name: x\n  name: a\n")}`,
      [[0, "ConfigMap", "a", "b", 1]],
    ],
    ["with a comment", one.replace("kind: ConfigMap", "kind: ConfigMap # x"), [[0, "ConfigMap", "a", "b", 1]]],
    ["of a group", one.replace("v1", "apps.example.com/v1beta1"), [[0, "ConfigMap", "a", "b", 1]]],
    ["with nothing first", `---\n---\n${one}`, [[1, "ConfigMap", "a", "b", 2]]],
  ])("%s", (_, text, found) => {
    const { lazy, all } = read(text);
    expect(lazy).toEqual(found);
    expect(all).toEqual(found.map((names) => names.slice(0, 4)));
  });

  test.each([
    "kind: A\nmetadata:\n  name: a\n",
    one.replace("  name: a\n", ""),
    "- a\n",
    "5\n",
    "",
    one.replace("name: a", "name: 5").replace("  namespace: b\n", "").replace("kind: ConfigMap", "kind: 'ConfigMap'"),
  ])("%j is none", (text) => {
    expect(read(text)).toEqual({ lazy: [], all: [] });
  });

  test("are found by place and by name", () => {
    const tree = memoryTree({
      [FILE]: `${one}---\n${one.replace("b", "c")}---\n${one.replace("ConfigMap", "Secret")}`,
    });
    expect(objectAt(tree, FILE, 2)?.kind).toBe("Secret");
    expect(objectAt(tree, FILE, 3)).toBeUndefined();
    expect(objectNamed(tree, FILE, { kind: "ConfigMap", name: "a" })?.doc).toBe(0);
    expect(objectNamed(tree, FILE, { kind: "Secret", name: "a" })?.doc).toBe(2);
    expect(objectNamed(tree, FILE, { kind: "Pod", name: "a" })).toBeUndefined();
    expect(readObjects(tree, "none.yaml")).toEqual({ objects: [], broken: [] });
    expect(readLazily(tree, "none.yaml")).toEqual([]);
    for (const namespace of ['"apps"', "'apps'", "apps # here", "!!str apps", "&it apps", "  apps"]) {
      const text = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: one\n  namespace: ${namespace}\n`;
      expect(readLazily(memoryTree({ "a.yaml": text }), "a.yaml")[0]?.namespace, namespace).toBe("apps");
    }
    expect(readObjects(memoryTree({ [FILE]: "a: [\n" }), FILE)).toMatchObject({
      objects: [],
      broken: [{ file: FILE }],
    });
  });

  test("lie in what kustomize takes for YAML", () => {
    expect(["a.yaml", "a.yml", "a.yaml.bak", "ayml", "a.json", ".yaml"].map(isYamlPath)).toEqual([
      true,
      true,
      false,
      false,
      false,
      true,
    ]);
  });
});
