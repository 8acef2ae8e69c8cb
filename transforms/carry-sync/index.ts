import { objectsIn } from "../../src/cluster/objects.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { locateField, pointAt } from "../../src/delivery/locations.ts";
import { mayHoldScalar } from "../../src/delivery/patterns.ts";
import { combine, defineTransform, isBeforeCutover, type TransformContext, withApps } from "../contract.ts";
import { compareSync } from "../shared/apps/compare-sync.ts";
import { findInstanceTarget, patchOperations } from "../shared/apps/instance-target.ts";
import { editFile } from "../shared/edit-file.ts";
import { nameBranches } from "./automation-branch.ts";
import { findImageMarkers } from "./image-markers.ts";

/** Says in the instance what the old source and root said: `sync`, and one patch for every field it cannot hold. */
export default defineTransform({
  id: "carry-sync",
  title: "Carry source and root over",
  phases: ["install"],
  applies: (context) => context.options.sync !== "keep" && isBeforeCutover(context),
  run: withApps((context, app) => {
    const { sync } = app.wanted;
    const clash = findNameClash(context, sync.sync?.name ?? context.cluster.namespace);
    if (clash) return { findings: [clash] };
    const automated = findImageMarkers(context);
    if (automated.some(({ level }) => level === "blocker")) return { findings: automated };
    const target = findInstanceTarget(context.tree, context.cluster, app);
    if (!target || !sync.sync) return { findings: [...automated, ...sync.findings], patches: sync.mapping };
    const { ops, findings } = compareSync(context, target, sync.sync);
    ops.push(...patchOperations(target, sync.patches));
    const named = nameBranches(context);
    const said = combine({ findings: [...automated, ...sync.findings, ...findings], patches: sync.mapping }, named);
    if (ops.length === 0) return said;
    const why = "Read the same source, build the same path, and keep every other field of the old source and root.";
    const { tree, cluster } = context;
    const evidence = [cluster.source, cluster.root].flatMap((object) => (object ? locateField(tree, object) : []));
    return combine(said, editFile(tree, target.file, ops, why, evidence));
  }),
});

/** The generated source would take over an unrelated one of the same kind and name. */
function findNameClash({ tree, cluster }: TransformContext, name: string): DraftFinding | undefined {
  const { source } = cluster;
  if (!source || source.name === name) return undefined;
  const files = tree
    .grep("toolkit.fluxcd.io")
    .filter((file) => cluster.manifests.has(file))
    .filter((file) => [name, source.kind].every((word) => mayHoldScalar(tree.read(file) ?? "", word)));
  const clash = objectsIn(tree, files).find(
    (object) =>
      object.kind === source.kind &&
      object.name === name &&
      (object.namespace === "" || object.namespace === cluster.namespace),
  );
  const facts = { kind: source.kind, name };
  return clash && { rule: "sync-name-taken", level: "blocker", ...pointAt(tree, clash), facts };
}
