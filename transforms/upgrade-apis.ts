import { editFile } from "../src/engine/edit-file.ts";
import { type DraftFinding, defineTransform, type TransformContext } from "../src/engine/transform.ts";
import type { DraftEdit } from "../src/engine/types.ts";
import type { Loc } from "../src/errors.ts";
import { changeFields } from "../src/flux/api-versions/fields.ts";
import { findEarlyApis, findOldApis, findOldPatches, type OldApi } from "../src/flux/api-versions/find.ts";
import { followVersions } from "../src/flux/api-versions/mentions.ts";
import { isAccepted } from "../src/flux/api-versions/table.ts";
import { prepareApps } from "../src/flux/apps/context.ts";
import { describe } from "../src/flux/kinds.ts";
import { locateField } from "../src/flux/locations.ts";
import { type FluxVersion, parseFluxVersion } from "../src/flux/releases.ts";
import { stateOf } from "../src/flux/state.ts";
import type { Cluster } from "../src/flux/types.ts";
import { extractItem } from "../src/yaml/extract.ts";
import type { YamlOp } from "../src/yaml/types.ts";

/** How many places a finding lists before it only counts. */
const LISTED = 5;

/**
 * Brings Flux objects to the API versions of the Flux that the instance will run, on request; without it, what that Flux
 * refuses stops the cluster, because kustomize-controller would apply nothing of a folder that holds it.
 */
export default defineTransform({
  id: "upgrade-apis",
  title: "Upgrade API versions of Flux objects",
  phases: ["install"],
  docs: "docs/transforms/upgrade-apis.md",
  applies: ({ cluster }) => !["cut-over", "done"].includes(stateOf(cluster)),
  run(context) {
    const { app } = prepareApps(context);
    if (!app) return { edits: [], findings: [] };
    const { version } = app.desired;
    const early = reportEarly(context, version);
    const old = findOldApis(context.cluster, version);
    if (!context.options.upgradeApis)
      return { edits: [], findings: [...reportRemoved(context, old, version), ...early] };
    const result = upgrade(context, [...old, ...findOldPatches(context.tree, context.cluster, version)], version);
    return { edits: result.edits, findings: [...result.findings, ...early] };
  },
});

function upgrade(context: TransformContext, old: readonly OldApi[], version: FluxVersion) {
  const { tree, cluster, model } = context;
  const findings: DraftFinding[] = [];
  const ops = followVersions(tree, cluster, version);
  for (const item of old) {
    const { object, newest } = item;
    const others = model.clusters.filter((other) => other !== cluster && other.files.has(object.file));
    const stuck = others.find((other) => !takes(other, newest, object.kind));
    const text = tree.read(object.file) ?? "";
    const changes = item.isPatch ? { ops: [] } : changeFields(object, (path) => extractItem(text, object.doc, path));
    const refusal = stuck ? `cluster ${stuck.name} gets it too, and its Flux does not take ${newest}` : changes.refusal;
    if (refusal) {
      findings.push(refused(context, item, refusal));
      continue;
    }
    const version: YamlOp = { op: "set", doc: object.doc, path: ["apiVersion"], value: newest };
    ops.set(object.file, [...(ops.get(object.file) ?? []), version, ...changes.ops]);
  }
  const edits: DraftEdit[] = [];
  const blocked = new Set(findings.flatMap(({ at }) => (at ? [at.file] : [])));
  for (const [file, list] of ops) {
    if (blocked.has(file)) continue;
    const result = editFile(tree, file, list, `Flux ${version.major}.${version.minor} stores these API versions.`);
    if (result.edit) edits.push(result.edit);
    if (result.finding) findings.push(result.finding);
  }
  return { edits, findings };
}

/** A shared file has to suit every Flux that reads it; one of unknown version may not know the newer API. */
function takes({ install }: Cluster, apiVersion: string, kind: string): boolean {
  const version = parseFluxVersion(install?.version?.value ?? "");
  return version !== undefined && isAccepted(apiVersion, kind, version);
}

/** One finding for each version of a kind that the Flux to come refuses. */
function reportRemoved(context: TransformContext, old: readonly OldApi[], version: FluxVersion): DraftFinding[] {
  const groups = new Map<string, OldApi[]>();
  for (const item of old) {
    if (item.state !== "removed") continue;
    const key = `${item.object.apiVersion} ${item.object.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups].map(([key, items]) => {
    const at = items.map(({ object }) => locateField(context.tree, object, ["apiVersion"]));
    return {
      rule: "api-version-removed",
      level: "blocker",
      resource: describe(items[0]!.object),
      at: at[0]!,
      what: `Flux ${version.major}.${version.minor} does not know ${key} any more: ${listPlaces(at)}.`,
      why: "kustomize-controller applies nothing of a folder in which one object has no known API version (flux-semantics 6.3).",
      next: `Run fluxlift again with --upgrade-apis, which writes ${items[0]!.newest} and the field changes that go with it, or upgrade them by hand first.`,
    };
  });
}

/** One finding for all versions that came after this Flux: they fail today, or it is not this Flux that runs. */
function reportEarly(context: TransformContext, version: FluxVersion): DraftFinding[] {
  const early = findEarlyApis(context.cluster, version);
  const first = early[0];
  if (!first) return [];
  const at = early.map(({ object }) => locateField(context.tree, object, ["apiVersion"]));
  const kinds = [...new Set(early.map(({ object, since }) => `${object.apiVersion} ${object.kind} (2.${since})`))];
  const running = `${version.major}.${version.minor}`;
  return [
    {
      rule: "api-version-early",
      level: "caution",
      resource: describe(first.object),
      at: at[0]!,
      what: `Flux ${running} does not know these API versions yet, which came with the release in brackets: ${kinds.join(", ")}; ${listPlaces(at)}.`,
      why: `Either these objects are refused today, or a newer Flux runs than this repository says; the operator would take that one down to ${running} (trap 16).`,
      next: "Compare with `flux version` before you merge. If it is newer, run fluxlift with --flux-version; else give the objects a version that this Flux takes.",
    },
  ];
}

function listPlaces(at: readonly Loc[]): string {
  const places = at.slice(0, LISTED).map(({ file, line }) => `${file}:${line}`);
  return `${places.join(", ")}${at.length > LISTED ? ` and ${at.length - LISTED} more` : ""}`;
}

function refused(context: TransformContext, { object, newest }: OldApi, why: string): DraftFinding {
  return {
    rule: "api-version-kept",
    level: "blocker",
    resource: describe(object),
    at: locateField(context.tree, object, ["apiVersion"]),
    what: `${describe(object)} cannot become ${newest} by itself: ${why}.`,
    why: "An object that is only half upgraded may be refused, or lose what the newer version no longer has.",
    next: "Upgrade it by hand (or the other cluster first), commit, and run fluxlift again.",
  };
}
