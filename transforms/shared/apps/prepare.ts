import { findArgoInstall, listStarting, reportArgoFolders } from "../../../src/cluster/argo-folders.ts";
import { isAside } from "../../../src/cluster/automation-files.ts";
import { findSharedAutomation } from "../../../src/cluster/branch-automation.ts";
import { findChartElsewhere, findInstanceSteps, reportKeepers } from "../../../src/cluster/chart-elsewhere.ts";
import { findFluxBases, placeInstall } from "../../../src/cluster/install-place.ts";
import { findLooseInstances, syncsFolderOf } from "../../../src/cluster/loose-instances.ts";
import { reportPruners } from "../../../src/cluster/pruning-folders.ts";
import { findReleaseLines } from "../../../src/cluster/release-lines.ts";
import { ownersOf } from "../../../src/cluster/territory.ts";
import type { Cluster, RepoModel } from "../../../src/cluster/types.ts";
import { type Loc, lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { given } from "../../../src/contract/given.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import type { Options } from "../../../src/contract/options.ts";
import type { RuleId } from "../../../src/contract/rules.ts";
import { pointAt } from "../../../src/delivery/locations.ts";
import { checkInstallSettings } from "../../../src/instance/install-settings.ts";
import { checkInstallSource } from "../../../src/instance/install-source.ts";
import { reportOverridden } from "../../../src/instance/overridden-patches.ts";
import { decideVersions } from "../../../src/instance/versions.ts";
import { wantInstance } from "../../../src/instance/want.ts";
import { reportPruningCommands } from "../automation/pruning-commands.ts";
import { reportBrokenBuilds } from "./broken-builds.ts";
import { learnConventions } from "./conventions.ts";
import { readSubstitution } from "./deliverer.ts";
import { overrideConventions } from "./own-conventions.ts";
import { placeApps } from "./placement.ts";
import type { PreparedApps } from "./types.ts";

/** Decides versions, style and places; without `app`, the findings hold the blocker. */
export function prepareApps(model: RepoModel, cluster: Cluster, options: Options): PreparedApps {
  const { tree } = model;
  const filesOf = (wanted: RuleId) =>
    model.findings.flatMap(({ rule, at }) => (rule === wanted && at ? [at.file] : []));
  const maybeOwn = ({ file }: Pick<Loc, "file">) => {
    const owners = ownersOf(file, model);
    return owners.length === 0 || owners.includes(cluster);
  };
  const builds = reportBrokenBuilds(tree, cluster);
  // What such a kustomization lists is as unknown as what a file says that is no YAML.
  const unbuilt = builds.flatMap(({ rule, level, at }) =>
    rule === "kustomization-broken" && level === "blocker" && at ? [at.file] : [],
  );
  const idle = filesOf("gotk-undelivered").filter((file) => maybeOwn({ file }));
  const { versions, findings } = decideVersions(cluster, options, model.objects, {
    elsewhere: [...(cluster.install ? [] : findArgoInstall(tree, cluster, idle)), ...findChartElsewhere(tree)],
    operated: cluster.install ? [] : [...findInstanceSteps(tree).filter(maybeOwn), ...findApplied(model, cluster)],
    released: cluster.install ? [] : findReleaseLines(tree).filter(maybeOwn),
    broken: [...filesOf("yaml-broken"), ...unbuilt],
    leftOut: model.leftOut,
    installed: model.clusters.filter(({ install }) => install),
    idle,
    bases: cluster.install ? [] : findFluxBases(tree, cluster),
    into: cluster.install ? undefined : placeInstall(tree, cluster),
  });
  findings.push(...builds);
  if (!versions) return { findings };
  findings.push(...reportKeepers(tree), ...reportArgoFolders(tree, cluster), ...reportPruners(tree, cluster));
  findings.push(...reportPruningCommands(tree, listStarting(cluster)));
  const settings = checkInstallSettings(tree, cluster, versions.install);
  findings.push(...checkInstallSource(tree, versions.install, versions.range));
  findings.push(...reportOverridden(tree, cluster, versions.install));
  const learned = learnConventions({ tree, cluster, model }, versions.runs);
  const conventions = overrideConventions(learned, options.conventions);
  const site = { tree, cluster, clusters: model.clusters, names: options.names };
  const placement = placeApps(site, conventions, options.direct);
  if ("reason" in placement) {
    const facts = { reason: placement.reason, namespace: cluster.namespace };
    findings.push(...settings, { rule: "no-safe-place", level: "blocker", at: lineOf(cluster.root.file), facts });
    return { findings };
  }
  const substitution = readSubstitution(tree, cluster, placement);
  const branchReader = findSharedAutomation(cluster, model.clusters);
  const { sync: strategy } = options;
  const wanted = wantInstance({ tree, cluster, versions, strategy, substitution, ...given({ branchReader }) });
  const isCarried = (finding: DraftFinding) =>
    "facts" in finding &&
    finding.rule === "install-setting-lost" &&
    finding.facts.field === "images" &&
    wanted.readsImages;
  findings.push(...settings.filter((finding) => !isCarried(finding)));
  return { app: { wanted, conventions, placement }, findings };
}

/** FluxInstances for the cluster that something other than Flux may have applied; one without a sync starts nothing itself. */
function findApplied(model: RepoModel, cluster: Cluster) {
  return findLooseInstances(model, cluster).flatMap((object) => {
    const syncs = syncsFolderOf(object, cluster);
    const isBare = (object.data as YamlData).spec?.sync === undefined;
    if (!(syncs || isBare) || isAside(object.file)) return [];
    return [{ ...pointAt(model.tree, object).at, isManifest: true, ...given({ isBare: isBare || undefined }) }];
  });
}
