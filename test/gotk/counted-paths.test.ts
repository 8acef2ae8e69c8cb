import { expect, test } from "vitest";
import { APP, makeFluxSystem } from "./make-gotk.ts";
import { type Files, runAll } from "./run-phases.ts";

const DIR = "clusters/home/flux-system";
const migrate = (files: Files) =>
  runAll({ ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, ...files });
const linesOf = (findings: ReturnType<typeof migrate>["cutover"]["findings"], rule: string) =>
  findings.filter((finding) => finding.rule === rule).map(({ at }) => `${at?.file}:${at?.line}`);

test.each(['HERE=$(cd "$(dirname "$0")"; pwd)', 'HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"'])(
  "a script that counts back from its own folder is rewritten: %s",
  (line) => {
    const script = "hack/local/up.sh";
    const text = `#!/bin/sh\n${line}\nkubectl apply -k "$HERE/../../${DIR}"\n`;
    const { cleanup } = migrate({ [script]: text });
    const [, , wait, ...rest] = cleanup.files[script]!.split("\n");
    expect(cleanup.rules).not.toContain("automation-names-removed");
    expect([wait, ...rest].join("\n")).toContain(`yq .spec.values "$HERE/../../${DIR}/flux-instance/helmrelease.yaml"`);
    expect(cleanup.files[script]).toContain(`kubectl apply -k "$HERE/../../${DIR}"\n`);
  },
);

test("a path that leaves a folder nobody knows further down is not guessed", () => {
  const script = "hack/up.sh";
  const text = `#!/bin/sh\nkubectl apply -k "$HERE/$NAME/../flux-system"\n`;
  const { cleanup } = migrate({ [script]: text });
  expect(cleanup.files[script]).toBe(text);
});

test("the files of flux bootstrap are known by their names, whatever folder a variable holds, and never edited on that", () => {
  const script = "hack/up.sh";
  const shell =
    '#!/bin/sh\nkubectl apply -f "$FLUX/gotk-components.yaml"\nkubectl apply -f "$FLUX/kustomization.yaml"\n';
  const terraform = "infra/flux.tf";
  const hcl =
    'locals {\n  install = file("${var.flux}/gotk-components.yaml")\n  sync = filesha256("${local.flux}/gotk-sync.yaml")\n}\n';
  const { cutover } = migrate({ [script]: shell, [terraform]: hcl });
  expect(cutover.files[script]).toBe(shell);
  expect(linesOf(cutover.findings, "automation-applies-removed")).toEqual([`${script}:2`]);
  expect(linesOf(cutover.findings, "automation-names-removed")).toEqual([`${terraform}:2`]);
  const named = cutover.findings.find(({ rule }) => rule === "automation-names-removed");
  expect(named?.what).toContain(`${terraform}:3 (\${local.flux}/gotk-sync.yaml)`);
});

test.each(["CLUSTER=${1:?cluster}", 'CLUSTER="${1:-home}"', "CLUSTER=$1", "set -- ; CLUSTER=x; CLUSTER=$2"])(
  "an argument of a script may be any cluster: %s",
  (line) => {
    const script = "hack/up.sh";
    const text = `#!/bin/sh\n${line}\nkubectl apply -k "clusters/$CLUSTER/flux-system"\nkubectl apply -k "clusters/$1/flux-system"\n`;
    const { cleanup } = migrate({ [script]: text });
    expect(cleanup.files[script]).toBe(text);
    expect(linesOf(cleanup.findings, "automation-applies-removed")).toEqual([`${script}:3`, `${script}:4`]);
  },
);

test.each([
  "azure-pipelines.yml",
  "ci/azure-pipelines-e2e.yaml",
  "bitbucket-pipelines.yml",
  ".circleci/config.yml",
  ".drone.yml",
  ".builds/flux.yml",
  "ci/buildspec-flux.yml",
])("an install in a throw-away cluster of a job is a note: %s", (path) => {
  const job = "steps:\n  - script: |\n      kind create cluster\n      flux install --components=source-controller\n";
  const { cutover } = migrate({ [path]: job });
  const [found] = cutover.findings.filter(({ rule }) => rule === "automation-installs-flux");
  expect(found).toMatchObject({ level: "info", at: { file: path, line: 4 } });
});

test("not even where every cluster has such a file", () => {
  const script = "hack/up.sh";
  const shell = '#!/bin/sh\nkubectl apply -f "$1/gotk-components.yaml"\n';
  const work = { ...makeFluxSystem("clusters/work"), "clusters/work/apps.yaml": APP };
  const { cutover, cleanup } = migrate({ ...work, [script]: shell });
  expect(linesOf(cutover.findings, "automation-applies-removed")).toEqual([`${script}:2`, `${script}:2`]);
  expect(cleanup.files[script]).toBe(shell);
});

test("what only prints an object reads the file and applies nothing", () => {
  const script = "hack/print.sh";
  const text = `kubectl create cm flux --from-file=${DIR}/gotk-components.yaml --dry-run=client -o yaml > cm.yaml\nkubectl create cm flux --from-file=${DIR}/gotk-components.yaml --dry-run=client -o yaml | kubectl apply -f -\n`;
  const { cutover } = migrate({ [script]: text });
  expect(linesOf(cutover.findings, "automation-names-removed")).toEqual([`${script}:1`]);
  expect(linesOf(cutover.findings, "automation-applies-removed")).toEqual([`${script}:2`]);
});

test("a loop on one line over folders that stay is named for the file that goes", () => {
  const text =
    "check:\n  script:\n    - for d in clusters/*/flux-system; do test -f $d/gotk-sync.yaml || exit 1; done\n";
  const { cleanup } = migrate({ ".gitlab-ci.yml": text });
  expect(linesOf(cleanup.findings, "automation-names-removed")).toEqual([".gitlab-ci.yml:3"]);
});
