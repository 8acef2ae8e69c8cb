import { editFile } from "../src/engine/edit-file.ts";
import {
  type DraftFinding,
  defineTransform,
  type TransformContext,
  type TransformResult,
} from "../src/engine/transform.ts";
import { patchOperations } from "../src/flux/apps/add-patches.ts";
import { prepareApps } from "../src/flux/apps/context.ts";
import { findInstanceTarget, type InstanceTarget } from "../src/flux/apps/instance-target.ts";
import { portInstall } from "../src/flux/apps/ported.ts";
import { describe } from "../src/flux/kinds.ts";
import { locateField } from "../src/flux/locations.ts";
import { isYamlPath, readObjects } from "../src/flux/objects.ts";
import { mayHoldScalar } from "../src/flux/patterns.ts";
import { stateOf } from "../src/flux/state.ts";
import type { SyncSpec } from "../src/flux/sync/types.ts";
import type { YamlOp } from "../src/yaml/types.ts";

/** Says in the instance what the old source and root said: `sync`, and one patch for every field it cannot hold. */
export default defineTransform({
  id: "carry-sync",
  title: "Carry source and root over",
  phases: ["install"],
  docs: "docs/transforms/carry-sync.md",
  applies: ({ cluster, options }) => options.sync !== "keep" && !["cut-over", "done"].includes(stateOf(cluster)),
  run(context): TransformResult {
    const { app } = prepareApps(context);
    if (!app) return { edits: [], findings: [] };
    const { sync } = portInstall(context, app);
    const clash = findNameClash(context, sync.sync?.name ?? context.cluster.namespace);
    if (clash) return { edits: [], findings: [clash] };
    const target = findInstanceTarget(context, app);
    if (!target || !sync.sync) return { edits: [], findings: sync.findings, patches: sync.mapping };
    const { ops, findings } = compareSync(context, target, sync.sync);
    ops.push(...patchOperations(target, sync.patches));
    const result = { findings: [...sync.findings, ...findings], patches: sync.mapping };
    if (ops.length === 0) return { edits: [], ...result };
    const why = "Read the same source, build the same path, and keep every other field of the old source and root.";
    const { edit, finding } = editFile(context.tree, target.file, ops, why, evidence(context));
    if (finding) result.findings.push(finding);
    return { edits: edit ? [edit] : [], ...result };
  },
});

function evidence({ tree, cluster }: TransformContext) {
  return [cluster.source, cluster.root]
    .filter((object) => object !== undefined)
    .map((object) => locateField(tree, object));
}

/** `sync.name` cannot change later, and other fields would re-root the cluster: a difference stops the cluster. */
function compareSync({ tree, cluster }: TransformContext, target: InstanceTarget, sync: SyncSpec) {
  const ops: YamlOp[] = [];
  const findings: DraftFinding[] = [];
  const now = target.spec?.sync;
  const path = [...target.base, "sync"];
  if (now === undefined) return { ops: [{ op: "set", doc: target.doc, path, value: sync } satisfies YamlOp], findings };
  // Without a name the namespace gives it; a third name is neither the root's nor that of a rename.
  const isNamed = sync.name === undefined && now.name && now.name !== cluster.namespace;
  const wanted = isNamed ? { ...sync, name: cluster.root.name } : sync;
  for (const [key, value] of Object.entries(wanted)) {
    if (now[key] === undefined || now[key] === "")
      ops.push({ op: "set", doc: target.doc, path: [...path, key], value });
    else if (normal(key, now[key]) !== normal(key, value)) {
      findings.push({
        rule: "instance-contradiction",
        level: "blocker",
        resource: "FluxInstance flux",
        at: locateField(tree, { file: target.file, doc: target.doc }, [...path, key]),
        what: `The FluxInstance syncs with ${key}: ${JSON.stringify(now[key])}, while the cluster syncs with ${JSON.stringify(value)} today.`,
        why: "Another path, source or name makes the root drop everything it delivered before (traps 6, 7 and 8).",
        next: "Make both say the same, or choose another --sync strategy, commit, and run fluxlift again.",
      });
    }
  }
  return { ops, findings };
}

function normal(key: string, value: unknown): string {
  return key === "path" ? String(value).replace(/^\.?\/+|\/+$/g, "") : String(value);
}

/** The generated source would take over an unrelated one of the same kind and name. */
function findNameClash({ tree, cluster }: TransformContext, name: string): DraftFinding | undefined {
  const { source } = cluster;
  if (!source || source.name === name) return undefined;
  const clash = tree
    .grep("toolkit.fluxcd.io")
    .filter((file) => isYamlPath(file) && cluster.files.has(file))
    .filter((file) => [name, source.kind].every((word) => mayHoldScalar(tree.read(file) ?? "", word)))
    .flatMap((file) => readObjects(tree, file).objects)
    .find(
      (object) =>
        object.kind === source.kind &&
        object.name === name &&
        (object.namespace === "" || object.namespace === cluster.namespace),
    );
  if (!clash) return undefined;
  return {
    rule: "sync-name-taken",
    level: "blocker",
    resource: describe(clash),
    at: locateField(tree, clash),
    what: `The operator would generate a ${source.kind} called ${name} and overwrite this one.`,
    why: "Generated source and root share one name, and this name already belongs to another source.",
    next: "Rename this source first, or choose another --sync strategy.",
  };
}
