import { repositoryPath } from "../../../src/cluster/graph.ts";
import { sourceRefOf } from "../../../src/cluster/sources.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { readable } from "../../../src/contract/answer.ts";
import type { Loc } from "../../../src/contract/errors.ts";
import type { DraftFinding, FactFinding } from "../../../src/contract/finding.ts";
import { pointAt } from "../../../src/delivery/locations.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { findUses, moveOf, pointAtUse } from "./find-uses.ts";
import { readInstanceSync } from "./sync.ts";
import type { OciTarget } from "./types.ts";

/**
 * Looks at the tree as the switch leaves it: every FluxKustomization as the patches of its parents make it, and every other
 * reference as it is written. Whatever still reads the GitRepository would stall, so it is a blocker.
 */
export function leftOnGit(tree: Tree, cluster: Cluster, target: OciTarget, isFound: boolean): DraftFinding[] {
  const { sync } = target;
  if (!isFound) return [rootLost(target)];
  const move = moveOf({ cluster }, sync);
  const left = (place: { resource: string; at: Loc }): DraftFinding => {
    const facts = { resource: place.resource, source: sync.name };
    return { rule: "oci-still-on-git", level: "blocker", ...place, facts };
  };
  const found = findUses({ tree, cluster }, move, ["moves", "stays", "notifies", "unknown"]);
  const findings = found.flatMap(({ file, uses }) => uses.map((use) => left(pointAtUse(tree, file, use))));
  for (const { object, namespace, effective } of cluster.kustomizations) {
    const ref = sourceRefOf(readable(effective)?.spec, namespace);
    if (ref?.kind === "OCIRepository" && ref.name === sync.name) {
      const path = repositoryPath(readable(effective)?.spec, cluster.artifactRoot);
      if (path !== undefined && path !== "" && target.artifactPath !== "" && !tree.isDir(path)) {
        const place = pointAt(tree, object, ["spec", "path"]);
        const facts = { builder: place.resource, path, artifact: target.artifactPath, isMissing: true };
        findings.push({ rule: "oci-path-outside", level: "blocker", ...place, facts });
      }
      continue;
    }
    if (ref?.kind !== "GitRepository" || ref.name !== sync.name) continue;
    if (ref.namespace !== "" && ref.namespace !== sync.namespace) continue;
    const place = pointAt(tree, object, ["spec", "sourceRef"]);
    if (!findings.some(({ at }) => at?.file === place.at.file)) findings.push(left(place));
  }
  const after = readInstanceSync(tree, cluster);
  return after?.kind === "OCIRepository" ? findings : [...findings, rootLost(target)];
}

function rootLost({ at, sync }: OciTarget): FactFinding {
  const resource = "FluxInstance flux";
  return { rule: "oci-still-on-git", level: "blocker", resource, at, facts: { unread: sync.name } };
}
