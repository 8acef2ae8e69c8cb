import type { Finding } from "../contract/finding.ts";
import { describe } from "../delivery/kinds.ts";
import type { Tree } from "../files/tree.ts";
import { findArtifactRoot, findOpenPush } from "./artifact-root.ts";
import type { Cluster } from "./types.ts";

/** A blocker where something here publishes a folder, perhaps the one the cluster reads, and which one cannot be read. */
export function reportOpenPush(
  tree: Tree,
  { source, instances }: Pick<Cluster, "source" | "instances">,
  artifactPath: string | undefined,
): Finding | undefined {
  if (!source || instances.length > 0 || findArtifactRoot(tree, source, artifactPath)) return undefined;
  const at = findOpenPush(tree, source);
  if (!at) return undefined;
  return {
    rule: "artifact-assumed",
    level: "blocker",
    resource: describe(source),
    at,
    what: `This publishes an artifact, perhaps the one that ${describe(source)} reads, and which folder of this repository that is cannot be read here.`,
    why: "Paths of FluxKustomizations count from the folder that is published: with another one, what this phase adds would not be found there.",
    next: "Give the folder with --artifact-path; with --artifact-path . it is the whole repository, and this is settled. Where each source has a folder of its own: NAME=FOLDER, with commas between.",
  };
}
