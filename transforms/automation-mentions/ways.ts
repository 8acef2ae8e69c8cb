import { FLUX } from "../../src/cluster/automation-files.ts";
import { helmInstallsChart } from "../../src/cluster/chart-command.ts";
import { COMMUNITY } from "../../src/cluster/chart-elsewhere.ts";
import { SYNC_CHART, SYNC_FIELD } from "../../src/cluster/sync-charts.ts";
import type { InstallWay } from "../../src/contract/install-ways.ts";
import { isFluxInstallUrl } from "../../src/delivery/kinds.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import { isText } from "../shared/automation/sayings.ts";

export const BOOTSTRAP = new RegExp(String.raw`${FLUX}bootstrap\s+(git|github|gitlab|gitea|bitbucket-server)\b`);
const INSTALL = new RegExp(String.raw`${FLUX}install\b`);
const CHART = /fluxcd-community(\.github\.io)?\/(\S*\/)?(charts\/)?flux2\b/;
/** A way to install Flux, and whether a line does it that way. */
type Way = readonly [how: InstallWay, test: (line: string) => boolean];

const WAYS: readonly Way[] = [
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
export function writesManifests(line: string): boolean {
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
export function onlyCompares(line: string): boolean {
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

/** The chart by its name, in Terraform, a playbook or the `helmCharts` of a kustomization; its repository stands beside it. */
const CHART_FIELD = /^\s*(?:-\s+)?"?(?:chart|chart_ref)"?\s*[:=]\s*["']?flux2["']?\s*,?\s*$/;
/** In `helmCharts`; anywhere else it is the name of a release. */
const CHART_NAME = /^\s*(?:-\s+)?name\s*:\s*["']?flux2["']?\s*$/;

/** The ways that a file may hold: those of every file, the chart by its name, and the commands of the owner. */
export function waysIn(text: string, rebuildCommands: readonly string[] | undefined): readonly Way[] {
  const isInList = text.includes("helmCharts");
  const isChart = (line: string) => CHART_FIELD.test(line) || (isInList && CHART_NAME.test(line));
  const named: Way[] = text.includes(COMMUNITY) ? [["chart", isChart]] : [];
  return [...WAYS, ...named, ...ownWays(rebuildCommands)];
}

/** Ways that are a command, which a text for a person can only name. */
const COMMANDS: readonly InstallWay[] = ["export", "bootstrap", "install", "manager", "timoni", "own"];

/** The way of a line in which nothing is only said or looked for; of commands none where it is a text for a person. */
export function wayOf(line: string, ways: readonly Way[]): Way | undefined {
  return ways.find(([way, test]) => test(line) && !(COMMANDS.includes(way) && isText(line)));
}

/** Commands of the owner, as whole words: `task flux:up` is no `task flux:upgrade`. */
function ownWays(commands: readonly string[] = []): Way[] {
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
