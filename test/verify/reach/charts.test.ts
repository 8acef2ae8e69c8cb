import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openHelm } from "../../../src/files/helm.ts";
import type { VerifyInput } from "../../../src/safety/verify.ts";
import { makeTempDir } from "../../support/repo.ts";
import { verifyEdits } from "../edited.ts";
import { homeTree, object, operatorTree } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";

const APP = "kubernetes/apps/media/player/app";
const RELEASE = `${APP}/helmrelease.yaml`;
const CHART = "charts/app";

const release = (values = "{}", folder = CHART, more: string[] = []) =>
  object("HelmRelease", "player", "helm.toolkit.fluxcd.io/v2", [
    "spec:",
    "  interval: 1h",
    `  chart: {spec: {chart: ./${folder}, sourceRef: {kind: GitRepository, name: home, namespace: flux-system}}}`,
    ...more.map((line) => `  ${line}`),
    `  values: ${values}`,
  ]);

const WITH_FILES = release().replace("sourceRef", "valuesFiles: [./more/values.yaml], sourceRef");
const ON = "image: nginx:1\npersistence: {enabled: true, size: 1Gi}\n";
const OFF = ON.replace("true", "false");
const deployment = (image = "{{ .Values.image }}") =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  template:\n    spec:\n      containers:\n        - image: ${image}\n`;
const claim =
  "{{- if .Values.persistence.enabled }}\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: {{ .Release.Name }}-data\nspec:\n  resources: {requests: {storage: {{ .Values.persistence.size }}}}\n{{- end }}\n";

function treeOf(more: Files = {}, folder = CHART): Files {
  return {
    ...homeTree(),
    [RELEASE]: release(),
    [`${folder}/Chart.yaml`]: "apiVersion: v2\nname: app\nversion: 1.0.0\n",
    [`${folder}/values.yaml`]: "image: nginx:1\npersistence: {enabled: true, size: 1Gi}\n",
    [`${folder}/README.md`]: "A chart.\n",
    [`${folder}/templates/deployment.yaml`]: deployment(),
    [`${folder}/templates/claim.yaml`]: claim,
    [`${folder}/templates/NOTES.txt`]: "Thanks.\n",
    ...more,
  };
}

function answer(edits: Edits, tree: Files = treeOf(), more: Partial<VerifyInput> = {}) {
  const { verdict, clusters, findings } = verifyEdits(edits, tree, [], more);
  return {
    verdict,
    goes: clusters.flatMap(({ safety }) => safety.dangers.map(({ resource }) => resource)).sort(),
    open: clusters.flatMap(({ safety }) => safety.unknown.map(({ what }) => what)).join("\n"),
    findings,
  };
}

const values = (text: string) => ({ [`${CHART}/values.yaml`]: text });

const INNER =
  "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: inner, namespace: flux-system}\nspec: {interval: 1h, prune: true, path: ./inner, sourceRef: {kind: GitRepository, name: home}}\n";
const JSON_INNER = {
  ...{ apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization", metadata: { name: "inner" } },
  spec: { path: "./inner", sourceRef: { kind: "GitRepository", name: "home" } },
};
const JSON_RELEASE = {
  ...{ apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease", metadata: { name: "player" } },
  spec: {
    interval: "1h",
    chart: {
      spec: { chart: "./charts/app", sourceRef: { kind: "GitRepository", name: "home", namespace: "flux-system" } },
    },
  },
};

describe("a packed chart in this repository", () => {
  const [old, next] = ["charts/app-1.0.0.tgz", "charts/app-1.1.0.tgz"];
  const packed = { ...homeTree(), [RELEASE]: release("{}", old), [old]: "one" } as Files;

  test("of another version is as one from elsewhere", () => {
    expect(answer({ [RELEASE]: release("{}", next), [next]: "two" }, packed).verdict).toBe("safe");
    expect(answer({ [RELEASE]: release("{}", next), [next]: "two", [old]: undefined }, packed).verdict).toBe("safe");
  });

  test("with other content may render anything", () => {
    const { verdict, open } = answer({ [old]: "two" }, packed);
    expect([verdict, open]).toEqual(["unproven", expect.stringContaining(`what the chart ${old} renders`)]);
    expect(answer({ "charts/other-1.0.0.tgz": "two" }, packed).verdict).toBe("safe");
  });

  test("that is not there any more, or that has another name", () => {
    const [gone] = answer({ [old]: undefined }, packed).findings;
    expect([gone?.rule, gone?.what]).toEqual(["build-breaks", expect.stringContaining(`${old}, which is not there`)]);
    const other = "charts/web-1.0.0.tgz";
    expect(answer({ [RELEASE]: release("{}", other), [other]: "two" }, packed).verdict).toBe("unsafe");
  });
});

describe("a chart in this repository, without a helm to render it", () => {
  test.each<[string, Edits]>([
    ["its README", { [`${CHART}/README.md`]: "Another.\n" }],
    ["its notes", { [`${CHART}/templates/NOTES.txt`]: "Many thanks.\n" }],
    ["its version", { [`${CHART}/Chart.yaml`]: "apiVersion: v2\nname: app\nversion: 1.0.1\nappVersion: '2'\n" }],
    ["an image in a template", { [`${CHART}/templates/deployment.yaml`]: deployment("nginx:2") }],
    ["a comment in a template", { [`${CHART}/templates/claim.yaml`]: `{{- /* data */}}\n# data\n${claim}` }],
    ["a default that is only content", values("image: nginx:2\npersistence: {enabled: true, size: 1Gi}\n")],
    ["a default that nothing reads", values("image: nginx:1\nmore: 1\npersistence: {enabled: true, size: 1Gi}\n")],
    ["a value of the release that is only content", { [RELEASE]: release("{image: 'nginx:2'}") }],
    ["another chart", { "charts/other/Chart.yaml": "apiVersion: v2\nname: other\nversion: 1.0.0\n" }],
    ["how the release waits", { [RELEASE]: release("{}", CHART, ["timeout: 5m"]) }],
  ])("is safe where the change touches %s", (_, edits) => {
    expect(answer(edits)).toMatchObject({ verdict: "safe", goes: [], open: "" });
  });

  test("is one of its folders, wherever a path with dots seems to lead", () => {
    const tree = treeOf({ [RELEASE]: release().replace("./", "../../") });
    expect(answer({ [`${CHART}/templates/claim.yaml`]: undefined }, tree).verdict).toBe("unproven");
    expect(answer(values("image: nginx:2\npersistence: {enabled: true, size: 1Gi}\n"), tree).verdict).toBe("safe");
  });

  test.each<[string, Edits]>([
    ["a template goes", { [`${CHART}/templates/claim.yaml`]: undefined }],
    [
      "a template gets another name for its object",
      { [`${CHART}/templates/claim.yaml`]: claim.replace("-data", "-files") },
    ],
    [
      "a template gets a condition",
      { [`${CHART}/templates/deployment.yaml`]: `{{- if .Values.on }}\n${deployment()}{{- end }}\n` },
    ],
    ["a default decides which objects there are", values("image: nginx:1\npersistence: {enabled: false, size: 1Gi}\n")],
    ["a value of the release does", { [RELEASE]: release("{persistence: {enabled: false}}") }],
    ["a value of a claim changes", { [RELEASE]: release("{persistence: {size: 2Gi}}") }],
    ["a helper changes", { [`${CHART}/templates/_helpers.tpl`]: '{{- define "name" }}x{{ end }}\n' }],
    ["a subchart changes", { [`${CHART}/charts/db/values.yaml`]: "a: 1\n" }],
    [
      "a dependency comes",
      {
        [`${CHART}/Chart.yaml`]:
          "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies: [{name: db, version: 1.x}]\n",
      },
    ],
    [
      "what renders afterwards changes",
      { [RELEASE]: release("{}", CHART, ["postRenderers: [{kustomize: {patches: []}}]"]) },
    ],
  ])("is unproven where %s", (_, edits) => {
    const found = answer(edits);
    expect(found).toMatchObject({ verdict: "unproven", goes: [] });
    expect(found.open).toContain("HelmRelease media/player is touched by this change");
    expect(found.findings.map(({ next }) => next).join()).toContain("--helm");
  });

  test("has what source-controller puts into it from the folder of another chart", () => {
    const chart = (name: string, more = "") => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`;
    const tree = treeOf({
      [`${CHART}/Chart.yaml`]: chart(
        "app",
        "dependencies: [{name: db, version: 1.x, repository: 'file://../common'}]\n",
      ),
      "charts/common/Chart.yaml": chart("db"),
      "charts/common/README.md": "A part.\n",
      "charts/common/values.yaml": "on: true\n",
      "charts/common/templates/claim.yaml": claim,
      "charts/common/templates/deployment.yaml": deployment(),
      "charts/other/Chart.yaml": chart("other"),
    });
    const lost = { "charts/common/templates/claim.yaml": undefined };
    expect(answer(lost, tree)).toMatchObject({ verdict: "unproven", goes: [] });
    expect(answer({ "charts/common/values.yaml": "on: false\n" }, tree).verdict).toBe("unproven");
    expect(answer({ "charts/common/templates/more.yaml": claim }, tree).verdict).toBe("unproven");
    const quiet = {
      "charts/common/README.md": "A part of charts.\n",
      "charts/common/templates/deployment.yaml": deployment("nginx:2"),
      "charts/other/templates/claim.yaml": claim,
    };
    expect(answer(quiet, tree)).toMatchObject({ verdict: "safe", open: "" });
    for (const held of ["db/Chart.yaml", "db-1.0.0.tgz"])
      expect(answer(lost, { ...tree, [`${CHART}/charts/${held}`]: chart("db") }).verdict).toBe("safe");
    const near = { ...tree, [`${CHART}/charts/db-more/Chart.yaml`]: chart("db-more") };
    expect(answer(lost, near).verdict).toBe("unproven");
  });

  test.each(["store: {on: false}", "tags: {data: false}"])("may lose what it depends on by %s", (line) => {
    const by = "dependencies: [{name: db, version: 1.x, condition: 'db.on, store.on', tags: [data]}]";
    const tree = treeOf({ [`${CHART}/Chart.yaml`]: `apiVersion: v2\nname: app\nversion: 1.0.0\n${by}\n` });
    expect(answer({ [RELEASE]: release(`{${line}}`) }, tree).verdict).toBe("unproven");
    expect(answer({ [RELEASE]: release("{stores: {on: false}}") }, tree).verdict).toBe("safe");
  });

  test("is uninstalled and installed anew where its name changes", () => {
    const found = answer({ [`${CHART}/Chart.yaml`]: "apiVersion: v2\nname: player\nversion: 1.0.0\n" });
    expect(found.verdict).toBe("unsafe");
    expect(found.goes).toContain("HelmRelease media/player");
  });

  test("may not move to a folder that its source does not fetch", () => {
    const cluster = "kubernetes/flux/config/cluster.yaml";
    const sparse = {
      [cluster]: homeTree()[cluster]!.replace("  ref:", "  sparseCheckout: [kubernetes, charts/app]\n  ref:"),
    };
    expect(sparse[cluster]).toContain("sparseCheckout");
    const edits = { ...treeOf({}, "apps/player"), [RELEASE]: release("{}", "apps/player"), ...sparse };
    const found = answer(edits, treeOf(sparse)).findings.find(({ rule }) => rule === "build-breaks");
    expect(found?.what).toContain("in apps/player, which its source leaves out after this change");
  });

  test("may move: its name stays in Chart.yaml", () => {
    const moved = treeOf({}, "deploy/app-chart");
    const edits: Edits = { [RELEASE]: release("{}", "deploy/app-chart") };
    for (const path of Object.keys(treeOf()).filter((one) => one.startsWith(CHART))) edits[path] = undefined;
    for (const [path, text] of Object.entries(moved)) if (path.startsWith("deploy")) edits[path] = text;
    expect(answer(edits)).toMatchObject({ verdict: "safe", goes: [], open: "" });
  });

  test("that is gone while the release stays is a build that breaks", () => {
    const edits = Object.fromEntries(
      Object.keys(treeOf())
        .filter((one) => one.startsWith(CHART))
        .map((one) => [one, undefined]),
    );
    expect(answer(edits).verdict).toBe("unsafe");
  });

  test.each<[string, Edits, string]>([
    ["a Chart.yaml without a name", { [`${CHART}/Chart.yaml`]: "apiVersion: v2\nversion: 1.0.0\n" }, "has no name"],
    [
      "a version that is none",
      { [`${CHART}/Chart.yaml`]: "apiVersion: v2\nname: app\nversion: new\n" },
      "which is none",
    ],
    ["values that are no YAML", values("image: 'nginx:1\n"), "is no valid YAML"],
    ["values that are a list", values("- image\n"), "is no map"],
    ["a file of values that is not there", { "more/values.yaml": undefined }, "more/values.yaml is not there"],
    [
      "a file of values that is misspelt",
      { [RELEASE]: WITH_FILES.replace("more", "mroe") },
      "mroe/values.yaml is not there",
    ],
  ])("cannot be loaded any more with %s", (_, edits, why) => {
    const tree = treeOf({ [RELEASE]: WITH_FILES, "more/values.yaml": "image: nginx:1\n" });
    const { findings } = answer(edits, tree);
    const blockers = findings.filter(({ level }) => level === "blocker");
    expect(blockers).toMatchObject([
      { rule: "build-breaks", resource: "HelmRelease media/player", what: expect.stringContaining(why) },
    ]);
  });

  test("is loaded where a key stands twice in its values, or a file of them may be missing", () => {
    const lenient = WITH_FILES.replace("valuesFiles", "ignoreMissingValuesFiles: true, valuesFiles");
    const tree = treeOf({ [RELEASE]: lenient, "more/values.yaml": "image: nginx:1\n" });
    expect(answer({ "more/values.yaml": "image: nginx:1\nimage: nginx:2\n" }, tree).findings).toEqual([]);
    expect(answer({ "more/values.yaml": undefined }, tree).verdict).not.toBe("unsafe");
  });

  test("has the values of the files that its release names instead of its own", () => {
    const tree = (release = WITH_FILES): Files =>
      treeOf({ [RELEASE]: release, "more/values.yaml": ON, "more/off.yaml": OFF, "more/other.yaml": ON });
    const off = { "more/values.yaml": OFF };
    expect(answer(off, tree()).verdict).toBe("unproven");
    expect(answer({ [RELEASE]: WITH_FILES.replace("more/values", "more/off") }, tree()).verdict).toBe("unproven");
    const both = WITH_FILES.replace("[./more/values.yaml]", "[more/values.yaml, more/off.yaml]");
    expect(answer(off, tree(both)).verdict).toBe("safe");
    expect(answer({ [RELEASE]: both }, tree()).verdict).toBe("unproven");
    expect(answer({ "more/values.yaml": ON.replace("nginx:1", "nginx:2") }, tree()).verdict).toBe("safe");
    expect(answer(values(OFF), tree()).verdict).toBe("safe");
    expect(answer({ "more/other.yaml": OFF }, tree()).verdict).toBe("safe");
    const listed = treeOf()[`${APP}/kustomization.yaml`]!;
    const patch = '[{"op": "add", "path": "/spec/chart/spec/valuesFiles", "value": ["more/values.yaml"]}]';
    const patched = `${listed}patches: [{target: {kind: HelmRelease}, patch: '${patch}'}]\n`;
    expect(answer(off, { ...tree(release()), [`${APP}/kustomization.yaml`]: patched }).verdict).toBe("unproven");
    const open = WITH_FILES.replace("./more/values.yaml", "'more/$" + "{WHICH}.yaml'");
    expect(answer(off, tree(open)).verdict).toBe("unproven");
    expect(answer({ "values.yaml": "a: 1\n" }, tree(open)).verdict).toBe("safe");
  });

  test("may lie in the folder of the repository itself, or in that of another chart", () => {
    for (const [said, folder] of [
      [".", ""],
      ["./", ""],
      ["./charts/app/charts/part", `${CHART}/charts/part/`],
    ] as const) {
      const tree = treeOf({
        [RELEASE]: release().replace(`./${CHART}`, said),
        [`${folder}Chart.yaml`]: "apiVersion: v2\nname: part\nversion: 1.0.0\n",
        [`${folder}templates/claim.yaml`]: claim,
      });
      const found = answer({ [`${folder}templates/claim.yaml`]: undefined }, tree);
      expect(found.verdict).toBe("unproven");
      expect(found.open).toContain(`what the chart ${folder === "" ? "." : folder.slice(0, -1)} renders`);
    }
  });

  test("may be that of a release that a ResourceSet makes", () => {
    const made = (lines: readonly string[]) =>
      object("ResourceSet", "apps", "fluxcd.controlplane.io/v1", ["spec:", ...lines.map((line) => `  ${line}`)]);
    const spec = (chart: string) =>
      `spec: {interval: 1h, chart: {spec: {chart: ${chart}, sourceRef: {kind: GitRepository, name: home, namespace: flux-system}}}}`;
    const [api, name] = ["apiVersion: helm.toolkit.fluxcd.io/v2", "metadata: {name: player, namespace: media}"];
    for (const set of [
      made(["resources:", `  - ${api}`, "    kind: HelmRelease", `    ${name}`, `    ${spec(`./${CHART}`)}`]),
      made([
        "inputs: [{chart: app}]",
        "resourcesTemplate: |",
        ...[api, "kind: HelmRelease", name, spec("charts/<< inputs.chart >>")].map((line) => `  ${line}`),
      ]),
    ]) {
      const tree = treeOf({ [RELEASE]: set });
      expect(answer({ [`${CHART}/templates/claim.yaml`]: undefined }, tree).verdict).toBe("unproven");
      expect(answer({ [`${CHART}/README.md`]: "Another.\n" }, tree).verdict).toBe("safe");
      expect(answer(values(ON.replace("nginx:1", "nginx:2")), tree).verdict).toBe("safe");
    }
  });

  test("has a file that a template reads", () => {
    const lines = '{{- range .Files.Lines "claims.txt" }}\n---\nkind: PersistentVolumeClaim\n{{- end }}\n';
    const tree = treeOf({ [`${CHART}/templates/claims.yaml`]: lines, [`${CHART}/claims.txt`]: "a\nb\n" });
    expect(answer({ [`${CHART}/claims.txt`]: "a\n" }, tree).verdict).toBe("unproven");
    expect(answer({ [`${CHART}/README.md`]: "Another.\n" }, tree).verdict).toBe("safe");
  });

  test("may lose objects in another cluster, with a helm as well", () => {
    const tree = treeOf({ [RELEASE]: release("{}", CHART, ["kubeConfig: {secretRef: {name: spoke}}"]) });
    for (const more of [{}, { render: makeHelm().render }])
      expect(answer({ [`${CHART}/templates/claim.yaml`]: undefined }, tree, more).verdict).toBe("unproven");
    expect(answer(values(ON.replace("nginx:1", "nginx:2")), tree).verdict).toBe("safe");
  });

  test("goes on purpose with the release that is taken out", () => {
    const edits = {
      [RELEASE]: undefined,
      [`${APP}/kustomization.yaml`]: treeOf()[`${APP}/kustomization.yaml`]!.replace("  - helmrelease.yaml\n", ""),
    };
    expect(answer(edits)).toMatchObject({ verdict: "deletes", goes: ["HelmRelease media/player"] });
  });

  test("is found through a HelmChart, and by values in a ConfigMap", () => {
    const chart = object("HelmChart", "app", "source.toolkit.fluxcd.io/v1", [
      "spec: {interval: 1h, chart: ./charts/app, sourceRef: {kind: GitRepository, name: home}}",
    ]);
    const map = (enabled: string) =>
      object("ConfigMap", "player", "v1", [`data: {values.yaml: "persistence: {enabled: ${enabled}}"}`]);
    const through = release("{}", CHART, ["valuesFrom: [{kind: ConfigMap, name: player}]"]).replace(
      /chart: \{spec.*/,
      "chartRef: {kind: HelmChart, name: app}",
    );
    const list = treeOf()[`${APP}/kustomization.yaml`]!.replace(
      "resources:\n",
      "resources:\n  - chart.yaml\n  - map.yaml\n",
    );
    const tree = treeOf({
      [RELEASE]: through,
      [`${APP}/chart.yaml`]: chart,
      [`${APP}/map.yaml`]: map("true"),
      [`${APP}/kustomization.yaml`]: list,
    });
    expect(answer({ [`${CHART}/templates/claim.yaml`]: undefined }, tree).verdict).toBe("unproven");
    expect(answer({ [`${APP}/map.yaml`]: map("false") }, tree).verdict).toBe("unproven");
    expect(answer({ [`${CHART}/README.md`]: "Hi\n" }, tree).verdict).toBe("safe");
  });
});

/** A program in the place of helm: it notes its arguments and its environment, and renders every template as it is. */
function makeHelm(body?: string) {
  const dir = makeTempDir();
  const [path, log] = [join(dir, "helm"), join(dir, "log")];
  const lines = [
    `#!${process.execPath}`,
    'const { appendFileSync, existsSync, readdirSync, readFileSync } = require("node:fs");',
    `appendFileSync(${JSON.stringify(log)}, JSON.stringify({ args: process.argv.slice(2), env: process.env, cwd: process.cwd() }) + "\\n");`,
    "const chart = process.argv.at(-1), release = process.argv.at(-2);",
    'const values = JSON.parse(readFileSync(process.argv[process.argv.indexOf("--values") + 1], "utf8"));',
    body ??
      'for (const file of readdirSync(`${chart}/templates`)) { if (!file.endsWith(".yaml")) continue; const text = readFileSync(`${chart}/templates/${file}`, "utf8"); if (text.includes("persistence.enabled") && values.persistence?.enabled === false) continue; process.stdout.write(`---\\n# Source: app/templates/${file}\\n` + text.replaceAll("{{ .Release.Name }}", release).replace(/\\{\\{.*?\\}\\}/g, "")); }',
  ];
  writeFileSync(path, `${lines.join("\n")}\n`);
  chmodSync(path, 0o755);
  return {
    render: openHelm(path),
    log: () =>
      readFileSync(log, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
  };
}

describe("a chart in this repository, with --helm", () => {
  const PVC = "PersistentVolumeClaim media/player-data";

  test("names what a template no longer makes", () => {
    const found = answer({ [`${CHART}/templates/claim.yaml`]: undefined }, treeOf(), { render: makeHelm().render });
    expect(found).toMatchObject({ verdict: "deletes", goes: [PVC], open: "" });
  });

  test("is rendered with what lies in the folder of another chart", () => {
    const dependencies = "dependencies: [{name: db, version: 1.x, repository: 'file://../common'}]";
    const tree = treeOf({
      [`${CHART}/Chart.yaml`]: `apiVersion: v2\nname: app\nversion: 1.0.0\n${dependencies}\n`,
      "charts/common/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
      "charts/common/templates/claim.yaml": object("PersistentVolumeClaim", "db").replace("---\n", ""),
    });
    const path = "${chart}/charts/db/templates/claim.yaml";
    const { render } = makeHelm(
      `if (existsSync(\`${path}\`)) process.stdout.write("# Source: app/charts/db/templates/claim.yaml\\n" + readFileSync(\`${path}\`, "utf8"));`,
    );
    const found = answer({ "charts/common/templates/claim.yaml": undefined }, tree, { render });
    expect(found).toMatchObject({ verdict: "deletes", goes: ["PersistentVolumeClaim media/db"], open: "" });
  });

  test("names what a value switches off: data by accident, the rest on purpose", () => {
    const off = { [RELEASE]: release("{persistence: {enabled: false}}") };
    expect(answer(off, treeOf(), { render: makeHelm().render })).toMatchObject({ verdict: "unsafe", goes: [PVC] });
    const service = claim.replace("PersistentVolumeClaim", "Service");
    const tree = treeOf({ [`${CHART}/templates/claim.yaml`]: service });
    expect(answer(off, tree, { render: makeHelm().render })).toMatchObject({
      verdict: "deletes",
      goes: ["Service media/player-data"],
    });
  });

  test("is rendered with the files of values that its release names", () => {
    const tree = treeOf({ [RELEASE]: WITH_FILES, "more/values.yaml": ON });
    const { render } = makeHelm(
      'const own = JSON.parse(readFileSync(`${chart}/values.yaml`, "utf8")); if (own.persistence.enabled) process.stdout.write("# Source: app/templates/claim.yaml\\n" + readFileSync(`${chart}/templates/claim.yaml`, "utf8").replace("{{ .Release.Name }}", release).replace(/\\{\\{.*?\\}\\}/g, ""));',
    );
    expect(answer({ "more/values.yaml": OFF }, tree, { render }).goes).toEqual([PVC]);
  });

  test("keeps what says that it is to be kept", () => {
    const kept = claim.replace("  name:", '  annotations: {"helm.sh/resource-policy": keep}\n  name:');
    const tree = treeOf({ [`${CHART}/templates/claim.yaml`]: kept });
    expect(answer({ [`${CHART}/templates/claim.yaml`]: undefined }, tree, { render: makeHelm().render }).goes).toEqual(
      [],
    );
  });

  test("names what goes with the release, and what is made anew", () => {
    const gone = {
      [RELEASE]: undefined,
      [`${APP}/kustomization.yaml`]: treeOf()[`${APP}/kustomization.yaml`]!.replace("  - helmrelease.yaml\n", ""),
    };
    expect(answer(gone, treeOf(), { render: makeHelm().render })).toMatchObject({ verdict: "deletes" });
    expect(answer(gone, treeOf(), { render: makeHelm().render }).goes).toContain(PVC);
    const renamed = { [`${CHART}/Chart.yaml`]: "apiVersion: v2\nname: player\nversion: 1.0.0\n" };
    const found = answer(renamed, treeOf(), { render: makeHelm().render });
    expect(found.verdict).toBe("unsafe");
    expect(found.goes).toContain(PVC);
  });

  test.each([
    ["as JSON", () => JSON.stringify(JSON_INNER)],
    ["in quotes", (text: string) => text.replaceAll(/(\w+):(?= )/g, '"$1":')],
    [
      "aligned, with tags and anchors",
      (text: string) => text.replaceAll(/\b(path|kind|apiVersion): /g, "$1 :  !!str &$1 "),
    ],
    ["with comments", (text: string) => text.replace(/^(apiVersion|kind): /gm, "$1: # said below\n    ")],
    ["as an item", (text: string) => `- ${text.trimEnd().replaceAll("\n", "\n  ")}\n`],
  ])("sees Kustomizations that it makes, written %s", (_, write) => {
    const text = write(INNER);
    const tree = treeOf({
      [`${CHART}/templates/ks.yaml`]: text,
      "inner/claim.yaml": object("PersistentVolumeClaim", "inner"),
    });
    const unseen = answer({ "inner/claim.yaml": undefined }, tree);
    expect(unseen.open).toContain("Chart charts/app makes Kustomizations that may read inner/claim.yaml");
    const lost = answer({ [`${CHART}/templates/ks.yaml`]: undefined }, tree);
    expect(lost.open).toContain(`Chart ${CHART} no longer makes all Flux objects of ${CHART}/templates/ks.yaml`);
  });

  test.each([
    ["as JSON on one line", JSON.stringify(JSON_RELEASE)],
    ["on the next line", release().replace("chart: ./charts/app", "chart:\n        ./charts/app")],
    ["aligned", release().replace("chart: ./charts/app", "chart :   ./charts/app")],
    ["behind a tag", release().replace("chart: ./charts/app", "chart: !!str ./charts/app")],
    ["with an escaped key", release().replace("chart: ./charts/app", '"\\x63hart": ./charts/app')],
  ])("is that of a release that names it %s", (_, text) => {
    const found = answer({ [`${CHART}/templates/claim.yaml`]: undefined }, treeOf({ [RELEASE]: text }));
    expect(found.verdict).toBe("unproven");
  });

  test("follows Kustomizations that it makes", () => {
    const inner = (path: string) => INNER.replace("./inner", `./${path}`);
    const tree = treeOf({
      [`${CHART}/templates/ks.yaml`]: inner("inner"),
      "inner/claim.yaml": object("PersistentVolumeClaim", "inner"),
      "inner/map.yaml": object("ConfigMap", "a"),
    });
    const edits = { "inner/claim.yaml": undefined };
    expect(answer(edits, tree, { render: makeHelm().render })).toMatchObject({
      verdict: "deletes",
      goes: ["PersistentVolumeClaim default/inner"],
    });
    const unseen = answer(edits, tree);
    expect(unseen.verdict).toBe("unproven");
    expect(unseen.open).toContain("Chart charts/app makes Kustomizations that may read inner/claim.yaml");
    expect(answer({ "inner/map.yaml": object("ConfigMap", "a", "v1", ["data: {a: b}"]) }, tree).verdict).toBe("safe");
    const lost = answer({ [`${CHART}/templates/ks.yaml`]: undefined }, tree);
    expect(lost.verdict).toBe("unproven");
    expect(lost.open).toContain(`Chart ${CHART} no longer makes all Flux objects of ${CHART}/templates/ks.yaml`);
    const longer = { [`${CHART}/templates/ks.yaml`]: inner("inner").replace("1h", "2h") };
    expect(answer(longer, tree).open).not.toContain("no longer makes");
  });

  test("is unproven where helm fails", () => {
    const failing = makeHelm(
      'if (values.image) { console.error("Error: found in Chart.yaml, but missing in charts/ directory: db"); process.exit(1); }',
    );
    const found = answer({ [RELEASE]: release("{image: 'nginx:2'}") }, treeOf(), { render: failing.render });
    expect(found.verdict).toBe("unproven");
    expect(found.open).toContain("missing in charts/ directory: db");
    expect(answer({ "README.md": "Hello\n" }, treeOf(), { render: failing.render }).verdict).toBe("safe");
  });

  test("is rendered without homes, plugins, clusters, proxies or PATH, and away from the repository", () => {
    const helm = makeHelm();
    process.env.HELM_PLUGINS = "/somewhere";
    process.env.KUBECONFIG = "/somewhere/config";
    answer({ [`${CHART}/templates/claim.yaml`]: undefined }, treeOf(), { render: helm.render });
    delete process.env.HELM_PLUGINS;
    delete process.env.KUBECONFIG;
    const calls = helm.log();
    expect(calls).toHaveLength(2);
    for (const { args, env, cwd } of calls) {
      expect(args.slice(0, 4)).toEqual(["template", "--namespace", "media", "--values"]);
      expect(args.slice(5, 8)).toEqual(["--no-hooks", "--", "player"]);
      const own = args.at(-1)!.replace(/\/chart$/, "");
      expect(cwd).toBe(join(own, "empty"));
      for (const name of ["HOME", "XDG_CONFIG_HOME", "HELM_PLUGINS", "HELM_CACHE_HOME", "PATH", "KUBECONFIG"])
        expect(env[name].startsWith(own)).toBe(true);
      expect(env.HTTPS_PROXY).toBe("http://127.0.0.1:9");
    }
  });

  test("does not start what the change does not touch", () => {
    const helm = makeHelm();
    answer({ "README.md": "Hello\n" }, treeOf(), { render: helm.render });
    expect(() => helm.log()).toThrow();
  });

  test("takes a program only", () => {
    expect(() => openHelm(makeTempDir())).toThrow(/--helm/);
  });
});

describe("a chart of another place", () => {
  const foreign = (version: string, text = "{a: 1}") =>
    object("HelmRelease", "player", "helm.toolkit.fluxcd.io/v2", [
      "spec:",
      "  interval: 1h",
      `  chart: {spec: {chart: app, version: ${version}, sourceRef: {kind: HelmRepository, name: charts}}}`,
      `  values: ${text}`,
    ]);
  const tree = { ...homeTree(), [RELEASE]: foreign("1.0.0") };
  const rules = (edits: Edits) => {
    const { verdict, findings } = answer(edits, tree);
    return [verdict, ...findings.map(({ rule }) => rule)];
  };

  test("is one line where its version or its values change, and no verdict", () => {
    expect(rules({ [RELEASE]: foreign("2.0.0") })).toEqual(["safe", "chart-unread"]);
    expect(rules({ [RELEASE]: foreign("1.0.0", "{replicas: 2}") })).toEqual(["safe", "chart-unread"]);
    const repository = (name: string) =>
      object("HelmRepository", name, "source.toolkit.fluxcd.io/v1", [
        "  namespace: media",
        `spec: {interval: 1h, url: https://${name}.example.invalid}`,
      ]);
    const two = { ...tree, [RELEASE]: repository("charts") + repository("more") + foreign("1.0.0") };
    const edited = (from: string, to: string) =>
      answer({ [RELEASE]: two[RELEASE]!.replace(from, to) }, two).findings.map(({ rule }) => rule);
    expect(edited("HelmRepository, name: charts", "HelmRepository, name: more")).toEqual(["chart-unread"]);
    expect(edited("version: 1.0.0", "version: 1.0.0, valuesFiles: [values.yaml, more.yaml]")).toEqual(["chart-unread"]);
    const other = {
      "kubernetes/apps/games/chess/app/helmrelease.yaml": homeTree()[
        "kubernetes/apps/games/chess/app/helmrelease.yaml"
      ]!.replace("spec:\n", "spec:\n  values: {a: 1}\n"),
    };
    expect(rules({ [RELEASE]: foreign("2.0.0"), ...other })).toEqual(["safe", "chart-unread"]);
  });

  test("is read where it makes the FluxInstance, and only its values change", () => {
    const path = "kubernetes/flux/config/instance.yaml";
    const instance = (version: string, size: string) =>
      `${object("HelmRelease", "flux-instance", "helm.toolkit.fluxcd.io/v2", [
        "  namespace: flux-system",
        "spec:",
        "  interval: 1h",
        `  chart: {spec: {chart: flux-instance, version: ${version}, sourceRef: {kind: HelmRepository, name: operator}}}`,
        "  values:",
        "    instance:",
        `      cluster: {size: ${size}}`,
        "      distribution: {version: 2.6.x, registry: ghcr.io/fluxcd}",
        "      components: [source-controller, kustomize-controller, helm-controller, notification-controller, image-reflector-controller]",
        "      sync: {kind: GitRepository, url: 'https://git.example.invalid/me/home.git', ref: refs/heads/main, path: kubernetes/flux}",
      ])}${object("HelmRepository", "operator", "source.toolkit.fluxcd.io/v1", ["  namespace: flux-system", "spec: {type: oci, url: oci://ghcr.io/controlplaneio-fluxcd/charts}"])}`;
    const owned = { ...operatorTree(), [path]: instance("0.50.0", "small") };
    const said = (text: string) => answer({ [path]: text }, owned).findings.map(({ rule }) => rule);
    expect(said(instance("0.50.0", "large"))).toEqual([]);
    expect(said(instance("0.51.0", "small"))).toEqual(["chart-unread"]);
  });

  test("is nothing to speak of where only its release waits longer", () => {
    expect(rules({ [RELEASE]: foreign("1.0.0").replace("interval: 1h", "interval: 2h") })).toEqual(["safe"]);
  });
});
