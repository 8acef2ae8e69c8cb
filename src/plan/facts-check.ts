import { factsFor } from "../cluster/facts.ts";
import { listGuards } from "../cluster/guards.ts";
import type { Cluster } from "../cluster/types.ts";
import { repositoryIdentity } from "../contract/address.ts";
import { formatLoc } from "../contract/errors.ts";
import type { DraftFinding, FactFinding } from "../contract/finding.ts";
import type { KubeObject } from "../contract/objects.ts";
import type { Facts } from "../contract/options.ts";
import { locateField } from "../delivery/locations.ts";
import { installedFlux } from "../instance/chart/versions.ts";
import type { PhaseContext } from "./run-transforms.ts";

type FactsInput = Pick<PhaseContext, "cluster" | "phase" | "options" | "tree">;

/**
 * Turns what `preflight.sh` measured into findings: every measured value that contradicts what the plan rests on.
 * Values that were not measured give no finding; they stay among the assumptions of the runbook.
 */
export function checkFacts(facts: Facts | undefined, input: FactsInput): DraftFinding[] {
  const measured = factsFor(facts, input.cluster.name);
  if (!measured) return [];
  const wrongCluster = checkSource(measured, input);
  if (wrongCluster) return [wrongCluster];
  const findings = checkConditions(measured, input);
  const { missing = [] } = measured;
  const at = locateField(input.tree, input.cluster.root);
  if (missing.length > 0)
    findings.push({ rule: "facts-missing-secret", level: "caution", at, facts: { names: missing } });
  if (input.phase === "install")
    return [...checkVersion(measured, input), ...checkStored(measured, input), ...findings];
  return [...checkInstance(measured, input), ...checkGuards(measured, input), ...findings];
}

function checkSource(facts: Facts, { cluster, tree }: FactsInput): DraftFinding | undefined {
  const { runningSource: source } = cluster;
  const url = source?.data.spec?.url;
  if (!facts.sourceUrl || typeof url !== "string" || url.includes("${") || !source) return undefined;
  if (repositoryIdentity(facts.sourceUrl) === repositoryIdentity(url)) return undefined;
  const resource = describeIn(cluster, source);
  const at = locateField(tree, source, ["spec", "url"]);
  const said = { url: facts.sourceUrl, cluster: cluster.name };
  return { rule: "facts-wrong-cluster", level: "blocker", resource, at, facts: said };
}

function checkVersion(facts: Facts, { cluster, options }: FactsInput): DraftFinding[] {
  const claim = installedFlux(cluster.install);
  const planned = minorOf(options.fluxVersion ?? claim?.value);
  const running = minorOf(facts.fluxVersion);
  if (!planned || !running || planned === running) return [];
  const isClaim = claim && !options.fluxVersion;
  const says = isClaim ? `${formatLoc(claim.at)} says ${claim.value}` : `--flux-version says ${options.fluxVersion}`;
  const said = { runs: facts.fluxVersion ?? "", says, planned, minor: running };
  return [{ rule: "facts-version-mismatch", level: "blocker", ...(claim ? { at: claim.at } : {}), facts: said }];
}

/** A CRD is refused while `storedVersions` holds a version it no longer has (trap 15); that takes a newer minor. */
function checkStored(facts: Facts, { options }: FactsInput): DraftFinding[] {
  const mixed = Object.entries(facts.storedVersions ?? {}).filter(([, versions]) => versions.length > 1);
  if (mixed.length === 0) return [];
  const upgrades = options.fluxVersion !== undefined && minorOf(options.fluxVersion) !== minorOf(facts.fluxVersion);
  const crds = mixed.map(([crd, versions]) => `${crd} (${versions.join(", ")})`);
  return [{ rule: "facts-stored-versions", level: upgrades ? "blocker" : "caution", facts: { crds } }];
}

function checkConditions(facts: Facts, { cluster, options, tree }: FactsInput): DraftFinding[] {
  const suspending = listGuards(cluster, options).filter(({ field }) => field === "suspend");
  const guarded = new Set(suspending.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`));
  const sync = [cluster.root, ...(cluster.source ? [cluster.source] : [])];
  const suspended = (facts.suspended ?? []).filter((name) => !guarded.has(name));
  const notReady = (facts.notReady ?? []).filter((name) => !suspended.includes(name));
  return [...judge("facts-suspended", suspended), ...judge("facts-not-ready", notReady)];

  function judge(rule: "facts-suspended" | "facts-not-ready", names: readonly string[]): DraftFinding[] {
    const own = sync.filter((object) => names.includes(describeIn(cluster, object)));
    const others = names.filter((name) => !own.some((object) => describeIn(cluster, object) === name));
    const blockers = own.map((object): DraftFinding => {
      const resource = describeIn(cluster, object);
      const said = { names: [resource], isSync: true };
      return { rule, level: "blocker", resource, at: locateField(tree, object), facts: said } as FactFinding;
    });
    if (others.length === 0) return blockers;
    return [...blockers, { rule, level: "caution", facts: { names: others, isSync: false } } as FactFinding];
  }
}

function checkInstance(facts: Facts, { cluster, phase }: FactsInput): DraftFinding[] {
  const { namespace } = cluster;
  const resource = `FluxInstance ${namespace}/flux`;
  const findings: DraftFinding[] = [];
  if (facts.fluxInstanceReady === false) {
    const said = { resource, namespace, phase };
    findings.push({ rule: "facts-instance-not-ready", level: "blocker", resource, facts: said });
  }
  if (facts.adopted === false) {
    const said = { names: facts.notAdopted ?? [], namespace, phase };
    findings.push({ rule: "facts-not-adopted", level: "blocker", facts: said });
  }
  return findings;
}

function checkGuards(facts: Facts, { cluster, options, phase, tree }: FactsInput): DraftFinding[] {
  const guards = listGuards(cluster, options);
  if (facts.guardsReconciled !== false || guards.length === 0) return [];
  const names = guards.map((guard) => `${guard.kind} ${guard.namespace}/${guard.name} ${guard.field}: ${guard.value}`);
  const said = { guards: names, namespace: cluster.namespace, root: cluster.root.name, phase };
  return [{ rule: "facts-guards-missing", level: "blocker", at: locateField(tree, cluster.root), facts: said }];
}

function describeIn(cluster: Cluster, object: KubeObject): string {
  return `${object.kind} ${object.namespace || cluster.namespace}/${object.name}`;
}

function minorOf(version: string | undefined): string | undefined {
  return /^v?(\d+\.\d+)(?:\.|$)/.exec(version ?? "")?.[1];
}
