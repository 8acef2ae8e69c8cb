import { CLI_INSTALLS, isArchived, joinedText } from "../../src/cluster/automation-files.ts";
import { readCommands } from "../../src/cluster/command-lines.ts";
import { isYamlPath } from "../../src/cluster/objects.ts";
import { readableText } from "../../src/cluster/readable-text.ts";
import { compareText } from "../../src/contract/compare-text.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { positionAt } from "../../src/yaml/lines.ts";
import { ofText } from "../../src/yaml/of-text.ts";
import type { TransformContext } from "../contract.ts";
import { depthOf } from "../shared/automation/lines.ts";
import { runsOf, withoutTexts } from "../shared/automation/sayings.ts";
import { ownedBy } from "./named-clusters.ts";
import { cliWay } from "./ways.ts";

const IMAGE = "flux-cli";
/** The CLI as the first argument of a list. */
const LISTS = ['"flux",', "'flux',", "- flux\n"];
/** `image: ghcr.io/fluxcd/flux-cli:v2.6.4`, in any registry. */
const IMAGE_LINE = /^[ \t]*(?:-[ \t]+)?image:[ \t]*["']?\S*\bflux-cli(?:[:@"'\s]|$)/m;
/** The command first in the arguments of a container, on the line of the list, below it, or in brackets. */
const ARGUMENTS =
  /^[ \t]*(?:-[ \t]+)?(?:args|command):[ \t]*(?:\r?\n[ \t]*)?(?:\[\s*|-[ \t]+)(?:["']?flux["']?\s*(?:,\s*|-[ \t]+))?["']?(?:bootstrap|install)["']?[ \t\r]*(?:,|\n|\]|$)/m;
/** It prints, and installs nothing. */
const PRINTS = /--(?:export|help)\b/;
/** Words of a command that may be the CLI; each of them is looked at with all that stands before it. */
const MOST_WORDS = 20;
/** Where a command may begin on a line: not in the middle of a sentence. */
const PLACE = /(?:^|[;&|(`"'[{,:-]|\s-\w*c|\b(?:do|else|exec|if|sudo|then))\s*(?:\w+=\S*\s+)*$/;

/**
 * Manifests that have a cluster run `flux bootstrap`, in itself or for one that it makes: a Job, a step of a pipeline, what
 * Cluster API runs on a machine. Flux may deliver them itself, so that they are no automation beside it.
 */
export function findRunners(context: TransformContext): DraftFinding[] {
  const { before, model } = context;
  const paths = new Set([...CLI_INSTALLS, ...LISTS, IMAGE].flatMap((needle) => before.grep(needle)));
  return [...paths].sort(compareText).flatMap((path): DraftFinding[] => {
    if (!isYamlPath(path) || isArchived(path)) return [];
    const owners = model.clusters.filter((cluster) => cluster.files.has(path));
    // What is delivered by nothing is read with the scripts, but for the arguments of a container.
    const number =
      containerLine(readableText(before, path) ?? "") ?? (owners.length > 0 && commandLine(joinedText(before, path)));
    if (!number) return [];
    const facts = { how: "runs" as const, commands: [] };
    const at = lineOf(path, number);
    return [{ rule: "automation-installs-flux", level: "caution", at, facts, ...ownedBy(context, owners) }];
  });
}

/** Containers one by one, since the image of one says nothing of another. */
function containerLine(text: string): number | undefined {
  if (!text.includes(IMAGE)) return undefined;
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    if (!line.includes(IMAGE) || !IMAGE_LINE.test(line)) continue;
    const [start, end] = itemAround(lines, index);
    const item = lines.slice(start, end).join("\n");
    const found = PRINTS.test(item) ? null : ARGUMENTS.exec(item);
    if (found) return start + positionAt(item, found.index).line;
  }
  return undefined;
}

/** Lines to each side of an image that are looked at; a container has fewer. */
const FURTHEST = 300;

/** Where the map that holds a line begins and ends: the item of a list, with what lies below it. */
function itemAround(lines: readonly string[], at: number): [start: number, end: number] {
  const own = lines[at]!;
  let start = at;
  let floor = depthOf(own);
  const [top, bottom] = [Math.max(0, at - FURTHEST), Math.min(lines.length, at + FURTHEST)];
  if (!/^\s*-/.test(own)) {
    while (start > top && (lines[start]!.trim() === "" || depthOf(lines[start]!) >= depthOf(own))) start--;
    floor = depthOf(lines[start]!);
    if (!/^\s*-/.test(lines[start]!)) start++;
  }
  let end = at + 1;
  while (end < bottom && (lines[end]!.trim() === "" || depthOf(lines[end]!) > floor)) end++;
  return [start, end];
}

/** Clusters of one fleet hold the same install. */
const commandLine = ofText((text: string): number | null => {
  const found = readCommands(withoutTexts(text)).find(({ line }) => {
    const runs = runsOf(line);
    if (cliWay(runs) === undefined) return false;
    const words = [...runs.matchAll(/\S+/g)].filter(([word]) => word.includes("flux")).slice(0, MOST_WORDS);
    return words.some(({ index }) => PLACE.test(runs.slice(0, index)) && cliWay(runs.slice(index)) !== undefined);
  });
  return found?.number ?? null;
}, 64);
