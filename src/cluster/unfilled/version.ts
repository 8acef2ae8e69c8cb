import type { Loc } from "../../contract/errors.ts";
import type { Claim } from "../../contract/objects.ts";
import type { Tree } from "../../files/tree.ts";
import { parseFluxVersion } from "../../release/releases.ts";
import { FLUX } from "../automation-files.ts";
import { terraformOf } from "../gotk/terraform.ts";
import { readableText } from "../readable-text.ts";

/** What the repository says about the Flux that a bootstrap run would install. */
export interface PlannedInstall {
  /** Every version found; more than one different value decides nothing. */
  versions: Claim<string>[];
  /** Components beyond the four that bootstrap installs by itself. */
  extras: string[];
}

const BOOTSTRAP = new RegExp(String.raw`${FLUX}(?:install|bootstrap)\b`);
const VERSION_FLAG = /--version[= ]["']?(v?\d+\.\d+\.\d+)\b/;
const EXTRAS_FLAG = /--components-extra[= ]["']?([\w,-]+)/g;
const ACTION = /\buses:\s*["']?fluxcd\/flux2\/action@(\S+?)["']?\s*(?:#.*)?$/;
const ACTION_VERSION = /^\s+version:\s*["']?(v?\d+\.\d+\.\d+)["']?\s*(?:#.*)?$/;
/** `with:` of the step of an action is this close to it. */
const STEP = 6;

/**
 * Versions that Terraform, or a workflow, task or script that installs Flux, names for a root path. An action on a branch
 * (`@main`) installs whatever is newest on the day it runs, which is no version.
 */
export function readPlannedInstall(tree: Tree, path: string): PlannedInstall {
  const planned: PlannedInstall = { versions: [], extras: [] };
  for (const block of terraformOf(tree, path)) {
    add(planned, block.version, { file: block.file, line: block.line, col: 1 });
    planned.extras.push(...block.components);
  }
  const files = [
    ...new Set(["flux install", "flux bootstrap", "fluxcd/flux2/action"].flatMap((text) => tree.grep(text))),
  ];
  for (const file of files.filter((name) => !/\.mdx?$/.test(name))) readScript(tree, file, planned);
  return planned;
}

function readScript(tree: Tree, file: string, planned: PlannedInstall): void {
  const lines = (readableText(tree, file) ?? "").split("\n");
  if (!lines.some((line) => BOOTSTRAP.test(line))) return;
  lines.forEach((line, index) => {
    const at = { file, line: index + 1, col: 1 };
    const action = ACTION.exec(line)?.[1];
    if (action !== undefined) {
      const near = lines.slice(index + 1, index + 1 + STEP);
      const end = near.findIndex((next) => /^\s*- /.test(next));
      const given = near.slice(0, end < 0 ? STEP : end).map((next) => ACTION_VERSION.exec(next)?.[1]);
      add(planned, given.find((version) => version !== undefined) ?? action, at);
    }
    if (!BOOTSTRAP.test(line)) return;
    const command = joinContinued(lines, index);
    add(planned, VERSION_FLAG.exec(command)?.[1], at);
    for (const [, names] of command.matchAll(EXTRAS_FLAG)) planned.extras.push(...names!.split(",").filter(Boolean));
  });
}

/** A command with the lines it goes on over, `\` at the end of each. */
function joinContinued(lines: readonly string[], from: number): string {
  let end = from;
  while (end < lines.length - 1 && /\\\s*$/.test(lines[end]!)) end++;
  return lines.slice(from, end + 1).join(" ");
}

function add(planned: PlannedInstall, text: string | undefined, at: Loc): void {
  if (text === undefined || !parseFluxVersion(text)) return;
  planned.versions.push({ value: text.startsWith("v") ? text : `v${text}`, at });
}
