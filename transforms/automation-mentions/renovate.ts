import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { TransformContext } from "../contract.ts";
import { isReporter } from "../shared/automation/reinstalls.ts";
import type { FileRange } from "../shared/automation/renames.ts";
import type { Bootstrap } from "./rewrite.ts";

const OLD_ARTIFACT = "ghcr.io/fluxcd/flux-manifests";
const CHARTS = [
  "ghcr.io/controlplaneio-fluxcd/charts/flux-operator",
  "ghcr.io/controlplaneio-fluxcd/charts/flux-instance",
];
const LIST =
  /(matchPackageNames|matchDepNames|matchPackagePatterns|matchDepPatterns|packageNames|depNames)(["']?\s*:\s*\[)([^\]]*)\]/g;

/**
 * Renovate rules that follow the old install. A list that names the flux-manifests artifact follows the two charts
 * instead; `fluxcd/flux2` stays in it, because the CLI is pinned under that name in tool files. Patterns such as
 * `/fluxcd/` match the charts already. What remains is listed.
 */
export function planRenovate(
  context: TransformContext,
  files: readonly AutomationFile[],
  bootstrap: Bootstrap | undefined,
): { edits: FileRange[]; findings: DraftFinding[] } {
  const edits: FileRange[] = [];
  const findings: DraftFinding[] = [];
  const configs = files.filter(({ kind }) => kind === "renovate");
  if (isReporter(context)) {
    for (const file of configs) planLists(file, edits, findings);
  }
  for (const file of bootstrap ? configs : []) findings.push(...reportIgnored(file, bootstrap!.path));
  return { edits, findings };
}

function planLists(file: AutomationFile, edits: FileRange[], findings: DraftFinding[]): void {
  const handled = new Set<number>();
  for (const match of file.text.matchAll(LIST)) {
    const body = match.index + match[1]!.length + match[2]!.length;
    const isPattern = match[1]!.includes("Pattern");
    for (const item of match[3]!.matchAll(/(["'])([^"']*flux-manifests[^"']*)\1/g)) {
      const start = body + item.index;
      handled.add(lineAt(file.text, start));
      if (isPattern || item[2] !== OLD_ARTIFACT || isOtherDatasource(file.text, match.index)) {
        findings.push(report(file, lineAt(file.text, start), item[2]!));
        continue;
      }
      const missing = CHARTS.filter((chart) => !match[3]!.includes(chart));
      if (missing.length < CHARTS.length) {
        findings.push(report(file, lineAt(file.text, start), item[2]!));
        continue;
      }
      const separator = separatorOf(match[3]!, item.index);
      const text = missing.map((chart) => `${item[1]}${chart}${item[1]}`).join(`,${separator}`);
      edits.push({ path: file.path, range: { start, end: start + item[0].length, text } });
    }
  }
  for (const [index, line] of file.text.split("\n").entries()) {
    if (!/flux-manifests/.test(line) || handled.has(index + 1) || /^\s*\/\//.test(line)) continue;
    findings.push(report(file, index + 1, "flux-manifests"));
  }
}

/** The rule is limited to datasources other than docker, under which both the artifact and the charts are found. */
function isOtherDatasource(text: string, at: number): boolean {
  const open = text.lastIndexOf("{", at);
  const close = text.indexOf("}", at);
  const rule = text.slice(open, close < 0 ? undefined : close);
  const datasources = /matchDatasources["']?\s*:\s*\[([^\]]*)\]/.exec(rule)?.[1];
  return datasources !== undefined && !datasources.includes("docker");
}

/** Items on lines of their own stay so. */
function separatorOf(list: string, at: number): string {
  const before = /\n[ \t]*$/.exec(list.slice(0, at))?.[0];
  return before ?? " ";
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function report(file: AutomationFile, line: number, name: string): DraftFinding {
  const at = lineOf(file.path, line);
  return { rule: "renovate-names-removed", level: "info", at, facts: { name, charts: CHARTS } };
}

/** Helmfile and OCIRepository must share one chart version; Renovate moves only the one it may look at. */
function reportIgnored(file: AutomationFile, helmfile: string): DraftFinding[] {
  const list = /ignorePaths["']?\s*:\s*\[([^\]]*)\]/.exec(file.text);
  if (!list) return [];
  const start = list.index + list[0].indexOf("[") + 1;
  const findings: DraftFinding[] = [];
  for (const item of list[1]!.matchAll(/(["'])([^"']+)\1/g)) {
    if (!matchesGlob(item[2]!, helmfile)) continue;
    const at = lineOf(file.path, lineAt(file.text, start + item.index));
    findings.push({ rule: "renovate-ignores-helmfile", level: "caution", at, facts: { helmfile, pattern: item[2]! } });
    break;
  }
  return findings;
}

/** The part of glob syntax that `ignorePaths` uses; a plain text counts when the path contains it, as in Renovate. */
function matchesGlob(glob: string, path: string): boolean {
  if (!glob.includes("*")) return path.includes(glob);
  const body = glob
    .split(/(\*\*\/|\*\*|\*)/)
    .map((part) => {
      if (part === "**/") return "(?:.*/)?";
      if (part === "**") return ".*";
      return part === "*" ? "[^/]*" : part.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
    })
    .join("");
  return new RegExp(`^${body}$`).test(path);
}
