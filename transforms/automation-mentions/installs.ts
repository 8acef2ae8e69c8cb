import { type AutomationFile, FLUX } from "../../src/cluster/automation-files.ts";
import { helmInstallsChart } from "../../src/cluster/chart-command.ts";
import { COMMUNITY, reportKeepers } from "../../src/cluster/chart-elsewhere.ts";
import { readCommands } from "../../src/cluster/command-lines.ts";
import { endOfBlock } from "../../src/cluster/gotk/terraform-states.ts";
import { isTerraformCode, withoutBlockComments } from "../../src/cluster/gotk/terraform-text.ts";
import { SYNC_CHART, SYNC_FIELD } from "../../src/cluster/sync-charts.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { given } from "../../src/contract/given.ts";
import type { InstallWay } from "../../src/contract/install-ways.ts";
import { once } from "../../src/contract/once.ts";
import { isFluxInstallUrl } from "../../src/delivery/kinds.ts";
import { kustomizationNames } from "../../src/delivery/kustomize/file.ts";
import { basename } from "../../src/delivery/paths.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import { positionAt } from "../../src/yaml/lines.ts";
import type { TransformContext } from "../contract.ts";
import { dollarIn, type Wording } from "../shared/automation/by-hand.ts";
import { findHelmfile } from "../shared/automation/helmfile-find.ts";
import { isText, runsOf, withoutLookedFor, withoutSayings, withoutTexts } from "../shared/automation/sayings.ts";
import { isComment, withoutComment } from "../shared/automation/words.ts";
import { untilRoot } from "./awaited.ts";
import { makeNamer, type Named, ownedBy } from "./named-clusters.ts";
import { needsFlux } from "./near.ts";
import { runsOnPush } from "./pushes.ts";
import { isScheduled, scheduledLines } from "./schedules.ts";
import { findCreates } from "./sync-changes.ts";
import { makesCluster } from "./test-runs.ts";

const BOOTSTRAP = new RegExp(String.raw`${FLUX}bootstrap\s+(git|github|gitlab|gitea|bitbucket-server)\b`);
const INSTALL = new RegExp(String.raw`${FLUX}install\b`);
const CHART = /fluxcd-community(\.github\.io)?\/(\S*\/)?(charts\/)?flux2\b/;
/** The chart by its name, in Terraform, a playbook or the `helmCharts` of a kustomization; its repository stands beside it. */
const CHART_FIELD = /^\s*(?:-\s+)?"?(?:chart|chart_ref)"?\s*[:=]\s*["']?flux2["']?\s*,?\s*$/;
/** In `helmCharts`; anywhere else it is the name of a release. */
const CHART_NAME = /^\s*(?:-\s+)?name\s*:\s*["']?flux2["']?\s*$/;

const WAYS: readonly (readonly [how: InstallWay, test: (line: string) => boolean])[] = [
  ["terraform", (line) => /\bresource\s+"flux_bootstrap_git"/.test(line)],
  ["rendered", (line) => /\bdata\s+"flux_(?:install|sync)"\s+"/.test(line)],
  ["export", writesManifests],
  ["bootstrap", (line) => BOOTSTRAP.test(line)],
  ["install", (line) => INSTALL.test(line)],
  ["manager", (line) => /\beksctl\s+enable\s+flux\b/.test(line)],
  ["timoni", (line) => /\btimoni\s+(?:bundle\s+)?apply\b.*\bflux-aio\b/.test(line)],
  ["manifests", isFluxInstallUrl],
  ["chart-sync", (line) => SYNC_FIELD.test(line) || (SYNC_CHART.test(line) && !onlyReads(line))],
  ["chart-read", (line) => CHART.test(line) && onlyReads(line)],
  ["chart", (line) => (CHART.test(line) && /\bhelm\b|chart/.test(line)) || helmInstallsChart(line)],
];

/** What begins a block of Terraform that says nothing else. */
const IN_BLOCKS: readonly InstallWay[] = ["terraform", "rendered"];
const LONGEST_BLOCK = 200;

/** The lines of the block that a line begins; that line alone where nothing ends it. */
function linesOfBlock(lines: readonly string[], from: number): string[] {
  const rest = lines.slice(from - 1, from - 1 + LONGEST_BLOCK);
  const end = endOfBlock(rest, 0);
  return rest.slice(0, end < rest.length ? end + 1 : 1);
}

/** `helm template`, `helm show values`: nothing reaches a cluster, unless kubectl applies what is rendered. */
function onlyReads(line: string): boolean {
  return /\bhelm\s+(?:template|lint|show|pull|search|dependency)\b/.test(line) && !/\b(?:kubectl|oc)\s/.test(line);
}

/** A file in a folder of the repository that a download goes to; `-o /tmp/x`, `-o -` and `$DIR/x` may be elsewhere. */
const INTO_FOLDER =
  /(?:\s(?:-\w*o|-O|--output(?:-document)?)[\s=]+|(?<![\d&>])>{1,2}\s*)["']?(?![-/~$\s=]|\w+:\/\/)[^\s"'/>]+\/\S/;

/** `curl -L …/install.yaml -o flux/install.yaml`. */
function downloads(command: string): boolean {
  return /\b(?:curl|wget)\s/.test(command) && isFluxInstallUrl(command) && INTO_FOLDER.test(command);
}

/** The action of ControlPlane that writes the newest `gotk-components.yaml` and its digests into a folder. */
const UPDATES = /^\s*(?:-\s+)?uses\s*:\s*["']?controlplaneio-fluxcd\/distribution\/actions\/update@/;

/** `flux --context x install --export`, or an install whose output goes to a file. Each line is gone through once. */
function writesManifests(line: string): boolean {
  if (UPDATES.test(line)) return true;
  if (line.split(/[|;&]/).some(downloads)) return true;
  const install = /\bflux\s+install\b/.exec(line);
  // What goes to a file; `>/dev/null`, `2> log` and `2>&1` write no manifests.
  if (install && /(?<![\d&>])>{1,2}\s*(?![\s>&]|\/dev\/)\S/.test(line.slice(install.index))) return true;
  // `flux install --export | kubectl apply -f -` brings them into the cluster.
  if (
    install &&
    /\|\s*(?:(?:sudo|k3s)\s+)?[^\s|;&]*\b(?:kubectl|oc)\}?\s[^|;&]*\b(?:apply|create|replace)\b/.test(
      line.slice(install.index),
    )
  )
    return false;
  return line.split(/[|;&]/).some((command) => {
    const end = command.lastIndexOf("--export");
    const parts = end < 0 ? [] : command.slice(0, end).split("#");
    return parts.some((part) => {
      const flux = /\bflux\s/.exec(part);
      return flux !== null && /\sinstall\b/.test(part.slice(flux.index));
    });
  });
}

const CHECK = /^\s*(?:\S*\/)?(?:diff|cmp|sha\d+sum|kubeconform|[ef]?grep(?!\s[^|;&]*-\w*v)|rg)\s/;
const PRINTS = /\s--(?:export|dry-run)\b/;
const DRY_RUN = /\s--dry-run\b(?!=["']?false)/;

/** What follows the first `flux install` of a command. */
function behindInstall(command: string): string {
  const install = /\bflux\s+install\b/.exec(command);
  return install ? command.slice(install.index + install[0].length) : "";
}

/**
 * `flux install --export | diff - FILE`, `… | grep image:`: no manifests are written, and nothing is installed. The last
 * command of a line may print on the screen what it would install. Each line is gone through once.
 */
function onlyCompares(line: string): boolean {
  if (!/\bflux\s+install\b/.test(line)) return false;
  const parts = line.split(/([|;&])/);
  const isChecked = (part: string, at: number) => {
    if (parts[at + 1] !== "|" || !PRINTS.test(behindInstall(part))) return false;
    return CHECK.test(parts.slice(at + 2).join(""));
  };
  if (parts.some(isChecked)) return true;
  const last = parts.at(-1)!;
  return isGivenToDiff(line) || DRY_RUN.test(behindInstall(last.slice(last.lastIndexOf(">") + 1)));
}

/** `diff FILE <(flux install --export)` */
function isGivenToDiff(line: string): boolean {
  return [...line.matchAll(/<\(\s*flux\s+install\b([^)]*)/g)].some(({ index, 1: rest = "" }) => {
    const before = line.slice(0, index);
    const start = Math.max(...["|", ";", "&"].map((mark) => before.lastIndexOf(mark)));
    return /\s--export\b/.test(rest) && /\b(?:diff|cmp)\s/.test(before.slice(start + 1));
  });
}

/** Commands of the owner, as whole words: `task flux:up` is no `task flux:upgrade`. */
function ownWays(commands: readonly string[] = []): typeof WAYS {
  return commands.map((command) => {
    const words = command.trim().split(/\s+/).map(escapeRegExp);
    const pattern = new RegExp(String.raw`(?<![\w:-])${words.join(String.raw`\s+`)}(?![\w:-])`);
    return ["own", (line) => pattern.test(line)];
  });
}

/** How a line has the flux CLI install Flux, or write what installs it; none where it only compares. */
export function cliWay(line: string): InstallWay | undefined {
  if (onlyCompares(line)) return undefined;
  return WAYS.find(([way, test]) => CLI_WAYS.includes(way) && test(line))?.[0];
}

const CLI_WAYS: readonly InstallWay[] = ["export", "bootstrap", "install"];

/**
 * An item of a list and no more: what goes through the list is not said on the line. `- github.com/fluxcd/flux2/…` is one of a
 * kustomization that is a template yet, or in a text.
 */
const ADDRESS = /^\s*(?:(?:-\s+)?["']?https?:\/\/|-\s+["']?(?:git::|ssh:\/\/git@)?github\.com\/)[^\s"']+["']?\s*,?\s*$/;

/** The value of a setting in Terraform: `url = "https://…/install.yaml"` of `data "http"`, `path = …` of `data "kustomization_build"`. */
const SETTING = /^\s*[\w-]+\s*=\s*"[^"\s]+"\s*,?\s*$/;

/** Harmless in a throw-away cluster: the controllers alone, without a source. */
const MILD_IN_TRIAL: readonly InstallWay[] = ["install", "manifests"];

/** What is done by the helmfile now, on an empty cluster too. */
const REPLACED: readonly InstallWay[] = ["bootstrap", "install", "timoni", "manifests", "chart", "own"];

/** Ways that are a command, which a text for a person can only name. */
const COMMANDS: readonly InstallWay[] = ["export", "bootstrap", "install", "manager", "timoni", "own"];

/** What installs nothing that this repository has to do with. */
const MILD: readonly InstallWay[] = ["comment", "chart-read", "elsewhere"];

function howOf(way: InstallWay, isRun: boolean, line: string, instead: Instead | undefined): InstallWay {
  if (!isRun) return "comment";
  if (way === "bootstrap" && instead?.isElsewhere) return "elsewhere";
  return way === "manifests" && ADDRESS.test(line) ? "address" : way;
}

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
  if (kind === "renovate" || (kind === "lint" && !HOOKS.test(path))) return [];
  const own = reportKeepers(context.before).filter(({ at }) => at?.file === path);
  const unowned = ownedBy(context, []);
  const kept = own.map((finding): Installer => ({ finding: { ...finding, ...unowned }, path, from: 0, to: 0 }));
  const isInList = text.includes("helmCharts");
  const isInflated = isInList && kustomizationNames.includes(basename(path));
  const isChart = (line: string) => CHART_FIELD.test(line) || (isInList && CHART_NAME.test(line));
  const named: typeof WAYS = text.includes(COMMUNITY) ? [["chart", isChart]] : [];
  const creates = once(() => findCreates(context, file));
  const isTried = once(() => makesCluster(text));
  const isTold = once(() => isOwnHelmfile(context, path));
  const lines = once(() => text.split("\n"));
  const ways = [...WAYS, ...named, ...ownWays(context.options.rebuildCommands)];
  const code = isTerraformCode(path) ? withoutBlockComments(text) : text;
  const found = readCommands(withoutTexts(code)).flatMap(({ line: all, number, last }): Installer[] => {
    if (isComment(all) || !ways.some(([, test]) => test(all))) return [];
    // `echo "$TOKEN" | flux bootstrap …` runs it, `echo "run flux bootstrap"` only says so.
    const run = withoutSayings(all);
    if (onlyCompares(run)) return [];
    const line = withoutLookedFor(run);
    const [way, test] = ways.find(([way, test]) => test(line) && !(COMMANDS.includes(way) && isText(line))) ?? [];
    if (!way || !test || (way === "chart" && isTold())) return [];
    const plain = withoutComment(line);
    const at = lineOf(path, number);
    const instead = insteadOf(plain, text, dollarIn(kind));
    const isFetched = way === "manifests" && isTerraformCode(path) && SETTING.test(plain) && !isTried();
    const how =
      way === "chart" && isInflated ? "inflated" : isFetched ? "fetched" : howOf(way, test(plain), plain, instead);
    const isMild = MILD.includes(how) || (kind === "workflow" && MILD_IN_TRIAL.includes(way));
    const block = IN_BLOCKS.includes(how) ? linesOfBlock(lines(), number) : undefined;
    // It installs a cluster that still has the old install.
    const { written, likely } = namedIn(block?.map(withoutComment).join("\n") ?? plain, file);
    const keepsOld = written.length > 0 && written.every(keepsOldInstall);
    if (!instead || keepsOld) return [];
    const { secret, isElsewhere, ...rest } = instead;
    const isReplaced = REPLACED.includes(how) && !isMild;
    const isAwaited = isReplaced && rest.commands.length > 0 && needsFlux({ file, number: last, text: all });
    const commands = [...rest.commands, ...(isAwaited ? untilRoot(context, []) : [])];
    const login = how === "bootstrap" ? given({ secret }) : {};
    const onPush = runsOnPush(file) || undefined;
    const trial = given({ isTrial: (MILD_IN_TRIAL.includes(how) && isTried()) || undefined });
    const facts = isReplaced
      ? { how, ...rest, commands, ...login, ...trial, ...given({ onPush }), creates: creates() }
      : { how, ...trial, commands: [], ...(kind === "workflow" && how === "install" ? { creates: creates() } : {}) };
    const finding: DraftFinding = {
      ...{ rule: "automation-installs-flux", level: isMild ? "info" : "caution", at, facts },
      ...ownedBy(context, likely),
    };
    return [{ finding, path, from: number, to: last, ...(block ? { block: number + block.length - 1 } : {}) }];
  });
  if (kept.length > 0) {
    // What puts the install there may take several lines; flux bootstrap beside it is another way.
    const isKept = (from: number, to: number) => own.some(({ at }) => at && at.line >= from && at.line <= to);
    return [...kept, ...found.filter(({ finding, from, to }) => isBootstrap(finding) && !isKept(from, to))];
  }
  // Beside a bootstrap it is a part of that, unless the file brings it into Git by itself.
  const isPart = found.some(({ finding }) => finding.level === "caution") && !PUSHES.test(code);
  return isPart ? found : [...found, ...findListing(context, path, code)];
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
