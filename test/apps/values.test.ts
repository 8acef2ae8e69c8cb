import { describe, expect, test } from "vitest";

import { sh } from "../../src/contract/shell.ts";
import { helmInstall } from "../../src/runbook/commands.ts";
import { forApp, learnValues } from "../../transforms/shared/apps/learn-values.ts";
import type { Place } from "../../transforms/shared/automation/helmfile-find.ts";
import { memoryTree } from "../support/memory.ts";

const release = (name: string, values: string) => `kind: HelmRelease\nmetadata:\n  name: ${name}\nspec:\n${values}`;
const from = (name: string) => `  valuesFrom:\n    - kind: ConfigMap\n      name: ${name}\n`;
const REFERENCE =
  "nameReference:\n  - kind: ConfigMap\n    fieldSpecs:\n      - kind: HelmRelease\n        path: spec/valuesFrom/name\n";
const split = (dir: string, name: string, generator: string, more = "configurations: [kustomizeconfig.yaml]\n") => ({
  [`${dir}/helmrelease.yaml`]: release(name, from(/name: (\S+)/.exec(generator)![1]!)),
  [`${dir}/kustomization.yaml`]: `kind: Kustomization\nresources: [helmrelease.yaml]\nconfigMapGenerator:\n${generator}${more}`,
  [`${dir}/kustomizeconfig.yaml`]: REFERENCE,
  [`${dir}/values.yaml`]: "a: 1\n",
});
const learn = (files: Record<string, string>) => {
  const tree = memoryTree(files);
  const samples = Object.entries(files).map(([file, text]) => ({ file, text }));
  const cluster = { files: new Set(["bootstrap/helmfile.yaml"]) };
  const place = { tree, cluster, model: { clusters: [cluster], leftOut: [] } } as unknown as Place;
  return learnValues(place, samples).file;
};

describe("where values live", () => {
  const generated = (name: string) => `  - name: ${name}-values\n    files: [values.yaml]\n`;
  const two = { ...split("a", "a", generated("a")), ...split("b", "b", generated("b")) };
  const inline = (names: string[]) =>
    Object.fromEntries(names.map((name) => [`${name}/hr.yaml`, release(name, "  values: {x: 1}\n")]));

  test("in a file where most do so, with its name, key and settings", () => {
    const habit = learn({ ...two, "c/hr.yaml": release("c", "  values: {x: 1}\n") });
    expect(habit && forApp(habit, "flux-operator")).toEqual({
      path: "values.yaml",
      generator: { name: "flux-operator-values", files: ["values.yaml"] },
      from: { kind: "ConfigMap", name: "flux-operator-values" },
      configurations: [{ entry: "kustomizeconfig.yaml", path: "kustomizeconfig.yaml", copy: true }],
    });
  });

  test.each(["", "&name ", "!!str "])("of what the helmfile installs first, with %j before a name", (mark) => {
    const files = { ...two, ...inline(["c", "d", "e"]) };
    const releases = ["a", "b"].map((name) => `  - name: ${mark}${name}\n    chart: ./${name}\n`).join("");
    expect(learn({ ...files, "bootstrap/helmfile.yaml": `releases:\n${releases}` })?.path).toBe("values.yaml");
  });

  test("settings that all apps share are named from where they are", () => {
    const shared = "configurations: [../shared.yaml]\n";
    const files = { ...split("x/a", "a", generated("a"), shared), "x/shared.yaml": REFERENCE };
    expect(learn(files)?.configurations).toEqual([{ entry: "../shared.yaml", path: "x/shared.yaml", copy: false }]);
  });

  test.each([
    ["most are inline", { ...two, ...inline(["c", "d", "e"]) }],
    ["as many are inline", { ...two, ...inline(["c", "d"]) }],
    ["nothing follows the hash", split("a", "a", generated("a"), "")],
    ["the settings are others", { ...split("a", "a", generated("a")), "a/kustomizeconfig.yaml": "namePrefix: []\n" }],
    ["several files make the values", split("a", "a", "  - name: a-values\n    files: [values.yaml, more.yaml]\n")],
    ["literals do", split("a", "a", "  - name: a-values\n    literals: [values.yaml=x]\n")],
    ["the release asks for another key", split("a", "a", "  - name: a-values\n    files: [values.yml=values.yaml]\n")],
    ["the file is not there", split("a", "a", "  - name: a-values\n    files: [values.yaml=other.yaml]\n")],
    ["the file is another app's", split("a", "a", "  - name: a-values\n    files: [../b/values.yaml]\n")],
    [
      "two apps would share one ConfigMap",
      split(
        "a",
        "a",
        "  - name: values\n    files: [values.yaml]\n",
        "generatorOptions: {disableNameSuffixHash: true}\n",
      ),
    ],
  ])("inline where %s", (_what, files) => {
    expect(learn(files)).toBeUndefined();
  });

  test("without a hash no settings are needed", () => {
    const options = "generatorOptions: {disableNameSuffixHash: true}\n";
    expect(learn(split("a", "a", generated("a"), options))?.configurations).toEqual([]);
  });
});

describe("helm install reads values where they are", () => {
  const app = { release: "x", namespace: "n", chart: "oci://c/x", escaped: false, file: "a/hr.yaml" };
  test.each([
    [
      "inline",
      { inline: true },
      "yq '.spec.values // {}' a/hr.yaml | helm upgrade --install x oci://c/x --namespace n --values - --wait",
    ],
    [
      "a file",
      { inline: false, valuesFiles: ["a/v.yaml"] },
      "helm upgrade --install x oci://c/x --namespace n --values a/v.yaml --wait",
    ],
    [
      "a file with $$",
      { inline: false, valuesFiles: ["a/v.yaml"], escaped: true },
      "sed 's/[$][$]/$/g' a/v.yaml | helm upgrade --install x oci://c/x --namespace n --values - --wait",
    ],
    [
      "both",
      { inline: true, valuesFiles: ["a/v.yaml"] },
      "yq '.spec.values // {}' a/hr.yaml | helm upgrade --install x oci://c/x --namespace n --values a/v.yaml --values - --wait",
    ],
    [
      "a name that a shell would read",
      { inline: false, valuesFiles: ["a/$(id).yaml"] },
      "helm upgrade --install x oci://c/x --namespace n --values 'a/$''(id).yaml' --wait",
    ],
  ])("%s", (_what, given, wanted) => {
    expect(sh`${helmInstall({ ...app, ...given }, "operator")}`.line).toBe(wanted);
    // Helm 4 would wait for the root as well.
    expect(sh`${helmInstall({ ...app, ...given }, "instance")}`.line).toBe(wanted.replace(/ --wait$/, ""));
  });
});
