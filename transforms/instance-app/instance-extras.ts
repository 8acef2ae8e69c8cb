import type { InstanceDescription } from "../../src/cluster/types.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import { describe, isFluxInstance } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { sharedSegments } from "../../src/delivery/paths.ts";
import type { InstanceSpec } from "../../src/instance/spec.ts";
import { EMBEDDED_FLUX, type FluxVersion } from "../../src/release/releases.ts";
import type { TransformContext } from "../contract.ts";
import type { InstanceTarget } from "../shared/apps/types.ts";

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

/** Fields the flux-instance chart knows nothing of (0.49.0; flux-facts 5.4, trap 57). */
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
  wanted: InstanceSpec,
): DraftFinding[] {
  const findings: DraftFinding[] = [];
  const place = { level: "caution", resource: describe(object) } as const;
  const at = (path: readonly string[]) =>
    locateField(tree, { file: target.file, doc: target.doc }, [...target.base, ...path]);
  for (const path of form === "chart" ? CHART_DROPS : []) {
    const value = read(target.spec, path);
    if (value === undefined) continue;
    findings.push({ rule: "instance-field-ignored", ...place, at: at(path), facts: { path: path.join("."), value } });
  }
  const { sync } = target.spec ?? {};
  if (form === "chart" && isEmpty(sync?.url) && Object.values(sync ?? {}).some((value) => !isEmpty(value))) {
    findings.push({ rule: "instance-field-ignored", ...place, at: at(["sync"]), facts: { path: "sync" } });
  }
  for (const [path, isQuiet] of CHANGES) {
    const value = read(target.spec, path);
    if (isQuiet(value) || read(wanted, path) !== undefined) continue;
    findings.push({ rule: "instance-changes-more", ...place, at: at(path), facts: { path: path.join("."), value } });
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
    .map((object) => {
      const [resource, at] = [describe(object), locateField(tree, object)];
      return { rule: "instance-duplicate", level: "caution", resource, at, facts: { isDelivered: false } };
    });
}

function read(value: YamlData, path: readonly string[]): YamlData {
  return path.reduce((at: YamlData, key) => at?.[key], value);
}

function isEmpty(value: YamlData): boolean {
  return value === undefined || value === null || value === "" || value === false;
}
