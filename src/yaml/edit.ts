import { isDeepStrictEqual } from "node:util";
import type { TextRange } from "../contract/edit.ts";
import { groupBy } from "../contract/group-by.ts";
import { spliceRanges } from "../files/edits.ts";
import { planAppendDocument, planDeleteDocument, splitDocuments } from "./documents.ts";
import { planAddPath, planDelete, planInsert } from "./edit-entry.ts";
import { expandSet } from "./edit-expand.ts";
import { planSet } from "./edit-set.ts";
import { positionAt } from "./lines.ts";
import { emptyNode, type OutlineNode, openDocument } from "./outline.ts";
import { PieceText } from "./pieces.ts";
import { RawYaml } from "./raw.ts";
import { readYaml } from "./read.ts";
import { findEntry, findMerged, reachOwn, reachThrough, sharedAnchorAbove, sharedAnchorIn } from "./resolve.ts";
import type { Scene } from "./scene.ts";
import { isSopsEncrypted } from "./secret.ts";
import { detectStyle } from "./style.ts";
import { detectTemplate } from "./template.ts";
import type { NodeOp, YamlEdit, YamlOp, YamlStyle } from "./types.ts";
import { applyToData, EditRefusal } from "./values.ts";

/**
 * Changes a YAML file by splicing bytes; everything no operation names stays as it is. Operations apply in order, each to the
 * result of those before. After each, the text is parsed again and compared with the operation applied to plain data: a
 * text that means anything else is never returned.
 * Refused with a reason and a place: text that does not parse, templates, SOPS-encrypted files, values that are shared through
 * an anchor or reached only through an alias, paths that are not there.
 */
export function editYaml(text: string, ops: readonly YamlOp[]): YamlEdit {
  const parsed = readYaml(text);
  if (!parsed.ok) return parsed;
  if (isSopsEncrypted(text)) return refuse("the file is encrypted with SOPS; a change would break its MAC", text, 0);
  const template = detectTemplate(text);
  if (template) {
    const { kind, line, col } = template;
    return { ok: false, reason: `the file is a template (${kind})`, line, col };
  }
  const state: State = {
    pieces: new PieceText(text),
    docs: parsed.docs.map((doc) => doc.data),
    style: detectStyle([text]),
  };
  return editApart(text, state, ops) ?? editTogether(text, state, ops);
}

/** A text on the way, and what it means; never changes. */
interface State {
  pieces: PieceText;
  docs: readonly unknown[];
  style: YamlStyle;
}

interface Failure {
  /** Which of the operations. */
  op: number;
  reason: string;
  /** Offset in the text before all of them. */
  offset: number;
}

function editTogether(text: string, state: State, ops: readonly YamlOp[]): YamlEdit {
  const done = applyOps(state, ops);
  if ("reason" in done) return refuse(done.reason, text, done.offset);
  return { ok: true, text: done.pieces.text, ranges: done.pieces.ranges() };
}

/**
 * Edits each document on its own, so that a file of thousands is not read again for each of them; the whole is read once,
 * at the end. Undefined where that is not possible; an operation that fails is the same as when all go one after another.
 */
function editApart(text: string, { docs, style }: State, ops: readonly YamlOp[]): YamlEdit | undefined {
  const isInside = (op: YamlOp): op is NodeOp => "path" in op && op.doc >= 0 && op.doc < docs.length;
  if (docs.length < 2 || !ops.every(isInside)) return undefined;
  const slices = splitDocuments(text);
  if (slices.length !== docs.length) return undefined;
  const intended = [...docs];
  const ranges: TextRange[] = [];
  const failures: Failure[] = [];
  const groups = groupBy([...ops.entries()], ([, op]) => String(op.doc));
  for (const group of [...groups.values()].sort((a, b) => a[0]![1].doc - b[0]![1].doc)) {
    const doc = group[0]![1].doc;
    const { start, end } = slices[doc]!;
    const state: State = { pieces: new PieceText(text.slice(start, end)), docs: [docs[doc]], style };
    if (differsFrom(state.pieces.text, state.docs)) return undefined;
    const own = group.map(([, op]) => ({ ...op, doc: 0 }));
    const done = applyOps(state, own);
    if ("reason" in done) {
      failures.push({ ...done, op: group[done.op]![0], offset: done.offset + start });
    } else {
      intended[doc] = done.docs[0];
      ranges.push(...moveRanges(done.pieces.ranges(), start));
    }
  }
  const [first] = failures.sort((a, b) => a.op - b.op);
  if (first) return refuse(first.reason, text, first.offset);
  const after = spliceRanges(text, ranges, "YAML");
  return differsFrom(after, intended) ? undefined : { ok: true, text: after, ranges };
}

function moveRanges(ranges: readonly TextRange[], by: number): TextRange[] {
  return ranges.map(({ start, end, text }) => ({ start: start + by, end: end + by, text }));
}

/** Applies operations in order; stops at the first that fails. */
function applyOps(start: State, ops: readonly YamlOp[]): State | Failure {
  let state = start;
  for (const [index, op] of ops.entries()) {
    try {
      state = applyOp(state, op);
    } catch (error) {
      if (!(error instanceof EditRefusal)) throw error;
      const offset = state.pieces.toOriginal(error.offset ?? placeOf(state.pieces.text, op));
      return { op: index, reason: error.message, offset };
    }
  }
  return state;
}

function applyOp(state: State, op: YamlOp): State {
  const docs = applyToData(state.docs, op);
  const parts = op.op === "set" && !(op.value instanceof RawYaml) ? expandSet(op, state.docs[op.doc]) : undefined;
  const inParts = parts && applyParts(state, parts, docs);
  if (inParts) return inParts;
  const pieces = state.pieces.splice(plan(state, op));
  const wrong = differsFrom(pieces.text, docs);
  if (wrong) throw new EditRefusal(wrong, placeOf(state.pieces.text, op));
  return { ...state, pieces, docs };
}

/** Tries a replacement as a row of smaller ones, which leaves the unchanged part of the old value untouched. */
function applyParts(state: State, parts: readonly YamlOp[], intended: readonly unknown[]): State | undefined {
  try {
    const after = parts.reduce(applyOp, state);
    return isDeepStrictEqual(after.docs, intended) ? after : undefined;
  } catch (error) {
    if (error instanceof EditRefusal) return undefined;
    throw error;
  }
}

/** Why a text does not mean what it should. */
function differsFrom(text: string, intended: readonly unknown[]): string | undefined {
  const result = readYaml(text);
  const why = "fluxlift cannot make this change without changing something else";
  if (!result.ok) return `${why} (the result would not parse: ${result.reason})`;
  const found = result.docs.map((doc) => doc.data);
  return isDeepStrictEqual(found, intended) ? undefined : why;
}

function plan(state: State, op: YamlOp): TextRange[] {
  const { text } = state.pieces;
  if (op.op === "append-document") return planAppendDocument(text, op.text.source, state.style);
  const slices = splitDocuments(text);
  if (slices.length !== state.docs.length) throw new EditRefusal("the documents of the file cannot be told apart", 0);
  if (op.op === "delete-document") return planDeleteDocument(text, op.doc);
  const { start, source, root } = openDocument(text, slices[op.doc])!;
  try {
    return moveRanges(
      planInDocument({ text: source, root: root ?? emptyNode(source.length), style: state.style }, op),
      start,
    );
  } catch (error) {
    if (!(error instanceof EditRefusal) || error.offset === undefined) throw error;
    throw new EditRefusal(error.message, error.offset + start);
  }
}

function planInDocument(scene: Scene, op: NodeOp): TextRange[] {
  const value = op.op === "delete" ? undefined : op.value;
  const { node, depth } = reachOwn(scene.root, op.path);
  const rest = op.path.slice(depth);
  if (node.kind === "alias" && (rest.length > 0 || op.op === "insert")) {
    throw new EditRefusal(`the value is reached only through the alias *${node.alias}`, node.start);
  }
  const goesOn = rest.length > 1 || (rest.length === 1 && op.op === "insert");
  if (goesOn && reachThrough(scene.root, op.path.slice(0, depth + 1))) {
    throw new EditRefusal(`${String(rest[0])} is not written here; it comes from a merge key`, node.start);
  }
  refuseShared(scene.root, node, op, rest.length);
  if (op.op === "delete") return planDeleteAt(scene, node, op);
  if (op.op === "insert" && rest.length === 0) return planInsert(scene, node, op.index, value);
  const added = op.op === "insert" ? [value] : value;
  return rest.length === 0 ? planSet(scene, node, added) : planAddPath(scene, node, rest, added);
}

function planDeleteAt(scene: Scene, node: OutlineNode, op: NodeOp): TextRange[] {
  const part = op.path.at(-1);
  const entry = node.owner && part !== undefined ? findEntry(node.owner.parent, part) : undefined;
  if (!entry || reachOwn(scene.root, op.path).depth < op.path.length) {
    throw new EditRefusal(`${String(part)} is not written here; it comes from a merge key`, node.start);
  }
  if (findMerged(scene.root, entry.parent, part!)) {
    throw new EditRefusal(`without ${String(part)} the value of a merge key would show`, entry.head);
  }
  return planDelete(scene, entry);
}

/** Stops before bytes that say more than the value at the path. */
function refuseShared(root: OutlineNode, node: OutlineNode, op: NodeOp, missing: number): void {
  const keeps = missing > 0 || op.op === "insert";
  const above = keeps ? node : node.owner?.parent;
  const shared =
    (above && sharedAnchorAbove(root, above)) ?? (keeps ? undefined : sharedAnchorIn(root, node, op.op === "delete"));
  if (shared)
    throw new EditRefusal(`the value is shared: the anchor &${shared} is used elsewhere in the document`, node.start);
}

/** Offset of the deepest part of an operation's path that exists. */
function placeOf(text: string, op: YamlOp): number {
  if (op.op === "append-document") return text.length;
  const document = openDocument(text, splitDocuments(text)[op.doc]);
  if (!document) return text.length;
  const { start, root } = document;
  if (!root || op.op === "delete-document") return start;
  const { node } = reachOwn(root, op.path);
  return start + (node.owner?.head ?? node.start);
}

function refuse(reason: string, text: string, offset: number): YamlEdit {
  return { ok: false, reason, ...positionAt(text, offset) };
}
