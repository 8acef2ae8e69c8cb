import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import type { TextRange } from "../../src/contract/edit.ts";
import { getOrMake, groupBy } from "../../src/contract/group-by.ts";
import { spliceRanges } from "../../src/files/edits.ts";
import { linesOf } from "../shared/automation/lines.ts";
import { dropOverlaps, type FileRange } from "../shared/automation/object-names.ts";
import type { Installer } from "./installs.ts";
import { runsBothNear } from "./near.ts";
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
  const edited = new Map<string, Edited>();
  const editedFile = (file: AutomationFile) =>
    getOrMake(edited, file.path, () =>
      editFile(file, dropOverlaps((planned.get(file.path) ?? []).map(({ range }) => range))),
    );
  return installers.map((installer) => {
    const { finding, path, from } = installer;
    const file = byPath.get(path);
    if (!file || !("facts" in finding) || finding.rule !== "automation-installs-flux") return installer;
    if (finding.facts.commands.length === 0) return installer;
    const { after, shifts } = editedFile(file);
    const shift = shifts[from - 1];
    if (shift === undefined || !runsBothNear(after, from + shift, bootstrap)) return installer;
    return { ...installer, finding: { ...finding, facts: { ...finding.facts, isDoneBeside: true } } };
  });
}

interface Edited {
  after: AutomationFile;
  /** For each line, how many come in front of it, less those that go. */
  shifts: readonly number[];
}

/** @param ranges in their order, none over another */
function editFile(file: AutomationFile, ranges: readonly TextRange[]): Edited {
  const count = (text: string) => text.split("\n").length - 1;
  const shifts: number[] = [];
  let start = 0;
  let next = 0;
  let shift = 0;
  for (const line of linesOf(file)) {
    for (let range = ranges[next]; range && range.end <= start; range = ranges[++next])
      shift += count(range.text) - count(file.text.slice(range.start, range.end));
    shifts.push(shift);
    start += line.length + 1;
  }
  return { after: { ...file, text: spliceRanges(file.text, ranges, file.path) }, shifts };
}
