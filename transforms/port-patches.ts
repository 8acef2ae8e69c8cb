import { editFile } from "../src/engine/edit-file.ts";
import { defineTransform, type TransformResult } from "../src/engine/transform.ts";
import { patchOperations } from "../src/flux/apps/add-patches.ts";
import { prepareApps } from "../src/flux/apps/context.ts";
import { findInstanceTarget } from "../src/flux/apps/instance-target.ts";
import { portInstall } from "../src/flux/apps/ported.ts";
import { stateOf } from "../src/flux/state.ts";

/** Moves every patch of the old install into `kustomize.patches` of the instance, or reports why it does not. */
export default defineTransform({
  id: "port-patches",
  title: "Port patches of the old install",
  phases: ["install"],
  docs: "docs/transforms/port-patches.md",
  applies: ({ cluster }) => cluster.install !== undefined && !["cut-over", "done"].includes(stateOf(cluster)),
  run(context): TransformResult {
    const { app } = prepareApps(context);
    if (!app) return { edits: [], findings: [] };
    const { patches, findings, mapping } = portInstall(context, app);
    const target = findInstanceTarget(context, app);
    if (!target) return { edits: [], findings, patches: mapping };
    const ops = patchOperations(target, patches);
    if (ops.length === 0) return { edits: [], findings, patches: mapping };
    const evidence = patches.map(({ from }) => from);
    const { edit, finding } = editFile(
      context.tree,
      target.file,
      ops,
      "Keep every patch of the old install.",
      evidence,
    );
    return { edits: edit ? [edit] : [], findings: finding ? [...findings, finding] : findings, patches: mapping };
  },
});
