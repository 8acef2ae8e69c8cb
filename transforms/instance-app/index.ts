import { instanceOf } from "../../src/cluster/instances.ts";
import type { InstanceDescription } from "../../src/cluster/types.ts";
import type { DraftEdit } from "../../src/contract/edit.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { itemsOf, valueAt, type YamlData } from "../../src/contract/objects.ts";
import { describe, isFluxInstance } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { InstanceSpec } from "../../src/instance/spec.ts";
import { EMBEDDED_FLUX, type FluxVersion, formatFluxVersion, isLaterFlux } from "../../src/release/releases.ts";
import { RawYaml } from "../../src/yaml/raw.ts";
import {
  combine,
  defineTransform,
  isBeforeCutover,
  type Outcome,
  type TransformContext,
  withApps,
} from "../contract.ts";
import { compareSync } from "../shared/apps/compare-sync.ts";
import { completeApp, findPrunable } from "../shared/apps/complete.ts";
import { createApp, createInstance, DESCRIBE_FLUX } from "../shared/apps/create.ts";
import { compareFields, countOwnPatches, findInstanceTarget, patchOperations } from "../shared/apps/instance-target.ts";
import type { AppContext, InstanceTarget } from "../shared/apps/types.ts";
import { editFile } from "../shared/edit-file.ts";
import { withComments, withFieldComments } from "./sync-comments.ts";
import { findUndelivered } from "./undelivered.ts";

/** Adds the flux-instance app (distribution, components, cluster), or completes the instance that is there. */
export default defineTransform({
  id: "instance-app",
  title: "Add the flux-instance app",
  phases: ["install"],
  applies: isBeforeCutover,
  run: withApps((context, app) => {
    const duplicate = context.cluster.instances[1];
    if (duplicate) {
      const { object } = duplicate;
      const place = { resource: `${object.kind} ${object.name}`, at: locateField(context.tree, object) };
      return { findings: [{ rule: "instance-duplicate", level: "blocker", ...place, facts: { isDelivered: true } }] };
    }
    const existing = instanceOf(context.cluster);
    if (existing) return completeInstance(context, app, existing);
    const { spec, fieldComments = {} } = app.wanted;
    const said = withFieldComments(spec, fieldComments, app.conventions.style);
    const instance = { ...said, ...portedSpec(context, app) };
    // Helm's own keep switch: even an uninstalled release leaves the FluxInstance, hence Flux, in place (trap 5).
    const values = { commonAnnotations: { "helm.sh/resource-policy": "keep" }, instance };
    const created = app.placement.direct
      ? createInstance(context, app, instance)
      : createApp(context, app, "flux-instance", values, DESCRIBE_FLUX);
    return combine(created, { findings: findUndelivered(context, (target) => contradicts(context, app, target)) });
  }),
});

/**
 * What port-patches and carry-sync would add to a new instance, written with it in one go: they then find nothing left
 * to add, and the file is printed once instead of being parsed and spliced four times.
 */
function portedSpec(context: TransformContext, { wanted: { patches, sync }, conventions }: AppContext) {
  const { options } = context;
  const runs = (id: string) => (options.only.length === 0 || options.only.includes(id)) && !options.skip.includes(id);
  const isSynced = runs("carry-sync") && options.sync !== "keep";
  const all = [...(runs("port-patches") ? patches : []), ...(isSynced ? sync.patches : [])];
  return {
    ...(all.length > 0 ? { kustomize: { patches: all.map(({ raw }) => new RawYaml(raw)) } } : {}),
    ...(isSynced && sync.sync
      ? { sync: withComments(context, { sync: sync.sync, comments: sync.comments }, all, conventions.style) }
      : {}),
  };
}

function completeInstance(context: TransformContext, app: AppContext, existing: InstanceDescription): Outcome {
  const target = findInstanceTarget(context.tree, context.cluster, app);
  if (!target) return {};
  const { spec, version } = app.wanted;
  const { ops, findings } = compareFields(context.tree, target, { ...spec }, (...said) => agrees(...said, version));
  findings.push(...listExtras(context, target, existing, spec));
  const completed =
    existing.form === "chart"
      ? completeApp(context, app, existing.object, "flux-instance")
      : combine({
          findings: isFluxInstance(existing.object) ? findPrunable(context, existing.object, "flux-instance") : [],
        });
  if (ops.length === 0) return combine(completed, { findings });
  const why = "Complete the FluxInstance that is already here.";
  const edited = editFile(context.tree, target.file, ops, why, [app.wanted.install.at]);
  const [edit] = edited.edits ?? [];
  const edits = edit ? mergeSameFile(completed.edits, edit) : completed.edits;
  return { edits, findings: [...completed.findings, ...findings, ...(edited.findings ?? [])] };
}

/** The fields of an instance that say something else than is wanted. */
function contradicts(context: TransformContext, { wanted }: AppContext, target: InstanceTarget): string[] {
  const { tree, options } = context;
  const { findings } = compareFields(tree, target, { ...wanted.spec }, (...said) => agrees(...said, wanted.version));
  const { sync } = wanted.sync;
  if (sync && options.sync !== "keep") findings.push(...compareSync(context, target, sync).findings);
  const other = findings.flatMap((one) =>
    "facts" in one && one.rule === "instance-contradiction"
      ? [one.facts.isSync ? `sync.${one.facts.path}` : one.facts.path]
      : [],
  );
  other.push(...listChanges(target, wanted.spec).map((path) => path.join(".")));
  const patches = [...wanted.patches, ...wanted.sync.patches];
  const areBoth = patches.length > 0 && itemsOf(target.spec.kustomize?.patches).length > 0;
  const differ = areBoth && (patchOperations(target, patches).length > 0 || countOwnPatches(target, patches) > 0);
  return [...other, ...(differ ? ["kustomize.patches"] : [])];
}

/** Two edits of one file in one transform would both be against the same bytes; their ranges never overlap here. */
function mergeSameFile(edits: DraftEdit[], next: DraftEdit): DraftEdit[] {
  const same = edits.find((edit) => edit.path === next.path && edit.kind === "replace");
  if (same?.kind !== "replace" || next.kind !== "replace") return [...edits, next];
  const ranges = [...same.ranges, ...next.ranges].sort((a, b) => a.start - b.start);
  return edits.map((edit) => (edit === same ? { ...same, ranges, why: `${same.why} ${next.why}` } : edit));
}

function agrees(path: readonly string[], wanted: YamlData, now: YamlData, version: FluxVersion): boolean {
  if (path.at(-1) === "components")
    return Array.isArray(now) && wanted.length === now.length && wanted.every((item: string) => now.includes(item));
  // A patch release of the installed minor is the owner's choice.
  if (path.at(-1) === "version") return keepsVersion(now, version);
  return JSON.stringify(wanted) === JSON.stringify(now);
}

/**
 * Whether an owner's `distribution.version` keeps the running Flux: the installed minor, or an embedded patch release of
 * it that is not older. Ranges over several minors move with the operator (traps 14, 16, 17 and 59).
 */
function keepsVersion(written: unknown, running: FluxVersion): boolean {
  const match = /^(~?)v?(\d+)\.(\d+)(?:\.(x|X|\*|\d+))?$/.exec(String(written).trim());
  if (!match || Number(match[2]) !== running.major || Number(match[3]) !== running.minor) return false;
  const patch = match[4];
  if (match[1] === "~" || patch === undefined || !/^\d+$/.test(patch)) return true;
  const version = { major: running.major, minor: running.minor, patch: Number(patch) };
  const isThere = EMBEDDED_FLUX.includes(formatFluxVersion(version)) || isLaterFlux(version);
  return isThere && version.patch >= running.patch;
}

/** Fields the flux-instance chart knows nothing of (0.49.0; flux-facts 5.4, trap 57). */
const CHART_DROPS = [["wait"], ["migrateResources"], ["sharding", "storage"]];

/** Fields that change the controllers at the takeover when the old install does not have them (traps 23, 32 and 33). */
const CHANGES: readonly (readonly [path: string[], isQuiet: (value: YamlData) => boolean])[] = [
  [["cluster", "size"], isEmpty],
  // It is in the addresses that the controllers call each other by.
  [["cluster", "domain"], (value) => isEmpty(value) || value === "cluster.local"],
  [["cluster", "multitenant"], isEmpty],
  [["cluster", "objectLevelWorkloadIdentity"], isEmpty],
  [["cluster", "multitenantWorkloadIdentity"], isEmpty],
  [["cluster", "type"], (value) => isEmpty(value) || value !== "openshift"],
  [["sharding", "shards"], (value) => !Array.isArray(value) || value.length === 0],
  [["storage", "size"], isEmpty],
];

/** What an owner's instance says beyond the running install, and what its chart will not say for it. */
function listExtras(
  { tree }: TransformContext,
  target: InstanceTarget,
  { form, object }: InstanceDescription,
  wanted: InstanceSpec,
): DraftFinding[] {
  const findings: DraftFinding[] = [];
  const place = { level: "caution", resource: describe(object) } as const;
  const at = (path: readonly string[]) =>
    locateField(tree, { file: target.file, doc: target.doc }, [...target.base, ...path]);
  for (const path of form === "chart" ? CHART_DROPS : []) {
    const value = valueAt(target.spec, path);
    if (value === undefined) continue;
    findings.push({ rule: "instance-field-ignored", ...place, at: at(path), facts: { path: path.join("."), value } });
  }
  const { sync } = target.spec;
  if (form === "chart" && isEmpty(sync?.url) && Object.values(sync ?? {}).some((value) => !isEmpty(value))) {
    findings.push({ rule: "instance-field-ignored", ...place, at: at(["sync"]), facts: { path: "sync" } });
  }
  for (const path of listChanges(target, wanted)) {
    const facts = { path: path.join("."), value: valueAt(target.spec, path) };
    findings.push({ rule: "instance-changes-more", ...place, at: at(path), facts });
  }
  return findings;
}

/** The fields of an instance that change the controllers beyond what is wanted. */
function listChanges({ spec }: InstanceTarget, wanted: InstanceSpec): string[][] {
  return CHANGES.filter(([path, isQuiet]) => !isQuiet(valueAt(spec, path)) && valueAt(wanted, path) === undefined).map(
    ([path]) => path,
  );
}

function isEmpty(value: YamlData): boolean {
  return value === undefined || value === null || value === "" || value === false;
}
