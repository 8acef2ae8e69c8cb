import { expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { runAll } from "../gotk/run-phases.ts";

const rulesOf = (file: string, text: string, files = makeFluxSystem("clusters/one")) => {
  const { cutover } = runAll({ ...files, [file]: text });
  return cutover.findings.filter(({ at }) => at?.file === file).map(({ rule }) => rule);
};

test.each([
  "find clusters -name gotk-components.yaml -exec kubectl apply -f {} \\;",
  "find clusters -name 'gotk-*.yaml' -print0 | xargs -0 kubectl apply -f",
  "fd gotk-components clusters -x kubectl apply -f",
  "git ls-files '*gotk-components.yaml' | xargs -n1 kubectl apply -f",
])("what applies all files of a name that goes: %s", (line) => {
  expect(rulesOf("up.sh", `${line}\n`)).toEqual(["automation-applies-removed"]);
});

test.each([
  ["check.sh", "git diff --name-only | grep -q gotk-components && echo upgraded"],
  ["check.sh", "grep -rl 'gotk-sync\\.yaml$' ."],
  ["check.sh", "find . -name gotk-sync.yaml | xargs yq .spec"],
  ["check.py", 'if "gotk-sync" in path:'],
  ["check.py", 'found = root.rglob("gotk-components.yaml")'],
])("what looks for a file that goes: %s: %s", (file, line) => {
  expect(rulesOf(file, `${line}\n`)).toEqual(["automation-names-removed"]);
});

test.each([
  ["check.sh", "find . -name '*.yaml' -exec kubectl apply -f {} \\;"],
  ["check.sh", "find . -name kustomization.yaml -exec dirname {} \\;"],
  ["check.sh", "find . -name '*.yaml' ! -name gotk-components.yaml | xargs kubeconform"],
  ["check.sh", "find . -name gotk-components.yaml -prune -o -name '*.yaml' -print"],
  ["check.sh", "git ls-files | grep -Ev gotk-components | xargs yamllint"],
  ["check.sh", 'git commit -m "Update gotk-components"'],
  ["check.sh", "echo gotk-components"],
  ["check.sh", 'echo "   in Git (gotk-components.yaml): $VERSION"'],
  ["check.sh", 'if [[ "$file" == *"gotk-components.yaml" ]]; then continue; fi'],
  ["check.py", 'EXCLUDED = {"gotk-components.yaml"}'],
  ["check.py", 'if not path.endswith("gotk-components.yaml"):'],
])("nothing is said of what goes on working: %s: %s", (file, line) => {
  expect(rulesOf(file, `${line}\n`)).toEqual([]);
});

test("a line that finds the files of two clusters is one line for both", () => {
  const two = { ...makeFluxSystem("clusters/one"), ...makeFluxSystem("clusters/two") };
  const line = "find clusters -name gotk-components.yaml -exec kubectl apply -f {} \\;\n";
  expect(new Set(rulesOf("up.sh", line, two))).toEqual(new Set(["automation-shared-line"]));
});

test("the line that has k3s apply the install is told once", () => {
  const line = "  services.k3s.manifests.flux.source = ../clusters/one/flux-system/gotk-components.yaml;";
  expect(rulesOf("nix/flux.nix", `{ ... }: {\n${line}\n}\n`)).toEqual(["automation-installs-flux"]);
});

const PIN = "fluxcd/flux2/manifests/install";
const levels = (line: string) => {
  const { cleanup } = runAll({ ...makeFluxSystem("clusters/one"), "check.sh": `${line}\n` });
  return cleanup.findings.flatMap(({ at, level, what }) => (at?.file === "check.sh" ? [[level, what]] : []));
};

test.each([
  `version=$(sed -n 's|.*${PIN}?ref=\\(v[0-9.]*\\).*|\\1|p' up/kustomization.yaml)`,
  `awk -F= '/${PIN}/ {print $2}' up/kustomization.yaml`,
])("what takes the version of the old install out of a file installs nothing: %s", (line) => {
  expect(levels(line)).toEqual([["info", "This line looks for the release manifests of Flux in other text."]]);
});

test("what is changed on its way into the cluster is installed", () => {
  const [first] = levels(
    `kubectl kustomize "https://github.com/${PIN}?ref=v2.7.0" | sed 's|a|b|' | kubectl apply -f -`,
  );
  expect(first).toEqual(["caution", "This installs Flux from its release manifests."]);
});
