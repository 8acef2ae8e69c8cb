import type { Loc } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { groupBy } from "../../src/contract/group-by.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { findLostSelectors } from "../../src/instance/lost-selectors.ts";
import { comparePrepared, findFailing } from "../../src/instance/prepared.ts";
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
    if (!target) return said;
    const own = countOwnPatches(target, [...patches, ...app.wanted.sync.patches]);
    const list = target.spec.kustomize?.patches;
    const failing = own > 0 ? findFailing(app.wanted, target.spec, context.cluster.namespace) : undefined;
    if (failing) {
      const path = [...target.base, "kustomize", "patches", failing.index];
      const facts = { title: `kustomize.patches[${failing.index}]`, failure: failing.failure };
      const at = locateField(context.tree, target, path);
      said.findings.push({ rule: "patch-breaks-build", level: "blocker", resource: "FluxInstance flux", at, facts });
    }
    const prepared = own > 0 ? comparePrepared(app.wanted, list, context.cluster.namespace) : undefined;
    const missing = patches.filter((patch) => !prepared?.idle.has(patch));
    const ops = patchOperations(target, missing);
    const at = locateField(context.tree, target, [...target.base, "kustomize", "patches"]);
    if (ops.length === 0) return combine(said, { findings: reportMore(prepared?.changed ?? [], at) });
    const evidence = missing.map(({ from }) => from);
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

/** What patches of an owner, behind which none of the old install has to come, change at the takeover. */
function reportMore(changed: readonly string[], at: Loc): DraftFinding[] {
  if (changed.length === 0) return [];
  const objects = changed.map((id) => id.replace("/", " "));
  const place = { level: "caution", resource: "FluxInstance flux", at } as const;
  return [{ rule: "instance-changes-more", ...place, facts: { path: "kustomize.patches", objects } }];
}

function reportLost(wanted: WantedInstance, namespace: string): DraftFinding[] {
  const fields = groupBy(findLostSelectors(wanted, namespace), ({ field, label }) => `${field} ${label}`);
  return [...fields.values()].map((lost) => {
    const { field, label } = lost[0]!;
    const from = wanted.patches.find(({ data: { patch } }) => patch.includes(label))?.from ?? wanted.install.at;
    const controllers = [...new Set(lost.map(({ controller }) => controller))];
    return { rule: "patch-selects-nobody", level: "caution", at: from, facts: { controllers, field, label } };
  });
}
