import { groupBy } from "../contract/group-by.ts";
import type { Options, Phase } from "../contract/options.ts";
import type { ClusterState, Plan } from "../contract/plan.ts";
import { collectFindings, listClusters } from "./summary.ts";

interface NextStep {
  /** One sentence. */
  says: string;
  commands: string[];
}

/** What to do after reading a plan. */
export function findNextStep(plan: Plan): NextStep {
  const clusters = listClusters(plan);
  const changes = plan.phases.some((phase) => phase.files.length > 0);
  const blocked = new Set(
    collectFindings(plan).flatMap((finding) => (finding.level === "blocker" ? [finding.cluster ?? ""] : [])),
  );
  const { options } = plan;
  if (clusters.length === 0) {
    const says = "Run fluxlift in the folder that holds the Flux objects, or name it.";
    return { says, commands: ["fluxlift scan DIR"] };
  }
  if (collectFindings(plan).some(({ rule, level }) => rule === "phase-not-pushed" && level === "blocker")) {
    const says = "Nothing is written before the phase before is pushed and reconciled. Push it, then look again:";
    return { says, commands: ["git push", formatCommand("plan", options, options.phase)] };
  }
  if (changes) {
    const left = [...blocked].filter((name) => name !== "");
    const says =
      left.length > 0
        ? `Nothing is written yet. To write all but ${left.join(", ")}, which is blocked:`
        : "Nothing is written yet. To write these changes:";
    return { says, commands: [formatCommand("migrate", options, options.phase)] };
  }
  if (blocked.size > 0) {
    const says = "Settle the blockers above, then plan again.";
    return { says, commands: [formatCommand("plan", options, options.phase)] };
  }
  const steps = clusters.flatMap((cluster) => {
    const phase = options.oci ? AFTER_OCI[options.phase] : AFTER[cluster.state];
    return phase ? [{ name: cluster.cluster, phase }] : [];
  });
  if (steps.length === 0) return { says: "Nothing is left to do.", commands: [] };
  const commands = [...groupBy(steps, (step) => step.phase).values()].map((group) => {
    const names = group.map(({ name }) => name);
    return formatCommand("plan", options, group[0]!.phase, names.length === clusters.length ? options.clusters : names);
  });
  const says =
    "This phase is in the tree. Once it is merged, reconciled and checked by its runbook, plan the next one.";
  return { says, commands };
}

const AFTER: Partial<Record<ClusterState, Phase>> = { installed: "cutover", "cut-over": "cleanup" };
const AFTER_OCI: Partial<Record<Options["phase"], Phase>> = { prepare: "switch", switch: "cleanup" };

/** The command line that gives this plan again, with a verb and a phase of choice. */
export function formatCommand(
  verb: string,
  options: Options,
  phase: Options["phase"],
  clusters = options.clusters,
): string {
  const { oci, bootstrap } = options;
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
    "--operator-upgrades": options.operatorUpgrades,
    "--upgrade-apis": options.upgradeApis,
    "--service-monitor": options.serviceMonitor,
    "--facts": options.facts && "FILE",
    "--forge": oci?.forge,
    "--registry": oci?.registry || undefined,
    "--tag": oci?.tag || undefined,
    "--pull-secret": oci?.pullSecret,
    "--sign": oci?.sign,
    "--charts": oci?.charts,
    "--chart-mirrors": oci?.chartMirrors && "FILE",
  };
  const words = Object.entries(flags).flatMap(([flag, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [flag] : [flag, value || "''"];
  });
  return ["fluxlift", oci ? "oci" : verb, ...words].join(" ");
}
