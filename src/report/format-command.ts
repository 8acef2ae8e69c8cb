import type { Options } from "../contract/options.ts";
import { sh } from "../contract/shell.ts";

/**
 * The command line that gives this plan again, with a verb and a phase of choice; every value is one word of it. What was
 * measured, accepted or said of one phase is not carried to another.
 */
export function formatCommand(
  verb: string,
  options: Options,
  phase: Options["phase"],
  clusters = options.clusters,
): string {
  const { oci, bootstrap, typed } = options;
  const isSame = phase === options.phase;
  const flags: Record<string, string | boolean | undefined> = {
    "--dry-run": oci !== undefined && verb === "plan",
    "--phase": phase !== (oci ? "prepare" : "install") && phase,
    "--direct": options.direct,
    "--sync": options.sync !== "adopt" && options.sync,
    "--cluster": clusters.join(",") || undefined,
    "--only": options.only.join(",") || undefined,
    "--skip": options.skip.join(",") || undefined,
    "--flux-version": options.fluxVersion || undefined,
    "--operator-version": options.operatorVersion || undefined,
    "--artifact-path": options.artifactPath,
    "--url": bootstrap?.url,
    "--branch": bootstrap?.branch,
    "--path": bootstrap?.path,
    "--secret-name": bootstrap?.secretName,
    "--layout": options.layout !== "auto" && options.layout,
    "--bootstrap": options.rebuild,
    "--operator-upgrades": options.operatorUpgrades,
    "--upgrade-apis": options.upgradeApis,
    "--service-monitor": options.serviceMonitor,
    "--accept": (isSame && options.accept?.join(",")) || undefined,
    "--unpushed": isSame && options.unpushed,
    "--facts": isSame && options.facts && (typed?.facts ?? "FILE"),
    "--forge": oci?.forge,
    "--registry": oci?.registry || undefined,
    "--tag": oci?.tag || undefined,
    "--pull-secret": oci?.pullSecret,
    "--sign": oci?.sign,
    "--charts": oci?.charts,
    "--chart-mirrors": oci?.chartMirrors && (typed?.chartMirrors ?? "FILE"),
    "--config": typed?.config,
    "--trust-config": typed?.trustConfig,
  };
  const words = Object.entries(flags).flatMap(([flag, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [flag] : [flag, value];
  });
  return sh`fluxlift ${[oci ? "oci" : verb, ...words]}`.line;
}
