import { stateOf } from "../../src/cluster/instances.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import type { Loc } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { type FluxVersion, parseFluxVersion } from "../../src/release/releases.ts";
import { extractItem } from "../../src/yaml/extract.ts";
import type { YamlOp } from "../../src/yaml/types.ts";
import { combine, defineTransform, type Outcome, type TransformContext, withApps } from "../contract.ts";
import { editFile } from "../shared/edit-file.ts";
import { changeFields } from "./fields.ts";
import { findEarlyApis, findOldApis, findOldPatches, type OldApi } from "./find.ts";
import { followVersions } from "./mentions.ts";
import { isAccepted } from "./table.ts";

/** How many places a finding lists before it only counts. */
const _LISTED = 5;

/**
 * Brings Flux objects to the API versions of the Flux that the instance will run, on request; without it, what that Flux
 * refuses stops the cluster, because kustomize-controller would apply nothing of a folder that holds it.
 */
export default defineTransform({
  id: "upgrade-apis",
  title: "Upgrade API versions of Flux objects",
  phases: ["install"],
  applies: ({ cluster }) => !["cut-over", "done"].includes(stateOf(cluster)),
  run: withApps((context, app) => {
    const { version } = app.wanted;
    const early = reportEarly(context, version);
    const old = findOldApis(context.cluster, version);
    if (!context.options.upgradeApis) return { findings: [...reportRemoved(context, old, version), ...early] };
    const result = upgrade(context, [...old, ...findOldPatches(context.tree, context.cluster, version)], version);
    return { edits: result.edits, findings: [...result.findings, ...early] };
  }),
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
  const parts: Outcome[] = [];
  const blocked = new Set(findings.flatMap(({ at }) => (at ? [at.file] : [])));
  for (const [file, list] of ops) {
    if (blocked.has(file)) continue;
    parts.push(editFile(tree, file, list, `Flux ${version.major}.${version.minor} stores these API versions.`));
  }
  return combine({ findings }, ...parts);
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
    const resource = describe(items[0]!.object);
    const facts = { version: sayMinor(version), api: key, places: at.map(sayPlace), newest: items[0]!.newest };
    return { rule: "api-version-removed", level: "blocker", resource, at: at[0]!, facts };
  });
}

/** One finding for all versions that came after this Flux: they fail today, or it is not this Flux that runs. */
function reportEarly(context: TransformContext, version: FluxVersion): DraftFinding[] {
  const early = findEarlyApis(context.cluster, version);
  const first = early[0];
  if (!first) return [];
  const at = early.map(({ object }) => locateField(context.tree, object, ["apiVersion"]));
  const kinds = [...new Set(early.map(({ object, since }) => `${object.apiVersion} ${object.kind} (2.${since})`))];
  const facts = { version: sayMinor(version), kinds, places: at.map(sayPlace) };
  return [{ rule: "api-version-early", level: "caution", resource: describe(first.object), at: at[0]!, facts }];
}

const sayPlace = ({ file, line }: Loc) => `${file}:${line}`;
const sayMinor = ({ major, minor }: FluxVersion) => `${major}.${minor}`;

function refused({ tree }: TransformContext, { object, newest }: OldApi, reason: string): DraftFinding {
  const resource = describe(object);
  const at = locateField(tree, object, ["apiVersion"]);
  return { rule: "api-version-kept", level: "blocker", resource, at, facts: { resource, newest, reason } };
}
