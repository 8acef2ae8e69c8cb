import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { pushAll } from "../../src/contract/push-all.ts";
import { lineCounter, positionAt } from "../../src/yaml/lines.ts";
import type { TransformContext } from "../contract.ts";
import { findApps } from "../shared/automation/apps.ts";
import type { FileRange } from "../shared/automation/object-names.ts";
import { matchesGlob, readFluxPatterns } from "../shared/automation/renovate-files.ts";
import { isReporter, ofNobody } from "../shared/automation/reporter.ts";
import { findInstallRule, findMissed, OLD_ARTIFACT, OLD_CHART } from "./renovate-patterns.ts";

/** Why a rule is edited. */
export const FOLLOWS = "Its rules follow what Flux was installed from, and would miss the charts that take its place.";
const CHARTS = [
  "ghcr.io/controlplaneio-fluxcd/charts/flux-operator",
  "ghcr.io/controlplaneio-fluxcd/charts/flux-instance",
];
/** Names that Renovate knows the old installs by, and the patterns of names that are theirs alone. */
const ARTIFACT = { name: OLD_ARTIFACT, pattern: /flux-manifests/ };
const CHART = { name: OLD_CHART, pattern: /fluxcd-community\/charts\/flux2(?!-)/ };
const HELM_CHART = "flux2";
/** A list of packages in a rule: its key, what stands up to the bracket, and its items. */
const LIST =
  /(matchPackageNames|matchDepNames|matchPackagePatterns|matchDepPatterns|matchPackagePrefixes|matchDepPrefixes|packageNames|packagePatterns|depNames)(["']?\s*:\s*\[)/g;

interface List {
  key: string;
  /** Text between the brackets, and where it starts. */
  items: string;
  start: number;
}

/** The lists of a pattern that ends with the opening bracket. */
function readLists(text: string, pattern: RegExp): List[] {
  const lists: List[] = [];
  for (const { 0: whole, 1: key = "", index } of text.matchAll(pattern)) {
    const start = index + whole.length;
    if (start < (lists.at(-1)?.start ?? 0) + (lists.at(-1)?.items.length ?? 0)) continue;
    const end = text.indexOf("]", start);
    if (end < 0) break;
    lists.push({ key, items: text.slice(start, end), start });
  }
  return lists;
}

/**
 * Renovate rules that follow the old install. A list that names the flux-manifests artifact, or the flux2 chart where no
 * other cluster is installed from it, follows the two charts instead; `fluxcd/flux2` stays in it, because the CLI is pinned
 * under that name in tool files. A pattern that matches the artifact and misses a chart gets a second one beside it;
 * `/fluxcd/` matches the charts already. What remains is listed.
 */
export function planRenovate(
  context: TransformContext,
  files: readonly AutomationFile[],
  helmfile: string | undefined,
): { edits: FileRange[]; findings: DraftFinding[] } {
  const edits: FileRange[] = [];
  const findings: DraftFinding[] = [];
  const configs = files.filter(({ kind }) => kind === "renovate");
  const style = context.cluster.install?.style ?? "";
  const isKept = context.model.clusters.some(({ install }) => install?.style === "community-chart");
  const isRelease = ["gotk", "remote-install"].includes(style);
  const gone = isKept ? [ARTIFACT] : [ARTIFACT, CHART];
  const ofLists: DraftFinding[] = [];
  for (const file of isReporter(context) ? configs : []) planLists(file, { isRelease, gone }, edits, ofLists);
  findings.push(...ofNobody(context, ofLists));
  if (helmfile)
    pushAll(
      findings,
      configs.flatMap((file) => reportIgnored(file, helmfile)),
    );
  const kept = configs.flatMap((file) => reportIgnoredCharts(file, pinnedIn(context)));
  findings.push(...kept, ...(kept.length > 0 ? [] : reportMissedCharts(configs, pinnedIn(context))));
  return { edits, findings };
}

/** What no cluster is installed from any more. */
interface Gone {
  isRelease: boolean;
  gone: readonly (typeof ARTIFACT)[];
}

function planLists(file: AutomationFile, gone: Gone, edits: FileRange[], findings: DraftFinding[]): void {
  const { path, text } = file;
  const handled = new Set<number>();
  const report = (line: number, name: string, isUsed?: true) => {
    const facts = { name, charts: CHARTS, ...(isUsed && { isUsed }) };
    handled.add(line);
    findings.push({ rule: "renovate-names-removed", level: "info", at: lineOf(path, line), facts });
  };
  const lineAt = lineCounter(text);
  for (const list of readLists(text, LIST)) {
    const { key, items, start } = list;
    for (const { at, name, text: charts, end } of readOldNames(text, list, gone)) {
      handled.add(lineAt(at));
      if (charts === undefined) report(lineAt(at), name);
      else edits.push({ path, range: { start: at, end, text: charts } });
    }
    const missed = isOtherDatasource(text, start) ? undefined : findMissed(key, items, CHARTS);
    const release = gone.isRelease && !missed ? findInstallRule(key, items, CHARTS) : undefined;
    if (release && !handled.has(lineAt(start + release.at))) report(lineAt(start + release.at), release.name, true);
    if (!missed || handled.has(lineAt(start + missed.at))) continue;
    handled.add(lineAt(start + missed.at));
    if (missed.add === undefined) report(lineAt(start + missed.at), missed.name);
    else edits.push({ path, range: { start: start + missed.at, end: start + missed.at, text: missed.add } });
  }
  for (const [index, line] of text.split("\n").entries()) {
    const isNamed = line.includes("flux-manifests") && !/^\s*\/\//.test(line);
    if (isNamed && !handled.has(index + 1)) report(index + 1, "flux-manifests");
  }
}

/** A name of what goes in a list of Renovate's file, and what takes its place where that is sure. */
interface OldName {
  at: number;
  end: number;
  name: string;
  text: string | undefined;
}

function readOldNames(text: string, { key, items, start }: List, { gone }: Gone): OldName[] {
  // In a repository of charts it has no more of a name; a tool file means the CLI by that.
  const isChart = (name: string) =>
    name === HELM_CHART && gone.includes(CHART) && (CHART.pattern.test(items) || isOfCharts(text, start));
  let isLeft = key.includes("Pattern") || CHARTS.some((chart) => items.includes(chart));
  return [...items.matchAll(/(["'])([^"']*)\1/g)].flatMap((item): OldName[] => {
    const [whole, quote, name = ""] = item;
    const old = gone.find(({ pattern }) => pattern.test(name))?.name ?? (isChart(name) ? HELM_CHART : undefined);
    if (old === undefined) return [];
    const at = start + item.index;
    const place = { at, end: at + whole.length, name };
    if (isLeft || name !== old || old === HELM_CHART || isOtherDatasource(text, start))
      return [{ ...place, text: undefined }];
    isLeft = true;
    // Items on lines of their own stay so.
    const separator = /\n[ \t]*$/.exec(items.slice(0, item.index))?.[0] ?? " ";
    return [{ ...place, text: CHARTS.map((chart) => `${quote}${chart}${quote}`).join(`,${separator}`) }];
  });
}

/** A rule is looked at so far to both sides of a list. */
const LONGEST_RULE = 4096;

/** The rule is limited to datasources other than docker, under which both the artifact and the charts are found. */
function isOtherDatasource(text: string, at: number): boolean {
  const datasources = datasourcesOf(text, at);
  return datasources !== undefined && !datasources.includes("docker");
}

/** The rule is for charts of Helm alone. */
function isOfCharts(text: string, at: number): boolean {
  return /^["']helm["'],?$/.test((datasourcesOf(text, at) ?? "").replace(/\s+/g, ""));
}

/** What the rule around a place names as datasources. */
function datasourcesOf(text: string, at: number): string | undefined {
  return /matchDatasources["']?\s*:\s*\[([^\]]*)\]/.exec(ruleAround(text, at))?.[1];
}

/** The text of the rule around a place, between its braces. */
function ruleAround(text: string, at: number): string {
  const before = text.slice(Math.max(0, at - LONGEST_RULE), at);
  const after = text.slice(at, at + LONGEST_RULE);
  const close = after.indexOf("}");
  return before.slice(before.lastIndexOf("{") + 1) + after.slice(0, close < 0 ? undefined : close);
}

/** Helmfile and OCIRepository must share one chart version; Renovate moves only the one it may look at. */
function reportIgnored({ path, text }: AutomationFile, helmfile: string): DraftFinding[] {
  const [list] = readLists(text, IGNORED);
  const found = list && findIgnoring(text, list, helmfile);
  if (!found) return [];
  const facts = { helmfile, pattern: found.pattern };
  return [{ rule: "renovate-ignores-helmfile", level: "caution", at: lineOf(path, found.line), facts }];
}

/** Files in which the versions of the two charts stand. */
function pinnedIn(context: TransformContext): string[] {
  const { operator, instance } = findApps(context);
  return [operator, instance].flatMap((app) => (app?.version !== undefined && app.versionAt ? app.versionAt.file : []));
}

/** What was there to keep Renovate off the files of the old install may keep it off the charts, too. */
function reportIgnoredCharts({ path, text }: AutomationFile, pinned: readonly string[]): DraftFinding[] {
  const found = pinned.flatMap((file) => {
    const at = findKeptOff(text, file);
    return at ? [{ file, ...at }] : [];
  });
  const [first] = found;
  if (!first) return [];
  const facts = { file: first.file, pattern: first.pattern };
  return [{ rule: "renovate-ignores-charts", level: "info", at: lineOf(path, first.line), facts }];
}

/**
 * Patterns of the flux manager, of all configs together, that match the file of neither chart. Where a config names none,
 * one that it extends may.
 */
function reportMissedCharts(configs: readonly AutomationFile[], pinned: readonly string[]): DraftFinding[] {
  const lists = configs.flatMap(({ path, text }) => readFluxPatterns(path, text));
  const [list] = lists;
  const file = pinned.find((path) => !lists.some(({ fits }) => fits(path)));
  if (!list || file === undefined) return [];
  const facts = { file, pattern: "outside the patterns of its flux manager" };
  return [{ rule: "renovate-ignores-charts", level: "info", at: list.at, facts }];
}

/**
 * What of a config keeps Renovate away from a file: a path that is ignored, or not included, a rule that switches it off, or a
 * list of managers in which that of Flux is missing.
 */
function findKeptOff(text: string, file: string): Found | undefined {
  // A list further in is that of one manager.
  const ofAll = readLists(text, PATHS).filter(({ start }) => depthAt(text, start) === 1);
  for (const list of ofAll) {
    if (list.key === "enabledManagers") {
      // One of the owner's own patterns may look there.
      if (list.items.trim() !== "" && !/["'](?:flux|(?:custom\.)?regex)["']/.test(list.items))
        return { pattern: "enabledManagers without flux", line: positionAt(text, list.start).line };
      continue;
    }
    const found = findIgnoring(text, list, file);
    if (list.key === "ignorePaths" && found) return found;
    const isOpen = list.key === "includePaths" && list.items.trim() !== "" && !found;
    if (isOpen) return { pattern: "not in includePaths", line: positionAt(text, list.start).line };
  }
  const rules = readLists(text, FILES).filter(({ start }) => isSwitchedOff(ruleAround(text, start)));
  return rules.map((list) => findIgnoring(text, list, file)).find((found) => found !== undefined);
}

/** A rule for files alone that has Renovate look at none of them. */
function isSwitchedOff(rule: string): boolean {
  const asks = [...rule.matchAll(/\b(?:match|exclude)[A-Z]\w*/g)].map(([key]) => key);
  return /\benabled["']?\s*:\s*false\b/.test(rule) && asks.length === 1;
}

const IGNORED = /(ignorePaths)["']?\s*:\s*\[/g;
const PATHS = /(ignorePaths|includePaths|enabledManagers)["']?\s*:\s*\[/g;
const FILES = /(matchFileNames|matchPaths)["']?\s*:\s*\[/g;

interface Found {
  pattern: string;
  line: number;
}

/** How many braces are open at a place; errs where a text holds one. */
function depthAt(text: string, at: number): number {
  const before = text.slice(0, at);
  return before.split("{").length - before.split("}").length;
}

function findIgnoring(text: string, list: List, file: string): Found | undefined {
  const items = [...list.items.matchAll(/(["'])([^"']+)\1/g)];
  const item = items.find(([, , glob]) => matchesGlob(glob!, file));
  return item && { pattern: item[2]!, line: positionAt(text, list.start + item.index).line };
}
