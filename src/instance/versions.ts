import { readChartUse } from "../cluster/chart-release.ts";
import { factsFor } from "../cluster/facts.ts";
import { keyOf, repositoryPath } from "../cluster/graph.ts";
import type { InstallPlace } from "../cluster/install-place.ts";
import { instanceOf } from "../cluster/instances.ts";
import { syncNamespaceOf } from "../cluster/namespaces.ts";
import { areReadAlike } from "../cluster/starts.ts";
import type { Cluster, Install, LeftOut } from "../cluster/types.ts";
import { publicAddress } from "../contract/address.ts";
import { readable } from "../contract/answer.ts";
import { type Loc, lineOf } from "../contract/errors.ts";
import type { DraftFinding } from "../contract/finding.ts";
import type { InstallElsewhere } from "../contract/install-ways.ts";
import type { KubeObject } from "../contract/objects.ts";
import type { Options } from "../contract/options.ts";
import type { RuleFacts } from "../contract/rule-facts.ts";
import { describe, isFluxManifestsUrl } from "../delivery/kinds.ts";
import { isWithin } from "../delivery/paths.ts";
import {
  atLeast,
  canRun,
  compareFluxVersions,
  componentsOf,
  DEFAULT_OPERATOR_VERSION,
  EMBEDDED_FLUX,
  type FluxVersion,
  fluxEmbeddedBy,
  formatFluxVersion,
  isLaterFlux,
  isLaterOperator,
  newestEmbedded,
  parseFluxVersion,
  RELEASES_UNTIL,
  releaseOf,
} from "../release/releases.ts";
import { patchesOnlyIn } from "./bootstrap-patches.ts";
import { fluxVersionOfChart, isTooOldChart } from "./chart/versions.ts";
import { checkGotk, reportSharedPath } from "./gotk.ts";
import type { Versions } from "./types.ts";

type Operated = NonNullable<RuleFacts["install-not-found"]["operated"]>;

/** What a repository has besides its clusters and may install their Flux. */
export interface Around {
  /** What installs the chart without Flux. */
  elsewhere?: readonly InstallElsewhere[];
  /** Where something other than Flux installs the chart of a FluxInstance, or manifests of one that nothing here applies. */
  operated?: readonly Operated[];
  /** Where something other than Flux names the manifests of a release. */
  released?: readonly Loc[];
  /** Files that mention Flux and cannot be read. */
  broken?: readonly string[];
  /** What looks like the start of a cluster and is none. */
  leftOut?: readonly LeftOut[];
  /** Clusters of the repository of which the install is known. */
  installed?: readonly Cluster[];
  /** Files that install Flux and that nothing delivers. */
  idle?: readonly string[];
  /** Bases of other repositories that the root builds, and that may install Flux. */
  bases?: readonly { at: Loc; url: string }[];
  /** Where an install that is not known can be written down. */
  into?: InstallPlace | undefined;
}

/**
 * Decides versions; undefined together with a blocker in `findings` when they cannot be decided safely.
 */
export function decideVersions(
  cluster: Cluster,
  options: Options,
  objects: readonly KubeObject[],
  around: Around = {},
): { versions?: Versions; findings: DraftFinding[] } {
  const { install } = cluster;
  if (!install) return { findings: [noInstall(cluster, objects, around)] };
  const measured = factsFor(options.facts, cluster.name)?.fluxVersion;
  const given = options.fluxVersion ?? measured;
  const displaced = checkNamespace(cluster, install, options);
  if (displaced) return { findings: [displaced] };
  const tooOld = install.chartVersion && isTooOldChart(install.chartVersion.value) ? install.chartVersion : undefined;
  if (tooOld)
    return { findings: [fluxTooOld(tooOld.at, { version: tooOld.value, style: install.style, isChart: true })] };
  if (install.chartCopy)
    return { findings: [{ rule: "chart-copied", level: "blocker", at: install.at, facts: install.chartCopy }] };
  const chart = install.chartVersion && fluxVersionOfChart(install.chartVersion.value);
  const wanted = parseFluxVersion(releaseOf(given ?? "") ?? "");
  const named = parseFluxVersion(install.version?.value ?? chart?.version ?? "");
  const version = wanted ?? named;
  if (!version) return { findings: [unknownVersion(install)] };
  const written = named ?? version;
  const runs = parseFluxVersion(measured ?? "") ?? written;
  const isAsked = options.fluxVersion !== undefined;
  const findings = checkVersion(install, version, {
    isAsked,
    pinned: pinnedFlux(cluster),
    operator: options.operatorVersion ?? pinnedOperator(cluster, objects)?.value ?? DEFAULT_OPERATOR_VERSION,
  });
  if (isAsked) findings.push(...compareAsked(install, version, chart?.version));
  if (install.gotk) findings.push(...reportSharedPath(cluster, objects));
  if (findings.every((finding) => finding.level !== "blocker"))
    findings.push(...checkGotk(cluster, install, { version, written }));
  if (chart && !given) findings.push(chartVersionRead(install, chart));
  if (!given) findings.push(...compareBootstraps(cluster, install, version));
  if (findings.some((finding) => finding.level === "blocker")) return { findings };
  const operator = decideOperator(cluster, options, objects, version);
  findings.push(...operator.findings);
  if (operator.version === undefined) return { findings };
  const range = `${version.major}.${version.minor}.x`;
  return {
    versions: {
      install: withComponents(install, version),
      version,
      written,
      runs,
      range,
      operatorVersion: operator.version,
    },
    findings,
  };
}

/** A tag or ref that names no release (`latest`, `main`) still brings what the manifests of the running one bring. */
function withComponents(install: Install, version: FluxVersion): Install {
  const { style, components } = install;
  if (components.length > 0 || (style !== "oci-manifests" && style !== "remote-install")) return install;
  return { ...install, components: componentsOf(style, version) };
}

function noInstall(
  cluster: Cluster,
  objects: readonly KubeObject[],
  {
    elsewhere: [elsewhere] = [],
    operated: [operated] = [],
    released: [released] = [],
    broken = [],
    leftOut = [],
    installed = [],
    idle = [],
    bases: [base] = [],
    into,
  }: Around,
): DraftFinding {
  const at = cluster.bootstraps[0]?.at;
  const bootstrap = at && { file: at.file, line: at.line };
  const place = lineOf(cluster.root.file);
  const folder = repositoryPath(cluster.root.data.spec, cluster.artifactRoot);
  const unread = folder === undefined ? undefined : broken.find((file) => isWithin(file, folder));
  const isNamed = bootstrap ?? elsewhere ?? operated ?? released ?? base ?? idle[0];
  const starts = findStarts(cluster, leftOut, isNamed ? [] : installed);
  const release = objects.find(
    ({ kind, file, data }) => kind === "OCIRepository" && cluster.files.has(file) && isFluxManifestsUrl(data.spec?.url),
  )?.file;
  const remote = base && { file: base.at.file, line: base.at.line, url: publicAddress(base.url) };
  const known = { bootstrap, release, into, elsewhere, operated, released, unread, remote, starts };
  const facts = { ...known, ...(idle.length > 0 && { idle }) };
  return { rule: "install-not-found", level: "blocker", at: place, facts };
}

/**
 * A cluster's root, and another start on its source below which Flux is installed: both may well be in one cluster. So may
 * be another root that reads the same commits, unless both have one name.
 */
function findStarts(
  { root, source, artifactRoot }: Cluster,
  leftOut: readonly LeftOut[],
  installed: readonly Cluster[],
) {
  const stray = leftOut.find((each) => each.installs && source && each.source && keyOf(each.source) === keyOf(source));
  const host = installed.find((each) => {
    const readsAlike = source && each.source && areReadAlike(source, each.source);
    return readsAlike && each.artifactRoot === artifactRoot && describe(each.root) !== describe(root);
  });
  const other = stray?.object ?? host?.root;
  return (
    other &&
    [root, other].map((object) => {
      const folder = repositoryPath(object.data.spec, artifactRoot) || ".";
      return { name: describe(object), file: object.file, folder };
    })
  );
}

function unknownVersion({ chartVersion, at }: Install): DraftFinding {
  const facts = { chart: chartVersion?.value };
  return { rule: "version-unknown", level: "blocker", at: chartVersion?.at ?? at, facts };
}

/**
 * The operator installs the controllers in the namespace of the FluxInstance, and only there generates source and root
 * (flux-facts 1.1, 1.5); elsewhere these can stay as they are.
 */
function checkNamespace(cluster: Cluster, { at, gotk }: Install, { sync }: Options): DraftFinding | undefined {
  const own = syncNamespaceOf(cluster);
  if (own === cluster.namespace) return undefined;
  // The controllers run where a kustomization puts them, mostly beside source and root.
  const moved = gotk?.findings.find(
    (one) => one.rule === "gotk-overlay-unsupported" && "facts" in one && one.facts.moved,
  );
  if (moved) return moved;
  const [root] = cluster.kustomizations;
  const real = root && readable(root.effective).metadata?.namespace;
  const given = typeof real === "string" && real !== own ? real : undefined;
  if (sync === "keep" && given === undefined) return undefined;
  return controllersElsewhere(cluster, at, given === undefined ? {} : { given });
}

/**
 * @param why why `--sync keep` does not help: a kustomization gives source and root another namespace than their manifests say,
 * or the controllers follow no reference to another one
 */
export function controllersElsewhere(
  cluster: Cluster,
  at: Loc,
  why: Pick<RuleFacts["controllers-elsewhere"], "given" | "isShut">,
): DraftFinding {
  const facts = { namespace: cluster.namespace, own: syncNamespaceOf(cluster), ...why };
  return { rule: "controllers-elsewhere", level: "blocker", at, facts };
}

function fluxTooOld(at: Loc, facts: RuleFacts["flux-too-old"]): DraftFinding {
  return { rule: "flux-too-old", level: "blocker", at, facts };
}

function chartVersionRead(install: Install, { version, isExact }: { version: string; isExact: boolean }): DraftFinding {
  const { value, at } = install.chartVersion!;
  const facts = { chart: value, version, isExact };
  return { rule: "chart-version-read", level: isExact ? "info" : "caution", at, facts };
}

/** The exact release that the owner's FluxInstance holds Flux at, where some operator embeds it. */
function pinnedFlux(cluster: Cluster): string | undefined {
  const version = parseFluxVersion(String(instanceOf(cluster)?.spec.distribution?.version ?? ""));
  const exact = version && formatFluxVersion(version);
  return exact !== undefined && EMBEDDED_FLUX.includes(exact) ? exact : undefined;
}

function checkVersion(
  install: Install,
  version: FluxVersion,
  { isAsked, operator, pinned }: { isAsked: boolean; operator: string; pinned: string | undefined },
): DraftFinding[] {
  const at = install.version?.at ?? install.at;
  const text = `v${formatFluxVersion(version)}`;
  if (!atLeast(version, "2.2")) return [fluxTooOld(at, { version: text, style: install.style, isChart: false })];
  const newest = newestEmbedded(version);
  const known = { operator: DEFAULT_OPERATOR_VERSION, until: RELEASES_UNTIL };
  if (isLaterFlux(version) && (newest !== undefined || isLaterOperator(operator))) {
    const facts = { version: text, newest: newest ?? EMBEDDED_FLUX.at(-1)!, isMinor: newest === undefined, known };
    return [{ rule: "flux-unknown", level: "caution", at, facts }];
  }
  if (newest === undefined) {
    const facts = { version: text, operator, newest: EMBEDDED_FLUX.at(-1)!, isLater: isLaterFlux(version), known };
    return [{ rule: "flux-not-embedded", level: "blocker", at, facts }];
  }
  if (newest === text.slice(1) || pinned === text.slice(1)) return [];
  const held = pinned?.startsWith(`${version.major}.${version.minor}.`) ? { pinned } : {};
  return [{ rule: "patch-upgrade", level: "info", at, facts: { version: text, newest, isAsked, ...held } }];
}

/** What `--flux-version` does to the Flux that the repository installs today; its patch releases move by themselves. */
function compareAsked(install: Install, version: FluxVersion, ofChart: string | undefined): DraftFinding[] {
  const installed = parseFluxVersion(install.version?.value ?? ofChart ?? "");
  if (!installed) return [];
  const at = install.version?.at ?? install.at;
  const facts = { asked: `v${formatFluxVersion(version)}`, installed: `v${formatFluxVersion(installed)}` };
  if (compareFluxVersions(version, installed) < 0) return [{ rule: "version-lowered", level: "blocker", at, facts }];
  const isSame = version.major === installed.major && version.minor === installed.minor;
  return isSame ? [] : [{ rule: "version-raised", level: "caution", at, facts }];
}

/** A by-hand bootstrap newer than the reconciled install means the running version may be the newer one (trap 16). */
function compareBootstraps(cluster: Cluster, install: Install, version: FluxVersion): DraftFinding[] {
  const isByHand = install.style === "gotk" && !install.objects.some(({ file }) => cluster.files.has(file));
  return cluster.bootstraps.flatMap((bootstrap): DraftFinding[] => {
    const other = bootstrap.version && parseFluxVersion(bootstrap.version.value);
    if (isByHand && saysOther(bootstrap, install)) {
      const facts = { install: install.at.file, version: install.version?.value, other: bootstrap.version?.value };
      return [{ rule: "install-undecided", level: "caution", at: bootstrap.at, facts }];
    }
    const patches = isByHand ? [] : patchesOnlyIn(bootstrap, install, { version, namespace: cluster.namespace });
    const [first] = patches;
    const places = patches.map(({ at }) => `${at.file}:${at.line}`);
    const patched: DraftFinding[] = first
      ? [{ rule: "bootstrap-differs", level: "info", at: first.at, facts: { patches: places } }]
      : [];
    if (!bootstrap.version || !other || compareFluxVersions(other, version) === 0) return patched;
    const isNewer = compareFluxVersions(other, version) > 0;
    const { value, at } = bootstrap.version;
    const facts = { bootstrap: value, installed: install.version?.value };
    return isNewer && (other.major !== version.major || other.minor !== version.minor)
      ? [{ rule: "bootstrap-newer", level: "blocker", at, facts }]
      : [{ rule: "bootstrap-differs", level: "info", at, facts }, ...patched];
  });
}

/** Whether two installs applied by hand do not bring the same Flux. */
function saysOther(bootstrap: Install, install: Install): boolean {
  const said = ({ version, patches }: Install) => JSON.stringify([version?.value, patches.map(({ body }) => body)]);
  return said(bootstrap) !== said(install);
}

function decideOperator(
  cluster: Cluster,
  options: Options,
  objects: readonly KubeObject[],
  version: FluxVersion,
): { version?: string; findings: DraftFinding[] } {
  if (options.operatorVersion !== undefined) return checkOperator(cluster, options.operatorVersion, version);
  const pinned = pinnedOperator(cluster, objects);
  if (!pinned) return { version: DEFAULT_OPERATOR_VERSION, findings: [] };
  if (canRun(pinned.value, version)) return { version: pinned.value, findings: [] };
  const at = lineOf(pinned.file);
  const facts = { pinned: pinned.value, embedded: fluxEmbeddedBy(pinned.value), next: DEFAULT_OPERATOR_VERSION };
  return { version: DEFAULT_OPERATOR_VERSION, findings: [{ rule: "operator-too-old", level: "info", at, facts }] };
}

/** An operator that the owner asks for. @throws nothing: the flag is known to be a version */
function checkOperator(
  cluster: Cluster,
  operator: string,
  version: FluxVersion,
): { version?: string; findings: DraftFinding[] } {
  const at = cluster.install?.at ?? lineOf(cluster.root.file);
  if (isLaterOperator(operator)) {
    const facts = { operator, newest: DEFAULT_OPERATOR_VERSION, until: RELEASES_UNTIL };
    return { version: operator, findings: [{ rule: "operator-unknown", level: "caution", at, facts }] };
  }
  if (canRun(operator, version)) return { version: operator, findings: [] };
  const facts = { operator, embedded: fluxEmbeddedBy(operator), version: formatFluxVersion(version) };
  return { findings: [{ rule: "operator-cannot-run", level: "blocker", at, facts }] };
}

/** The version of the operator's chart that the tree pins already. */
export function pinnedOperator(
  cluster: Cluster,
  objects: readonly KubeObject[],
): { value: string; file: string } | undefined {
  for (const operator of cluster.operators) {
    const version = readChartUse(operator, objects)?.version;
    if (version && parseFluxVersion(version.value)) return { value: version.value, file: version.object.file };
  }
  return undefined;
}
