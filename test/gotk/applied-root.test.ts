import { expect, test } from "vitest";
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

test("a folder that gives the root another path is that of another cluster, and one that changes nothing needs no word", () => {
  const other = PATCHES.replace("/spec/decryption", "/spec/path").replace(/value: \{.*\}/, "value: ./clusters/test");
  const files = tree("", {
    "start/prod/kustomization.yaml": overlay(""),
    "start/test/kustomization.yaml": overlay(other),
  });
  expect(blockerOf(files)).toBeUndefined();
  expect(instanceText(runPhase(files, "install").files)).not.toContain("recurseSubmodules");
});
