import { isDocs, isSample, listAutomation } from "../../src/cluster/automation-files.ts";
import { repositoryPath } from "../../src/cluster/graph.ts";
import { findLooseInstances } from "../../src/cluster/loose-instances.ts";
import { appliesFolder } from "../../src/cluster/pruning-folders.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { KubeObject, YamlData } from "../../src/contract/objects.ts";
import { pointAt } from "../../src/delivery/locations.ts";
import { basename, dirname } from "../../src/delivery/paths.ts";
import { foldersOf } from "../../src/files/disk-tree.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { TransformContext } from "../contract.ts";
import type { InstanceTarget } from "../shared/apps/types.ts";
import { matchLine, readApply, readLines } from "../shared/automation/applies.ts";
import { runsOf } from "../shared/automation/sayings.ts";
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
  return findLooseInstances(model, cluster).map((object): DraftFinding => {
    const place = pointAt(tree, object);
    const { file, doc } = object;
    const fields = differing({ file, doc, base: ["spec"], spec: object.data.spec ?? {} });
    const by = fields.length > 0 && object.name === "flux" ? findApplier(tree, file) : undefined;
    if (!by) return { rule: "instance-duplicate", level: "caution", ...place, facts: { isDelivered: false } };
    const isOpen = by.isOpen || isSample(file) || !maySync(object, cluster);
    const facts = { isDelivered: false, applied: { ...by, isOpen, fields } };
    return { rule: "instance-duplicate", level: isOpen ? "caution" : "blocker", ...place, facts };
  });
}

/** One that syncs another folder is of another cluster, which is not recognised here. */
function maySync({ data }: KubeObject, { root, artifactRoot }: Cluster): boolean {
  const path: unknown = (data as YamlData).spec?.sync?.path;
  return (
    typeof path !== "string" || repositoryPath({ path }, artifactRoot) === repositoryPath(root.data.spec, artifactRoot)
  );
}

interface Applier {
  file: string;
  line: number;
  /** It may well be for another cluster. */
  isOpen: boolean;
}

/** What makes a cluster for a while, such as a job that tries a change. */
const MAKES_CLUSTER =
  /\b(?:kind\s+create\s+cluster|k3d\s+cluster\s+create|minikube\s+start|ctlptl\s+(?:apply|create)|vcluster\s+create)\b|\b(?:kind|k3d)-action@/;
/** Names a cluster outright. */
const NAMES_CLUSTER = /\s--context(?:=|\s+)["']?\w/;

/** The CLI of the operator, which installs that and applies a FluxInstance. */
const OPERATOR_CLI = /\bflux-operator\s+install\b.*\s(?:-f|--instance-file)[=\s]/;

/** A command that applies a file, by its path or by a folder above it; the first that is for certain to this cluster. */
function findApplier(tree: Tree, file: string): Applier | undefined {
  const all = listAutomation(tree);
  const folders = foldersOf(file).filter((dir) => appliesFolder(tree, dir, file));
  const targets = [file, ...folders].map((path): Target => {
    return { path, isFile: path === file, roles: ["instance"], stays: true, vanishes: false };
  });
  const names = [basename(file), basename(dirname(file))].filter((name) => name !== "");
  let open: Applier | undefined;
  for (const one of all) {
    if (isDocs(one.path) || !names.some((name) => one.text.includes(name))) continue;
    const isAside = isSample(one.path) || MAKES_CLUSTER.test(one.text);
    for (const line of readLines(tree, one, all)) {
      const mention = line.isComment || line.isPrinted ? undefined : matchLine(line, targets, tree);
      // Where it only tells a person what to run, it runs nothing.
      if (!mention?.match.certain || !runsOf(line.text).includes(mention.word.text)) continue;
      if (!readApply(mention) && !OPERATOR_CLI.test(line.text)) continue;
      const found = { file: one.path, line: line.number, isOpen: isAside || NAMES_CLUSTER.test(line.text) };
      if (!found.isOpen) return found;
      open ??= found;
    }
  }
  return open;
}
