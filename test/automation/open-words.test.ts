import { describe, expect, test } from "vitest";
import type { AutomationFile, AutomationKind } from "../../src/cluster/automation-files.ts";
import { UNKNOWN } from "../../src/cluster/entering.ts";
import { makeExpander } from "../../transforms/shared/automation/words.ts";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { runAll } from "../gotk/run-phases.ts";
import { memoryTree } from "../support/memory.ts";

function expandIn(kind: AutomationKind, text: string, guesses = false) {
  const file: AutomationFile = { path: "run", kind, text };
  return (word: string) => makeExpander(memoryTree({}), file, [file], guesses)(word).replaceAll(UNKNOWN, "?");
}

describe("what a word stands for", () => {
  test.each([
    ["words without a folder", "for c in one two; do", "clusters/$c/x", "clusters/?/x"],
    ["folders with their slash", 'base="clusters/"\nfor c in one/ two/; do', "${base}${c}x", "clusters/?/x"],
    ["a pattern", "for d in clusters/*/; do", "${d}x", "clusters/?/x"],
    ["paths with the same begin and end", "for d in a/one/x a/two/x\n", "$d/y", "a/?/x/y"],
    ["one value", "for c in one; do", "a/$c", "a/one"],
    ["a command", "for c in $(ls a); do", "a/$c", "a/?"],
    ["files below a variable", 'for f in "$TOP"/a/b/*.yaml; do', "$f", "?/a/b/?.yaml"],
    ["a variable alone", "for c in $CLUSTERS; do", "a/$c", "a/?"],
    ["two loops", "for c in a/x b/x; do\nfor c in c/y d/y; do", "$c", "?"],
  ])("in a loop over %s", (_title, text, word, said) => {
    expect(expandIn("shell", text)(word)).toBe(said);
  });

  const matrix = (...lines: string[]) => ["    strategy:", "      matrix:", ...lines, "    steps:", ""].join("\n");
  test.each([
    ["one value", matrix("        cluster: [home]"), "a/home/x"],
    ["one in quotes, with a comment", matrix("        cluster: ['home'] # for now"), "a/home/x"],
    ["values", matrix("        cluster: [home, work]"), "a/?/x"],
    ["folders that begin alike", matrix("        cluster: [eu/home, eu/work]"), "a/eu/?/x"],
    ["a list in lines", matrix("        cluster:", "          - home"), "a/?/x"],
    ["what a job before has found out", matrix("        cluster: ${{ fromJSON(needs.a.outputs.b) }}"), "a/?/x"],
    [
      "more that is included",
      matrix("        cluster: [home]", "        include:", "          - cluster: work"),
      "a/?/x",
    ],
    ["two jobs", matrix("        cluster: [home]") + matrix("        cluster: [work]"), "a/?/x"],
    ["another name", matrix("        os: [home]"), "a/?/x"],
    ["the steps behind it", `${matrix("        os: [x]")}      cluster: [home]\n`, "a/?/x"],
  ])("in the matrix of a workflow with %s", (_title, text, said) => {
    expect(expandIn("workflow", text)("a/${{ matrix.cluster }}/x")).toBe(said);
  });

  test.each<[AutomationKind, string, string]>([
    ["workflow", "variables:\n  CLUSTER: home\n", "a/home/x"],
    ["workflow", "parameters:\n- name: CLUSTER\n", "a/?/x"],
    ["other", "parameters:\n- name: CLUSTER\n", "a/?/x"],
    ["shell", "CLUSTER() { hostname; }\n", "a/$(CLUSTER)/x"],
  ])("a variable of Azure Pipelines, in %s: %s", (kind, text, said) => {
    expect(expandIn(kind, text)("a/$(CLUSTER)/x")).toBe(said);
  });

  test.each([
    ["github.event.pull_request.number", "${{ github.event.pull_request.number }}/one"],
    ["github.run_id", "${{ github.run_id }}/one"],
    ["github.event.inputs.folder", "?/one"],
  ])("what a workflow knows of its run is no folder, what it is started with may be: %s", (name, said) => {
    expect(expandIn("workflow", matrix("        path: [one]"))(`\${{ ${name} }}/\${{ matrix.path }}`)).toBe(said);
  });

  test.each<[AutomationKind, string, string, string, string]>([
    ["task", `vars:\n  DIR: '{{.DIR | default "a/b"}}'\n`, "{{.DIR}}/c", "?/c", "a/b/c"],
    ["task", `vars:\n  DIR: "{{ .D | default 'a/b' }}"\n`, "{{.DIR}}", "?", "a/b"],
    ["shell", 'DIR="${1:-a/b}"\n', "$DIR/c", "?/c", "a/b/c"],
    ["shell", 'DIR=""\nread -r DIR\n', "a/$DIR/c", "a/?/c", "a/?/c"],
    ["shell", 'DIR=""\ncase "$1" in\n  --one) DIR="one" ;;\nesac\n', "a/$DIR/c", "a/?/c", "a/?/c"],
    ["shell", 'DIR=one\ncase "$1" in\n  --dir) DIR="$2"; shift ;;\nesac\n', "a/$DIR/c", "a/?/c", "a/one/c"],
    ["shell", 'DIR=one\n[[ "$DIR" == one ]] && echo "$DIR"\n', "a/$DIR/c", "a/one/c", "a/one/c"],
    ["make", "DIR ?= a/b\n", "$(DIR)/c", "?/c", "a/b/c"],
    ["make", "DIR := a/b\n", "$(DIR)/c", "a/b/c", "a/b/c"],
    ["make", "A ?= a\nDIR := $(A)/b\n", "$(DIR)/c", "?/b/c", "a/b/c"],
    ["make", "DIR := $(shell pwd)/b\n", "$(DIR)/c", "?/c", "?/c"],
  ])("with a default in %s: %s", (kind, text, word, open, guessed) => {
    expect([expandIn(kind, text)(word), expandIn(kind, text, true)(word)]).toEqual([open, guessed]);
  });
});

test.each([
  ["gh api repos/$REPO/contents/clusters/one/flux-system/gotk-components.yaml", ["automation-names-removed"]],
  ["gh api /repos/a/b/contents/clusters/one/flux-system/gotk-components.yaml?ref=main", ["automation-names-removed"]],
  ["gh api repos/$REPO/contents/clusters/two/flux-system/gotk-components.yaml", []],
  ["cat clusters/one/flux-system/gotk-{components,sync}.yaml | kubectl apply -f -", ["automation-shared-line"]],
  ["cat clusters/one/flux-system/other-{components,sync}.yaml | kubectl apply -f -", []],
])("a path in an address of the forge, or with a choice in it: %s", (line, rules) => {
  const { cutover } = runAll({ ...makeFluxSystem("clusters/one"), "up.sh": `${line}\n` });
  const said = cutover.findings.filter(({ at }) => at?.file === "up.sh");
  expect(said.map(({ rule }) => rule)).toEqual(rules);
});

test.each([
  ['cat > "$TOP/clusters/one/flux-system/${app}.yaml" <<E', []],
  ["sed -i s/a/b/ clusters/one/flux-system/$1.yaml", []],
  ["for f in gotk-components gotk-sync; do cat clusters/one/flux-system/$f.yaml; done", ["automation-names-removed"]],
  ["cat clusters/$1/flux-system/gotk-sync.yaml", ["automation-names-removed"]],
])("a file that a run names, beside others that stay: %s", (line, rules) => {
  const files = { ...makeFluxSystem("clusters/one"), "clusters/one/flux-system/app.yaml": "a: b\n" };
  const { cutover } = runAll({ ...files, "new.sh": `${line}\n` });
  const said = cutover.findings.filter(({ at }) => at?.file === "new.sh");
  expect(said.map(({ rule }) => rule)).toEqual(rules);
});

describe("lines that mean one cluster or another", () => {
  const two = { ...makeFluxSystem("clusters/one"), ...makeFluxSystem("clusters/two") };
  const saidOf = (files: Record<string, string>) => {
    const { cutover } = runAll({ ...two, ...files });
    const said = cutover.findings.filter(({ rule }) => /^automation-(applies|shared)/.test(rule));
    return { cutover, said: said.map(({ rule, what }) => `${rule} ${what}`) };
  };

  test("a default is one of several, and the rest of the file is as without it", () => {
    const install = "      - kubectl apply -f clusters/{{.C}}/flux-system/gotk-components.yaml\n";
    const rest = `  one:\n    vars:\n      DIR: '{{.DIR | default "clusters/one/flux-system"}}'\n    cmds:\n      - kubectl apply -k {{.DIR}}\n`;
    const text = `version: "3"\ntasks:\n  up:\n    cmds:\n${install}`;
    const { cutover, said } = saidOf({ "Taskfile.yaml": text + rest });
    const alone = saidOf({ "Taskfile.yaml": text }).cutover.files["Taskfile.yaml"];
    expect(cutover.files["Taskfile.yaml"]).toBe(alone + rest);
    expect(said).toEqual([
      "automation-applies-removed This line applies clusters/one/flux-system, which no longer holds the Flux install, and once the cleanup is merged not the source and root either (as long as its variable has the default).",
    ]);
  });

  test.each([
    ["Makefile", "CLUSTER ?= one\nup:\n\tkubectl apply -k clusters/$(CLUSTER)/flux-system && true\n"],
    ["up.sh", 'for d in clusters/*/; do kubectl apply -k "${d}flux-system"; done\n'],
    ["up.sh", 'for c in one/ two/; do\n  kubectl apply -k "clusters/${c}flux-system" || exit\ndone\n'],
    ["up.sh", 'kubectl apply -k "$(git rev-parse --show-toplevel)/clusters/$1/flux-system"\n'],
    [
      "up.sh",
      'KUBECTL=(kubectl)\nDIR="clusters/$1/flux-system"\nkustomize build "$DIR" | "${KUBECTL[@]}" apply -f -\n',
    ],
    ["azure-pipelines.yml", "steps:\n- bash: |\n    kubectl apply -k clusters/$(CLUSTER)/flux-system\n"],
    ["ci/deploy.yml", "steps:\n- bash: |\n    kubectl apply -k clusters/$(CLUSTER)/flux-system\n"],
    ["hack/up.sh", 'kubectl --context $1 apply -k "$(dirname "$0")/../clusters/$1/flux-system"\n'],
  ])("and in %s they are said for each: %s", (path, text) => {
    const { cutover, said } = saidOf({ [path]: text });
    expect(cutover.files[path]).toBe(text);
    expect(said.map((one) => one.split(" ")[0])).toEqual(["automation-shared-line", "automation-shared-line"]);
  });

  test.each(["DIR = clusters/$(CLUSTER)/flux-system", "DIR := $(CURDIR)/clusters/$(CLUSTER)/flux-system"])(
    "a folder with a variable in it that a Makefile names is looked into by that name: %s",
    (line) => {
      const text = `CLUSTER ?= one\n${line}\nup:\n\tkubectl apply -k $(DIR)\n`;
      const { cutover, said } = saidOf({ Makefile: text });
      expect(said).toEqual([]);
      expect(cutover.files.Makefile).toContain("yq .spec.values $(DIR)/flux-instance/helmrelease.yaml | \\\n");
    },
  );

  test("behind a folder that a command finds the commands name the one that goes", () => {
    const text = 'kubectl apply -k "$(git rev-parse --show-toplevel)/clusters/$1/flux-system"\n';
    const { cutover } = runAll({ ...two, "up.sh": text });
    const [said] = cutover.findings.filter(({ rule }) => rule === "automation-shared-line");
    expect(said?.next).toContain(" clusters/one/flux-system/flux-instance/helmrelease.yaml ");
  });

  test.each([
    'kubectl apply -k "/mnt/$1/flux-system"\n',
    'kubectl apply -k "$(mktemp -d)/$1/flux-system"\n',
    'kubectl apply -k "$(dirname "$0")/../other/$1/flux-system"\n',
  ])("nothing is said of a path elsewhere: %s", (text) => {
    expect(saidOf({ "up.sh": text }).said).toEqual([]);
  });
});
