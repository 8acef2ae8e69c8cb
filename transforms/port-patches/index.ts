import type { DraftFinding } from "../../src/contract/finding.ts";
import { groupBy } from "../../src/contract/group-by.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { findLostSelectors } from "../../src/instance/lost-selectors.ts";
import type { WantedInstance } from "../../src/instance/want.ts";
import { combine, defineTransform, isBeforeCutover, withApps } from "../contract.ts";
import { countOwnPatches, findInstanceTarget, patchOperations } from "../shared/apps/instance-target.ts";
import { editFile } from "../shared/edit-file.ts";
import { findIdleComponents, findIdleImages, findIdleMarkers } from "./image-markers.ts";
import { reportLostPods } from "./lost-pods.ts";

/** Moves every patch of the old install into `kustomize.patches` of the instance, or reports why it does not. */
export default defineTransform({
  id: "port-patches",
  title: "Port patches of the old install",
  phases: ["install"],
  applies: (context) => context.cluster.install !== undefined && isBeforeCutover(context),
  run: withApps((context, app) => {
    const { patches, findings, mapping } = app.wanted;
    const target = findInstanceTarget(context.tree, context.cluster, app);
    const lost = [
      ...reportLost(app.wanted, context.cluster.namespace),
      ...reportLostPods(context.before, context.cluster, app.wanted),
      ...findIdleMarkers(context.before, app.wanted),
      ...findIdleImages(context.before, context.cluster, app.wanted),
      ...findIdleComponents(context.before, app.wanted),
    ];
    const said = { findings: [...findings, ...lost], patches: mapping };
    const ops = target ? patchOperations(target, patches) : [];
    if (!target || ops.length === 0) return said;
    const evidence = patches.map(({ from }) => from);
    const own = countOwnPatches(target, patches);
    const at = locateField(context.tree, target, [...target.base, "kustomize", "patches"]);
    const joined = {
      rule: "instance-patches-joined",
      level: "caution",
      resource: "FluxInstance flux",
      at,
      facts: { own, added: ops.length },
    } as const;
    return combine(
      said,
      own > 0 ? { findings: [joined] } : {},
      editFile(context.tree, target.file, ops, "Keep every patch of the old install.", evidence),
    );
  }),
});

function reportLost(wanted: WantedInstance, namespace: string): DraftFinding[] {
  const fields = groupBy(findLostSelectors(wanted, namespace), ({ field, label }) => `${field} ${label}`);
  return [...fields.values()].map((lost) => {
    const { field, label } = lost[0]!;
    const from = wanted.patches.find(({ data: { patch } }) => patch.includes(label))?.from ?? wanted.install.at;
    const controllers = [...new Set(lost.map(({ controller }) => controller))];
    return { rule: "patch-selects-nobody", level: "caution", at: from, facts: { controllers, field, label } };
  });
}
