import type { DraftFinding } from "../../engine/transform.ts";
import type { Tree } from "../../workspace/tree.ts";
import { locateField } from "../locations.ts";
import type { InstanceSync } from "./sync.ts";
import type { SourceMove, SourceUse } from "./uses.ts";

const REASONS: Record<string, readonly [why: string, next: string]> = {
  ImageUpdateAutomation: [
    "Image automation commits, and only a GitRepository can be committed to.",
    "Keep the secret with write access to Git. A push by it must start the publish job: a deploy key or an app does, a CI job's own token often does not.",
  ],
  HelmRelease: [
    "A chart in this repository is built from Git; an artifact of manifests holds no chart layer (trap 49).",
    "Nothing to do. Publish the chart as an OCI artifact of its own if this cluster should do without Git altogether.",
  ],
  HelmChart: [
    "A HelmChart reads HelmRepository, GitRepository or Bucket, never an OCIRepository.",
    "Nothing to do. Publish the chart as an OCI artifact of its own if this cluster should do without Git altogether.",
  ],
  GitRepository: ["Only a GitRepository can be included by another.", "Nothing to do."],
};

/** Why one referrer goes on reading Git, and what its owner has to keep for it. */
export function reportStayer(
  tree: Tree,
  file: string,
  use: SourceUse,
  gitName: string,
  { pullSecret }: InstanceSync,
): DraftFinding {
  const isUnknown = use.verdict === "unknown";
  const kind = use.kind || "object";
  const [why, next] = REASONS[use.kind] ?? [
    `Whether a ${kind} can read an OCIRepository is not known to fluxlift.`,
    `If it can, change its sourceRef to the OCIRepository and drop ${gitName} once nothing reads it.`,
  ];
  return {
    rule: isUnknown ? "oci-reader-unknown" : "stays-on-git",
    level: isUnknown ? "caution" : "info",
    resource: `${kind} ${use.name}`.trim(),
    at: locateField(tree, { file, doc: use.doc }, use.path),
    what: `${`${kind} ${use.name}`.trim()} goes on reading Git, through GitRepository ${gitName}${pullSecret ? ` and its secret ${pullSecret}` : ""}.`,
    why,
    next,
  };
}

/** A referrer that was left behind by a switch somebody made before. */
export function reportIdleReader(tree: Tree, file: string, use: SourceUse, move: SourceMove): DraftFinding {
  const kind = use.kind || "object";
  return {
    rule: "oci-reader-lost",
    level: "blocker",
    resource: `${kind} ${use.name}`.trim(),
    at: locateField(tree, { file, doc: use.doc }, use.path),
    what: `${`${kind} ${use.name}`.trim()} waits for GitRepository ${move.name}, which nothing makes any more.`,
    why: "The FluxInstance syncs an OCIRepository, so the operator has deleted the GitRepository of that name (trap 48).",
    next: `Declare a GitRepository ${move.gitName} for this repository and let it read that one.`,
  };
}
