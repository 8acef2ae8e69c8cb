import type { DraftFinding, TransformContext } from "../../engine/transform.ts";
import { describe, isFluxInstance } from "../kinds.ts";
import { locateField } from "../locations.ts";
import { sharedSegments } from "../paths.ts";
import { EMBEDDED_FLUX, type FluxVersion } from "../releases.ts";
import type { InstanceDescription, YamlData } from "../types.ts";
import type { InstanceTarget } from "./instance-target.ts";

/**
 * Whether an owner's `distribution.version` keeps the running Flux: the installed minor, or an embedded patch release of
 * it that is not older. Ranges over several minors move with the operator (traps 14, 16, 17 and 59).
 */
export function keepsVersion(written: unknown, running: FluxVersion): boolean {
  const match = /^(~?)v?(\d+)\.(\d+)(?:\.(x|X|\*|\d+))?$/.exec(String(written).trim());
  if (!match || Number(match[2]) !== running.major || Number(match[3]) !== running.minor) return false;
  const patch = match[4];
  if (match[1] === "~" || patch === undefined || !/^\d+$/.test(patch)) return true;
  return EMBEDDED_FLUX.includes(`${match[2]}.${match[3]}.${patch}`) && Number(patch) >= running.patch;
}

/** Fields the flux-instance chart knows nothing of (0.49.0; flux-semantics 5.4, trap 57). */
const CHART_DROPS = [["wait"], ["migrateResources"], ["sharding", "storage"]];

/** Fields that change the controllers at the takeover when the old install does not have them (traps 23, 32 and 33). */
const CHANGES: readonly (readonly [path: string[], isQuiet: (value: YamlData) => boolean])[] = [
  [["cluster", "size"], isEmpty],
  [["cluster", "multitenant"], isEmpty],
  [["cluster", "objectLevelWorkloadIdentity"], isEmpty],
  [["cluster", "multitenantWorkloadIdentity"], isEmpty],
  [["cluster", "type"], (value) => isEmpty(value) || value !== "openshift"],
  [["sharding", "shards"], (value) => !Array.isArray(value) || value.length === 0],
  [["storage", "size"], isEmpty],
];

/** What an owner's instance says beyond the running install, and what its chart will not say for it. */
export function listExtras(
  { tree }: TransformContext,
  target: InstanceTarget,
  { form, object }: InstanceDescription,
  wanted: YamlData,
): DraftFinding[] {
  const findings: DraftFinding[] = [];
  const at = (path: readonly string[]) =>
    locateField(tree, { file: target.file, doc: target.doc }, [...target.base, ...path]);
  for (const path of form === "chart" ? CHART_DROPS : []) {
    const value = read(target.spec, path);
    if (value === undefined) continue;
    findings.push({
      rule: "instance-field-ignored",
      level: "caution",
      resource: describe(object),
      at: at(path),
      what: `The FluxInstance is made without ${path.join(".")}: ${JSON.stringify(value)}, for which the flux-instance chart has no place.`,
      why: "The chart renders only the fields it knows (trap 57).",
      next: "Remove the value, or describe the FluxInstance as a manifest.",
    });
  }
  const { sync } = target.spec ?? {};
  if (form === "chart" && isEmpty(sync?.url) && Object.values(sync ?? {}).some((value) => !isEmpty(value))) {
    findings.push({
      rule: "instance-field-ignored",
      level: "caution",
      resource: describe(object),
      at: at(["sync"]),
      what: "The FluxInstance is made without sync: the chart leaves the whole block out while its url is empty.",
      why: "Source and root then stay as they are, as under --sync keep (trap 57).",
      next: "Write the url, or take the block out.",
    });
  }
  for (const [path, isQuiet] of CHANGES) {
    const value = read(target.spec, path);
    if (isQuiet(value) || read(wanted, path) !== undefined) continue;
    findings.push({
      rule: "instance-changes-more",
      level: "caution",
      resource: describe(object),
      at: at(path),
      what: `The takeover also brings ${path.join(".")}: ${JSON.stringify(value)}, which the running install does not have.`,
      why: "It changes flags, resources or rights of the controllers in the same step in which their owner changes (traps 22, 23 and 33).",
      next: "Take it out until the migration is done, unless it is wanted now.",
    });
  }
  return findings;
}

/** A FluxInstance that no FluxKustomization delivers: helm-controller adopts one that somebody applied (trap 58). */
export function findUndelivered({ tree, model, cluster }: TransformContext): DraftFinding[] {
  const isNear = ({ file }: { file: string }) =>
    model.clusters.length === 1 || sharedSegments(file, cluster.root.file) > 0;
  return model.objects
    .filter(
      (object) =>
        isFluxInstance(object) &&
        (object.namespace === "" || object.namespace === cluster.namespace) &&
        isNear(object) &&
        !model.clusters.some(({ files }) => files.has(object.file)),
    )
    .map((object) => ({
      rule: "instance-duplicate",
      level: "caution",
      resource: describe(object),
      at: locateField(tree, object),
      what: "Flux does not deliver this FluxInstance. Where somebody applied it by hand, the release of the flux-instance app takes it over and overwrites it.",
      why: "There is one FluxInstance, called flux; from Flux 2.5 on helm-controller adopts it from its earlier owner (trap 58).",
      next: "Compare it with the generated values, and remove the file once it is no longer applied.",
    }));
}

function read(value: YamlData, path: readonly string[]): YamlData {
  return path.reduce((at: YamlData, key) => at?.[key], value);
}

function isEmpty(value: YamlData): boolean {
  return value === undefined || value === null || value === "" || value === false;
}
