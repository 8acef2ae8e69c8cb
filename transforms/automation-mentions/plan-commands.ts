import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import { type Loc, lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { given } from "../../src/contract/given.ts";
import type { Phase } from "../../src/contract/options.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { TransformContext } from "../contract.ts";
import { type Apply, clusterFlags, copiedFlags, type Line, type Mention } from "../shared/automation/applies.ts";
import { dollarIn, onOneLine } from "../shared/automation/by-hand.ts";
import { isCommandModule, needsShell } from "../shared/automation/modules.ts";
import type { FileRange } from "../shared/automation/object-names.ts";
import { ROLES, type Role, type Target } from "../shared/automation/targets.ts";
import { type Awaited, bringsCrds, madeRootOf } from "./awaited.ts";
import { toCheckRange } from "./checks.ts";
import { missingEnvironment } from "./environment.ts";
import type { Installer } from "./installs.ts";
import { adviceFor } from "./instead.ts";
import { reportMentions } from "./mentions.ts";
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
import { laterPart, reportApply } from "./report-apply.ts";
import { type Bootstrap, findBootstrap, helmfileIn, isAgain, makeReplacement, toRange } from "./rewrite.ts";
import { scanFile } from "./scan.ts";
import { findSharers, isLeftToLater, isServedForAll } from "./several-clusters.ts";
import { findFollowers } from "./test-runs.ts";

interface CommandPlan {
  ranges: FileRange[];
  findings: DraftFinding[];
  /** For a later cluster to settle. */
  left: Loc[];
}

interface Planning {
  context: TransformContext;
  /** What is looked for in the phases alone, or both together before they come. */
  phase: Phase | "migration";
  bootstrap: Bootstrap | undefined;
  awaited: Awaited;
  installers: readonly Installer[];
  /** Checks that were written already. */
  checks: Set<string>;
}

/** A command that was rewritten, and the parts of the install that it brings from then on. */
interface Moved {
  apply: Apply;
  roles: readonly Role[];
}

/** Command lines that apply a target of a phase, checks for one, and other lines that name one. */
export function planCommands(
  context: TransformContext,
  targets: readonly Target[],
  files: readonly AutomationFile[],
  phase: Phase | "migration",
  installers: readonly Installer[] = [],
): CommandPlan {
  const bootstrap = findBootstrap(context);
  const awaited = { crds: phase === "cutover" && bringsCrds(context), root: madeRootOf(context) };
  const planning: Planning = { context, phase, bootstrap, awaited, installers, checks: new Set() };
  const plans = files.flatMap((file) => {
    const found = scanFile(file, files, targets, context.before, context.tree);
    // A hook of the helmfile that has the charts now needs no other run of it.
    const isServed = file.path === helmfileIn(bootstrap);
    const applies = isServed ? [] : found.applies;
    const mentions = isServed ? [...found.applies, ...found.mentions] : found.mentions;
    return [planApplies(planning, file, applies), planMentions(planning, file, mentions)];
  });
  return {
    ranges: plans.flatMap(({ ranges }) => ranges),
    findings: plans.flatMap(({ findings }) => findings),
    left: plans.flatMap(({ left }) => left),
  };
}

function planApplies(planning: Planning, file: AutomationFile, applies: readonly Apply[]): CommandPlan {
  const { context, phase, bootstrap } = planning;
  const plan: CommandPlan = { ranges: [], findings: [], left: [] };
  // What may be run for another cluster does nothing for the lines beside it.
  const spread = spreadOf(applies.filter(({ match }) => !match.byDefault));
  const settled: Apply[] = [];
  const moved: Moved[] = [];
  for (const [index, apply] of applies.entries()) {
    const { stays, roles: own } = apply.match.target;
    const roles = apply.match.byDefault ? own : withOperator(applies, index, rolesFor(applies, index, spread));
    if (stays && isRepeated(apply, settled)) continue;
    const isDoneAbove = isCovered(apply, roles, moved);
    // The line stays, and what it needs is in the line already, or has gone before one above.
    if (stays && ((bootstrap && isDone(apply, bootstrap, context.tree)) || isDoneAbove)) {
      settled.push(apply);
      continue;
    }
    const outcome = planApply(planning, file, { apply, roles, isDoneAbove });
    if (outcome.range) {
      plan.ranges.push({ path: file.path, range: outcome.range });
      settled.push(apply);
      moved.push({ apply, roles });
    } else if (outcome.finding) plan.findings.push(outcome.finding);
    else plan.left.push(lineOf(file.path, apply.line.told));
  }
  // What is only looked for is not written; where the cutover writes it, one line gets both commands.
  if (phase !== "migration") plan.findings.push(...reportEarlyWaits(moved));
  // The targets of the cutover alone leave out what applies source and root.
  if (phase !== "cutover") plan.findings.push(...findFollowers(context, applies));
  return plan;
}

/** What becomes of one command: an edit where all of it is known, a finding where not; neither where a later cluster settles it. */
function planApply(
  planning: Planning,
  file: AutomationFile,
  { apply, roles, isDoneAbove }: Moved & { isDoneAbove: boolean },
): { range?: FileRange["range"]; finding?: DraftFinding } {
  const { context, phase, bootstrap, awaited } = planning;
  const replacement = isDoneAbove ? [] : bootstrap && replace(apply, bootstrap, roles, context.tree, awaited);
  const sharers = findSharers(context, apply, roles);
  const isCertain = sharers.length === 0 && (apply.match.certain || isServedForAll(context, apply, bootstrap));
  const missing = bootstrap ? missingEnvironment(apply, bootstrap, context.tree) : [];
  // Until cleanup source and root are still in the folder.
  const again = phase === "cutover" && isAgain(apply);
  const isFree = sharers.length + missing.length === 0;
  const range = replacement && isFree ? toRange(apply, replacement, again) : undefined;
  if (range && isCertain) return { range };
  if (range && isLeftToLater(context, apply, bootstrap!)) return {};
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
  return { finding: reportApply(apply, roles, sharers, { commands, ...given({ later, byCommand, onPush }) }) };
}

/** Lines that check for a target follow it; others that name one are listed. */
function planMentions(planning: Planning, file: AutomationFile, mentions: readonly Mention[]): CommandPlan {
  const { context, phase, bootstrap, checks, installers } = planning;
  const ranges: FileRange[] = [];
  const left: Loc[] = [];
  const listed = mentions.filter((mention) => {
    const isForAll = () => isServedForAll(context, mention, bootstrap);
    const range = bootstrap && toCheckRange(mention, bootstrap, checks, isForAll);
    if (range) ranges.push({ path: file.path, range });
    const isLater = () => isLeftToLater(context, mention, bootstrap!);
    const isLeft = !range && bootstrap && toCheckRange(mention, bootstrap, new Set(), isLater);
    if (isLeft) left.push(lineOf(file.path, mention.line.told));
    return !range && !isLeft && !isOf(installers, mention.line) && !isInBlock(installers, mention);
  });
  const findings = listed.length > 0 ? [reportMentions(context, listed, phase)] : [];
  return { ranges, findings, left };
}

/** Lines that wait for controllers between the command of the operator and that of the instance, which brings them. */
function reportEarlyWaits(moved: readonly Moved[]): DraftFinding[] {
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
export function isOf(installers: readonly Installer[], { file, number }: Line): boolean {
  return installers.some(({ finding, path, from, to }) => {
    const isWithin = (from <= number && number <= to) || finding.at?.line === number;
    return finding.level === "caution" && path === file.path && isWithin;
  });
}

/** Whether a folder that stays is named by a block of Terraform that bootstraps Flux into it: that is said of the block. */
function isInBlock(installers: readonly Installer[], { line, match }: Mention): boolean {
  const isOwn = ({ path, from, block = 0 }: Installer) =>
    path === line.file.path && from <= line.number && line.number <= block;
  return match.target.stays && installers.some(isOwn);
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
