import { formatLoc } from "../errors.ts";
import { locateField } from "../flux/locations.ts";
import { repositoryIdentity } from "../flux/sources.ts";
import type { Cluster, KubeObject } from "../flux/types.ts";
import type { Tree } from "../workspace/tree.ts";
import { factsFor } from "./facts.ts";
import { listGuards } from "./guards.ts";
import type { DraftFinding } from "./transform.ts";
import type { Facts, Level, Options, Phase } from "./types.ts";

export interface FactsInput {
  cluster: Cluster;
  phase: Phase;
  options: Options;
  tree: Tree;
}

const SHOWN = 5;

/**
 * Turns what `preflight.sh` measured into findings: every measured value that contradicts what the plan rests on.
 * Values that were not measured give no finding; they stay among the assumptions of the runbook.
 */
export function checkFacts(facts: Facts | undefined, input: FactsInput): DraftFinding[] {
  const measured = factsFor(facts, input.cluster.name);
  if (!measured) return [];
  const wrongCluster = checkSource(measured, input);
  if (wrongCluster) return [wrongCluster];
  const findings = [...checkConditions(measured, input), ...checkMissing(measured, input)];
  if (input.phase === "install")
    return [...checkVersion(measured, input), ...checkStored(measured, input), ...findings];
  return [...checkInstance(measured, input), ...checkGuards(measured, input), ...findings];
}

function checkSource(facts: Facts, { cluster, tree }: FactsInput): DraftFinding | undefined {
  const url = cluster.source?.data?.spec?.url;
  if (!facts.sourceUrl || typeof url !== "string" || url.includes("${") || !cluster.source) return undefined;
  if (repositoryIdentity(facts.sourceUrl) === repositoryIdentity(url)) return undefined;
  return {
    rule: "facts-wrong-cluster",
    level: "blocker",
    resource: describeIn(cluster, cluster.source),
    at: locateField(tree, cluster.source, ["spec", "url"]),
    what: `The facts were measured on a cluster that syncs ${facts.sourceUrl}, not the repository that ${cluster.name} syncs.`,
    why: "Checks made on another cluster say nothing about this one.",
    next: `Run preflight.sh with the context of ${cluster.name} and pass its output again.`,
  };
}

function checkVersion(facts: Facts, { cluster, options }: FactsInput): DraftFinding[] {
  const claim = cluster.install?.version;
  const planned = minorOf(options.fluxVersion ?? claim?.value);
  const running = minorOf(facts.fluxVersion);
  if (!planned || !running || planned === running) return [];
  const place =
    claim && !options.fluxVersion
      ? `${formatLoc(claim.at)} says ${claim.value}`
      : `--flux-version says ${options.fluxVersion}`;
  return [
    {
      rule: "facts-version-mismatch",
      level: "blocker",
      ...(claim ? { at: claim.at } : {}),
      what: `The cluster runs Flux ${facts.fluxVersion}, but ${place}: the operator would install Flux ${planned}.x over it.`,
      why: "On its first reconcile the operator has no downgrade guard: it replaces controllers and CRDs by those of the version it is given.",
      next: `Make the repository say what runs, or pass --flux-version ${running}.x, and plan again.`,
    },
  ];
}

/** A CRD is refused while `storedVersions` holds a version it no longer has (trap 15); that takes a newer minor. */
function checkStored(facts: Facts, { options }: FactsInput): DraftFinding[] {
  const mixed = Object.entries(facts.storedVersions ?? {}).filter(([, versions]) => versions.length > 1);
  if (mixed.length === 0) return [];
  const upgrades = options.fluxVersion !== undefined && minorOf(options.fluxVersion) !== minorOf(facts.fluxVersion);
  return [
    {
      rule: "facts-stored-versions",
      level: upgrades ? "blocker" : "caution",
      what: `${sayCount(mixed.length, "CRD")} still list old stored versions: ${listSome(mixed.map(([crd, versions]) => `${crd} (${versions.join(", ")})`))}.`,
      why: "The API server refuses a CRD that drops a version which objects may still be stored in, so an upgrade to a Flux minor without that version cannot be applied.",
      next: "Run `flux migrate` (Flux CLI 2.7 or newer) against the cluster before the Flux minor is raised.",
    },
  ];
}

function checkConditions(facts: Facts, { cluster, options, tree }: FactsInput): DraftFinding[] {
  const guarded = new Set(
    listGuards(cluster, options)
      .filter((guard) => guard.field === "suspend")
      .map((guard) => `${guard.kind} ${guard.namespace}/${guard.name}`),
  );
  const sync = [cluster.root, ...(cluster.source ? [cluster.source] : [])];
  const suspended = (facts.suspended ?? []).filter((name) => !guarded.has(name));
  const notReady = (facts.notReady ?? []).filter((name) => !suspended.includes(name));
  return [
    ...judge(suspended, {
      rule: "facts-suspended",
      says: (names, blocked) =>
        `${names} ${blocked ? "is suspended: Flux will not read what you merge" : "is suspended and will not follow the change"}.`,
      why: "A suspended object keeps its last state: it neither applies new files nor prunes until it is resumed, and then does both at once.",
      next: "Resume it (`flux resume`), wait until it is Ready, and measure again; or leave it suspended on purpose and check it by hand after each phase.",
    }),
    ...judge(notReady, {
      rule: "facts-not-ready",
      says: (names, blocked) =>
        `${names} is not Ready${blocked ? ": Flux cannot apply what you merge" : " before the change"}.`,
      why: "What fails before a migration cannot be told from what the migration breaks, and a failing root keeps the FluxInstance from becoming Ready.",
      next: "Repair it first (`flux get all -A --status-selector ready=false`), and measure again.",
    }),
  ];

  function judge(
    names: string[],
    words: { rule: string; says: (names: string, blocked: boolean) => string; why: string; next: string },
  ): DraftFinding[] {
    const findings: DraftFinding[] = [];
    for (const object of sync.filter((candidate) => names.includes(describeIn(cluster, candidate)))) {
      const resource = describeIn(cluster, object);
      const blocker = { rule: words.rule, level: "blocker" as Level, resource, at: locateField(tree, object) };
      findings.push({ ...blocker, what: words.says(resource, true), why: words.why, next: words.next });
    }
    const others = names.filter((name) => !sync.some((object) => describeIn(cluster, object) === name));
    if (others.length > 0) {
      findings.push({
        rule: words.rule,
        level: "caution",
        what: words.says(listSome(others), false),
        why: words.why,
        next: words.next,
      });
    }
    return findings;
  }
}

function checkMissing(facts: Facts, { cluster, tree }: FactsInput): DraftFinding[] {
  const missing = facts.missing ?? [];
  if (missing.length === 0) return [];
  return [
    {
      rule: "facts-missing-secret",
      level: "caution",
      at: locateField(tree, cluster.root),
      what: `${listSome(missing)} ${missing.length === 1 ? "is" : "are"} named by the sync but ${missing.length === 1 ? "is" : "are"} not in the cluster.`,
      why: "The root cannot be built without what it decrypts with and substitutes from, and its source cannot be fetched without its credentials.",
      next: "Create it in the cluster, or remove the reference if it is a leftover.",
    },
  ];
}

function checkInstance(facts: Facts, { cluster, phase }: FactsInput): DraftFinding[] {
  const resource = `FluxInstance ${cluster.namespace}/flux`;
  const findings: DraftFinding[] = [];
  if (facts.fluxInstanceReady === false) {
    findings.push({
      rule: "facts-instance-not-ready",
      level: "blocker",
      resource,
      what: `${resource} is not Ready, so Flux would prune its own controllers if ${phase} were merged now.`,
      why: "Until the operator has adopted the controllers they still belong to the old install, and removing its files deletes them with all Flux CRDs.",
      next: `Look at \`kubectl -n ${cluster.namespace} describe fluxinstance flux\`, repair it, wait for Ready, and measure again.`,
    });
  }
  if (facts.adopted === false) {
    const objects = facts.notAdopted?.length ? ` (${listSome(facts.notAdopted)})` : "";
    findings.push({
      rule: "facts-not-adopted",
      level: "blocker",
      what: `Objects of the old install still carry its owner labels or lack \`prune: Disabled\`${objects}: Flux would delete them after ${phase}.`,
      why: "kustomize-controller deletes what leaves Git when the live object carries its owner labels and no protection; only the live object counts.",
      next: `Reconcile the instance (\`kubectl -n ${cluster.namespace} annotate --overwrite fluxinstance flux reconcile.fluxcd.io/requestedAt="$(date +%s)"\`), and measure again.`,
    });
  }
  return findings;
}

function checkGuards(facts: Facts, { cluster, options, phase, tree }: FactsInput): DraftFinding[] {
  const guards = listGuards(cluster, options);
  if (facts.guardsReconciled !== false || guards.length === 0) return [];
  const names = guards.map((guard) => `${guard.kind} ${guard.namespace}/${guard.name} ${guard.field}: ${guard.value}`);
  return [
    {
      rule: "facts-guards-missing",
      level: "blocker",
      at: locateField(tree, cluster.root),
      what: `A guard is in Git but not in effect in the cluster (${listSome(names)}): ${phase} could delete what it protects.`,
      why: "Flux decides what to prune from the live object, so a guard protects only after it was reconciled.",
      next: `Reconcile the root (\`flux -n ${cluster.namespace} reconcile kustomization ${cluster.root.name} --with-source\`), and measure again.`,
    },
  ];
}

function describeIn(cluster: Cluster, object: KubeObject): string {
  return `${object.kind} ${object.namespace || cluster.namespace}/${object.name}`;
}

function minorOf(version: string | undefined): string | undefined {
  return /^v?(\d+\.\d+)(?:\.|$)/.exec(version ?? "")?.[1];
}

function listSome(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return more > 0 ? `${names.slice(0, SHOWN).join(", ")} and ${more} more` : names.join(", ");
}

function sayCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
