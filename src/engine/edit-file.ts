import type { Loc } from "../errors.ts";
import type { Tree } from "../workspace/tree.ts";
import { editYaml } from "../yaml/edit.ts";
import { detectTemplate } from "../yaml/template.ts";
import type { YamlOp } from "../yaml/types.ts";
import type { DraftFinding } from "./transform.ts";
import type { DraftEdit } from "./types.ts";

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
): { edit?: DraftEdit; finding?: DraftFinding } {
  const text = tree.read(path);
  if (text === undefined) return { finding: refuse(path, 1, 1, `the file is ${tree.status(path) ?? "missing"}`, why) };
  const result = editYaml(text, ops);
  if (!result.ok) {
    const template = detectTemplate(text);
    const reason = template ? `it is a ${template.kind} template, not plain YAML` : result.reason;
    return { finding: refuse(path, result.line, result.col, reason, why) };
  }
  if (result.ranges.length === 0) return {};
  return { edit: { kind: "replace", path, ranges: result.ranges, why, evidence } };
}

function refuse(file: string, line: number, col: number, reason: string, why: string): DraftFinding {
  return {
    rule: "edit-refused",
    level: "blocker",
    at: { file, line, col },
    what: `This file has to change but cannot be edited safely: ${reason}.`,
    why,
    next: "Make this change by hand, commit it, and run fluxlift again; it will see that it is done.",
  };
}
