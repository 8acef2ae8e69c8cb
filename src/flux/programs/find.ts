import type { DraftFinding, TransformContext, TransformResult } from "../../engine/transform.ts";
import type { Tree } from "../../workspace/tree.ts";
import { isArchived } from "../automation/files.ts";
import type { ProgramRef } from "./references.ts";
import { type FindOps, type ProgramRemark, rewriteProgram } from "./rewrite.ts";

const PROGRAM = /\.[cm]?[jt]sx?$/;

/** Programs that declare Flux objects, by their text alone; the parser is not read for it. */
export function findPrograms(tree: Tree): string[] {
  return tree
    .grep("flux")
    .filter((path) => PROGRAM.test(path) && !/\.d\.[cm]?ts$/.test(path) && !isArchived(path))
    .filter((path) => /sourceRef|GitRepository/.test(tree.read(path) ?? ""));
}

export interface ProgramTask {
  find: FindOps;
  isAbout: (ref: ProgramRef) => boolean;
  /** What a reference becomes, in words. */
  becomes: string;
  /** Why no file may be edited, in words: several clusters that do not change alike. */
  forbidden?: string;
}

/** Rewrites the programs of a repository, and says what a person has to do about each. */
export function planPrograms({ tree, phase }: TransformContext, task: ProgramTask): TransformResult {
  const result: TransformResult = { edits: [], findings: [] };
  for (const path of findPrograms(tree)) {
    const { ranges, remarks } = rewriteProgram(path, tree.read(path) ?? "", task.find, task.isAbout);
    result.findings.push(...remarks.map((remark) => left(path, remark, task)));
    if (ranges.length === 0) continue;
    const at = positionOf(tree.read(path) ?? "", ranges[0]!.start);
    if (task.forbidden !== undefined) {
      result.findings.push(unclear(path, at, task));
      continue;
    }
    const why = `References become ${task.becomes}.`;
    result.edits.push({ kind: "replace", path, ranges, why, evidence: [] });
    result.findings.push(changed(path, at, phase, task));
  }
  return result;
}

function positionOf(text: string, offset: number): { line: number; col: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, col: offset - before.lastIndexOf("\n") };
}

type Place = { line: number; col: number };

function changed(file: string, at: Place, phase: string, { becomes }: ProgramTask): DraftFinding {
  return {
    rule: "program-changed",
    level: "caution",
    at: { file, ...at },
    what: `This program declares Flux objects; their references become ${becomes} only when it runs.`,
    why: "Flux does not read programs. Until it has run, what it declared waits for a source that is gone; nothing is pruned meanwhile.",
    next: `Run it (pulumi up, or cdk8s synth and commit) right after ${phase} is merged.`,
  };
}

const REASONS: Record<ProgramRemark["reason"], string> = {
  computed: "is computed, so fluxlift cannot tell whether it means this source",
  shared: "is shared with something that must not change with it, or exported",
  owner: "belongs to an object whose kind is not written beside it",
  broken: "is no TypeScript that can be parsed, and names sources of Flux",
  git: "reads what only Git has, and no GitRepository is there that stays",
  text: "is text that the program turns into a manifest",
};

function left(file: string, { line, col, reason, text }: ProgramRemark, { becomes }: ProgramTask): DraftFinding {
  return {
    rule: "program-left",
    level: "caution",
    at: { file, line, col },
    what: `\`${text}\` ${REASONS[reason]}; it is left as it is.`,
    why: "A reference to a source that is gone makes its FluxKustomization wait; nothing is pruned.",
    next: `If it means the source of the sync, let it become ${becomes} by hand, and run the program after the merge.`,
  };
}

function unclear(file: string, at: Place, { forbidden, becomes }: ProgramTask): DraftFinding {
  return {
    rule: "program-cluster-unknown",
    level: "caution",
    at: { file, ...at },
    what: `This program declares Flux objects, and fluxlift cannot tell for which cluster: ${forbidden}.`,
    why: "A program says nowhere in the repository which cluster it is run against.",
    next: `Let its references become ${becomes} by hand where they belong to this cluster.`,
  };
}
