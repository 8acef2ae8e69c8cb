import { findBranchAutomation, findSharedAutomation } from "../../src/cluster/branch-automation.ts";
import { groupBy } from "../../src/contract/group-by.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { YamlOp } from "../../src/yaml/types.ts";
import { combine, type Outcome, type TransformContext } from "../contract.ts";
import { editFile } from "../shared/edit-file.ts";

/**
 * Image automation that takes its branch from the source says it by itself before the operator writes the source. Where
 * another cluster builds the same file, the generated source goes on naming its branch instead (`carrySync`).
 */
export function nameBranches({ tree, model, cluster }: TransformContext): Outcome {
  const { source } = cluster;
  const automation = findBranchAutomation(cluster);
  if (!source || !automation || findSharedAutomation(cluster, model.clusters)) return {};
  const byFile = groupBy(automation.found, ({ object }) => object.file);
  const why = "The source names its branch by ref.name from now on, which image automation does not read.";
  const evidence = [locateField(tree, source, ["spec"])];
  const parts = [...byFile].map(([file, items]) => {
    const docs = new Set(items.map(({ object }) => object.doc));
    const path = ["spec", "git", "checkout", "ref", "branch"];
    const ops = [...docs].map((doc): YamlOp => ({ op: "set", doc, path, value: automation.branch }));
    return editFile(tree, file, ops, why, evidence);
  });
  return combine(...parts);
}
