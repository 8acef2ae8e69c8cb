import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import { groupBy } from "../../src/contract/group-by.ts";
import { spliceRanges } from "../../src/files/edits.ts";
import { dropOverlaps, type FileRange } from "../shared/automation/object-names.ts";
import type { Installer } from "./installs.ts";
import { linesOf, runsBothNear } from "./near.ts";
import type { Bootstrap } from "./rewrite.ts";

/**
 * Commands that install Flux the old way, told to be taken out where the lines around them install operator and instance, as
 * these are by now or become by `ranges`: beside each other they would install both.
 */
export function markServed(
  installers: readonly Installer[],
  files: readonly AutomationFile[],
  ranges: readonly FileRange[],
  bootstrap: Bootstrap | undefined,
): Installer[] {
  if (!bootstrap || installers.length === 0) return [...installers];
  const byPath = new Map(files.map((file) => [file.path, file]));
  const planned = groupBy(ranges, ({ path }) => path);
  const edited = new Map<string, AutomationFile>();
  const editedFile = (file: AutomationFile) => {
    const known = edited.get(file.path);
    if (known) return known;
    const own = (planned.get(file.path) ?? []).map(({ range }) => range);
    const after = { ...file, text: spliceRanges(file.text, dropOverlaps(own), file.path) };
    edited.set(file.path, after);
    return after;
  };
  return installers.map((installer) => {
    const { finding, path, from } = installer;
    const file = byPath.get(path);
    if (!file || !("facts" in finding) || finding.rule !== "automation-installs-flux") return installer;
    if (finding.facts.commands.length === 0) return installer;
    const number = from + linesBefore(file, from, planned.get(path) ?? []);
    if (!runsBothNear(editedFile(file), number, bootstrap)) return installer;
    return { ...installer, finding: { ...finding, facts: { ...finding.facts, isDoneBeside: true } } };
  });
}

/** How many lines come in front of a line, less those that go. */
function linesBefore(file: AutomationFile, from: number, planned: readonly FileRange[]): number {
  const start = linesOf(file)
    .slice(0, from - 1)
    .reduce((sum, line) => sum + line.length + 1, 0);
  const count = (text: string) => text.split("\n").length - 1;
  return planned
    .filter(({ range }) => range.end <= start)
    .reduce((sum, { range }) => sum + count(range.text) - count(file.text.slice(range.start, range.end)), 0);
}
