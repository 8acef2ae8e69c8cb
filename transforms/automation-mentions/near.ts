import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import { findFirst } from "../../src/contract/find-first.ts";
import { basename } from "../../src/delivery/paths.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import type { Tree } from "../../src/files/tree.ts";
import { type Apply, clusterFlags, type Line, matchLine } from "../shared/automation/applies.ts";
import { commandAround, depthOf, linesOf } from "../shared/automation/lines.ts";
import { ROLES, type Role, type Target } from "../shared/automation/targets.ts";
import { isComment, withoutComment } from "../shared/automation/words.ts";
import { rulesBefore } from "./prerequisites.ts";
import { type Bootstrap, helmfileIn } from "./rewrite.ts";

/**
 * Whether the lines around one, as far as they are indented like it or deeper (a recipe, a function, a list of commands),
 * install a part already; or those before it run the whole helmfile.
 */
export function isRunNear(apply: Apply, bootstrap: Bootstrap, role: Role, tree: Tree): boolean {
  const { line } = apply;
  const [first, last] = blockOf(line);
  if (runsPart(apply, bootstrap, role, tree, [first, last + 1])) return true;
  // Behind the line, what stands between may need what only the line has brought, such as the namespace.
  return runsWhole(line, bootstrap, tree);
}

/** Whether the instance is already installed just before a line that stays, or by what its recipe needs: a second run adds nothing. */
export function isDone(apply: Apply, bootstrap: Bootstrap, tree: Tree): boolean {
  const { number } = apply.line;
  const [first] = blockOf(apply.line);
  const near = { from: Math.max(first, startBefore(apply.line.file, number - 1)), to: number - 1 };
  const isBefore = [near, ...rulesBefore(apply.line.file, number)].some(({ from, to }) =>
    runsPart(apply, bootstrap, "instance", tree, [from, to]),
  );
  return isBefore || runsWhole(apply.line, bootstrap, tree);
}

/** Whether the lines around one install operator and instance in the way of this bootstrap. */
export function runsBothNear(file: AutomationFile, number: number, bootstrap: Bootstrap): boolean {
  const lines = linesOf(file);
  const [first, last] = blockOf({ file, number, text: lines[number - 1] ?? "" });
  const block = lines.slice(first, last + 1).filter((text) => !isComment(text));
  return ROLES.every((role) => {
    const isRun = testRun(bootstrap, role);
    return block.some((text) => isRun.test(text));
  });
}

/** Whether one of the lines between two indices installs a part, and not that of another cluster. */
function runsPart(
  apply: Apply,
  bootstrap: Bootstrap,
  role: Role,
  tree: Tree,
  [from, to]: readonly [number, number],
): boolean {
  const { line } = apply;
  const lines = linesOf(line.file);
  const isRun = testRun(bootstrap, role);
  const files = "path" in bootstrap ? [bootstrap.path] : bootstrap[role].files;
  const targets = files.map((path): Target => ({ path, isFile: true, roles: [role], stays: true, vanishes: false }));
  const flags = clusterFlags(apply).join(" ");
  return lines.slice(from, to).some((text, index) => {
    if (isComment(text) || !isRun.test(text)) return false;
    const isJoined = line.file.kind === "task" ? isItem : undefined;
    const said = commandAround(line.file, from + index, isJoined).map((part) =>
      part.replace(/\s--context\b/, " --kube-context"),
    );
    const isElsewhere = said.some((part) => CONTEXT.test(part)) && !said.some((part) => part.includes(flags));
    const names = (path: string) => said.some((part) => part.includes(basename(path)));
    const isOwn = !files.some(names) || said.some((part) => matchLine({ ...line, text: part }, targets, tree));
    return isOwn && !isElsewhere;
  });
}

const CONTEXT = /\s--(?:kube-context|kubeconfig)[\s=]/;

/** A line of a task that the next one goes on in, as an item of a list. */
function isItem(text: string, next: string): boolean {
  return /^\s+[^-\s]/.test(next) && depthOf(next) >= depthOf(text);
}

/** Whether an apply does once more what one before it in the same block does, as where the first fails for want of CRDs. */
export function isRepeated(apply: Apply, before: readonly Apply[]): boolean {
  return besides(apply, before, (other) => other, false).some(({ match }) => match.target === apply.match.target);
}

/** Whether the commands in place of those before it in the same block do all that an apply stands for, as of a source and its root. */
export function isCovered(
  apply: Apply,
  roles: readonly Role[],
  before: readonly { apply: Apply; roles: readonly Role[] }[],
): boolean {
  const near = besides(apply, before, (other) => other.apply);
  return roles.length > 0 && roles.every((role) => near.some((other) => other.roles.includes(role)));
}

/**
 * What stands in the block before a line, or in a recipe that its own needs, with the same flags and as deep. `before` goes by
 * lines: a script may hold thousands.
 * @param isTaken whether the line itself may be taken out for it
 */
function besides<T>(apply: Apply, before: readonly T[], applyOf: (one: T) => Apply, isTaken = true): T[] {
  const { line } = apply;
  const [first] = blockOf(line);
  const flags = String(clusterFlags(apply));
  const start = before.findLastIndex((one) => applyOf(one).line.number <= first) + 1;
  const startAt = (number: number) => findFirst(before, (one) => applyOf(one).line.number > number);
  const needed = rulesBefore(line.file, line.number).flatMap(({ from, to }) =>
    before.slice(startAt(from), Math.min(start, startAt(to))),
  );
  return [...needed, ...before.slice(start)].filter((one) => {
    const other = applyOf(one);
    // A line that does more than apply is not covered by one that does not: to take it out would lose the rest.
    const isAlone = !isTaken || (other.command === undefined) === (apply.command === undefined);
    return isAlone && depthOf(other.line.text) === depthOf(line.text) && String(clusterFlags(other)) === flags;
  });
}

/**
 * The parts that an apply stands for, with the operator where that is brought further down in the same block: source and
 * root may be applied before the controllers, the FluxInstance is refused before the operator is there.
 */
export function withOperator(applies: readonly Apply[], index: number, roles: Role[]): Role[] {
  const apply = applies[index]!;
  if (!roles.includes("instance") || roles.includes("operator")) return roles;
  const [first, last] = blockOf(apply.line);
  const flags = String(clusterFlags(apply));
  const bring = applies.slice(Math.max(0, index - FURTHEST), index + FURTHEST).filter((other) => {
    const isInBlock = other.line.number > first && other.line.number <= last + 1;
    // What a folder held goes to the line that does it alone.
    const isBringing = other !== apply && other.match.target.roles.includes("operator");
    return isInBlock && isBringing && String(clusterFlags(other)) === flags;
  });
  const isLater = bring.length > 0 && bring.every(({ line }) => line.number > apply.line.number);
  return isLater ? [...ROLES] : roles;
}

/** Whether a line of its own does a part in the block of an apply; in another recipe it is no part of this one's run. */
export function isDoneBeside(applies: readonly Apply[], index: number, role: Role): boolean {
  const [first, last] = blockOf(applies[index]!.line);
  return applies.slice(Math.max(0, index - FURTHEST), index + FURTHEST).some(({ line, match }) => {
    const isInBlock = line.number > first && line.number <= last + 1;
    return isInBlock && !match.byDefault && String(match.target.roles) === role;
  });
}

const WAITS = /\brollout\s+status\b|\b(?:kubectl|oc)\b.*\swait\s|\bflux\s+check\b(?!.*--pre\b)/;
const CONTROLLERS =
  /-controller\b|toolkit\.fluxcd\.io|\bflux\s+check\b|\bflux-system\b.*\bdeploy|\bdeploy.*\bflux-system\b/;

/** Numbers of the lines between two others that wait for what only the instance brings: controllers and kinds of Flux. */
export function waitsBetween(first: Line, last: Line): number[] {
  const between = linesOf(first.file).slice(first.number, last.number - 1);
  const isEarly = (text: string) => WAITS.test(text) && CONTROLLERS.test(text);
  return between.flatMap((_, index) =>
    isEarly(commandFrom(first.file, first.number + index)) ? [first.number + 1 + index] : [],
  );
}

/** The command that begins on a line, with all its lines; empty for a comment, and where the line goes on with one. */
function commandFrom(file: AutomationFile, index: number): string {
  const lines = linesOf(file);
  const text = lines[index] ?? "";
  if (isComment(text) || /[\\|]\r?$/.test(lines[index - 1] ?? "")) return "";
  return /[\\|]\r?$/.test(text) ? commandAround(file, index).join(" ") : text;
}

const OBJECTS = /\b(?:kustomizations?|ks|gitrepositor(?:y|ies)|gitrepo|ocirepositor(?:y|ies)|ocirepo)\b/;

/** Apart, since a pattern of several such words takes long over a line that holds them many times. */
function asksFlux(text: string): boolean {
  if (/\bflux\s/.test(text) && /\breconcile\b/.test(text)) return true;
  return /\b(?:kubectl|oc)\b/.test(text) && /\swait\s/.test(text) && OBJECTS.test(text);
}

/**
 * Whether a line of the block behind one asks for controllers or objects of Flux, which an apply had made by then. What asks
 * until it gets them, as fluxlift writes it for another cluster, needs nothing before it.
 */
export function needsFlux(line: Pick<Line, "file" | "number" | "text">): boolean {
  const below = linesOf(line.file).slice(line.number, blockOf(line)[1] + 1);
  const asks = (text: string) => asksFlux(text) || (WAITS.test(text) && CONTROLLERS.test(text));
  return below.some((text, index) => !/^\s*until\s/.test(text) && asks(commandFrom(line.file, line.number + index)));
}

/** Indices of the first and the last line around one that are indented like it or deeper. */
function blockOf(line: Pick<Line, "file" | "number" | "text">): [first: number, last: number] {
  const lines = linesOf(line.file);
  const own = depthOf(line.text);
  const belongs = (text: string | undefined) => text !== undefined && (text.trim() === "" || depthOf(text) >= own);
  let first = line.number - 1;
  let last = first;
  while (line.number - first <= FURTHEST && belongs(lines[first - 1])) first--;
  while (last - line.number <= FURTHEST && belongs(lines[last + 1])) last++;
  return [first, last];
}

/** What a line holds that installs a part in the way of this bootstrap. */
function testRun(bootstrap: Bootstrap, role: Role): RegExp {
  if ("path" in bootstrap) {
    return new RegExp(`\\bhelmfile\\b.*--selector name=${escapeRegExp(bootstrap[role])}(?![\\w-])`);
  }
  return bootstrap[role].runs;
}

/** Whether a line of the block before one installs all that the helmfile lists. */
function runsWhole(line: Line, bootstrap: Bootstrap, tree: Tree): boolean {
  const path = helmfileIn(bootstrap);
  if (path === undefined) return false;
  const target: Target = { path, isFile: true, roles: [...ROLES], stays: true, vanishes: false };
  const [first] = blockOf(line);
  const before = linesOf(line.file).slice(first, line.number - 1);
  return before.some((raw, index) => {
    const text = withoutComment(raw);
    if (isComment(text) || !/\bhelmfile\b[^|;&]*\s(?:apply|sync)\b/.test(text)) return false;
    if (/\s(?:-l|--selector)\b/.test(text)) return false;
    return matchLine({ ...line, text, number: first + index + 1 }, [target], tree)?.match.certain === true;
  });
}

/** Lines to each side that count as near; a task has ten at most. */
const FURTHEST = 50;

/** Commands that count as just before one. One of them may go over many lines, as `helm upgrade` does. */
const JUST_BEFORE = 5;

/** The index of the line at which the last few commands before one begin. */
function startBefore(file: AutomationFile, index: number): number {
  const lines = linesOf(file);
  let start = index;
  for (let commands = 0; start > 0 && index - start < FURTHEST; start--) {
    if (/[\\|]\r?$/.test(lines[start - 1] ?? "")) continue;
    if (++commands > JUST_BEFORE) return start;
  }
  return start;
}
