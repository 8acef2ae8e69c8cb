import { instanceOf, stateOf } from "../../src/cluster/instances.ts";
import type { InstanceDescription } from "../../src/cluster/types.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { WantedInstance } from "../../src/instance/want.ts";
import type { FluxVersion } from "../../src/release/releases.ts";
import { RawYaml } from "../../src/yaml/raw.ts";
import {
  combine,
  defineTransform,
  type Outcome,
  type TransformContext,
  type TransformResult,
  withApps,
} from "../contract.ts";
import { completeApp } from "../shared/apps/complete.ts";
import { createApp } from "../shared/apps/create.ts";
import { createInstance } from "../shared/apps/direct.ts";
import { compareFields, findInstanceTarget } from "../shared/apps/instance-target.ts";
import type { AppContext } from "../shared/apps/types.ts";
import { editFile } from "../shared/edit-file.ts";
import { findUndelivered, keepsVersion, listExtras } from "./instance-extras.ts";

/** Adds the flux-instance app (distribution, components, cluster), or completes the instance that is there. */
export default defineTransform({
  id: "instance-app",
  title: "Add the flux-instance app",
  phases: ["install"],
  applies: ({ cluster }) => !["cut-over", "done"].includes(stateOf(cluster)),
  run: withApps((context, app) => {
    const duplicate = context.cluster.instances[1];
    if (duplicate) return { findings: [secondInstance(context, duplicate)] };
    const existing = instanceOf(context.cluster);
    if (existing) return completeInstance(context, app, existing);
    const instance = { ...app.wanted.spec, ...portedSpec(context, app.wanted) };
    if (app.placement.direct)
      return combine(createInstance(context, app, instance), { findings: findUndelivered(context) });
    // Helm's own keep switch: even an uninstalled release leaves the FluxInstance, hence Flux, in place (trap 5).
    const values = { commonAnnotations: { "helm.sh/resource-policy": "keep" }, instance };
    const why = "Describe the running Flux as a FluxInstance.";
    const created = createApp(context, app, "flux-instance", values, why);
    return combine(created, { findings: findUndelivered(context) });
  }),
});

/**
 * What port-patches and carry-sync would add to a new instance, written with it in one go: they then find nothing left
 * to add, and the file is printed once instead of being parsed and spliced four times.
 */
function portedSpec({ options }: TransformContext, { patches, sync }: WantedInstance) {
  const runs = (id: string) => (options.only.length === 0 || options.only.includes(id)) && !options.skip.includes(id);
  const isSynced = runs("carry-sync") && options.sync !== "keep";
  const all = [...(runs("port-patches") ? patches : []), ...(isSynced ? sync.patches : [])];
  return {
    ...(all.length > 0 ? { kustomize: { patches: all.map(({ raw }) => new RawYaml(raw)) } } : {}),
    ...(isSynced && sync.sync ? { sync: sync.sync } : {}),
  };
}

function completeInstance(context: TransformContext, app: AppContext, existing: InstanceDescription): Outcome {
  const target = findInstanceTarget(context.tree, context.cluster, app);
  if (!target) return {};
  const { spec, version } = app.wanted;
  const { ops, findings } = compareFields(context.tree, target, { ...spec }, (...said) => agrees(...said, version));
  findings.push(...listExtras(context, target, existing, spec));
  const completed = existing.form === "chart" ? completeApp(context, app, existing.object, "flux-instance") : combine();
  if (ops.length === 0) return combine(completed, { findings });
  const why = "Complete the FluxInstance that is already here.";
  const edited = editFile(context.tree, target.file, ops, why, [app.wanted.install.at]);
  const [edit] = edited.edits ?? [];
  return combine(
    { edits: edit ? mergeSameFile(completed.edits, edit) : completed.edits },
    { findings: completed.findings },
    { findings },
    { findings: edited.findings ?? [] },
  );
}

/** Two edits of one file in one transform would both be against the same bytes; their ranges never overlap here. */
function mergeSameFile(
  edits: TransformResult["edits"],
  next: TransformResult["edits"][number],
): TransformResult["edits"] {
  const same = edits.find((edit) => edit.path === next.path && edit.kind === "replace");
  if (same?.kind !== "replace" || next.kind !== "replace") return [...edits, next];
  const ranges = [...same.ranges, ...next.ranges].sort((a, b) => a.start - b.start);
  return edits.map((edit) => (edit === same ? { ...same, ranges, why: `${same.why} ${next.why}` } : edit));
}

function agrees(path: readonly string[], wanted: YamlData, now: YamlData, version: FluxVersion): boolean {
  if (path.at(-1) === "components") return sameSet(wanted, now);
  // A patch release of the installed minor is the owner's choice.
  if (path.at(-1) === "version") return keepsVersion(now, version);
  return JSON.stringify(wanted) === JSON.stringify(now);
}

function sameSet(a: YamlData, b: YamlData): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return false;
  return a.length === b.length && a.every((item) => b.includes(item));
}

function secondInstance({ tree }: TransformContext, { object }: InstanceDescription): DraftFinding {
  const [resource, at] = [`${object.kind} ${object.name}`, locateField(tree, object)];
  return { rule: "instance-duplicate", level: "blocker", resource, at, facts: { isDelivered: true } };
}
