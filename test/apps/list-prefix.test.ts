import { expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { runPhase } from "../gotk/run-phases.ts";

/** What kustomizations that the install phase makes list. */
function listed(files: Record<string, string>): string[] {
  const done = runPhase({ ...makeFluxSystem("clusters/home"), ...files }, "install");
  const made = Object.entries(done.files).filter(([path]) => path.endsWith("kustomization.yaml") && !(path in files));
  return made.flatMap(([path, text]) =>
    path.startsWith("clusters/home/flux-system/kustomization")
      ? []
      : [...text.matchAll(/^ +- (.*)$/gm)].map((m) => m[1]!),
  );
}

const config = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: default\n";
const home = (list: string) => ({
  "clusters/home/settings/settings.yaml": config,
  "clusters/home/settings/kustomization.yaml": `resources:\n${list}`,
});

test.each(["", "./"])("where no app lies near a list, new lists write %j as any other list does", (prefix) => {
  const made = ["helmrelease.yaml", "ocirepository.yaml"].map((name) => `${prefix}${name}`);
  expect(listed(home(`  - ${prefix}settings.yaml\n`))).toEqual([...made, ...made]);
});

test("the list of flux bootstrap is nobody's habit", () => {
  expect(new Set(listed({}))).toEqual(new Set(["./helmrelease.yaml", "./ocirepository.yaml"]));
});
