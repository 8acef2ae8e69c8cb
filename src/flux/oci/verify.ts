import type { DraftFinding, TransformContext } from "../../engine/transform.ts";
import type { Loc } from "../../errors.ts";
import { repositoryPath } from "../graph.ts";
import { describe } from "../kinds.ts";
import { locateField } from "../locations.ts";
import { sourceRefOf } from "../sources.ts";
import { findUses, moveOf } from "./find-uses.ts";
import { readInstanceSync } from "./sync.ts";
import type { OciTarget } from "./target.ts";

/**
 * Looks at the tree as the switch leaves it: every FluxKustomization as the patches of its parents make it, and every other
 * reference as it is written. Whatever still reads the GitRepository would stall, so it is a blocker.
 */
export function leftOnGit(context: TransformContext, target: OciTarget, isFound: boolean): DraftFinding[] {
  const { tree, cluster } = context;
  const { sync } = target;
  if (!isFound) return [rootLost(target)];
  const move = moveOf(context, sync);
  const findings = findUses(context, move, ["moves", "stays", "notifies", "unknown"]).flatMap(({ file, uses }) =>
    uses.map((use) =>
      stillOnGit(`${use.kind} ${use.name}`.trim(), locateField(tree, { file, doc: use.doc }, use.path), target),
    ),
  );
  for (const { object, namespace, effective } of cluster.kustomizations) {
    const ref = sourceRefOf(effective?.spec, namespace);
    if (ref?.kind === "OCIRepository" && ref.name === sync.name) {
      const path = repositoryPath(effective?.spec, cluster.artifactRoot);
      if (path !== undefined && path !== "" && target.artifactPath !== "" && !tree.isDir(path))
        findings.push(pathMissing(describe(object), locateField(tree, object, ["spec", "path"]), path, target));
      continue;
    }
    if (ref?.kind !== "GitRepository" || ref.name !== sync.name) continue;
    if (ref.namespace !== "" && ref.namespace !== sync.namespace) continue;
    const at = locateField(tree, object, ["spec", "sourceRef"]);
    if (!findings.some((finding) => finding.at?.file === at.file))
      findings.push(stillOnGit(describe(object), at, target));
  }
  const after = readInstanceSync(context);
  return after?.kind === "OCIRepository" ? findings : [...findings, rootLost(target)];
}

function stillOnGit(resource: string, at: Loc, { sync }: OciTarget): DraftFinding {
  return {
    rule: "oci-still-on-git",
    level: "blocker",
    resource,
    at,
    what: `${resource} would still read GitRepository ${sync.name}, which the operator deletes at the switch; it would stall.`,
    why: "fluxlift could not follow where this reference comes from: a replacement, a variable or a patch it cannot evaluate.",
    next: `Change it by hand to kind: OCIRepository in the same merge, or to a GitRepository of its own, and run fluxlift oci again.`,
  };
}

function pathMissing(resource: string, at: Loc, path: string, { artifactPath }: OciTarget): DraftFinding {
  return {
    rule: "oci-path-outside",
    level: "blocker",
    resource,
    at,
    what: `${resource} would build ${path}, which is no folder of this repository.`,
    why: `Its path counts from the root of the artifact, ${artifactPath}/.`,
    next: "Publish a folder that holds it, or the whole repository (leave --artifact-path out).",
  };
}

function rootLost({ at, sync }: OciTarget): DraftFinding {
  return {
    rule: "oci-still-on-git",
    level: "blocker",
    resource: "FluxInstance flux",
    at,
    what: `After the switch the sync of ${sync.name} could not be read back from the tree.`,
    why: "The instance must say kind: OCIRepository with the path of a folder that is there.",
    next: "Check sync of the FluxInstance and run fluxlift oci again.",
  };
}
