import { keyOf } from "../../src/cluster/graph.ts";
import { readObjects } from "../../src/cluster/objects.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { compareText } from "../../src/contract/compare-text.ts";
import type { Loc } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { getOrMake, groupBy } from "../../src/contract/group-by.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec } from "../../src/contract/objects.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { isKustomizationFile } from "../../src/delivery/kustomize/index.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { Tree } from "../../src/files/tree.ts";
import { type ApiStanding, findsOld, isAccepted, servedLater, standingOf } from "../../src/release/flux-apis.ts";
import { type FluxVersion, parseFluxVersion } from "../../src/release/releases.ts";
import { extractItem } from "../../src/yaml/extract.ts";
import type { YamlOp } from "../../src/yaml/types.ts";
import {
  combine,
  defineTransform,
  isBeforeCutover,
  type Outcome,
  type TransformContext,
  withApps,
} from "../contract.ts";
import { bodyFilesOf } from "../shared/automation/stale-patches.ts";
import { editFile } from "../shared/edit-file.ts";
import { changeFields, findRefusal } from "./fields.ts";
import { followVersions } from "./mentions.ts";

/**
 * Brings Flux objects to the API versions of the Flux that the instance will run, on request; without it, what that Flux
 * refuses stops the cluster, because kustomize-controller would apply nothing of a folder that holds it.
 */
export default defineTransform({
  id: "upgrade-apis",
  title: "Upgrade API versions of Flux objects",
  phases: ["install"],
  applies: isBeforeCutover,
  run: withApps((context, app) => {
    const { tree, cluster, options } = context;
    const { version } = app.wanted;
    const items = listItems(cluster, version);
    const objects = items.map(({ object }) => object);
    const early = reportEarly(context, objects, version);
    const old = items.flatMap((item) =>
      judge(item.object, version, false).map((one) => ({ ...one, isHeld: isHeld(item) })),
    );
    if (!options.upgradeApis) return { findings: [...reportRemoved(context, old, version), ...early] };
    return combine(upgrade(context, [...old, ...findOldPatches(tree, cluster, version)], version), { findings: early });
  }),
});

/** A Flux object, or the body of a patch file, in a version older than the one its Flux stores. */
interface OldApi extends ApiStanding {
  object: KubeObject;
  /** Whether nothing applies it, for a FluxKustomization above it is suspended. */
  isHeld?: boolean;
  /** Whether another document patches it, so that this one only repeats its identity. */
  isPatch: boolean;
}

/** The Flux objects a cluster gets whose version may not be the one its Flux stores, in the order of their files. */
function listItems(cluster: Cluster, version: FluxVersion): DeliveredFluxObject[] {
  const delivered = [...cluster.kustomizations, ...cluster.findObjects(findsOld(version))];
  return delivered.sort((a, b) => byPlace(a.object, b.object));
}

/** Whether an object waits below a suspended FluxKustomization: Flux is not asked for it. */
function isHeld({ parent }: DeliveredFluxObject): boolean {
  for (let above = parent; above; above = above.parent) if (readableSpec(above)?.suspend === true) return true;
  return false;
}

function byPlace(a: KubeObject, b: KubeObject): number {
  return compareText(a.file, b.file) || a.doc - b.doc;
}

/** Bodies of patch files in such a version: kustomize finds what they change by it. */
function findOldPatches(tree: Tree, cluster: Cluster, version: FluxVersion): OldApi[] {
  const files = new Set([...cluster.files].filter(isKustomizationFile).flatMap((file) => bodyFilesOf(tree, file)));
  return [...files]
    .flatMap((file) => readObjects(tree, file).objects)
    .flatMap((object) => judge(object, version, true));
}

function judge(object: KubeObject, version: FluxVersion, isPatch: boolean): OldApi[] {
  const standing = standingOf(object.apiVersion, object.kind, version);
  return standing ? [{ ...standing, object, isPatch }] : [];
}

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
      const facts = { resource, newest, reason, other: stuck?.name };
      findings.push({ rule: "api-version-kept", level: "blocker", resource, at, facts });
      continue;
    }
    const text = tree.read(object.file) ?? "";
    const changes = isPatch ? [] : changeFields(object, (path) => extractItem(text, object.doc, path));
    const set: YamlOp = { op: "set", doc: object.doc, path: ["apiVersion"], value: newest };
    getOrMake(ops, object.file, () => []).push(set, ...changes);
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

/** One finding for each version of a kind that the Flux to come refuses; what waits for a suspended parent stops nothing. */
function reportRemoved(context: TransformContext, old: readonly OldApi[], version: FluxVersion): DraftFinding[] {
  const removed = old.filter(({ state }) => state === "removed");
  const report = (held: boolean): DraftFinding[] => {
    const ofThem = removed.filter((one) => (one.isHeld ?? false) === held);
    return [...groupBy(ofThem, ({ object }) => `${object.apiVersion} ${object.kind}`)].map(([key, items]) => {
      const at = items.map(({ object }) => locateField(context.tree, object, ["apiVersion"]));
      const resource = describe(items[0]!.object);
      const places = at.map(sayPlace);
      const facts = { version: sayMinor(version), api: key, places, newest: items[0]!.newest, isHeld: held };
      return { rule: "api-version-removed", level: held ? "caution" : "blocker", resource, at: at[0]!, facts };
    });
  };
  return [...report(false), ...report(true)];
}

/**
 * One finding for all versions, also of the install, that came after this Flux: they fail today, or it is not this Flux
 * that runs.
 */
function reportEarly(
  { tree, cluster }: TransformContext,
  objects: readonly KubeObject[],
  version: FluxVersion,
): DraftFinding[] {
  const unique = new Map([...objects, ...(cluster.install?.objects ?? [])].map((object) => [keyOf(object), object]));
  const early = [...unique.values()].sort(byPlace).flatMap((object) => {
    const { apiVersion, kind } = object;
    const since = servedLater(apiVersion, kind, version);
    if (since === undefined) return [];
    const at = locateField(tree, object, ["apiVersion"]);
    return [{ at, resource: describe(object), api: `${apiVersion} ${kind} (2.${since})` }];
  });
  const [first] = early;
  if (!first) return [];
  const kinds = [...new Set(early.map(({ api }) => api))];
  const facts = { version: sayMinor(version), kinds, places: early.map(({ at }) => sayPlace(at)) };
  return [{ rule: "api-version-early", level: "caution", resource: first.resource, at: first.at, facts }];
}

const sayPlace = ({ file, line }: Loc) => `${file}:${line}`;
const sayMinor = ({ major, minor }: FluxVersion) => `${major}.${minor}`;
