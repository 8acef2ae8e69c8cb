import { describe, expect, test } from "vitest";
import { CONFIG, fluxKustomization, kustomization, makeChartRelease, makeFluxSystem, makeSync } from "./make-gotk.ts";
import { type Files, type Migrated, runAll, runPhase } from "./run-phases.ts";

const RELEASE = makeChartRelease("2.16.4");

const files: Files = {
  "cluster/flux/release.yaml": RELEASE,
  "cluster/flux/sync.yaml": makeSync("./cluster"),
  "cluster/flux/kustomization.yaml": kustomization("resources:\n- release.yaml\n- sync.yaml\n"),
  "cluster/settings.yaml": CONFIG,
};

test("the runbook says which Flux a chart of a known version installs, and what its pin means", () => {
  const { runbook } = runPhase(files, "install").plan.phases[0]!.clusters[0]!;
  expect(runbook.assumptions[0]).toBe("Flux v2.6.4 runs, as the repository says.");
  expect(runbook.assumptions.join("\n")).toContain("`2.6.x` is meant");
  expect(JSON.stringify(runbook.preChecks)).toContain("`v2.6.4`, or a patch release of the same minor");
});

test("what runs is held against it", () => {
  const of = (fluxVersion: string) => runPhase(files, "install", { facts: { fluxVersion } });
  const mismatch = "facts-version-mismatch";
  expect(of("v2.6.3").rules).not.toContain(mismatch);
  const { changed, findings } = of("v2.7.5");
  expect(changed).toEqual([]);
  expect(findings.find(({ rule }) => rule === mismatch)).toMatchObject({
    level: "blocker",
    what: expect.stringContaining("cluster/flux/release.yaml:20:7 says v2.6.4"),
  });
});

test("later phases follow the Flux that the first one raised it to", () => {
  const installed = runPhase(files, "install", { fluxVersion: "2.7.5" }).files;
  const cutover = runPhase(installed, "cutover");
  expect(cutover.findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(cutover.files["cluster/flux/release.yaml"]).toBeUndefined();
});

describe("files of flux bootstrap beside the root, which list no more than the chart that came after them", () => {
  const dir = "clusters/home/flux-system";
  const tree: Files = {
    ...makeFluxSystem("clusters/home"),
    "clusters/home/kustomization.yaml": kustomization("resources:\n- release.yaml\n- settings.yaml\n"),
    "clusters/home/release.yaml": RELEASE,
    "clusters/home/settings.yaml": CONFIG,
  };
  const blocked = ({ findings }: Migrated) => findings.filter(({ level }) => level === "blocker");

  test("go with it: else they were the install once it is gone", () => {
    const { install, cutover, cleanup } = runAll(tree);
    expect([install, cutover, cleanup].flatMap(blocked)).toEqual([]);
    expect(install.rules).not.toContain("gotk-undelivered");
    expect(cutover.files[`${dir}/gotk-components.yaml`]).toBeUndefined();
    expect(runPhase(cutover.files, "cutover").changed).toEqual([]);
    expect(Object.keys(cleanup.files).filter((path) => path.includes("gotk-"))).toEqual([]);
  });

  test("but stay where another cluster builds them", () => {
    const list = "resources:\n- ../../home/flux-system/gotk-components.yaml\n- gotk-sync.yaml\n";
    const { "clusters/work/flux-system/gotk-components.yaml": _, ...work } = makeFluxSystem("clusters/work", {
      kustomization: kustomization(list),
    });
    const { install } = runAll({ ...tree, ...work }, { clusters: ["home"] });
    const { files: after } = runPhase(install.files, "cutover", { clusters: ["home"] });
    expect(after["clusters/home/release.yaml"]).toBeUndefined();
    expect(after[`${dir}/gotk-components.yaml`]).toBe(tree[`${dir}/gotk-components.yaml`]);
  });
});

test("a file of values goes with the release that takes it by its key", () => {
  const from = "  valuesFrom:\n    - kind: ConfigMap\n      name: flux-values\n      valuesKey: values.yaml\n";
  const generator = "configMapGenerator:\n- name: flux-values\n  namespace: flux-system\n  files: [values.yaml]\n";
  const files = {
    "clusters/home/sync.yaml": makeSync("clusters/home"),
    "clusters/home/flux.yaml": fluxKustomization("flux", "./infra/flux"),
    "infra/flux/kustomization.yaml": kustomization(`resources:\n- release.yaml\n${generator}`),
    "infra/flux/release.yaml": makeChartRelease("2.17.1") + from,
    "infra/flux/values.yaml": "imageAutomationController:\n  create: false\n",
  };
  const { install, cutover } = runAll(files);
  expect(install.files["infra/flux/values.yaml"]).toBeDefined();
  expect(cutover.files["infra/flux/release.yaml"]).toBeUndefined();
  expect(cutover.files["infra/flux/values.yaml"]).toBeUndefined();
});

describe("the FluxKustomization of a folder with the release", () => {
  const generator = "configMapGenerator:\n- name: flux-values\n  namespace: flux-system\n  files: [values.yaml]\n";
  const folder = (list: string, release = ""): Files => ({
    "clusters/home/sync.yaml": makeSync("clusters/home"),
    "clusters/home/flux.yaml": fluxKustomization("flux", "./infra/flux"),
    "infra/flux/kustomization.yaml": kustomization(`resources:\n- release.yaml\n${generator}${list}`),
    "infra/flux/release.yaml": `${RELEASE}  valuesFrom:\n    - kind: ConfigMap\n      name: flux-values\n${release}`,
    "infra/flux/values.yaml": "imageAutomationController:\n  create: false\n",
  });
  const left = (files: Files) => runAll(files).cleanup.files;

  test("goes with it where the folder holds its chart and its values alone", () => {
    expect(Object.keys(left(folder(""))).filter((path) => /^infra\/|home\/flux\.yaml/.test(path))).toEqual([]);
  });

  test.each([
    ["ConfigMap", "- name: shown\n  namespace: flux-system\n  literals: [a=b]\n"],
    ["Secret", "secretGenerator:\n- name: slack\n  namespace: flux-system\n  literals: [a=b]\n"],
  ])("stays where it makes another %s", (_, list) => {
    const { "clusters/home/flux.yaml": owner, "infra/flux/kustomization.yaml": text } = left(folder(list));
    expect(owner).toBe(fluxKustomization("flux", "./infra/flux"));
    expect(text).toContain(list.includes("shown") ? "name: shown" : "name: slack");
    expect(text).not.toContain("flux-values");
  });

  test("stays where another object is in the file of the release", () => {
    const files = left(folder("", `---\n${CONFIG}`));
    expect(files["clusters/home/flux.yaml"]).toBe(fluxKustomization("flux", "./infra/flux"));
    expect(files["infra/flux/release.yaml"]).toContain("name: settings");
    expect(files["infra/flux/kustomization.yaml"]).toContain("- release.yaml");
  });

  test("stays where a component that it names brings another object", () => {
    const files = {
      ...folder(""),
      "clusters/home/flux.yaml": `${fluxKustomization("flux", "./infra/flux")}  components: [../../shared]\n`,
      "shared/kustomization.yaml":
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [settings.yaml]\n",
      "shared/settings.yaml": CONFIG,
    };
    const { cutover, cleanup } = runAll(files);
    expect(cleanup.files["clusters/home/flux.yaml"]).toBe(files["clusters/home/flux.yaml"]);
    expect(cleanup.files["infra/flux/kustomization.yaml"]).toBe(kustomization("resources: []\n"));
    expect(cutover.rules).not.toContain("builds-nothing");
  });

  test("keeps a file of values that another ConfigMap is made of", () => {
    const files = left(folder("- name: shown\n  namespace: flux-system\n  files: [values.yaml]\n"));
    expect(files["infra/flux/kustomization.yaml"]).toContain("name: shown");
    expect(files["infra/flux/values.yaml"]).toBeDefined();
  });
});
