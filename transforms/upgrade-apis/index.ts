import { stateOf } from "../../src/cluster/instances.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import type { Loc } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { groupBy } from "../../src/contract/group-by.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { type FluxVersion, parseFluxVersion } from "../../src/release/releases.ts";
import { extractItem } from "../../src/yaml/extract.ts";
import type { YamlOp } from "../../src/yaml/types.ts";
import { combine, defineTransform, type Outcome, type TransformContext, withApps } from "../contract.ts";
import { editFile } from "../shared/edit-file.ts";
import { changeFields, findRefusal } from "./fields.ts";
import { findEarlyApis, findOldApis, findOldPatches, listCandidates, type OldApi } from "./find.ts";
import { followVersions } from "./mentions.ts";
import { isAccepted } from "./table.ts";

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
    const { tree, cluster, options } = context;
    const { version } = app.wanted;
    const candidates = listCandidates(cluster, version);
    const early = reportEarly(context, candidates, version);
    const old = findOldApis(candidates, version);
    if (!options.upgradeApis) return { findings: [...reportRemoved(context, old, version), ...early] };
    return combine(upgrade(context, [...old, ...findOldPatches(tree, cluster, version)], version), { findings: early });
  }),
});

function upgrade(context: TransformContext, old: readonly OldApi[], version: FluxVersion): Outcome {
  const { tree, cluster, model } = context;
  const findings: DraftFinding[] = [];
  const ops = followVersions(tree, cluster, version);
  for (const { object, newest, isPatch } of old) {
    const others = model.clusters.filter((other) => other !== cluster && other.files.has(object.file));
    const stuck = others.find((other) => !takes(other, newest, object.kind));
    const reason = stuck
      ? `cluster ${stuck.name} gets it too, and its Flux does not take ${newest}`
      : isPatch
        ? undefined
        : findRefusal(object);
    if (reason) {
      const resource = describe(object);
      const at = locateField(tree, object, ["apiVersion"]);
      const facts = { resource, newest, reason };
      findings.push({ rule: "api-version-kept", level: "blocker", resource, at, facts });
      continue;
    }
    const text = tree.read(object.file) ?? "";
    const changes = isPatch ? [] : changeFields(object, (path) => extractItem(text, object.doc, path));
    const set: YamlOp = { op: "set", doc: object.doc, path: ["apiVersion"], value: newest };
    ops.set(object.file, [...(ops.get(object.file) ?? []), set, ...changes]);
  }
  const blocked = new Set(findings.map(({ at }) => at?.file));
  const why = `Flux ${sayMinor(version)} stores these API versions.`;
  const files = [...ops].filter(([file]) => !blocked.has(file));
  return combine({ findings }, ...files.map(([file, list]) => editFile(tree, file, list, why)));
}

/** A shared file has to suit every Flux that reads it; one of unknown version may not know the newer API. */
function takes({ install }: Cluster, apiVersion: string, kind: string): boolean {
  const version = parseFluxVersion(install?.version?.value ?? "");
  return version !== undefined && isAccepted(apiVersion, kind, version);
}

/** One finding for each version of a kind that the Flux to come refuses. */
function reportRemoved(context: TransformContext, old: readonly OldApi[], version: FluxVersion): DraftFinding[] {
  const removed = old.filter(({ state }) => state === "removed");
  const groups = groupBy(removed, ({ object }) => `${object.apiVersion} ${object.kind}`);
  return [...groups].map(([key, items]) => {
    const at = items.map(({ object }) => locateField(context.tree, object, ["apiVersion"]));
    const resource = describe(items[0]!.object);
    const facts = { version: sayMinor(version), api: key, places: at.map(sayPlace), newest: items[0]!.newest };
    return { rule: "api-version-removed", level: "blocker", resource, at: at[0]!, facts };
  });
}

/** One finding for all versions that came after this Flux: they fail today, or it is not this Flux that runs. */
function reportEarly(
  context: TransformContext,
  candidates: readonly KubeObject[],
  version: FluxVersion,
): DraftFinding[] {
  const early = findEarlyApis(candidates, context.cluster, version);
  const first = early[0];
  if (!first) return [];
  const at = early.map(({ object }) => locateField(context.tree, object, ["apiVersion"]));
  const kinds = [...new Set(early.map(({ object, since }) => `${object.apiVersion} ${object.kind} (2.${since})`))];
  const facts = { version: sayMinor(version), kinds, places: at.map(sayPlace) };
  return [{ rule: "api-version-early", level: "caution", resource: describe(first.object), at: at[0]!, facts }];
}

const sayPlace = ({ file, line }: Loc) => `${file}:${line}`;
const sayMinor = ({ major, minor }: FluxVersion) => `${major}.${minor}`;
