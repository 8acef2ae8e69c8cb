import { expect, test } from "vitest";
import type { Finding } from "../../src/contract/finding.ts";
import { kustomization, makeFluxSystem } from "./make-gotk.ts";
import { runAll } from "./run-phases.ts";

test("a linter that leaves out a folder which stays goes on doing so; one that leaves out a file is only told", () => {
  const files = {
    ...makeFluxSystem("clusters/one"),
    "clusters/one/kustomization.yaml": kustomization(
      "resources: [flux-system/gotk-components.yaml, flux-system/gotk-sync.yaml]\n",
    ),
    "clusters/one/flux-system/notes.txt": "Kept here.\n",
    ".yamllint.yaml": "ignore: |\n  clusters/one/flux-system/\n  clusters/one/flux-system/gotk-sync.yaml\n",
    "scripts/check.sh": "kubeconform clusters/one/flux-system\n",
  };
  const { cleanup } = runAll(files);
  expect(cleanup.changed).toContain("clusters/one/flux-system/kustomization.yaml");
  const said = cleanup.findings.filter(({ rule }) => rule === "automation-names-removed");
  expect(said.map(({ level, at }) => `${level} ${at?.file}:${at?.line}`).sort()).toEqual([
    "caution scripts/check.sh:1",
    "info .yamllint.yaml:3",
  ]);
});

const RULES = {
  CODEOWNERS:
    "* @all\n/clusters/*/flux-system/gotk-components.yaml @flux\n**/gotk-sync.yaml @flux\n/clusters/*/flux-system/*.yaml @flux\nkustomization.yaml @flux\n/clusters/one/flux-system/ @one\n",
  "renovate.json": `{"customManagers": [{\n"managerFilePatterns": ["/(^|/)gotk-components\\\\.ya?ml$/"],\n"matchStrings": ["Version: (?<currentValue>.*)"]}],\n"flux": {"managerFilePatterns": ["/^clusters/.+\\\\.ya?ml$/", "/clusters/.+/flux-system/gotk-.+/"]}}\n`,
};
const cluster = (name: string) => ({
  ...makeFluxSystem(`clusters/${name}`),
  [`clusters/${name}/kustomization.yaml`]: kustomization("resources: [flux-system]\n"),
});
const saidOf = ({ findings }: { findings: readonly Finding[] }) =>
  findings.filter(({ rule }) => rule === "automation-names-removed").map(({ level, what }) => `${level} ${what}`);

test("a pattern of rules is told once, by the last cluster that it is for, and not while it is for anything else", () => {
  const { cutover, cleanup } = runAll({ ...RULES, ...cluster("one"), ...cluster("two") });
  expect(saidOf(cutover)).toEqual([
    "info This file names what the migration removes: CODEOWNERS:2 (clusters/*/flux-system/gotk-components.yaml).",
    "info This file names what the migration removes: renovate.json:2 (gotk-components.yaml).",
  ]);
  expect(saidOf(cleanup)).toEqual([
    "info This file names what the cleanup removes: CODEOWNERS:3 (**/gotk-sync.yaml).",
    "info This file names what the cleanup removes: renovate.json:4 (clusters/**/flux-system/gotk-*).",
  ]);
  // Beside it stands a pattern that goes on matching.
  const [beside] = cleanup.findings.filter(({ at }) => at?.file === "renovate.json" && at.line === 4);
  expect(`${beside?.why} ${beside?.next}`).not.toMatch(/no longer matches|Drop the entry/);
  const files = { ...RULES, ...cluster("one"), ...cluster("two") };
  expect(saidOf(runAll(files, { clusters: ["one"] }).cutover)).toEqual([]);
});

test.each([
  ["test -f clusters/{{.CLUSTER}}/flux-system/gotk-components.yaml", "    preconditions:\n      - ", ""],
  ["test -f clusters/{{.CLUSTER}}/flux-system/gotk-components.yaml", "    preconditions: [", "]"],
  [
    "test -f clusters/{{.CLUSTER}}/flux-system/gotk-components.yaml",
    "    preconditions:\n      - {sh: ",
    ", msg: gone}",
  ],
  ["'[ -e clusters/{{.CLUSTER}}/flux-system/gotk-components.yaml ]'", "    preconditions:\n      - sh: ", ""],
])("a check of all clusters looks for what all of them have: %s", (check, before, after) => {
  const Taskfile = `version: "3"\ntasks:\n  up:\n${before}${check}${after}\n`;
  const files = { ...cluster("one"), ...cluster("two"), "Taskfile.yaml": Taskfile };
  const { cutover } = runAll(files);
  expect(cutover.files["Taskfile.yaml"]).toBe(
    Taskfile.replace("gotk-components.yaml", "flux-operator/ocirepository.yaml"),
  );
  expect(saidOf(cutover)).toEqual([]);
  // The other cluster still has its file.
  const alone = runAll(files, { clusters: ["one"] }).cutover;
  expect(alone.files["Taskfile.yaml"]).toBe(Taskfile);
});
