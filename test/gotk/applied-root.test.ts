import { describe, expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { memoryTree } from "../support/memory.ts";
import { APP, CONFIG, kustomization, makeGotk, makeSync } from "./make-gotk.ts";
import { type Files, instanceText, runAll, runPhase } from "./run-phases.ts";

const PATCHES = `patches:
  - target: { kind: Kustomization, name: flux-system }
    patch: |
      - op: add
        path: /spec/decryption
        value: { provider: sops, secretRef: { name: sops-age } }
  - target: { kind: GitRepository }
    patch: |
      - op: add
        path: /spec/recurseSubmodules
        value: true
`;

/** Install, source and root in a folder that the root does not build: somebody applies it. */
const tree = (list: string, more: Files = {}): Files => ({
  "flux/gotk-components.yaml": makeGotk(),
  "flux/gotk-sync.yaml": makeSync("./clusters/prod"),
  "flux/kustomization.yaml": kustomization(`resources:\n  - gotk-components.yaml\n  - gotk-sync.yaml\n${list}`),
  "clusters/prod/apps.yaml": APP,
  "apps/settings.yaml": CONFIG,
  ...more,
});

const overlay = (patches: string) => kustomization(`resources:\n  - ../../flux\n${patches}`);
const blockerOf = (files: Files) => runPhase(files, "install").findings.find(({ level }) => level === "blocker");

test("patches of the folder that somebody applied to start a root are part of the instance", () => {
  const { install, cutover, cleanup } = runAll(tree(PATCHES));
  const text = instanceText(install.files);
  expect(text).toContain("decryption: { provider: sops, secretRef: { name: sops-age } }\n");
  expect(text).toContain("recurseSubmodules: true\n");
  expect(instanceText(cleanup.files)).toBe(text);
  expect(Object.keys(cleanup.files).filter((path) => path.startsWith("flux/"))).toEqual([]);
  expect(cutover.rules).not.toContain("root-applied-differently");
});

test("of two folders that make different ones of the root, the one that a command applies counts", () => {
  const both = { "start/prod/kustomization.yaml": overlay(PATCHES) };
  expect(blockerOf(tree("", both))).toMatchObject({
    rule: "root-applied-differently",
    what: "Kustomization flux-system/flux-system is applied by hand, and flux, start/prod make different ones of it or of its source; which of them runs cannot be told.",
  });
  const applied = (dir: string) =>
    instanceText(
      runPhase(tree("", { ...both, "README.md": `Run \`kubectl apply -k ./${dir}/\`.\n` }), "install").files,
    );
  expect(applied("start/prod")).toContain("provider: sops\n");
  expect(applied("flux")).not.toContain("sops");
  expect(applied("flux")).toContain("path: ./clusters/prod\n");
});

test("a folder that gives the root a path that is not there is no cluster, and one that changes nothing needs no word", () => {
  const other = PATCHES.replace("/spec/decryption", "/spec/path").replace(/value: \{.*\}/, "value: ./clusters/test");
  const files = tree("", {
    "start/prod/kustomization.yaml": overlay(""),
    "start/test/kustomization.yaml": overlay(other),
  });
  expect(blockerOf(files)).toBeUndefined();
  expect(instanceText(runPhase(files, "install").files)).not.toContain("recurseSubmodules");
});

describe("a root in a base of which folders applied by hand make one for each cluster", () => {
  const start = (name: string) =>
    kustomization(`resources:
  - ../../flux/install
  - ../../flux/sync
patches:
  - target: { kind: Kustomization, name: flux-system }
    patch: |
      - op: replace
        path: /spec/path
        value: ./clusters/${name}
`);
  const files: Files = {
    "flux/install/gotk-components.yaml": makeGotk(),
    "flux/install/kustomization.yaml": kustomization("resources: [gotk-components.yaml]\n"),
    "flux/sync/gotk-sync.yaml": makeSync("./clusters/prod"),
    "flux/sync/kustomization.yaml": kustomization("resources: [gotk-sync.yaml]\n"),
    Makefile: "prod:\n\tkubectl apply -k start/prod\n\ntest:\n\tkubectl apply -k start/test\n",
  };
  for (const name of ["prod", "test"]) {
    files[`start/${name}/kustomization.yaml`] = start(name);
    files[`clusters/${name}/apps.yaml`] = APP;
    files[`clusters/${name}/kustomization.yaml`] = kustomization("resources: [apps.yaml, ../../flux/install]\n");
    files["apps/settings.yaml"] = CONFIG;
  }

  test("is one cluster for each of them", () => {
    const { clusters } = buildModel({ tree: memoryTree(files), remotes: [], options: { layout: "auto" } });
    const told = clusters.map(({ name, root }) => `${name} ${root.data.spec?.path}`).sort();
    expect(told).toEqual(["prod ./clusters/prod", "test ./clusters/test"]);
    const { clusters: base } = buildModel({
      tree: memoryTree({ ...files, "flux/sync/gotk-sync.yaml": makeSync("./clusters/CHANGE-ME") }),
      remotes: [],
      options: { layout: "auto" },
    });
    expect(base.map(({ root }) => root.data.spec?.path).sort()).toEqual(["./clusters/prod", "./clusters/test"]);
  });

  test("stays until the last of them has left it, and what starts the others stays as it is", () => {
    const one = { clusters: ["prod"] };
    const installed = runPhase(files, "install", one).files;
    const cutover = runPhase(installed, "cutover", one);
    expect(cutover.files["start/prod/kustomization.yaml"]).not.toContain("flux/install");
    expect(cutover.files.Makefile).toMatch(
      /^prod:\n\t.*charts\/flux-operator[\s\S]*charts\/flux-instance[\s\S]*\n\tkubectl apply -k start\/prod\n\ntest:\n\tkubectl apply -k start\/test\n$/,
    );
    const cleanup = runPhase(cutover.files, "cleanup", one);
    expect(cleanup.files["flux/sync/gotk-sync.yaml"]).toBe(files["flux/sync/gotk-sync.yaml"]);
    expect(cleanup.files["start/test/kustomization.yaml"]).toBe(files["start/test/kustomization.yaml"]);
    expect(cleanup.files["flux/install/gotk-components.yaml"]).toBeDefined();
    const all = runAll(files).cleanup.files;
    expect(Object.keys(all).filter((path) => path.startsWith("flux/"))).toEqual([]);
  });
});
