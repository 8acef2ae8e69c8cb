import { expect, test } from "vitest";
import { findNameVariables } from "../../transforms/shared/automation/name-variables.ts";

const NAMES = [(name: string) => new RegExp(`(\\bkustomization[/ ])${name}(?![\\w./-])`, "g")];

/** Where the variables of a script hold the name, each with whether it may hold another. */
function held(script: string, elsewhere: readonly string[] = []): [line: number, isOnlyName: boolean][] {
  const isKept = (line: string) => line.includes("delete");
  const found = findNameVariables(script, "flux-sync", NAMES, (name) => elsewhere.includes(name), isKept);
  return found.map(({ line, isOnlyName }) => [line + 1, isOnlyName]);
}

test.each([
  ["ks='flux-sync'\nflux get kustomization $ks\nkubectl get kustomization/${ks}\n", [[1, true]]],
  ['ks="${ks:-flux-sync}"\nkubectl get kustomization/${ks}\n', [[1, true]]],
  ["ks := flux-sync\nup:\n\tkubectl get kustomization/$(ks)\n", [[1, true]]],
  ["ks: flux-sync\ncmd: kubectl get kustomization/{{.ks}}\n", [[1, true]]],
  ["ks=flux-sync\necho $ks\n", []],
  ["ks=other\nkubectl get kustomization/$ks\n", []],
  ["ks=flux-sync\nkubectl get kustomization/$ks -n $ks\n", [[1, false]]],
  ["ks=flux-sync\nkubectl get kustomization/$ks\necho ${ks%-sync}\n", [[1, false]]],
  ["ks=flux-sync\nkubectl get kustomization/$ks\ncp {{ .ks | upper }} x\n", [[1, false]]],
  ["export ks=flux-sync\nkubectl get kustomization/$ks\n", [[1, false]]],
  ["ks=flux-sync\nkubectl get kustomization/$ks\nexport ks\n", [[1, false]]],
  ["ks=flux-sync\nkubectl delete kustomization/$ks\n", [[1, false]]],
  [
    "ks=flux-sync\nif x; then\n  ks=flux-sync\nfi\nkubectl get kustomization/$ks\n",
    [
      [1, false],
      [3, false],
    ],
  ],
] as const)("%j", (script, expected) => {
  expect(held(script)).toEqual(expected);
});

test("a variable that another file reads may mean more there", () => {
  expect(held("ks=flux-sync\nkubectl get kustomization/$ks\n", ["ks"])).toEqual([[1, false]]);
});
