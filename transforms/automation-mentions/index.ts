import {
  type AutomationFile,
  grepOthers,
  joinedText,
  listAutomation,
  listScripts,
  listUnread,
} from "../../src/cluster/automation-files.ts";
import { reportKeepers } from "../../src/cluster/chart-elsewhere.ts";
import { isYamlPath } from "../../src/cluster/objects.ts";
import { readersOf } from "../../src/cluster/territory.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { CODE_NAMES, CONFIG_NAMES } from "../../src/config/names.ts";
import { compareText } from "../../src/contract/compare-text.ts";
import type { Loc } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { basename } from "../../src/delivery/paths.ts";
import { defineTransform, type TransformContext, type TransformResult } from "../contract.ts";
import { planCutoverMentions, planResidue } from "../shared/automation/docs.ts";
import { reportLongLines, reportUnsearched } from "../shared/automation/long-lines.ts";
import { type FileRange, planRenames, rangeEdits } from "../shared/automation/object-names.ts";
import { isReporter, ofNobody, ofReporter } from "../shared/automation/reporter.ts";
import { listTargets, type Target } from "../shared/automation/targets.ts";
import { sourceNamesOf } from "../shared/references/renames.ts";
import { bringsCrds } from "./awaited.ts";
import { findGone } from "./gone.ts";
import { findInstallers, findScheduled, type Installer } from "./installs.ts";
import { makeInstead } from "./instead.ts";
import { findManagers, reportStrays } from "./managers.ts";
import { findMetrics } from "./metrics.ts";
import { makeNamer } from "./named-clusters.ts";
import { isOf, planCommands } from "./plan-commands.ts";
import { findGenerators, findRegenerating } from "./regenerating.ts";
import { findRendered } from "./rendered.ts";
import { FOLLOWS, planRenovate } from "./renovate.ts";
import { findRestorers } from "./restorers.ts";
import { findBootstrap, helmfileIn } from "./rewrite.ts";
import { findRunners } from "./runners.ts";
import { needlesFor } from "./search-words.ts";
import { markServed } from "./served.ts";
import { findSetByHand, findSyncChanges, findUninstalls } from "./sync-changes.ts";
import { findTestRuns } from "./test-runs.ts";

/** Moves tasks, recipes, scripts, workflows and Renovate rules off what the cleanup removes. */
export default defineTransform({
  id: "automation-mentions",
  title: "Update automation that names the old install",
  // What installs Flux today already goes at cutover: commands are moved off it and get the new names then. What else goes
  // with a tree of flux bootstrap is listed then, and edited at cleanup. Before that only what may write it again matters.
  phases: ["cleanup", "cutover", "install"],
  applies: ({ cluster, phase }) =>
    phase === "install"
      ? cluster.install !== undefined
      : (cluster.instances.length > 0 && (phase === "cleanup" || cluster.install !== undefined)) ||
        (phase === "cleanup" && isAppliedByHand(cluster)),
  run(context) {
    if (isAppliedByHand(context.cluster)) return { edits: [], findings: findOldInstallers(context) };
    const isGotk = context.cluster.install?.style === "gotk";
    if (context.phase === "install") {
      const found = () => [
        ...findScheduled(context, listFiles(context)),
        ...ofNobody(context, findRendered(context.tree)),
        ...ofNobody(context, findManagers(context.tree)),
        ...findRunners(context),
      ];
      const findings = isGotk && isReporter(context) ? found() : [];
      const more = [...ofReporter(context, findGenerators(context)), ...findSetByHand(context, listFiles(context))];
      return { edits: [], findings: [...findings, ...more] };
    }
    if (context.phase === "cleanup") {
      const { edits, findings, installers, left } = planAutomation(context);
      const dangers = installers.map(({ finding }) => finding).filter(({ level }) => level === "caution");
      const said = { edits, findings: [...findings, ...dangers] };
      return { edits, findings: [...findings, ...planResidue(context, said, left)] };
    }
    if (!isGotk) {
      const done = planCutover(context);
      const more = [...ofReporter(context, findGenerators(context)), ...findRestorers(context)];
      return { ...done, findings: [...done.findings, ...more, ...planCutoverMentions(context, done)] };
    }
    const { findings: all, installers } = planAutomation(context);
    const { edits, findings } = planCutover(context, installers);
    const said = new Set(all.map(placeOf));
    return { edits, findings: [...findings.filter((finding) => !said.has(placeOf(finding))), ...all] };
  },
});

/** A FluxInstance that no FluxKustomization delivers: nothing goes, and there are no apps to run in place of anything. */
function isAppliedByHand({ rootFrom, instances }: Cluster): boolean {
  return rootFrom === "instance" && instances.length === 0;
}

function findOldInstallers(context: TransformContext): DraftFinding[] {
  if (!isReporter(context)) return [];
  const files = listFiles(context);
  const namedIn = makeNamer(context, files);
  const installers = files.flatMap((file) => findInstallers(context, file, () => ({ commands: [] }), namedIn));
  return installers.map(({ finding }) => finding).filter(({ level }) => level === "caution");
}

/** What Flux itself delivers is no automation; a HelmChartProxy among it goes on installing Flux as well. */
function findKeptByManifests(context: TransformContext, files: readonly AutomationFile[]): DraftFinding[] {
  const told = new Set(files.map(({ path }) => path));
  return ofNobody(
    context,
    reportKeepers(context.before).filter(({ at }) => at && !told.has(at.file)),
  );
}

/** Names that go are one finding for each file. */
function placeOf({ rule, at, level }: DraftFinding): string {
  return `${rule} ${level} ${at?.file}:${rule === "automation-names-removed" ? "" : at?.line}`;
}

/** The automation of the repository, less what is delivered to another cluster alone, such as a script in a ConfigMap. */
function listFiles({ tree, model, cluster }: TransformContext): AutomationFile[] {
  return listAutomation(tree).filter(
    ({ path }) => cluster.files.has(path) || readersOf(path, model.clusters).length === 0,
  );
}

/** At cutover the files of the install go: what applies one of them gets the command that does its work from then on. */
function planCutover(context: TransformContext, installers: readonly Installer[] = []): TransformResult {
  // Applied for source and root until cleanup takes those, a folder that stays wants their kinds to be there.
  const targets = listTargets(context, "cutover").filter(({ stays, roles }) => {
    return !stays || !roles.includes("instance") || (bringsCrds(context) && roles.includes("operator"));
  });
  const { files } = openFiles(context, targets);
  const names = planRenames(context, files);
  const commands = planCommands(context, targets, files, "cutover", installers);
  const why = "It names what the cutover replaces.";
  const edits = rangeEdits([...commands.ranges, ...names.edits], why, context);
  return { edits, findings: [...names.findings, ...commands.findings, ...reportUnread(context, files)] };
}

function reportUnread(context: TransformContext, files: readonly AutomationFile[]): DraftFinding[] {
  const paths = files.map(({ path }) => path);
  if (!isReporter(context)) return [];
  return ofNobody(context, [
    ...reportLongLines(context.tree, paths, "caution"),
    ...reportUnsearched(listUnread(context.tree)),
  ]);
}

/** What may name one of the targets, the automation of known kinds first. */
function openFiles(context: TransformContext, targets: readonly Target[]) {
  const { tree, model, options } = context;
  const known = listFiles(context);
  const isDelivered = (path: string) =>
    // The file that names such commands runs none.
    [...CONFIG_NAMES, ...CODE_NAMES].includes(basename(path)) ||
    readersOf(path, model.clusters).length > 0 ||
    targets.some((target) => target.path === path);
  const scripts = listScripts(tree, ["flux"], isDelivered);
  const files = [...known, ...grepOthers(tree, needlesFor(targets, options.rebuildCommands), isDelivered)];
  return { known, files, commanding: [...known, ...scripts] };
}

/**
 * What runs outside Flux and names what the cleanup removes or renames: edited where a line is one plain command on a
 * known path, listed with its line where it is not. Traps 43, 44 and 61.
 */
function planAutomation(
  context: TransformContext,
): TransformResult & { installers: readonly Installer[]; left: Loc[] } {
  const { phase } = context;
  const targets = listTargets(context);
  const { known, files, commanding } = openFiles(context, targets);
  const bootstrap = findBootstrap(context);
  const insteadOf = makeInstead(context, bootstrap);
  const namedIn = makeNamer(context, files);
  const installers = files.flatMap((file) => findInstallers(context, file, insteadOf, namedIn));
  // At cutover what goes now is looked for together with what goes later.
  const commands = planCommands(context, targets, files, phase === "cleanup" ? phase : "migration", installers);
  const renames =
    phase === "cleanup"
      ? planRenames(context, [...files, ...listDelivered(context, files)])
      : { edits: [], findings: [] };
  const renovate = planRenovate(context, known, helmfileIn(bootstrap));
  const ranges = [...commands.ranges, ...renames.edits, ...renovate.edits];
  const told = markServed(
    installers,
    files,
    phase === "cleanup" ? [...ranges, ...rangesOfOthers(context, installers)] : [],
    bootstrap,
  );
  const findings = [
    ...commands.findings,
    ...(isReporter(context) ? told.map(({ finding }) => finding) : []),
    ...(isReporter(context) ? ofNobody(context, [...findManagers(context.tree), ...reportStrays(context.model)]) : []),
    ...(isReporter(context) ? [...findRunners(context), ...findKeptByManifests(context, files)] : []),
    ...renames.findings,
    ...(phase === "cleanup" ? findMetrics(context) : []),
    ...renovate.findings,
    ...ofReporter(context, findRegenerating(context, targets, helmfileIn(bootstrap))),
    ...findSyncChanges(context, commanding),
    ...findUninstalls(context, commanding),
    ...findTestRuns(context, known),
    ...(phase === "cleanup" ? findGone(context, files, (line) => isOf(installers, line)) : []),
    ...reportUnread(context, files),
  ];
  const why = "It names what the cleanup removes or renames, and would fail or bring the old install back.";
  const rules = new Set(renovate.edits.map(({ path }) => path));
  const edits = rangeEdits(ranges, why, context).map((one) => (rules.has(one.path) ? { ...one, why: FOLLOWS } : one));
  return { edits, findings, installers: told, left: commands.left };
}

/** Manifests that Flux applies and that run the CLI or kubectl in the cluster, as a CronJob does: their lines are listed, not edited. */
function listDelivered({ tree, cluster }: TransformContext, files: readonly AutomationFile[]): AutomationFile[] {
  const names = sourceNamesOf(cluster);
  if (!names) return [];
  const known = new Set(files.map(({ path }) => path));
  const renamed = [names.source, names.root].filter(({ from, to }) => from !== to);
  const paths = new Set(renamed.flatMap(({ from }) => tree.grep(from)));
  return [...paths].sort(compareText).flatMap((path): AutomationFile[] => {
    if (!isYamlPath(path) || known.has(path) || !cluster.manifests.has(path)) return [];
    const text = joinedText(tree, path);
    return /\b(?:command|args|data):/.test(text) && /\b(?:flux|kubectl)\s/.test(text)
      ? [{ path, kind: "other", text }]
      : [];
  });
}

/** What the other clusters of the run write into the files that install Flux: the first one tells of those for all of them. */
function rangesOfOthers(context: TransformContext, installers: readonly Installer[]): FileRange[] {
  const { model, agreed } = context;
  if (!isReporter(context) || installers.length === 0) return [];
  const paths = new Set(installers.map(({ path }) => path));
  const others = model.clusters.filter((one) => one !== context.cluster && agreed.takesPart(one));
  return others.flatMap((cluster) => {
    const its = { ...context, cluster };
    const targets = listTargets(its);
    const files = openFiles(its, targets).files.filter(({ path }) => paths.has(path));
    return planCommands(its, targets, files, "cleanup").ranges;
  });
}
