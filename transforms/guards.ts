import { editFile } from "../src/engine/edit-file.ts";
import {
  type DraftFinding,
  defineTransform,
  type TransformContext,
  type TransformResult,
} from "../src/engine/transform.ts";
import type { DraftEdit } from "../src/engine/types.ts";
import { prepareApps } from "../src/flux/apps/context.ts";
import { GUARD_MARK } from "../src/flux/guard-mark.ts";
import { describe, isHelmRelease } from "../src/flux/kinds.ts";
import { locateField } from "../src/flux/locations.ts";
import { stateOf } from "../src/flux/state.ts";
import type { KubeObject } from "../src/flux/types.ts";

/**
 * Adds, in the install phase, what later phases need to be in effect in the cluster: `suspend: true` on a flux2
 * HelmRelease, since only a suspended release is not uninstalled when it is deleted (trap 62), and `prune: false` on a
 * root that gets another name, since the old root would take its children with it (trap 8c).
 */
export default defineTransform({
  id: "guards",
  title: "Guard what later phases remove",
  phases: ["install"],
  docs: "docs/transforms/guards.md",
  applies: ({ cluster }) => !["cut-over", "done"].includes(stateOf(cluster)),
  run(context): TransformResult {
    if (!prepareApps(context).app) return { edits: [], findings: [] };
    const { cluster, options } = context;
    const edits: DraftEdit[] = [];
    const findings: DraftFinding[] = [];
    const guard = (object: KubeObject, field: string, value: boolean, why: string) => {
      if (object.data?.spec?.[field] === value) return;
      const op = {
        op: "set",
        doc: object.doc,
        path: ["spec", field],
        value: { raw: `${value} # ${GUARD_MARK}` },
      } as const;
      const { edit, finding } = editFile(context.tree, object.file, [op], why, [locateField(context.tree, object)]);
      if (edit) edits.push(edit);
      if (finding) findings.push(finding);
      findings.push(guarded(context, object, field, value, why));
    };
    for (const release of cluster.install?.objects.filter(isHelmRelease) ?? []) {
      guard(
        release,
        "suspend",
        true,
        "Deleting a HelmRelease uninstalls what it installed, here Flux; a suspended one is left alone.",
      );
    }
    if (options.sync === "rename" && cluster.root.name !== cluster.namespace) {
      guard(cluster.root, "prune", false, "The old root must not take its children along when it goes.");
    }
    return { edits, findings };
  },
});

function guarded(
  { tree }: TransformContext,
  object: KubeObject,
  field: string,
  value: boolean,
  why: string,
): DraftFinding {
  return {
    rule: "guard-added",
    level: "info",
    resource: describe(object),
    at: locateField(tree, object, ["spec"]),
    what: `${describe(object)} gets ${field}: ${value} for the time of the migration.`,
    why,
    next: "Wait until it is reconciled before the cutover phase is merged.",
  };
}
