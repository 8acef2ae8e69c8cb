import { isArchived } from "../../../src/cluster/automation-files.ts";
import { readableText } from "../../../src/cluster/readable-text.ts";
import { compareText } from "../../../src/contract/compare-text.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { positionAt } from "../../../src/yaml/lines.ts";
import type { TransformContext, TransformResult } from "../../contract.ts";
import type { ProgramRef } from "./read.ts";
import { type FindOps, type ProgramRemark, rewriteProgram } from "./rewrite.ts";

const PROGRAM = /\.[cm]?[jt]sx?$/;

/** Whether a program may declare Flux objects, in whatever language. */
export function hasPrograms(tree: Tree): boolean {
  return findPrograms(tree).length > 0 || findOthers(tree).length > 0;
}

/** Programs that declare Flux objects, by their text alone; the parser is not read for it. */
function findPrograms(tree: Tree): string[] {
  return tree
    .grep("flux")
    .filter((path) => PROGRAM.test(path) && !/\.d\.[cm]?ts$/.test(path) && !isArchived(path))
    .filter((path) => /sourceRef|GitRepository/.test(tree.read(path) ?? ""));
}

const OTHER = /\.(?:cs|go|java|kts?|lua|php|py|rb|rs)$/;
const DECLARES = /GitRepository|source_?ref/i;
/** So many lines behind the word for it stands the name of a source at most. */
const NEAR = 3;

function findOthers(tree: Tree): string[] {
  const files = new Set(["GitRepository", "sourceRef", "source_ref", "SourceRef"].flatMap((word) => tree.grep(word)));
  return [...files].filter((path) => OTHER.test(path) && !isArchived(path)).sort(compareText);
}

/** The first place of each program in another language that names a source near where one is declared or read from. */
function findUnread(tree: Tree, isAbout: ProgramTask["isAbout"]) {
  return findOthers(tree).flatMap((file) => {
    let declared = -NEAR;
    for (const [index, line] of (readableText(tree, file) ?? "").split("\n").entries()) {
      if (DECLARES.test(line)) declared = index;
      if (index - declared >= NEAR) continue;
      for (const { 0: text, 2: name, index: col } of line.matchAll(/(["'`])([a-z0-9][a-z0-9.-]*)\1/g))
        if (isAbout({ name: name! })) return [{ text, at: { file, line: index + 1, col: col + 1 } }];
    }
    return [];
  });
}

interface ProgramTask {
  find: FindOps;
  isAbout: (ref: ProgramRef) => boolean;
  /** What a reference becomes, in words. */
  becomes: string;
  /** Why no file may be edited, in words: several clusters that do not change alike. */
  forbidden?: string | undefined;
}

/** Rewrites the programs of a repository, and says what a person has to do about each. */
export function planPrograms({ tree, phase }: TransformContext, task: ProgramTask): TransformResult {
  const result: TransformResult = { edits: [], findings: [] };
  const { becomes, forbidden } = task;
  const level = "caution";
  for (const { text, at } of findUnread(tree, task.isAbout)) {
    const facts = { text, reason: "names a source of Flux in a language that fluxlift does not read", becomes };
    result.findings.push({ rule: "program-left", level, at, facts });
  }
  for (const path of findPrograms(tree)) {
    const source = tree.read(path) ?? "";
    const { ranges, remarks } = rewriteProgram(path, source, task.find, task.isAbout);
    for (const { line, col, reason, text } of remarks) {
      const facts = { text, reason: REASONS[reason], becomes };
      result.findings.push({ rule: "program-left", level, at: { file: path, line, col }, facts });
    }
    if (ranges.length === 0) continue;
    const at = { file: path, ...positionAt(source, ranges[0]!.start) };
    if (forbidden !== undefined) {
      result.findings.push({ rule: "program-cluster-unknown", level, at, facts: { forbidden, becomes } });
      continue;
    }
    result.edits.push({ kind: "replace", path, ranges, why: `References become ${becomes}.`, evidence: [] });
    result.findings.push({ rule: "program-changed", level, at, facts: { becomes, phase } });
  }
  return result;
}

const REASONS: Record<ProgramRemark["reason"], string> = {
  computed: "is computed, so fluxlift cannot tell whether it means this source",
  shared: "is shared with something that must not change with it, or exported",
  owner: "belongs to an object whose kind is not written beside it",
  broken: "is no TypeScript that can be parsed, and names sources of Flux",
  deep: "nests too deeply, or says too much, for fluxlift to read it, and names sources of Flux",
  git: "reads what only Git has, and no GitRepository is there that stays",
  text: "is text that the program turns into a manifest",
};
