import { stateOf } from "../../src/cluster/instances.ts";
import { combine, defineTransform, withApps } from "../contract.ts";
import { patchOperations } from "../shared/apps/add-patches.ts";
import { findInstanceTarget } from "../shared/apps/instance-target.ts";
import { editFile } from "../shared/edit-file.ts";

/** Moves every patch of the old install into `kustomize.patches` of the instance, or reports why it does not. */
export default defineTransform({
  id: "port-patches",
  title: "Port patches of the old install",
  phases: ["install"],
  applies: ({ cluster }) => cluster.install !== undefined && !["cut-over", "done"].includes(stateOf(cluster)),
  run: withApps((context, app) => {
    const { patches, findings, mapping } = app.wanted;
    const target = findInstanceTarget(context.tree, context.cluster, app);
    const said = { findings, patches: mapping };
    const ops = target ? patchOperations(target, patches) : [];
    if (!target || ops.length === 0) return said;
    const evidence = patches.map(({ from }) => from);
    return combine(said, editFile(context.tree, target.file, ops, "Keep every patch of the old install.", evidence));
  }),
});
