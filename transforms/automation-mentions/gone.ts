import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import { compareText } from "../../src/contract/compare-text.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { groupBy } from "../../src/contract/group-by.ts";
import { basename, dirname, join } from "../../src/delivery/paths.ts";
import { foldersHolding } from "../../src/files/disk-tree.ts";
import type { TransformContext } from "../contract.ts";
import type { Line } from "../shared/automation/applies.ts";
import { isReporter, ofNobody } from "../shared/automation/reporter.ts";
import type { Target } from "../shared/automation/targets.ts";
import { reportMentions } from "./mentions.ts";
import { scanFile } from "./scan.ts";

const NAMED = /([\w.-]{1,250})\/(gotk-(?:components|sync)\.yaml)(?![\w.-])/g;
/** Folders of one name that are looked at. */
const MOST = 100;

/**
 * Lines that name files of flux bootstrap in folders that have none, once no cluster is left to migrate: the phases have named them, and
 * they fail all the same.
 * @param isSaid whether something else is said of a line
 */
export function findGone(
  context: TransformContext,
  files: readonly AutomationFile[],
  isSaid: (line: Line) => boolean,
): DraftFinding[] {
  const { tree, model } = context;
  const isThrough = model.clusters.every(({ install, rootFrom }) => install === undefined && rootFrom === "instance");
  if (!isReporter(context) || !isThrough) return [];
  const programs = files.filter(({ kind }) => kind !== "lint" && kind !== "renovate");
  const names = programs.flatMap(({ text }) =>
    [...text.matchAll(NAMED)].map(([, dir = "", file = ""]) => `${dir}/${file}`),
  );
  if (names.length === 0) return [];
  const all = foldersHolding(tree.paths);
  const dirs = groupBy([...all], basename);
  const targets = [...new Set(names)].flatMap((name) => {
    const inside = (dirs.get(dirname(name)) ?? []).slice(0, MOST);
    const paths = inside.map((dir) => join(dir, basename(name))).filter((path) => !tree.has(path));
    return paths.map((path): Target => ({ path, isFile: true, roles: [], stays: false, vanishes: true }));
  });
  const findings = programs.flatMap((file): DraftFinding[] => {
    if (!/gotk-(?:components|sync)/.test(file.text)) return [];
    const { applies, mentions } = scanFile(file, files, targets, tree, tree);
    const found = [...applies, ...mentions].filter(({ line }) => !line.isComment && !isSaid(line));
    const sorted = found.sort((a, b) => a.line.number - b.line.number);
    return sorted.length > 0 ? [reportMentions(context, sorted, "migration", true)] : [];
  });
  return ofNobody(context, findings).sort((a, b) => compareText(a.at?.file ?? "", b.at?.file ?? ""));
}
