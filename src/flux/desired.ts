import { factsFor } from "../engine/facts.ts";
import type { DraftFinding } from "../engine/transform.ts";
import type { Options } from "../engine/types.ts";
import { readChartUse } from "./chart-release.ts";
import { checkGotk, reportSharedPath } from "./gotk/port.ts";
import { fluxVersionOfChart } from "./patches/chart-versions.ts";
import {
  atLeast,
  compareFluxVersions,
  DEFAULT_OPERATOR_VERSION,
  type FluxVersion,
  fluxEmbeddedBy,
  newestEmbedded,
  parseFluxVersion,
} from "./releases.ts";
import type { Cluster, Install, KubeObject } from "./types.ts";

/** What the generated apps have to say about versions. */
export interface Desired {
  install: Install;
  /** The version installed now. */
  version: FluxVersion;
  /** `distribution.version`: the installed minor, such as `2.6.x`. */
  range: string;
  operatorVersion: string;
  findings: DraftFinding[];
}

/** Decides versions; undefined together with a blocker in `findings` when they cannot be decided safely. */
export function decideVersions(
  cluster: Cluster,
  options: Options,
  objects: readonly KubeObject[],
): { desired?: Desired; findings: DraftFinding[] } {
  const { install } = cluster;
  if (!install) return { findings: [noInstall(cluster)] };
  const given = options.fluxVersion ?? factsFor(options.facts, cluster.name)?.fluxVersion;
  const elsewhere = checkNamespace(cluster, install);
  if (elsewhere) return { findings: [elsewhere] };
  const chart = install.chartVersion && fluxVersionOfChart(install.chartVersion.value);
  const version = parseGiven(given) ?? parseFluxVersion(install.version?.value ?? chart?.version ?? "");
  if (!version) return { findings: [unknownVersion(install)] };
  const findings = checkVersion(install, version);
  if (install.gotk) findings.push(...reportSharedPath(cluster, objects));
  if (findings.every((finding) => finding.level !== "blocker")) findings.push(...checkGotk(cluster, install, version));
  if (chart && !given) findings.push(chartVersionRead(install, chart));
  if (!given) findings.push(...compareBootstraps(cluster, install, version));
  if (findings.some((finding) => finding.level === "blocker")) return { findings };
  const operator = decideOperator(cluster, options, objects, version);
  findings.push(...operator.findings);
  if (operator.version === undefined) return { findings };
  const range = `${version.major}.${version.minor}.x`;
  return { desired: { install, version, range, operatorVersion: operator.version, findings }, findings };
}

/** `--flux-version 2.6.x` means the newest release of that minor that an operator embeds. */
function parseGiven(given: string | undefined): FluxVersion | undefined {
  if (given === undefined) return undefined;
  const minor = /^v?(\d+)\.(\d+)\.x$/.exec(given);
  const exact = minor ? newestEmbedded({ major: Number(minor[1]), minor: Number(minor[2]) }) : given;
  return exact === undefined ? undefined : parseFluxVersion(exact);
}

function noInstall(cluster: Cluster): DraftFinding {
  const [bootstrap] = cluster.bootstraps;
  const applied = bootstrap && `${bootstrap.at.file}:${bootstrap.at.line}`;
  return {
    rule: "install-not-found",
    level: "blocker",
    at: { file: cluster.root.file, line: 1, col: 1 },
    what: "Nothing that this root delivers installs Flux, so version, components and patches of the running Flux are unknown.",
    why: `${applied ? `${applied} is applied by hand, once: what runs may be something else by now. ` : ""}A FluxInstance with guessed values would change or downgrade the controllers when it adopts them.`,
    next: applied
      ? `Deliver the install below the root first: an OCIRepository of oci://ghcr.io/fluxcd/flux-manifests at the version that \`flux version\` shows, and a FluxKustomization on it with the patches of ${bootstrap.at.file}. Merge that, let it reconcile, and run fluxlift again.`
      : "Point out the install: deliver it from the root, or migrate this cluster by hand with the runbook of the docs.",
  };
}

function unknownVersion(install: Install): DraftFinding {
  const chart = install.chartVersion ? ` (flux2 chart ${install.chartVersion.value})` : "";
  return {
    rule: "version-unknown",
    level: "blocker",
    at: install.chartVersion?.at ?? install.at,
    what: `The Flux version of this install${chart} is not pinned to a release that fluxlift knows, so the operator could down- or upgrade the running controllers.`,
    why: "On its first reconcile the operator has no downgrade guard (trap 16).",
    next: "Pass the running version: --flux-version vX.Y.Z, or --facts with the output of preflight.sh.",
  };
}

/**
 * The operator installs the controllers in the namespace of the FluxInstance, and only there generates source and root
 * (flux-semantics 1.1, 1.5). A second namespace would get a second Flux, and the first one would be pruned at cutover.
 */
function checkNamespace(cluster: Cluster, install: Install): DraftFinding | undefined {
  // Both forms of the release manifests name flux-system; a chart goes where its release goes.
  const usual = install.style === "oci-manifests" || install.style === "remote-install";
  const namespace = install.namespace ?? (usual ? "flux-system" : cluster.namespace);
  if (install.style === "gotk" || namespace === cluster.namespace) return undefined;
  return {
    rule: "controllers-elsewhere",
    level: "blocker",
    at: install.at,
    what: `The controllers run in ${namespace}, while source and root live in ${cluster.namespace}; a FluxInstance would install a second Flux in ${cluster.namespace}.`,
    why: "The operator puts controllers, source and root into one namespace and adopts only what is already there.",
    next: "Move source and root to the namespace of the controllers first, or migrate this cluster by hand.",
  };
}

function chartVersionRead(install: Install, chart: { version: string; isExact: boolean }): DraftFinding {
  return {
    rule: "chart-version-read",
    level: chart.isExact ? "info" : "caution",
    at: install.chartVersion!.at,
    what: `flux2 chart ${install.chartVersion!.value} installs Flux ${chart.isExact ? chart.version : `${chart.version.replace(/\.\d+$/, "")}, of which patch release is not recorded`}; the operator stays on that minor.`,
    why: "The chart version says which Flux it installs only through a table.",
    next: chart.isExact ? "Nothing to do." : "Compare with `flux version`; pass --flux-version if it differs.",
  };
}

function checkVersion(install: Install, version: FluxVersion): DraftFinding[] {
  const at = install.version?.at ?? install.at;
  const text = `v${version.major}.${version.minor}.${version.patch}`;
  if (!atLeast(version, "2.2")) {
    return [
      {
        rule: "flux-too-old",
        level: "blocker",
        at,
        what: `Flux ${text} is older than 2.2.0, the oldest version flux-operator can manage.`,
        why: "The operator embeds manifests from 2.2.3 on and refuses anything older (trap 17).",
        next: "Upgrade Flux in this repository to at least v2.2.3, one minor at a time, then run fluxlift again.",
      },
    ];
  }
  const newest = newestEmbedded(version);
  if (newest === undefined || compareFluxVersions(parseFluxVersion(newest)!, version) < 0) {
    return [
      {
        rule: "flux-not-embedded",
        level: "blocker",
        at,
        what: `Flux ${text} is newer than what flux-operator ${DEFAULT_OPERATOR_VERSION} embeds for this minor${newest ? ` (${newest})` : ""}, so the operator would downgrade it or fail to build.`,
        why: "An operator can only install the Flux versions it embeds (trap 17), and nothing guards the first reconcile against a downgrade (trap 16).",
        next: "Use a newer fluxlift, or pin a newer operator with --operator-version together with --flux-version.",
      },
    ];
  }
  if (newest === text.slice(1)) return [];
  return [
    {
      rule: "patch-upgrade",
      level: "info",
      at,
      what: `The operator will run the newest ${version.major}.${version.minor} release it embeds, at least ${newest}; the tree installs ${text} today.`,
      why: "distribution.version stays on the installed minor; exact patch releases that no operator embeds cannot be pinned.",
      next: "Nothing to do; pin an exact version later if you want one.",
    },
  ];
}

/** A by-hand bootstrap newer than the reconciled install means the running version may be the newer one (trap 16). */
function compareBootstraps(cluster: Cluster, install: Install, version: FluxVersion): DraftFinding[] {
  const findings: DraftFinding[] = [];
  for (const bootstrap of cluster.bootstraps) {
    const other = bootstrap.version && parseFluxVersion(bootstrap.version.value);
    if (!other || compareFluxVersions(other, version) === 0) continue;
    const newer = compareFluxVersions(other, version) > 0;
    const risky = newer && (other.major !== version.major || other.minor !== version.minor);
    findings.push({
      rule: risky ? "bootstrap-newer" : "bootstrap-differs",
      level: risky ? "blocker" : "info",
      at: bootstrap.version!.at,
      what: `Bootstrap installs Flux ${bootstrap.version!.value}, while the install that Flux keeps applying says ${install.version?.value ?? "another version"}.`,
      why: risky
        ? "If the cluster really runs the newer version, the operator would downgrade its controllers and CRDs (trap 16)."
        : "The install that Flux reconciles decides; what bootstrap says only ran once.",
      next: risky
        ? "Check with `flux version`, then pass --flux-version vX.Y.Z or --facts with the output of preflight.sh."
        : "Nothing to do; the bootstrap files are replaced in the cleanup phase.",
    });
  }
  return findings;
}

function decideOperator(
  cluster: Cluster,
  options: Options,
  objects: readonly KubeObject[],
  version: FluxVersion,
): { version?: string; findings: DraftFinding[] } {
  if (options.operatorVersion !== undefined) return { version: options.operatorVersion, findings: [] };
  const pinned = pinnedOperator(cluster, objects);
  if (!pinned) return { version: DEFAULT_OPERATOR_VERSION, findings: [] };
  const embedded = fluxEmbeddedBy(pinned.value);
  if (embedded !== undefined && compareFluxVersions(parseFluxVersion(embedded)!, version) >= 0) {
    return { version: pinned.value, findings: [] };
  }
  return {
    version: DEFAULT_OPERATOR_VERSION,
    findings: [
      {
        rule: "operator-too-old",
        level: "info",
        at: { file: pinned.file, line: 1, col: 1 },
        what: `flux-operator ${pinned.value} ${embedded === undefined ? "is older than any release fluxlift knows the contents of" : `embeds Flux up to ${embedded}, not the installed one`}, so the chart moves to ${DEFAULT_OPERATOR_VERSION}.`,
        why: "The operator can only run Flux versions it embeds (trap 17).",
        next: "Nothing to do; --operator-version takes another release, also the one that is pinned.",
      },
    ],
  };
}

function pinnedOperator(cluster: Cluster, objects: readonly KubeObject[]): { value: string; file: string } | undefined {
  for (const operator of cluster.operators) {
    const version = readChartUse(operator, objects)?.version;
    if (version && parseFluxVersion(version.value)) return { value: version.value, file: version.object.file };
  }
  return undefined;
}
