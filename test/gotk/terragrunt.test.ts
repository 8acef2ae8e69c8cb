import { describe, expect, test } from "vitest";
import { findUnits } from "../../src/cluster/gotk/terragrunt.ts";
import { memoryTree } from "../support/memory.ts";
import { APP, makeFluxSystem } from "./make-gotk.ts";
import { runAll } from "./run-phases.ts";

const MODULE = 'variable "target" {}\nresource "flux_bootstrap_git" "this" {\n  path = var.target\n}\n';
const unit = (source: string, path: string) =>
  `include "root" {\n  path = find_in_parent_folders()\n}\nterraform {\n  source = "${source}"\n}\ninputs = {\n  target = "${path}"\n}\n`;

const found = (units: Record<string, string>) => {
  const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP };
  const { install, cutover } = runAll({ ...home, "modules/flux/main.tf": MODULE, ...units });
  const owner = install.findings.find(({ rule }) => rule === "terraform-owns-flux");
  return { next: owner?.next, steps: cutover.plan.phases[0]!.clusters[0]!.runbook.steps };
};

describe("Terraform that Terragrunt runs", () => {
  test("has its state in the unit, and the unit's own inputs say whose it is", () => {
    const { next, steps } = found({
      "live/home/flux/terragrunt.hcl": unit("../../../modules//flux?depth=1", "clusters/home"),
      "live/edge/flux/terragrunt.hcl": unit("../../../modules//flux", "clusters/edge"),
    });
    expect(next).toContain(
      "Before the cutover: in live/home/flux, terragrunt state rm flux_bootstrap_git.this, then let",
    );
    expect(next).toContain("while other clusters are made of the same block");
    expect(next).not.toContain("live/edge");
    expect(steps[0]!.commands).toEqual([
      "(cd live/home/flux && terragrunt state list | grep flux_bootstrap)",
      "(cd live/home/flux && terragrunt state rm flux_bootstrap_git.this)",
      "(cd live/home/flux && terragrunt plan)",
    ]);
  });

  test("leaves the block to nobody else where there is one unit", () => {
    const { next } = found({ "live/flux/terragrunt.hcl": unit("../../modules/flux", "clusters/home") });
    expect(next).toMatch(/in live\/flux, terragrunt state rm .*, then delete the block; never destroy it/);
  });

  test.each<[string, Record<string, string>, string[]]>([
    [
      "from the top of the repository",
      { "live/a/terragrunt.hcl": unit(`\${get_repo_root()}//modules/flux`, "x") },
      ["live/a"],
    ],
    [
      "from a folder above",
      { "infra/live/a/terragrunt.hcl": unit(`\${dirname(find_in_parent_folders())}/modules/flux`, "x") },
      ["infra/live/a"],
    ],
    ["on one line", { "live/a/terragrunt.hcl": 'terraform { source = "../../modules/flux" }\n' }, ["live/a"]],
    ["but of no other block", { "live/a/terragrunt.hcl": 'remote_state {\n  source = "../../modules/flux"\n}\n' }, []],
    [
      "by a file that units include",
      {
        "_envcommon/flux.hcl": unit(`\${dirname(find_in_parent_folders())}/modules/flux`, "x"),
        "live/a/terragrunt.hcl": 'include "env" {\n  path = "${get_repo_root()}/_envcommon/flux.hcl"\n}\n',
      },
      ["live/a"],
    ],
    [
      "of another repository",
      { "live/a/terragrunt.hcl": unit("git::https://example.org/x.git//modules/flux", "x") },
      [],
    ],
  ])("finds the module %s", (_, files, dirs) => {
    const tree = memoryTree({ "modules/flux/main.tf": MODULE, ...files });
    expect(findUnits(tree).map(({ dir, target }) => [dir, target])).toEqual(dirs.map((dir) => [dir, "modules/flux"]));
  });
});
