import { expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { type Files, runAll, runPhase } from "../gotk/run-phases.ts";

const ONE = "clusters/one/flux-system";
/** What is said of a file once all phases are merged. */
function saidAfter(more: Files, path: string) {
  const { files } = runAll({ ...makeFluxSystem("clusters/one"), ...more }).cleanup;
  return runPhase(files, "cleanup").findings.filter(({ at }) => at?.file === path);
}

test("what Terraform reads is told after the migration as well, with what to do first", () => {
  const code = `resource "kubectl_manifest" "flux" {\n  yaml_body = file("\${path.module}/../${ONE}/gotk-components.yaml")\n}\n`;
  const [said, ...more] = saidAfter({ "terraform/flux.tf": code }, "terraform/flux.tf");
  expect(more).toEqual([]);
  expect(said?.what).toBe(
    `This file names what the migration has removed: terraform/flux.tf:2 (${ONE}/gotk-components.yaml).`,
  );
  expect(said?.next).toMatch(/^First take all that Terraform has made of it out of its state/);
});

test.each([
  ["up.sh", `kubectl apply -f ${ONE}/gotk-components.yaml || exit 1\n`, 1],
  ["up.sh", `cat ${ONE}/gotk-sync.yaml\n`, 1],
  ["up.sh", `cat clusters/two/flux-system/gotk-sync.yaml\n`, 0],
  ["up.sh", `# cat ${ONE}/gotk-sync.yaml\n`, 0],
  [".yamllint", `ignore: |\n  ${ONE}/gotk-components.yaml\n`, 0],
])("a line that fails after the migration: %s: %s", (path, text, count) => {
  expect(saidAfter({ [path]: text }, path)).toHaveLength(count);
});
