import { isDocs, listAutomation } from "../../src/cluster/automation-files.ts";
import { appliesFolder } from "../../src/cluster/pruning-folders.ts";
import { appliesFile } from "../../src/cluster/territory.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { isFluxInstance } from "../../src/delivery/kinds.ts";
import { pointAt } from "../../src/delivery/locations.ts";
import { basename, dirname, foldersAbove, sharedSegments } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { TransformContext } from "../contract.ts";
import type { InstanceTarget } from "../shared/apps/types.ts";
import { matchLine, readApply, readLines } from "../shared/automation/applies.ts";
import type { Target } from "../shared/automation/targets.ts";

/**
 * A FluxInstance that no FluxKustomization delivers: helm-controller adopts one that somebody applied (trap 58). One of the same
 * name that a command applies anew, with other fields, changes Flux back and forth.
 * @param differing the fields of an instance that are not as the one that is written
 */
export function findUndelivered(
  { tree, model, cluster }: TransformContext,
  differing: (target: InstanceTarget) => string[],
): DraftFinding[] {
  const isNear = ({ file }: { file: string }) =>
    model.clusters.length === 1 || sharedSegments(file, cluster.root.file) > 0;
  const others = model.clusters.filter((one) => one !== cluster && one.rootFrom === "instance");
  const isOfOther = ({ file, doc }: KubeObject) => others.some(({ root }) => root.file === file && root.doc === doc);
  return model.objects
    .filter(
      (object) =>
        isFluxInstance(object) &&
        (object.namespace === "" || object.namespace === cluster.namespace) &&
        isNear(object) &&
        !isOfOther(object) &&
        !model.clusters.some((one) => appliesFile(one, object.file)),
    )
    .map((object): DraftFinding => {
      const place = pointAt(tree, object);
      const { file, doc } = object;
      const fields = differing({ file, doc, base: ["spec"], spec: object.data.spec ?? {} });
      const by = fields.length > 0 && object.name === "flux" ? findApplier(tree, file) : undefined;
      if (!by) return { rule: "instance-duplicate", level: "caution", ...place, facts: { isDelivered: false } };
      const facts = { isDelivered: false, applied: { ...by, fields } };
      return { rule: "instance-duplicate", level: "blocker", ...place, facts };
    });
}

/** The first command that applies a file, by its path or by a folder above it. */
function findApplier(tree: Tree, file: string): { file: string; line: number } | undefined {
  const all = listAutomation(tree);
  const folders = foldersAbove(file).filter((dir) => appliesFolder(tree, dir, file));
  const targets = [file, ...folders].map((path): Target => {
    return { path, isFile: path === file, roles: ["instance"], stays: true, vanishes: false };
  });
  const names = [basename(file), basename(dirname(file))].filter((name) => name !== "");
  for (const one of all) {
    if (isDocs(one.path) || !names.some((name) => one.text.includes(name))) continue;
    for (const line of readLines(tree, one, all)) {
      const mention = line.isComment || line.isPrinted ? undefined : matchLine(line, targets, tree);
      if (mention?.match.certain && readApply(mention)) return { file: one.path, line: line.number };
    }
  }
  return undefined;
}
