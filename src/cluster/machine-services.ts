import { compareText } from "../contract/compare-text.ts";
import type { InstallElsewhere } from "../contract/install-ways.ts";
import { isFluxInstallUrl } from "../delivery/kinds.ts";
import type { Tree } from "../files/tree.ts";
import { CLI_INSTALLS, FLUX, isArchived, isDocs, isJinja } from "./automation-files.ts";
import { codeLines } from "./readable-text.ts";

const COMMAND = new RegExp(String.raw`${FLUX}(?:bootstrap\s+\w|install\b)`);
const NEEDLES = ["fluxcd/flux2/", ...CLI_INSTALLS];

/** A unit of systemd, a line of a crontab, and a job of Ansible's module cron, all on one line. */
const UNIT = /^\s*Exec(?:Start|StartPost|StartPre|Reload)=/;
const CRONTAB = /^\s*(?:@(?:reboot|hourly|daily|weekly|monthly|midnight)\b|(?:[\d*][\d*/,-]*\s+){5})/;
const CRON_JOB = /^\s*job:\s/;
const CRON_MODULE = /^\s*(?:-\s+)?(?:ansible\.builtin\.)?cron:\s*$/;

/** What a block of NixOS is for: a unit runs by itself, a script in the path is for a person. */
const NIX_UNIT = /\bsystemd\b.*=|\bwriteShellScript\b|\bwriteScript\b/;
const NIX_TOOL = /\bwrite(?:ShellScriptBin|ShellApplication|ScriptBin)\b|\bmkShell\b|\bshellAliases\b/;
/** A name stands this many lines above the address that it is given. */
const NEAR = 3;

/**
 * What a machine does by itself that installs Flux: units and timers of systemd, in NixOS too, and cron. It is done again at
 * every start or by the clock. What stops where Flux is there already is not told from what does not.
 */
export function findMachineServices(tree: Tree): InstallElsewhere[] {
  const files = new Set(NEEDLES.flatMap((needle) => tree.grep(needle)));
  return [...files].sort(compareText).flatMap((file): InstallElsewhere[] => {
    if (isArchived(file) || isDocs(file) || isJinja(file)) return [];
    const lines = codeLines(tree, file);
    const found = file.endsWith(".nix") ? findInNix(lines) : findOnLine(lines);
    return found < 0 ? [] : [{ by: "machine", file, line: found + 1, name: file }];
  });
}

function installs(line: string): boolean {
  return isFluxInstallUrl(line) || COMMAND.test(line);
}

function findOnLine(lines: readonly string[]): number {
  const isCron = lines.some((line) => CRON_MODULE.test(line));
  return lines.findIndex(
    (line) => installs(line) && (UNIT.test(line) || CRONTAB.test(line) || (isCron && CRON_JOB.test(line))),
  );
}

function findInNix(lines: readonly string[]): number {
  if (!lines.some((line) => /\bsystemd\b/.test(line))) return -1;
  const inUnit = linesOfUnits(lines);
  const used = new Set(
    lines
      .flatMap((line, index) => (inUnit[index] ? [...line.matchAll(/\$\{([\w-]+)\}/g)] : []))
      .map(([, name]) => name),
  );
  return lines.findIndex((line, index) => {
    if (!installs(line)) return false;
    const near = lines.slice(Math.max(0, index - NEAR), index + 1);
    return inUnit[index] || near.some((each) => used.has(/^\s*([\w-]+)\s*=/.exec(each)?.[1] ?? ""));
  });
}

/** Whether the nearest block at or above each line is one that runs by itself. */
function linesOfUnits(lines: readonly string[]): readonly boolean[] {
  let isUnit = false;
  return lines.map((line) => {
    if (NIX_TOOL.test(line)) isUnit = false;
    else if (NIX_UNIT.test(line)) isUnit = true;
    return isUnit;
  });
}
