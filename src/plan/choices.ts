import { instanceOf, strategyInTree } from "../cluster/instances.ts";
import type { Cluster } from "../cluster/types.ts";
import { given } from "../contract/given.ts";
import type { KubeObject } from "../contract/objects.ts";
import type { Options } from "../contract/options.ts";
import type { Choices } from "../contract/plan.ts";
import { isWithin } from "../delivery/paths.ts";
import { installedFlux } from "../instance/chart/versions.ts";
import { pinnedOperator } from "../instance/versions.ts";
import {
  canRun,
  compareFluxVersions,
  DEFAULT_OPERATOR_VERSION,
  type FluxVersion,
  parseFluxVersion,
  releaseOf,
} from "../release/releases.ts";

/** The choices that the tree shows an earlier phase was given; what every phase would choose by itself is left out. */
export function readChoices(cluster: Cluster, objects: readonly KubeObject[]): Choices {
  const operator = pinnedOperator(cluster, objects)?.value;
  return given({
    sync: strategyInTree(cluster),
    layout: readLayout(cluster),
    fluxVersion: readFluxVersion(cluster),
    operatorVersion: operator === DEFAULT_OPERATOR_VERSION || isTooOld(cluster, operator) ? undefined : operator,
  });
}

/** Whether a plan moves on from the operator that the tree pins, as that cannot run the installed Flux. */
function isTooOld({ install }: Cluster, operator: string | undefined): boolean {
  const flux = readRelease(installedFlux(install)?.value);
  return operator !== undefined && flux !== undefined && !canRun(operator, flux);
}

/** A version or a range of one minor, `2.4.x`. */
const readRelease = (text: unknown): FluxVersion | undefined => parseFluxVersion(releaseOf(String(text ?? "")) ?? "");

/**
 * The version that the FluxInstance raises Flux to: only `--flux-version` writes a minor that the old install does not have.
 * Undefined where both say the same, and where the instance would lower it.
 */
function readFluxVersion(cluster: Cluster): string | undefined {
  const wish = instanceOf(cluster)?.spec.distribution?.version;
  const asked = readRelease(wish);
  const installed = readRelease(installedFlux(cluster.install)?.value);
  if (!asked || !installed || compareFluxVersions(asked, installed) < 0) return undefined;
  return asked.major === installed.major && asked.minor === installed.minor ? undefined : String(wish);
}

/** `manifests` where the instance lies apart from the apps, though this cluster has a folder of them. */
function readLayout(cluster: Cluster): Options["layout"] | undefined {
  const file = instanceOf(cluster)?.object.file;
  const { appsDir } = cluster.layout;
  return file === undefined || appsDir === undefined || isWithin(file, appsDir) ? undefined : "manifests";
}

/** Of one cluster. Later phases follow what the tree already does: the sync whatever the flag of this call, the version where it has none. */
export function optionsOf(cluster: Cluster, options: Options): Options {
  const own = { ...options, ...options.perCluster?.[cluster.name] };
  const follows = options.survey || options.phase === "cutover" || options.phase === "cleanup";
  const fluxVersion = own.fluxVersion ?? (follows ? readFluxVersion(cluster) : undefined);
  const conventions = own.conventions && { ...options.conventions, ...own.conventions };
  return { ...own, sync: strategyInTree(cluster) ?? own.sync, ...given({ fluxVersion, conventions }) };
}
