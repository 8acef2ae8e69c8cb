import { type AutomationFile, grepOthers, listAutomation, listUnread } from "../../src/cluster/automation-files.ts";
import { CODE_NAMES, CONFIG_NAMES } from "../../src/config/names.ts";
import { type Loc, lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { given } from "../../src/contract/given.ts";
import type { Phase } from "../../src/contract/options.ts";
import { basename } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";
import { defineTransform, type TransformContext, type TransformResult } from "../contract.ts";
import { type Apply, clusterFlags, copiedFlags, type Line } from "../shared/automation/applies.ts";
import { dollarIn, onOneLine } from "../shared/automation/by-hand.ts";
import { planCutoverMentions, planResidue } from "../shared/automation/docs.ts";
import { reportLongLines, reportUnsearched } from "../shared/automation/long-lines.ts";
import { isCommandModule, needsShell } from "../shared/automation/modules.ts";
import { type FileRange, planRenames, rangeEdits } from "../shared/automation/object-names.ts";
import { isReporter, ofNobody, ofReporter } from "../shared/automation/reporter.ts";
import { listTargets, ROLES, type Role, type Target } from "../shared/automation/targets.ts";
import { type Awaited, madeRootOf } from "./awaited.ts";
import { toCheckRange } from "./checks.ts";
import { missingEnvironment } from "./environment.ts";
import { findGone } from "./gone.ts";
import { findInstallers, findScheduled, type Installer } from "./installs.ts";
import { adviceFor, makeInstead } from "./instead.ts";
import { findManagers, reportStrays } from "./managers.ts";
import { reportMentions } from "./mentions.ts";
import { findMetrics } from "./metrics.ts";
import { makeNamer } from "./named-clusters.ts";
import {
  isCovered,
  isDone,
  isDoneBeside,
  isRepeated,
  isRunNear,
  needsFlux,
  waitsBetween,
  withOperator,
} from "./near.ts";
import { runsOnPush } from "./pushes.ts";
import { findGenerators, findRegenerating } from "./regenerating.ts";
import { FOLLOWS, planRenovate } from "./renovate.ts";
import { laterPart, reportApply } from "./report-apply.ts";
import { findRestorers } from "./restorers.ts";
import { type Bootstrap, findBootstrap, helmfileIn, isAgain, makeReplacement, toRange } from "./rewrite.ts";
import { findRunners } from "./runners.ts";
import { scanFile } from "./scan.ts";
import { needlesFor } from "./search-words.ts";
import { markServed } from "./served.ts";
import { findSharers, isLeftToLater, isServedForAll } from "./several-clusters.ts";
import { findSyncChanges, findUninstalls } from "./sync-changes.ts";
import { findFollowers, findTestRuns } from "./test-runs.ts";

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
      : cluster.instances.length > 0 && (phase === "cleanup" || cluster.install !== undefined),
  run(context) {
    const isGotk = context.cluster.install?.style === "gotk";
    if (context.phase === "install") {
      const found = () => [
        ...findScheduled(context, listFiles(context)),
        ...ofNobody(context, findManagers(context.tree)),
        ...findRunners(context),
      ];
      const findings = isGotk && isReporter(context) ? found() : [];
      return { edits: [], findings: [...findings, ...ofReporter(context, findGenerators(context))] };
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

/** Names that go are one finding for each file. */
function placeOf({ rule, at, level }: DraftFinding): string {
  return `${rule} ${level} ${at?.file}:${rule === "automation-names-removed" ? "" : at?.line}`;
}

/** The automation of the repository, less what is delivered to another cluster alone, such as a script in a ConfigMap. */
function listFiles({ tree, model, cluster }: TransformContext): AutomationFile[] {
  return listAutomation(tree).filter(
    ({ path }) => cluster.files.has(path) || !model.clusters.some((other) => other.files.has(path)),
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

/** Whether what goes at cutover brought the kinds of Flux: what an artifact or a release brings is applied where they stand. */
function bringsCrds({ cluster: { install } }: TransformContext): boolean {
  return install?.style === "gotk" || (install?.style === "remote-install" && install.dir !== undefined);
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
    model.clusters.some((cluster) => cluster.files.has(path)) ||
    targets.some((target) => target.path === path);
  return { known, files: [...known, ...grepOthers(tree, needlesFor(targets, options.rebuildCommands), isDelivered)] };
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
  const { known, files } = openFiles(context, targets);
  const bootstrap = findBootstrap(context);
  const insteadOf = makeInstead(context, bootstrap);
  const namedIn = makeNamer(context, files);
  const installers = files.flatMap((file) => findInstallers(context, file, insteadOf, namedIn));
  // At cutover what goes now is looked for together with what goes later.
  const commands = planCommands(context, targets, files, phase === "cleanup" ? phase : "migration", installers);
  const renames = phase === "cleanup" ? planRenames(context, files) : { edits: [], findings: [] };
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
    ...(isReporter(context) ? findRunners(context) : []),
    ...renames.findings,
    ...(phase === "cleanup" ? findMetrics(context) : []),
    ...renovate.findings,
    ...ofReporter(context, findRegenerating(context, targets, helmfileIn(bootstrap))),
    ...findSyncChanges(context, known),
    ...findUninstalls(context, known),
    ...findTestRuns(context, known),
    ...(phase === "cleanup" ? findGone(context, files, (line) => isOf(installers, line)) : []),
    ...reportUnread(context, files),
  ];
  const why = "It names what the cleanup removes or renames, and would fail or bring the old install back.";
  const rules = new Set(renovate.edits.map(({ path }) => path));
  const edits = rangeEdits(ranges, why, context).map((one) => (rules.has(one.path) ? { ...one, why: FOLLOWS } : one));
  return { edits, findings, installers: told, left: commands.left };
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

/** Command lines that apply a target of a phase, checks for one, and other lines that name one. `left`: for a later cluster to settle. */
function planCommands(
  context: TransformContext,
  targets: readonly Target[],
  files: readonly AutomationFile[],
  phase: Phase | "migration",
  installers: readonly Installer[] = [],
): { ranges: FileRange[]; findings: DraftFinding[]; left: Loc[] } {
  const bootstrap = findBootstrap(context);
  const ranges: FileRange[] = [];
  const left: Loc[] = [];
  const findings: DraftFinding[] = [];
  const checks = new Set<string>();
  const awaited = { crds: phase === "cutover" && bringsCrds(context), root: madeRootOf(context) };
  for (const file of files) {
    const found = scanFile(file, files, targets, context.before, context.tree);
    // A hook of the helmfile that has the charts now needs no other run of it.
    const isServed = file.path === helmfileIn(bootstrap);
    const applies = isServed ? [] : found.applies;
    const mentions = isServed ? [...found.applies, ...found.mentions] : found.mentions;
    // What may be run for another cluster does nothing for the lines beside it.
    const spread = spreadOf(applies.filter(({ match }) => !match.byDefault));
    const settled: Apply[] = [];
    const moved: { apply: Apply; roles: readonly Role[] }[] = [];
    for (const [index, apply] of applies.entries()) {
      const roles = apply.match.byDefault
        ? apply.match.target.roles
        : withOperator(applies, index, rolesFor(applies, index, spread));
      if (apply.match.target.stays && isRepeated(apply, settled)) continue;
      if (bootstrap && apply.match.target.stays && isDone(apply, bootstrap, context.tree)) {
        settled.push(apply);
        continue;
      }
      const isDoneAbove = isCovered(apply, roles, moved);
      // The line stays, and what it needs has gone before one above.
      if (apply.match.target.stays && isDoneAbove) {
        settled.push(apply);
        continue;
      }
      const replacement = isDoneAbove ? [] : bootstrap && replace(apply, bootstrap, roles, context.tree, awaited);
      const sharers = findSharers(context, apply, roles);
      const isCertain = sharers.length === 0 && (apply.match.certain || isServedForAll(context, apply, bootstrap));
      const missing = bootstrap ? missingEnvironment(apply, bootstrap, context.tree) : [];
      // Until cleanup source and root are still in the folder.
      const again = phase === "cutover" && isAgain(apply);
      const isFree = sharers.length + missing.length === 0;
      const range = replacement && isFree ? toRange(apply, replacement, again) : undefined;
      if (range && isCertain) {
        ranges.push({ path: file.path, range });
        settled.push(apply);
        moved.push({ apply, roles });
      } else if (range && isLeftToLater(context, apply, bootstrap!)) {
        left.push(lineOf(file.path, apply.line.told));
      } else {
        const flags = copiedFlags(apply);
        const isCopied = isDoneAbove || String(flags) === String(clusterFlags(apply));
        const said =
          (isCopied && replacement?.map(onOneLine)) ||
          adviceFor(context, roles, bootstrap, flags, apply.line, dollarIn(file.kind));
        const set = missing.map((name) => `${name}=… `).join("");
        const commands = said.map((text) => text.replace(/^(?=helmfile )/, set));
        const later = context.phase === "cutover" ? laterPart(context, apply, roles) : undefined;
        const byCommand = commands.some(needsShell) && isCommandModule(file.text, apply.line) ? true : undefined;
        const onPush = runsOnPush(file) || undefined;
        findings.push(reportApply(apply, roles, sharers, { commands, ...given({ later, byCommand, onPush }) }));
      }
    }
    // What is only looked for is not written; where the cutover writes it, one line gets both commands.
    if (phase !== "migration") findings.push(...reportEarlyWaits(moved));
    // The targets of the cutover alone leave out what applies source and root.
    if (phase !== "cutover") findings.push(...findFollowers(context, applies));
    const listed = mentions.filter((mention) => {
      const isForAll = () => isServedForAll(context, mention, bootstrap);
      const range = bootstrap && toCheckRange(mention, bootstrap, checks, isForAll);
      if (range) ranges.push({ path: file.path, range });
      const isLater = () => isLeftToLater(context, mention, bootstrap!);
      const isLeft = !range && bootstrap && toCheckRange(mention, bootstrap, new Set(), isLater);
      if (isLeft) left.push(lineOf(file.path, mention.line.told));
      return !range && !isLeft && !isOf(installers, mention.line);
    });
    if (listed.length > 0) findings.push(reportMentions(context, listed, phase));
  }
  return { ranges, findings, left };
}

/** Lines that wait for controllers between the command of the operator and that of the instance, which brings them. */
function reportEarlyWaits(moved: readonly { apply: Apply; roles: readonly Role[] }[]): DraftFinding[] {
  return moved.flatMap(({ apply, roles }, index) => {
    const next = moved[index + 1];
    if (roles.includes("instance") || !roles.includes("operator") || !next?.roles.includes("instance")) return [];
    const { path } = apply.line.file;
    return waitsBetween(apply.line, next.apply.line).map((line): DraftFinding => {
      return { rule: "automation-waits-early", level: "caution", at: lineOf(path, line), facts: {} };
    });
  });
}

/** Whether a line is part of a command that a finding of its own calls dangerous. */
function isOf(installers: readonly Installer[], { file, number }: Line): boolean {
  return installers.some(({ finding, path, from, to }) => {
    const isWithin = (from <= number && number <= to) || finding.at?.line === number;
    return finding.level === "caution" && path === file.path && isWithin;
  });
}

/** The commands in place of one; none where those around it do its work already, as an earlier phase wrote them. */
function replace(
  apply: Apply,
  bootstrap: Bootstrap,
  roles: readonly Role[],
  tree: Tree,
  { crds, root }: Awaited,
): string[] | undefined {
  const { stays, roles: own } = apply.match.target;
  const parts = own.length > 0 ? own : roles;
  const isServed = !stays && parts.length > 0 && parts.every((role) => isRunNear(apply, bootstrap, role, tree));
  return isServed
    ? []
    : makeReplacement(apply, bootstrap, roles, { crds, root: needsFlux(apply.line) ? root : undefined });
}

/**
 * The parts of the install a line stands for: what its path held, less what a line of its own beside it does, plus what no
 * line of the file does any more.
 */
function rolesFor(applies: readonly Apply[], index: number, { lines, alone }: Spread): Role[] {
  const own = applies[index]!.match.target.roles;
  return ROLES.filter((role) => {
    if (!own.includes(role)) return lines[role] === 0;
    return own.length === 1 || alone[role] === 0 || !isDoneBeside(applies, index, role);
  });
}

/** How many lines of a file stand for a part of the install, and how many for that part alone. */
type Spread = Record<"lines" | "alone", Record<Role, number>>;

function spreadOf(applies: readonly Apply[]): Spread {
  const spread: Spread = { lines: { operator: 0, instance: 0 }, alone: { operator: 0, instance: 0 } };
  for (const { match } of applies) {
    const { roles } = match.target;
    for (const role of new Set(roles)) spread.lines[role]++;
    if (roles.length === 1) spread.alone[roles[0]!]++;
  }
  return spread;
}
