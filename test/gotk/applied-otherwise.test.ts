import { expect, test } from "vitest";
import { APP, CONFIG, makeFluxSystem } from "./make-gotk.ts";
import { runAll } from "./run-phases.ts";

const DIR = "clusters/home/flux-system";
const FILES = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };

function rulesFor(path: string, line: string): string[] {
  const { cutover, cleanup } = runAll({ ...FILES, [path]: `${line}\n` });
  // What fits other files as well, or applies more than Flux, is for a person to change.
  expect(cleanup.files[path]).toBe(`${line}\n`);
  return cutover.findings.filter(({ at }) => at?.file === path).map(({ rule }) => rule);
}

test.each([
  ["up.sh", "kubectl apply -R -f clusters/home"],
  ["up.sh", "kubectl apply --recursive -f ./clusters/"],
  ["up.sh", "kubectl apply -Rf clusters"],
  ["up.sh", `cat ${DIR}/gotk-*.yaml | kubectl apply -f -`],
  ["up.sh", "kubectl apply -f clusters/*/flux-system/gotk-components.yaml"],
  ["up.ps1", `kubectl apply -f ${DIR.replaceAll("/", "\\")}\\gotk-components.yaml`],
  ["up.ps1", 'kubectl apply -k "$PSScriptRoot\\..\\clusters\\home\\flux-system"'],
  ["flake.nix", `up = "kubectl apply -k \${./${DIR}}";`],
])("%s that installs Flux by %s is named", (path, line) => {
  expect(rulesFor(path, line).join()).toMatch(/automation-(?:applies-removed|shared-line)/);
});

test.each([
  ["up.sh", "kubectl apply -R -f apps"],
  ["up.sh", "kubectl apply -f clusters/home/*.yaml"],
  ["up.sh", "kubectl apply -f clusters/*/apps.yaml"],
  ["up.sh", "rm -R clusters/old"],
])("%s that does not, by %s, is not", (path, line) => {
  expect(rulesFor(path, line)).toEqual([]);
});
