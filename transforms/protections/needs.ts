import { isDeepStrictEqual } from "node:util";
import { deliverAny } from "../../src/cluster/graph.ts";
import { isYamlPath, readObjects } from "../../src/cluster/objects.ts";
import { readable } from "../../src/contract/answer.ts";
import { type DeliveredFluxObject, readableSpec, type YamlData } from "../../src/contract/objects.ts";
import { isHelmRelease, isSource } from "../../src/delivery/kinds.ts";
import { dirname, isWithin } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { Generated } from "./broken.ts";

interface OnTree extends Generated {
  tree: Tree;
}

/** What only says when, and what is done about a failure: operator and instance say that for themselves. */
const OWN_OF_RELEASE = new Set(
  "install upgrade rollback uninstall test maxHistory driftDetection interval timeout dependsOn suspend".split(" "),
);
const OWN_OF_SOURCE = new Set(["interval", "timeout", "suspend"]);

/**
 * The field that an app loses, and may need, where the patches of its parents leave it out: the account or the place that it
 * is applied with, variables of its text, or what reaches its release and the source of its chart, such as a mirror's address.
 */
export function findLostNeed(before: OnTree, after: OnTree): string | undefined {
  const [old, now] = [before, after].map((one) =>
    deliverAny(one.tree, one.kustomization, one.parent, one.artifactRoot),
  );
  if (!old || !now) return undefined;
  const { tree, release, artifactRoot } = after;
  const files = tree.paths.filter((path) => isYamlPath(path) && isWithin(path, dirname(release.file)));
  const [was, is] = [readableSpec(old) ?? {}, readableSpec(now) ?? {}];
  // Another account than the parent's is the app's own.
  if (was.serviceAccountName && !is.serviceAccountName) return "spec.serviceAccountName";
  // Text is written for a build with or without variables.
  const isText = files.some((path) => tree.read(path)?.includes("${"));
  const fields = ["targetNamespace", "sourceRef", "kubeConfig", ...(isText ? ["postBuild"] : [])];
  const field = findDifference(was, is, fields);
  if (field) return `spec.${field}`;
  for (const object of files.flatMap((path) => readObjects(tree, path).objects)) {
    if (!isHelmRelease(object) && !isSource(object)) continue;
    const [whole, bare] = [old, now].map((by) => specOf(deliverAny(tree, object, by, artifactRoot)));
    const own = isHelmRelease(object) ? OWN_OF_RELEASE : OWN_OF_SOURCE;
    // With a `chartRef` beside it no release has it.
    const isNeed = (one: string) => !own.has(one) && !(one === "chart" && whole.chartRef !== undefined);
    const lost = findDifference(whole, bare, Object.keys({ ...whole, ...bare }).filter(isNeed));
    if (lost) return `spec.${lost} of ${object.kind} ${object.name}`;
  }
  return undefined;
}

function specOf(delivered: DeliveredFluxObject | undefined): YamlData {
  return (delivered && readable(delivered.effective).spec) ?? {};
}

function findDifference(one: YamlData, other: YamlData, fields: readonly string[]): string | undefined {
  return fields.find((field) => !isDeepStrictEqual(one[field], other[field]));
}
