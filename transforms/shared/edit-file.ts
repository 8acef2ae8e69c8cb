import type { DraftEdit } from "../../src/contract/edit.ts";
import type { Loc } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { Tree } from "../../src/files/tree.ts";
import { editYaml } from "../../src/yaml/edit.ts";
import { detectTemplate } from "../../src/yaml/template.ts";
import type { YamlOp } from "../../src/yaml/types.ts";

/**
 * Turns YAML operations on a file into an edit. What cannot be edited safely (templates, SOPS, anchors that reach
 * elsewhere, text that would not mean what was intended) becomes a blocker instead, and nothing is changed.
 */
export function editFile(
  tree: Tree,
  path: string,
  ops: readonly YamlOp[],
  why: string,
  evidence: Loc[] = [],
): { edits?: DraftEdit[]; findings?: DraftFinding[] } {
  const text = tree.read(path);
  if (text === undefined) return refuse(path, 1, 1, `the file is ${tree.status(path) ?? "missing"}`, why);
  const result = editYaml(text, ops);
  if (!result.ok) {
    const template = detectTemplate(text);
    const reason = template ? `it is a ${template.kind} template, not plain YAML` : result.reason;
    return refuse(path, result.line, result.col, reason, why);
  }
  if (result.ranges.length === 0) return {};
  return { edits: [{ kind: "replace", path, ranges: result.ranges, why, evidence }] };
}

function refuse(file: string, line: number, col: number, reason: string, change: string): { findings: DraftFinding[] } {
  const facts = { reason, change };
  return { findings: [{ rule: "edit-refused", level: "blocker", at: { file, line, col }, facts }] };
}
