import { readObjects } from "../../src/cluster/objects.ts";
import type { KubeObject, YamlData } from "../../src/contract/objects.ts";
import { findKustomization } from "../../src/delivery/kustomize/index.ts";
import { pointAt } from "../../src/delivery/locations.ts";
import { dirname } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";
import { editYaml } from "../../src/yaml/edit.ts";
import type { YamlOp } from "../../src/yaml/types.ts";
import { combine, defineTransform, type Outcome, type TransformContext, withTarget } from "../contract.ts";
import { readTargetIn } from "../shared/apps/instance-target.ts";
import { unlistResources } from "../shared/apps/listing.ts";
import { editFile } from "../shared/edit-file.ts";
import { addCompanion } from "../shared/oci/companion.ts";
import { futureSource, movePatches } from "../shared/oci/instance-patches.ts";
import { findBridge, findNamesakes } from "../shared/oci/sync.ts";
import type { OciTarget } from "../shared/oci/types.ts";

/**
 * Declares the artifact's source, under the name of the sync, while Flux still reads Git: it proves that the artifact is
 * published and can be pulled, and every FluxKustomization finds its new source whatever the order in which they switch.
 * Without it the one that delivers the instance would wait for a source that only the instance makes. The operator
 * adopts it at the switch, and cleanup takes the file away (flux-facts 2.1 and 2.4).
 */
export default defineTransform({
  id: "artifact-source",
  title: "Declare the artifact's source until the operator makes it",
  phases: ["prepare", "cleanup"],
  run: withTarget((context, target) => {
    const bridge = findBridge(context.tree, context.cluster, target.sync)?.object;
    if (context.phase === "cleanup") {
      return bridge && target.sync.kind === "OCIRepository" ? removeBridge(context, bridge) : {};
    }
    if (bridge || target.sync.kind !== "GitRepository") return {};
    const namesake = findNamesakes(context.tree, context.cluster, target.sync)[0]?.object;
    if (!namesake) return declareBridge(context, target);
    const place = pointAt(context.tree, namesake);
    return { findings: [{ rule: "oci-name-taken", level: "blocker", ...place, facts: { name: namesake.name } }] };
  }),
});

function declareBridge(context: TransformContext, target: OciTarget): Outcome {
  const { ops, findings } = movePatches(context.tree, target);
  const patches = patchesAfter(context.tree, target, ops);
  const added = addCompanion(context, target.sync, {
    file: "artifact",
    data: futureSource(target, patches),
    schema: "OCIRepository",
    why: "Fetch the artifact before anything depends on it.",
    evidence: [target.at],
  });
  const blockers = findings.filter(({ level }) => level === "blocker");
  return combine(added, { findings: blockers });
}

/** The patches of the instance as the switch will leave them, as data. */
function patchesAfter(tree: Tree, { sync }: OciTarget, ops: readonly YamlOp[]): YamlData {
  const { file, doc, base, spec } = sync.target;
  const edited = editYaml(tree.read(file) ?? "", ops);
  const after = edited.ok ? readTargetIn(edited.text, file, doc, base) : undefined;
  return (after?.spec ?? spec).kustomize?.patches;
}

function removeBridge({ tree }: TransformContext, { file, doc }: KubeObject): Outcome {
  const why = "The FluxInstance generates this source now.";
  if (readObjects(tree, file).objects.length > 1) return editFile(tree, file, [{ op: "delete-document", doc }], why);
  const deleted: Outcome = { edits: [{ kind: "delete", path: file, why }] };
  for (let dir = dirname(file); ; dir = dirname(dir)) {
    const listing = findKustomization(tree, dir);
    if (listing && listing.error === undefined)
      return combine(deleted, unlistResources(tree, listing.path, dir, new Set([file])));
    if (dir === "") return deleted;
  }
}
