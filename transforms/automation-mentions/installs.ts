import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import { reportKeepers } from "../../src/cluster/chart-elsewhere.ts";
import { type CommandLine, readCommands } from "../../src/cluster/command-lines.ts";
import { endOfBlock } from "../../src/cluster/gotk/terraform-states.ts";
import { isTerraformCode, typesOfLines, withoutBlockComments } from "../../src/cluster/gotk/terraform-text.ts";
import { isTerraform } from "../../src/cluster/outside/told.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { given } from "../../src/contract/given.ts";
import type { InstallWay } from "../../src/contract/install-ways.ts";
import { once } from "../../src/contract/once.ts";
import { kustomizationNames } from "../../src/delivery/kustomize/file.ts";
import { basename } from "../../src/delivery/paths.ts";
import { positionAt } from "../../src/yaml/lines.ts";
import type { TransformContext } from "../contract.ts";
import { dollarIn, type Wording } from "../shared/automation/by-hand.ts";
import { findHelmfile } from "../shared/automation/helmfile-find.ts";
import { runsOf, withoutLookedFor, withoutSayings, withoutTaken, withoutTexts } from "../shared/automation/sayings.ts";
import { isComment, withoutComment } from "../shared/automation/words.ts";
import { isTerraformSetting, wayOfAddress } from "./addresses.ts";
import { untilRoot } from "./awaited.ts";
import { makeNamer, type Named, ownedBy } from "./named-clusters.ts";
import { needsFlux } from "./near.ts";
import { runsOnPush } from "./pushes.ts";
import { isScheduled, scheduledLines } from "./schedules.ts";
import { findCreates } from "./sync-changes.ts";
import { makesCluster } from "./test-runs.ts";
import { BOOTSTRAP, onlyCompares, wayOf, waysIn, writesManifests } from "./ways.ts";

/** What begins a block of Terraform that says nothing else. */
const IN_BLOCKS: readonly InstallWay[] = ["terraform", "rendered"];
const LONGEST_BLOCK = 200;

/** The lines of the block that a line begins; that line alone where nothing ends it. */
function linesOfBlock(lines: readonly string[], from: number): string[] {
  const rest = lines.slice(from - 1, from - 1 + LONGEST_BLOCK);
  const end = endOfBlock(rest, 0);
  return rest.slice(0, end < rest.length ? end + 1 : 1);
}

/** Harmless in a throw-away cluster: the controllers alone, without a source. */
const MILD_IN_TRIAL: readonly InstallWay[] = ["install", "manifests"];

/** What is done by the helmfile now, on an empty cluster too. */
const REPLACED: readonly InstallWay[] = ["bootstrap", "install", "timoni", "manifests", "chart", "own"];

/** What installs nothing that this repository has to do with. */
const MILD: readonly InstallWay[] = ["comment", "chart-read", "elsewhere", "searched"];

/** A command that installs Flux the old way, and the lines that it takes. */
export interface Installer {
  finding: DraftFinding;
  path: string;
  from: number;
  to: number;
  /** The last line of the block of Terraform that it begins. */
  block?: number;
}

/** Lists of checks that run commands of their own, with each commit. */
const HOOKS = /(?:^|\/)(?:\.pre-commit-config\.ya?ml|\.?lefthook\.(?:toml|ya?ml))$/;

/** What to run in place of a command that installs Flux. */
interface Instead {
  /** The commands that install operator and instance. */
  commands: readonly string[];
  /** The cluster whose files they name, where the command may be for any of several. */
  of?: string;
  /** What the source of that cluster logs in with. */
  secret?: string;
  /** `flux bootstrap` is for a repository that none of the clusters reads. */
  isElsewhere?: boolean;
}

/** @param dollar how the file writes the `$` of a shell */
export type InsteadOf = (command: string, text: string, dollar: Wording["dollar"]) => Instead | undefined;

/**
 * Lines that install Flux the old way or write its manifests again, whatever path they use. Repository-wide, so only
 * the first cluster of a run reports them (`isReporter`). The CLI itself (`fluxcd/flux2/action`, a version pin) is no install.
 */
export function findInstallers(
  context: TransformContext,
  file: AutomationFile,
  insteadOf: InsteadOf,
  namedIn: (command: string, file: AutomationFile) => Named,
): Installer[] {
  const { path, kind, text } = file;
  if (kind === "lint" && !HOOKS.test(path)) return [];
  const program = kind === "renovate" ? runsOfRules(text) : text;
  const code = isTerraformCode(path) ? withoutBlockComments(program) : program;
  const judge = makeLineJudge(context, file, insteadOf, namedIn);
  const found = readCommands(withoutTexts(code)).flatMap((command) => judge(command) ?? []);
  const own = reportKeepers(context.before).filter(({ at }) => at?.file === path);
  if (own.length > 0) {
    const unowned = ownedBy(context, []);
    const kept = own.map((finding): Installer => ({ finding: { ...finding, ...unowned }, path, from: 0, to: 0 }));
    // What puts the install there may take several lines; flux bootstrap beside it is another way.
    const isKept = (from: number, to: number) => own.some(({ at }) => at && at.line >= from && at.line <= to);
    return [...kept, ...found.filter(({ finding, from, to }) => isBootstrap(finding) && !isKept(from, to))];
  }
  // Beside a bootstrap it is a part of that, unless the file brings it into Git by itself.
  const isPart = found.some(({ finding }) => finding.level === "caution") && !PUSHES.test(code);
  return isPart ? found : [...found, ...findListing(context, path, code)];
}

/** A list ends where more of the rule follows: a command may hold brackets, as in `[ -d clusters ] || exit`. */
const RUNS = /(["']?commands["']?\s{0,9}:\s{0,99}\[[\s\S]{0,4000}?(?<=["',[\s])\](?=\s{0,99}[,}/]))/;

/** What rules of Renovate run (`postUpgradeTasks`), with blanks for all that stands around. */
function runsOfRules(text: string): string {
  const parts = text.split(RUNS);
  return parts.map((part, index) => (index % 2 === 1 ? part : part.replace(/[^\r\n]/g, " "))).join("");
}

/** What a command of a file installs; what all of its lines are asked alike is found once. */
function makeLineJudge(
  context: TransformContext,
  file: AutomationFile,
  insteadOf: InsteadOf,
  namedIn: (command: string, file: AutomationFile) => Named,
) {
  const { path, kind, text } = file;
  const ways = waysIn(text, context.options.rebuildCommands);
  const isInflated = text.includes("helmCharts") && kustomizationNames.includes(basename(path));
  const created = once(() => findCreates(context, file));
  // Bootstrap makes both itself: what stands above it is for another cluster, such as one for tests.
  const creates = (how: InstallWay, from: number) =>
    created().flatMap((number) => (how === "bootstrap" && number < from ? [] : [`${path}:${number}`]));
  const isTried = once(() => makesCluster(text));
  const isTold = once(() => isOwnHelmfile(context, path));
  const lines = once(() => text.split("\n"));

  const howOf = (
    way: InstallWay,
    isRun: boolean,
    { line, number }: Pick<CommandLine, "line" | "number">,
    instead: Instead | undefined,
  ): InstallWay => {
    if (way === "searched") return way;
    if (way === "chart" && isInflated) return "inflated";
    if (way === "manifests" && isTerraformCode(path) && isTerraformSetting(line) && !isTried()) return "fetched";
    if (way === "chart" && isTerraform(path) && isTerraformSetting(line))
      return typesOfLines(text)[number - 1] === "helm_template" ? "fetched" : "chart-kept";
    if (!isRun) return "comment";
    if (way === "bootstrap" && instead?.isElsewhere) return "elsewhere";
    return (way === "manifests" && wayOfAddress(line)) || way;
  };

  /** The way in which a line installs Flux, without what is only said or looked for in it. */
  const installIn = (text: string) => {
    if (isComment(text) || !ways.some(([, test]) => test(text))) return undefined;
    // `echo "$TOKEN" | flux bootstrap …` runs it, `echo "run flux bootstrap"` only says so.
    const run = withoutSayings(text);
    const [way, test] = (onlyCompares(run) ? undefined : wayOf(withoutLookedFor(run), ways)) ?? [];
    if (!way || !test || (way === "chart" && isTold())) return undefined;
    const plain = withoutComment(withoutLookedFor(run));
    return way === "manifests" && !test(withoutTaken(plain))
      ? { way: "searched" as const, test, plain }
      : { way, test, plain };
  };

  return ({ line: all, number, last }: CommandLine): Installer | undefined => {
    const found = installIn(all);
    if (!found) return undefined;
    const { way, test, plain } = found;
    const instead = insteadOf(plain, text, dollarIn(kind));
    const how = howOf(way, test(plain), { line: plain, number }, instead);
    const isMild = MILD.includes(how) || (kind === "workflow" && MILD_IN_TRIAL.includes(way));
    const block = IN_BLOCKS.includes(how) ? linesOfBlock(lines(), number) : undefined;
    // It installs a cluster that still has the old install.
    const { written, likely } = namedIn(block?.map(withoutComment).join("\n") ?? plain, file);
    const keepsOld = written.length > 0 && written.every(keepsOldInstall);
    if (!instead || keepsOld) return undefined;
    const { secret, isElsewhere, ...rest } = instead;
    const isReplaced = REPLACED.includes(how) && !isMild;
    const isAwaited = isReplaced && rest.commands.length > 0 && needsFlux({ file, number: last, text: all });
    const commands = [...rest.commands, ...(isAwaited ? untilRoot(context, []) : [])];
    const login = how === "bootstrap" ? given({ secret }) : {};
    const onPush = runsOnPush(file) || undefined;
    const trial = given({ isTrial: (MILD_IN_TRIAL.includes(how) && isTried()) || undefined });
    const made = kind === "workflow" && how === "install" ? { creates: creates(how, number) } : {};
    const facts = isReplaced
      ? { how, ...rest, commands, ...login, ...trial, ...given({ onPush }), creates: creates(how, number) }
      : { how, ...trial, commands: [], ...made };
    const finding: DraftFinding = {
      ...{ rule: "automation-installs-flux", level: isMild ? "info" : "caution", at: lineOf(path, number), facts },
      ...ownedBy(context, likely),
    };
    return { finding, path, from: number, to: last, ...(block ? { block: number + block.length - 1 } : {}) };
  };
}

function keepsOldInstall({ instances, rootFrom }: Cluster): boolean {
  return instances.length === 0 && rootFrom === "manifest";
}

/** The helmfile that a cluster is made anew with: its entry is replaced there, or named with what takes its place. */
function isOwnHelmfile(context: TransformContext, path: string): boolean {
  const migrated = context.model.clusters.filter(({ instances }) => instances.length > 0);
  return migrated.some((cluster) => findHelmfile({ ...context, cluster }).helmfile?.path === path);
}

const PUSHES = /\bgit\s(?:[^\n|;&]*\s)?(?:commit|push)\b/;

function isBootstrap(finding: DraftFinding): boolean {
  return finding.rule === "automation-installs-flux" && "facts" in finding && finding.facts.how === "bootstrap";
}

/** The kustomization of bootstrap's folder, in text that something writes into the repository: a heredoc, an attribute. */
const LISTING =
  /^[ \t]*resources:[ \t]*\r?\n(?:[ \t]*[-#][^\r\n]*\r?\n)*?[ \t]*-[ \t]+["']?(?:\.\/)?gotk-components\.yaml/m;

function findListing(context: TransformContext, path: string, text: string): Installer[] {
  const listing = LISTING.exec(text);
  if (!listing) return [];
  const number = positionAt(text, listing.index + listing[0].length).line;
  const facts = { how: "listing" as const, commands: [] };
  const at = lineOf(path, number);
  const owner = ownedBy(context, []);
  const finding: DraftFinding = { rule: "automation-installs-flux", level: "caution", at, facts, ...owner };
  return [{ finding, path, from: number, to: number }];
}

/** Scheduled jobs that write the manifests of an install again: one between install and cutover would upgrade it. */
export function findScheduled(context: TransformContext, files: readonly AutomationFile[]): DraftFinding[] {
  const namedIn = makeNamer(context, files);
  // The run of another cluster names its own.
  const isNear = (cluster: Cluster) => cluster.instances.length > 0 || context.agreed.takesPart(cluster);
  const jobs = files.filter(({ kind, text }) => kind === "workflow" && isScheduled(text));
  const writes = (line: string) => writesManifests(line) || BOOTSTRAP.test(line);
  return jobs.flatMap((file) => {
    const { path, text } = file;
    const written = readCommands(withoutTexts(text)).filter(({ line }) => writes(line) && writes(runsOf(line)));
    const isOnSchedule = written.length > 0 ? scheduledLines(text) : () => false;
    const named = written.flatMap(({ line, number }) => {
      return isOnSchedule(number) ? [{ ...namedIn(line, file), number }] : [];
    });
    // A run of one cluster points to what writes to it.
    const near = named.filter(({ written }) => written.length === 0 || written.some(isNear));
    const [found] = near;
    if (!found) return [];
    const facts = { how: "scheduled" as const, commands: [] };
    const at = lineOf(path, found.number);
    return [
      {
        rule: "automation-installs-flux",
        level: "caution",
        at,
        facts,
        ...ownedBy(context, [...new Set(near.flatMap(({ likely }) => likely))]),
      },
    ];
  });
}
