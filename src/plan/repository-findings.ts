import { findArtifactRoot } from "../cluster/artifact-root.ts";
import { isArchived, isJinja } from "../cluster/automation-files.ts";
import { findAzureFlux } from "../cluster/azure.ts";
import { findChartElsewhere, sayInstanceSteps } from "../cluster/chart-elsewhere.ts";
import { readChartRelease } from "../cluster/chart-release.ts";
import { isChosen } from "../cluster/clusters.ts";
import { reportFluxV1 } from "../cluster/flux-v1.ts";
import { GOTK_NEEDLE } from "../cluster/gotk/detect.ts";
import { findHandPublisher } from "../cluster/hand-publishers.ts";
import { filesOfKind } from "../cluster/objects.ts";
import { findCreated } from "../cluster/outside/made-by-command.ts";
import { findOutsideClusters } from "../cluster/outside/roots.ts";
import { findMadeInstances, findTold, isMadeInstance, type Told } from "../cluster/outside/told.ts";
import { isKnownBranch } from "../cluster/running-source.ts";
import { isRepositorySource } from "../cluster/sources.ts";
import { chartOf, findLocalSyncCharts, findSyncCharts } from "../cluster/sync-charts.ts";
import { appliesFile } from "../cluster/territory.ts";
import type { Cluster, LeftOut, RepoModel } from "../cluster/types.ts";
import { lineOf } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";
import { given } from "../contract/given.ts";
import type { InstallElsewhere } from "../contract/install-ways.ts";
import { listSome } from "../contract/list-some.ts";
import type { Options } from "../contract/options.ts";
import { describe, isFluxKustomization, isSyncSource } from "../delivery/kinds.ts";
import { findKustomization } from "../delivery/kustomize/index.ts";
import { pointAt } from "../delivery/locations.ts";
import { dirname } from "../delivery/paths.ts";
import type { Workspace } from "../files/snapshot.ts";
import type { Tree } from "../files/tree.ts";
import { sayFinding } from "../findings/say.ts";
import { adviseHidden, reportAbsent, reportHidden } from "./hidden.ts";
import { reportListedElsewhere, reportListedStart } from "./listed.ts";
import { findLostInstance } from "./lost-sync.ts";
import { onlyTemplates } from "./only-templates.ts";
import { reportRefusedInstance } from "./refused-instance.ts";
import { checkOverlays } from "./refused-overlays.ts";
import { goesAtCleanup } from "./said-before.ts";
import { reportUnreadArtifacts } from "./unread-artifacts.ts";

/** Findings about the repository as a whole and about which branch each cluster reads. */
export function reportRepository(workspace: Workspace, model: RepoModel, options: Options): Finding[] {
  const chosen = model.clusters.filter((cluster) => isChosen(cluster, options));
  // What it syncs can still move to an artifact, but not from here.
  const made = model.clusters.length === 0 && !options.oci ? reportMade(workspace, model) : [];
  const nothing = () => reportAbsent(workspace) ?? reportListedStart(workspace.tree) ?? nothingFound(workspace, model);
  const missing = [
    ...(model.clusters.length === 0 ? [nothing()] : reportListedElsewhere(workspace.tree, model.clusters)),
    ...listLeftOut(model).map((place) => reportLeftOut(workspace, place)),
  ];
  return [
    ...(made.length > 0 ? made : missing),
    ...chosen.flatMap((cluster) => reportBranch(workspace, cluster)),
    ...chosen.flatMap((cluster) => reportArtifact(workspace, cluster, options)),
    ...chosen.flatMap((cluster) => reportUnreadArtifacts(model, cluster, options)),
    ...chosen.flatMap((cluster) => reportHandPublished(workspace, cluster)),
    ...chosen.flatMap((cluster) => reportRefusedInstance(workspace.tree, cluster)),
    ...(workspace.git?.detached ? [detached(workspace)] : []),
    ...reportHidden(workspace, chosen).map(sayFinding),
  ];
}

/** What stands in a file that installs Flux, or starts it, some other way than by a FluxInstance. */
const OTHER_WAYS = [
  ...["flux_bootstrap", "flux_sync", "flux_install", "flux bootstrap", "flux install", "flux create", "flux-cli"],
  ...["fluxcd/flux2", "flux2", "flux-manifests", GOTK_NEEDLE, "fluxConfigurations", "kubernetes_flux_configuration"],
];
const PAGE = /\.(?:md|mdx|txt|adoc|rst)$/i;

/**
 * The FluxInstances that Terraform or a playbook makes, where they start all of Flux that there is here: then nothing is left
 * to do. Whatever may start a cluster, or install its Flux, another way leaves it open, and so does a FluxInstance in Git: one
 * of both is idle.
 */
function reportMade({ tree }: Workspace, model: RepoModel): Finding[] {
  if (!findTold(tree).some((told) => isMadeInstance(tree, told))) return [];
  if (OTHER_WAYS.some((needle) => tree.grep(needle).some((file) => !PAGE.test(file)))) return [];
  if (!findTold(tree).every((told) => isMadeInstance(tree, told))) return [];
  const outside = findOutsideClusters(tree, model, {});
  const starts = outside.flatMap(({ told, ...start }) =>
    told && isMadeInstance(tree, told) ? [{ told, ...start }] : [],
  );
  const isCovered = ({ isCopy, object }: LeftOut) =>
    isCopy || (isFluxKustomization(object) && starts.some(({ cluster }) => appliesFile(cluster, object.file)));
  const isAll = starts.length === outside.length && model.leftOut.every(isCovered);
  if (!isAll || findAzureFlux(tree) || findCreated(tree) || placesOfChart(tree) !== undefined) return [];
  return starts.map(({ told: { at }, folder }) =>
    sayFinding({ rule: "instance-elsewhere", level: "info", at, facts: { file: at.file, path: folder } }),
  );
}

/** Where nothing was recognised, the first of them says why, and the others are listed beside it, copies left out. */
function listLeftOut(model: RepoModel): LeftOut[] {
  if (model.clusters.length > 0) return model.leftOut.filter((place) => !goesAtCleanup(model, place));
  const said = firstLeftOut(model);
  return model.leftOut.filter((place) => place !== said && !place.isCopy);
}

/** Where a release of Flux lies beside one of them, a cluster starts there, and the others with it. */
function firstLeftOut({ leftOut, objects }: RepoModel): LeftOut | undefined {
  const own = leftOut.filter(({ isCopy }) => !isCopy);
  const releases = objects.filter((object) => isSyncSource(object) && !isRepositorySource(object));
  const folders = new Set(releases.map(({ file }) => dirname(file)));
  return own.find(({ object }) => folders.has(dirname(object.file))) ?? own[0] ?? leftOut[0];
}

const LOOKED_FOR =
  "a GitRepository, OCIRepository or Bucket with a FluxKustomization that builds a folder of this repository";

const FLUX_API = "toolkit.fluxcd.io";
const ELSEWHERE =
  "Check that this is the GitOps repository and its top folder, or pass the right one: fluxlift scan DIR.";
const COMMIT_BOTH =
  "commit both as the cluster has them (flux export source git --all, flux export kustomization …), and run fluxlift again.";
const NOT_IN_GIT = `If a cluster reads this repository, and a script or a person made its source and its root, ${COMMIT_BOTH}`;

function nothingFound(workspace: Workspace, model: RepoModel): Finding {
  const { tree } = workspace;
  const azure = findAzureFlux(tree);
  if (azure) {
    const facts = given({ chart: placesOfChart(tree) });
    return sayFinding({ rule: "managed-by-azure", level: "blocker", at: azure, facts });
  }
  const templates = tree.grep(FLUX_API).filter(isJinja);
  const stray = firstLeftOut(model);
  if (templates.length > 0 && (!stray || stray.isCopy)) return onlyTemplates(templates);
  if (stray) return reportStray(workspace, model, stray, templates);
  const old = tree.grep(FLUX_API).length === 0 ? reportFluxV1(tree) : undefined;
  if (old) return old;
  const said = [...saySyncChart(tree), ...sayChart(model)];
  return {
    rule: "nothing-recognised",
    level: "blocker",
    ...(findKustomization(tree, "") ? { at: lineOf(tree.paths[0]!) } : {}),
    what: sayNothing(tree),
    why: `fluxlift looked for ${LOOKED_FOR}.`,
    next: [
      ...adviseHidden(workspace),
      ...[sayInstanceSteps(tree) ?? []].flat(),
      ...(tree.grep(FLUX_API).length === 0 && said.length === 0 ? [] : [NOT_IN_GIT, ...said]),
      sayTold(tree) ?? ELSEWHERE,
    ].join(" "),
  };
}

/** What looks like a root and is none, and what else the tree says of where the root is. */
function reportStray(workspace: Workspace, model: RepoModel, stray: LeftOut, templates: readonly string[]): Finding {
  const { tree } = workspace;
  const [refused] = checkOverlays(tree, { root: stray.object });
  if (refused) return sayFinding(refused);
  const lost = findLostInstance(workspace, model);
  const said = lost ? undefined : sayMadeElsewhere(tree, stray, templates);
  // What stands in a template is filled in by the release of its chart.
  const isInChart = !lost && said === undefined && chartOf(tree, stray.object.file) !== undefined;
  const next = lost ? lost.next : said === undefined ? stray.next : `${said} Else: ${stray.next}`;
  return {
    rule: "root-not-found",
    level: "blocker",
    resource: lost?.resource ?? describe(stray.object),
    at: lost?.at ?? lineOf(stray.object.file),
    what: lost
      ? `No root was found: ${lost.resource} ${lost.why}.`
      : "Flux objects were found, but none that is known to be the root of a cluster.",
    why: `${describe(stray.object)} ${stray.why}.`,
    next: [...adviseHidden(workspace), ...(isInChart ? [] : [next]), ...saySyncChart(tree), ...sayChart(model)].join(
      " ",
    ),
  };
}

/** What makes a FluxInstance, or source and root, otherwise than as a manifest that Flux delivers. */
function sayMadeElsewhere(tree: Tree, stray: LeftOut, templates: readonly string[]): string | undefined {
  const template = filesOfKind(tree, "FluxInstance").find(isJinja);
  if (template !== undefined) return sayTemplate(template);
  const [made] = findMadeInstances(tree);
  if (made) return sayMade(made);
  return sayInstanceSteps(tree) ?? sayCreated(tree, stray) ?? sayRootTemplate(tree, templates);
}

const CHART_KEEPERS: readonly InstallElsewhere["by"][] = ["argo", "helm", "k3s", "reconciler", "terraform", "umbrella"];

/** Who installs Flux where its root is not in Git either: often what makes source and root as well. */
function sayChart({ tree, objects }: RepoModel): string[] {
  const places = placesOfChart(tree);
  if (places === undefined) {
    const [release] = objects.flatMap((object) => readChartRelease(tree, object, objects) ?? []);
    return release ? [`Flux itself is installed by ${release.at.file}:${release.at.line}, with the chart flux2.`] : [];
  }
  const isChart = findChartElsewhere(tree).every(({ by }) => CHART_KEEPERS.includes(by));
  const what = isChart ? "with the chart flux2" : "by something other than Flux";
  const release = isChart ? ", and its release" : "";
  return [
    `Flux itself is installed ${what} (${places}): leave that as it is${release}; the next run says how Flux gets out of it.`,
  ];
}

/** Who makes source and root, where no file has them. */
function saySyncChart(tree: Tree): string[] {
  const local = findLocalSyncCharts(tree).map(
    ({ chart, at }) =>
      `The chart ${chart} makes a source and a FluxKustomization (${at.file}:${at.line}). If a cluster starts with them, annotate both there with helm.sh/resource-policy: keep and upgrade the release; then take them out of the chart, and commit them as the cluster has them (flux export …).`,
  );
  const places = findSyncCharts(tree).map(({ file, line }) => `${file}:${line}`);
  if (places.length === 0) return local;
  return [
    ...local,
    `The chart flux2-sync makes source and root (${listSome(places, 3)}): both bear the name of its release. Commit the two of that name, and leave the release as it is.`,
  ];
}

/** Who starts Flux from a folder with nothing of Flux in it: often of another repository, or of a branch that is not here. */
function sayTold(tree: Tree): string | undefined {
  const all = findTold(tree);
  const told = all.find(({ path }) => !path.includes("${")) ?? all.find(({ path }) => !path.startsWith("${"));
  if (told === undefined) return undefined;
  const { at, path, by } = told;
  return `${at.file}:${at.line} has Flux start from ${path} (${by}). If that folder is of another repository, run fluxlift there; if it is of this one, get the branch first to which its files were pushed.`;
}

function placesOfChart(tree: Tree): string | undefined {
  const places = findChartElsewhere(tree).map(({ file, line }) => `${file}:${line}`);
  return places.length > 0 ? listSome([...new Set(places)], 3) : undefined;
}

function sayMade({ at, path }: Told): string {
  return `${at.file}:${at.line} has Flux Operator start this Flux from ${path} by a FluxInstance, so there is nothing to migrate; verify takes that folder for the one of the root.`;
}

/** What goes to another cluster by a kubeconfig has a Flux that delivers it, whose root is not here. */
function sayCreated(tree: Tree, { object }: LeftOut): string | undefined {
  const created = findCreated(tree) ?? findTold(tree).find(({ declared }) => declared)?.at;
  if (created)
    return `${created.file}:${created.line} makes a root in the cluster that is in no file here. If a cluster starts so, ${COMMIT_BOTH}`;
  return object.data.spec?.kubeConfig ? NOT_IN_GIT : undefined;
}

/** A root that a playbook fills in and applies: then no file here holds it as the cluster has it. */
function sayRootTemplate(tree: Tree, templates: readonly string[]): string | undefined {
  for (const file of templates) {
    const lines = (tree.read(file) ?? "").split("\n");
    const index = lines.findIndex((line) => /^apiVersion:\s*["']?kustomize\.toolkit\.fluxcd\.io\//.test(line));
    if (index < 0 || isArchived(file)) continue;
    return `${file}:${index + 1} becomes a FluxKustomization that is in no file here, for something else to apply. If a cluster starts from it, ${COMMIT_BOTH}`;
  }
  return undefined;
}

function sayTemplate(instance: string): string {
  return `${instance} becomes a FluxInstance, so Flux Operator runs this Flux already, and there is nothing to migrate. For verify, commit the FluxInstance as the cluster has it, in any folder (kubectl get fluxinstance -A -o yaml).`;
}

function sayNothing(tree: Tree): string {
  const { paths } = tree;
  if (paths.length === 0) return "The folder holds no files that git tracks or would track.";
  const of =
    paths.length === 1 ? "The one file here does not mention" : `None of the ${paths.length} files here mentions`;
  if (tree.grep(FLUX_API).length === 0) return `${of} a Flux API group (toolkit.fluxcd.io, fluxcd.controlplane.io).`;
  return `Files mention Flux, but no root was found among the ${paths.length} files here.`;
}

function reportLeftOut({ tree }: Workspace, { object, why, isCopy, next }: LeftOut): Finding {
  return {
    rule: "cluster-left-out",
    level: isCopy ? "info" : "caution",
    ...pointAt(tree, object),
    what: `${describe(object)} looks like the start of a cluster and is left out: it ${why}.`,
    why: "fluxlift edits and deletes nothing that belongs to it.",
    next: isCopy ? "Delete it if nothing uses it; else leave it." : next,
  };
}

function reportBranch({ git }: Workspace, cluster: Cluster): Finding[] {
  if (git && cluster.tag) return [reportTag(cluster, cluster.tag)];
  const { name, branch } = cluster;
  if (!git || branch === undefined || git.branch === undefined || branch === git.branch) return [];
  const said = !isKnownBranch(branch)
    ? {
        what: `Cluster ${name} reads branch ${branch}, which fluxlift cannot fill in: whether what is merged into ${git.branch} reaches that cluster is not known.`,
        next: `Run fluxlift where the branch is checked out that the cluster reads, and say it in fluxlift.config.yaml, as clusters.${name}.branch: then phases are looked for there.`,
      }
    : {
        what: `Cluster ${name} reads branch ${branch}, but branch ${git.branch} is checked out: merging here changes nothing for that cluster.`,
        next: `Check out ${branch} and run fluxlift there, or merge every phase into ${branch} as well.`,
      };
  return [
    {
      rule: "other-branch",
      level: "caution",
      cluster: name,
      ...(cluster.source ? { at: lineOf(cluster.source.file) } : {}),
      why: "Flux applies the branch its source names; phases count only once they are on that branch.",
      ...said,
    },
  ];
}

function reportTag({ name, source }: Cluster, { name: tag, isRange }: NonNullable<Cluster["tag"]>): Finding {
  const reads = isRange ? `the newest tag within ${tag}` : `tag ${tag}`;
  return {
    rule: "other-branch",
    level: "caution",
    cluster: name,
    ...(source ? { at: lineOf(source.file) } : {}),
    what: `Cluster ${name} reads ${reads}: what is merged changes nothing for that cluster until ${isRange ? "it is tagged" : "the tag is moved to it"}.`,
    why: "Phases count only once they are in that tag; a tag that takes two of them at once lets Flux delete itself.",
    next: isRange
      ? "Tag every phase by itself, and wait until it is reconciled."
      : "Move the tag to every phase by itself, and wait until it is reconciled. Where tags never move, give every phase a " +
        `tag of its own, and name that one in place of ${tag} where the cluster reads it: in the source, and from the install phase on in the FluxInstance as well.`,
  };
}

/** An artifact of Git is what the branch holds; what a job publishes is known where the job is. */
function reportArtifact({ tree }: Workspace, cluster: Cluster, { artifactPath }: Options): Finding[] {
  const { name, source, instances, findings } = cluster;
  if (!source || instances.length > 0 || findArtifactRoot(tree, source, artifactPath)) return [];
  // Where a push here may be the one, the cluster is stopped for that.
  if (findings.some(({ rule }) => rule === "artifact-assumed")) return [];
  const facts = { source: describe(source) };
  const at = lineOf(source.file);
  return [{ ...sayFinding({ rule: "artifact-assumed", level: "caution", at, facts }), cluster: name }];
}

/** What a person publishes reaches the cluster when they do it, with all that is merged by then. */
function reportHandPublished({ tree }: Workspace, { name, source }: Cluster): Finding[] {
  const at = findHandPublisher(tree, source);
  if (!source || !at) return [];
  return [
    {
      rule: "published-by-hand",
      level: "caution",
      cluster: name,
      at,
      what: `Cluster ${name} reads ${describe(source)}, which no job of CI here publishes, but this command does: what is merged changes nothing for that cluster until somebody runs it.`,
      why: "Phases count only once they are published; an artifact that brings two of them at once lets Flux delete itself.",
      next: "Run it for every phase by itself, with a checkout that holds no later one, and wait until that is reconciled.",
    },
  ];
}

function detached({ git }: Workspace): Finding {
  return {
    rule: "detached-head",
    level: "caution",
    what: `HEAD is detached at ${git?.head?.slice(0, 12) ?? "a commit"}, so fluxlift cannot tell which branch this becomes.`,
    why: "The phase order is judged on the commit a cluster reads.",
    next: "Check out the branch the cluster reads before writing anything.",
  };
}
