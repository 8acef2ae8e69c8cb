import { printRef } from "../../src/cluster/sources.ts";
import { readable } from "../../src/contract/answer.ts";
import { groupBy } from "../../src/contract/group-by.ts";
import type { DeliveredFluxObject, KubeObject, YamlData } from "../../src/contract/objects.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { YamlOp } from "../../src/yaml/types.ts";
import { combine, type Outcome, type TransformContext } from "../contract.ts";
import { editFile } from "../shared/edit-file.ts";

/**
 * Image automation that takes its branch from the source says it by itself before the operator writes the source: with
 * only `ref.name` there it stops, or takes the branch it pushes to for another one, and forces the push (flux-facts 6.2).
 */
export function nameBranches({ tree, cluster }: TransformContext): Outcome {
  const { source } = cluster;
  const ref = source?.data?.spec?.ref;
  const branch = source && /^branch (.+)$/.exec(printRef(source.kind, ref))?.[1];
  if (!source || branch === undefined || ref?.name !== undefined) return {};
  const found = cluster
    .findObjects((text) => text.includes("ImageUpdateAutomation"))
    .filter((item) => item.object.kind === "ImageUpdateAutomation" && takesBranchFrom(item, source));
  const byFile = groupBy(found, ({ object }) => object.file);
  const why = "The source names its branch by ref.name from now on, which image automation does not read.";
  const evidence = [locateField(tree, source, ["spec"])];
  const parts = [...byFile].map(([file, items]) => {
    const docs = new Set(items.map(({ object }) => object.doc));
    const path = ["spec", "git", "checkout", "ref", "branch"];
    const ops = [...docs].map((doc): YamlOp => ({ op: "set", doc, path, value: branch }));
    return editFile(tree, file, ops, why, evidence);
  });
  return combine(...parts);
}

/** Whether an automation reads a source, and says no branch of its own; errs towards no where it cannot be read. */
function takesBranchFrom({ effective, namespace }: DeliveredFluxObject, source: KubeObject): boolean {
  const spec: YamlData = readable(effective)?.spec;
  const { kind = "GitRepository", name, namespace: other = namespace } = spec?.sourceRef ?? {};
  const isReader = kind === source.kind && name === source.name && ["", other].includes(source.namespace);
  return isReader && spec.git !== undefined && spec.git?.checkout === undefined;
}
