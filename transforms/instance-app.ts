import { editFile } from "../src/engine/edit-file.ts";
import {
  type DraftFinding,
  defineTransform,
  type TransformContext,
  type TransformResult,
} from "../src/engine/transform.ts";
import { completeApp } from "../src/flux/apps/complete.ts";
import { type AppContext, prepareApps } from "../src/flux/apps/context.ts";
import { createApp } from "../src/flux/apps/create.ts";
import { createInstance } from "../src/flux/apps/direct.ts";
import { findUndelivered, keepsVersion, listExtras } from "../src/flux/apps/instance-extras.ts";
import { findInstanceTarget, type InstanceTarget } from "../src/flux/apps/instance-target.ts";
import { portInstall } from "../src/flux/apps/ported.ts";
import { locateField } from "../src/flux/locations.ts";
import { instanceOf, stateOf } from "../src/flux/state.ts";
import type { Install, InstanceDescription, YamlData } from "../src/flux/types.ts";
import { RawYaml } from "../src/yaml/raw.ts";
import type { YamlOp } from "../src/yaml/types.ts";

/** Adds the flux-instance app (distribution, components, cluster), or completes the instance that is there. */
export default defineTransform({
  id: "instance-app",
  title: "Add the flux-instance app",
  phases: ["install"],
  docs: "docs/transforms/instance-app.md",
  applies: ({ cluster }) => !["cut-over", "done"].includes(stateOf(cluster)),
  run(context): TransformResult {
    const { app } = prepareApps(context);
    if (!app) return { edits: [], findings: [] };
    const duplicate = context.cluster.instances[1];
    if (duplicate) return { edits: [], findings: [secondInstance(context, duplicate)] };
    const wanted = instanceSpec(context, app);
    const existing = instanceOf(context.cluster);
    if (existing) return completeInstance(context, app, existing, wanted);
    const annotations = portInstall(context, app).releaseAnnotations;
    if (app.placement.direct) {
      const spec = { ...wanted, ...portedSpec(context, app) };
      const { edits, findings } = createInstance(context, app, spec, annotations);
      return { edits, findings: [...findings, ...findUndelivered(context)] };
    }
    // Helm's own keep switch: even an uninstalled release leaves the FluxInstance, hence Flux, in place (trap 5).
    const values = {
      commonAnnotations: { "helm.sh/resource-policy": "keep" },
      instance: { ...wanted, ...portedSpec(context, app) },
    };
    const why = "Describe the running Flux as a FluxInstance.";
    const { edits, findings } = createApp(context, app, "flux-instance", values, why, annotations);
    return { edits, findings: [...findings, ...findUndelivered(context)] };
  },
});

function instanceSpec(context: TransformContext, app: AppContext): YamlData {
  const { desired } = app;
  const { fields, components } = portInstall(context, app);
  const { imagePullSecret, domain, multitenant, objectLevelWorkloadIdentity } = fields;
  const registry = desired.install.registry?.value;
  const commonMetadata = readCommonMetadata(desired.install);
  return {
    distribution: {
      version: desired.range,
      ...(registry ? { registry } : {}),
      ...(imagePullSecret ? { imagePullSecret } : {}),
    },
    ...(commonMetadata ? { commonMetadata } : {}),
    components,
    cluster: {
      // Always written: the default is true, and previews differ from the cluster when it is left out (trap 30).
      networkPolicy: fields.networkPolicy ?? true,
      ...(domain ? { domain } : {}),
      ...(multitenant ? { multitenant: true, ...multitenant } : {}),
      ...(objectLevelWorkloadIdentity ? { objectLevelWorkloadIdentity } : {}),
    },
  };
}

/** Labels and annotations that kustomizations set on every object of the install; the operator sets them last. */
function readCommonMetadata({ gotk }: Install): YamlData {
  const entries = Object.entries(gotk?.commonMetadata ?? {}).filter(([, map]) => Object.keys(map).length > 0);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/**
 * What port-patches and carry-sync would add to a new instance, written with it in one go: they then find nothing left
 * to add, and the file is printed once instead of being parsed and spliced four times.
 */
function portedSpec(context: TransformContext, app: AppContext): YamlData {
  const { options } = context;
  const runs = (id: string) => (options.only.length === 0 || options.only.includes(id)) && !options.skip.includes(id);
  const { patches, sync } = portInstall(context, app);
  const isSynced = runs("carry-sync") && options.sync !== "keep";
  const all = [...(runs("port-patches") ? patches : []), ...(isSynced ? sync.patches : [])];
  return {
    ...(all.length > 0 ? { kustomize: { patches: all.map(({ raw }) => new RawYaml(raw)) } } : {}),
    ...(isSynced && sync.sync ? { sync: sync.sync } : {}),
  };
}

function completeInstance(
  context: TransformContext,
  app: AppContext,
  existing: InstanceDescription,
  wanted: YamlData,
): TransformResult {
  const target = findInstanceTarget(context, app);
  if (!target) return { edits: [], findings: [] };
  const { ops, findings } = compareSpec(context, app, target, wanted);
  findings.push(...listExtras(context, target, existing, wanted));
  const result: TransformResult =
    existing.form === "chart"
      ? completeApp(context, app, existing.object, "flux-instance")
      : { edits: [], findings: [] };
  if (ops.length === 0) return { edits: result.edits, findings: [...result.findings, ...findings] };
  const { edit, finding } = editFile(
    context.tree,
    target.file,
    ops,
    "Complete the FluxInstance that is already here.",
    [app.desired.install.at],
  );
  const edits = edit ? mergeSameFile(result.edits, edit) : result.edits;
  return { edits, findings: [...result.findings, ...findings, ...(finding ? [finding] : [])] };
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

/** Missing fields are added; fields that say something else contradict the running install and stop the cluster. */
function compareSpec(context: TransformContext, app: AppContext, target: InstanceTarget, wanted: YamlData) {
  const ops: YamlOp[] = [];
  const findings: DraftFinding[] = [];
  const visit = (path: string[], value: YamlData, now: YamlData) => {
    if (now === undefined) ops.push({ op: "set", doc: target.doc, path: [...target.base, ...path], value });
    else if (isMap(value) && isMap(now))
      for (const key of Object.keys(value)) visit([...path, key], value[key], now[key]);
    else if (!agrees(path, value, now, app)) findings.push(contradiction(context, target, path, value, now));
  };
  visit(["distribution"], wanted.distribution, target.spec.distribution);
  if (wanted.commonMetadata) visit(["commonMetadata"], wanted.commonMetadata, target.spec.commonMetadata);
  visit(["components"], wanted.components, target.spec.components);
  visit(["cluster"], wanted.cluster, target.spec.cluster);
  return { ops, findings };
}

function isMap(value: unknown): value is Record<string, YamlData> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function agrees(path: readonly string[], wanted: YamlData, now: YamlData, { desired }: AppContext): boolean {
  if (path.at(-1) === "components") return sameSet(wanted, now);
  // A patch release of the installed minor is the owner's choice.
  if (path.at(-1) === "version") return keepsVersion(now, desired.version);
  return JSON.stringify(wanted) === JSON.stringify(now);
}

function sameSet(a: YamlData, b: YamlData): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return false;
  return a.length === b.length && a.every((item) => b.includes(item));
}

function contradiction(
  { tree }: TransformContext,
  target: InstanceTarget,
  path: readonly string[],
  wanted: YamlData,
  now: YamlData,
): DraftFinding {
  return {
    rule: "instance-contradiction",
    level: "blocker",
    resource: "FluxInstance flux",
    at: locateField(tree, { file: target.file, doc: target.doc }, [...target.base, ...path]),
    what: `The FluxInstance says ${path.join(".")}: ${JSON.stringify(now)}, while the install that Flux runs today means ${JSON.stringify(wanted)}.`,
    why: "When the operator adopts the controllers it makes the first of the two true; components that are left out lose their CRDs and everything of those kinds (trap 2).",
    next: "Make both say the same, commit, and run fluxlift again.",
  };
}

function secondInstance({ tree }: TransformContext, { object }: InstanceDescription): DraftFinding {
  return {
    rule: "instance-duplicate",
    level: "blocker",
    resource: `${object.kind} ${object.name}`,
    at: locateField(tree, object),
    what: "A second FluxInstance is delivered to this cluster; two owners would fight over the one named flux.",
    why: "A cluster has exactly one FluxInstance, called flux, in the namespace of the operator (trap 58).",
    next: "Remove one of the two, commit, and run fluxlift again.",
  };
}
