import { editFile } from "../src/engine/edit-file.ts";
import { defineTransform, type TransformContext, type TransformResult } from "../src/engine/transform.ts";
import { unlistResources } from "../src/flux/apps/listing.ts";
import { describe } from "../src/flux/kinds.ts";
import { locateField } from "../src/flux/locations.ts";
import { readObjects } from "../src/flux/objects.ts";
import { addCompanion } from "../src/flux/oci/companion.ts";
import { futurePatches } from "../src/flux/oci/future.ts";
import { futureSource } from "../src/flux/oci/instance-patches.ts";
import { findBridge, findNamesakes } from "../src/flux/oci/sync.ts";
import { type OciTarget, settleTarget } from "../src/flux/oci/target.ts";
import type { KubeObject } from "../src/flux/types.ts";
import { findKustomization } from "../src/kustomize/index.ts";

/**
 * Declares the artifact's source, under the name of the sync, while Flux still reads Git: it proves that the artifact is
 * published and can be pulled, and every FluxKustomization finds its new source whatever the order in which they switch.
 * Without it the one that delivers the instance would wait for a source that only the instance makes. The operator
 * adopts it at the switch, and cleanup takes the file away (flux-semantics 2.1 and 2.4).
 */
export default defineTransform({
  id: "artifact-source",
  title: "Declare the artifact's source until the operator makes it",
  phases: ["prepare", "cleanup"],
  docs: "docs/transforms/artifact-source.md",
  applies: () => true,
  run(context): TransformResult {
    const { target } = settleTarget(context);
    if (!target) return { edits: [], findings: [] };
    const bridge = findBridge(context, target.sync)?.object;
    if (context.phase === "cleanup") {
      return bridge && target.sync.kind === "OCIRepository"
        ? removeBridge(context, bridge)
        : { edits: [], findings: [] };
    }
    if (bridge || target.sync.kind !== "GitRepository") return { edits: [], findings: [] };
    const namesake = findNamesakes(context, target.sync)[0]?.object;
    return namesake ? { edits: [], findings: [nameTaken(context, namesake)] } : declareBridge(context, target);
  },
});

function declareBridge(context: TransformContext, target: OciTarget): TransformResult {
  const { patches, findings } = futurePatches(context.tree, target);
  const added = addCompanion(context, target.sync, {
    file: "artifact",
    data: futureSource(target, patches),
    schema: "OCIRepository",
    why: "Fetch the artifact before anything depends on it.",
    evidence: [target.at],
  });
  const blockers = findings.filter(({ level }) => level === "blocker");
  return { edits: added.edits, findings: [...added.findings, ...blockers] };
}

function removeBridge({ tree }: TransformContext, { file, doc }: KubeObject): TransformResult {
  const why = "The FluxInstance generates this source now.";
  if (readObjects(tree, file).objects.length > 1) {
    const { edit, finding } = editFile(tree, file, [{ op: "delete-document", doc }], why);
    return { edits: edit ? [edit] : [], findings: finding ? [finding] : [] };
  }
  const result: TransformResult = { edits: [{ kind: "delete", path: file, why }], findings: [] };
  for (let dir = file; dir.includes("/"); ) {
    dir = dir.slice(0, dir.lastIndexOf("/"));
    const listing = findKustomization(tree, dir);
    if (!listing || listing.error !== undefined) continue;
    const { edit, finding } = unlistResources(tree, listing.path, dir, new Set([file]), "Stop listing what is gone.");
    if (edit) result.edits.push(edit);
    if (finding) result.findings.push(finding);
    break;
  }
  return result;
}

function nameTaken({ tree }: TransformContext, object: KubeObject) {
  return {
    rule: "oci-name-taken",
    level: "blocker" as const,
    resource: describe(object),
    at: locateField(tree, object),
    what: `The operator would generate an OCIRepository called ${object.name} and overwrite this one.`,
    why: "The generated source bears the name of the sync, which cannot change, and this object already has it.",
    next: "Rename this object and what refers to it, merge that, and run fluxlift oci again.",
  };
}
