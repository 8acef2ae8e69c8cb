import { type DocumentSlice, splitDocuments } from "./documents.ts";
import { planAddPath, planInsert } from "./edit-add.ts";
import { planDelete } from "./edit-delete.ts";
import { planAppendDocument, planDeleteDocument } from "./edit-documents.ts";
import { expandSet } from "./edit-expand.ts";
import { planSet } from "./edit-set.ts";
import { positionAt } from "./lines.ts";
import { type OutlineNode, outlineOf } from "./outline.ts";
import { PieceText, type Splice } from "./pieces.ts";
import { asRaw } from "./raw.ts";
import { readYaml } from "./read.ts";
import { findEntry, findMerged, reachOwn, reachThrough, sharedAnchorAbove, sharedAnchorIn } from "./resolve.ts";
import type { Scene } from "./scene.ts";
import { isSopsEncrypted } from "./secret.ts";
import { DEFAULT_STYLE, detectStyle } from "./style.ts";
import { detectTemplate } from "./template.ts";
import type { YamlEdit, YamlOp, YamlRange, YamlStyle } from "./types.ts";
import { applyToData, EditRefusal, sameData } from "./values.ts";

/**
 * Changes a YAML file by splicing bytes; everything no operation names stays as it is. Operations apply in order, each to the
 * result of those before. After each, the text is parsed again and compared with the operation applied to plain data: a
 * text that means anything else is never returned.
 * Refused with a reason and a place: text that does not parse, templates, SOPS-encrypted files, values that are shared through
 * an anchor or reached only through an alias, paths that are not there.
 * `style` says how to write where the file itself gives no example.
 */
export function editYaml(text: string, ops: readonly YamlOp[], style: YamlStyle = DEFAULT_STYLE): YamlEdit {
  const parsed = readYaml(text);
  if (!parsed.ok) return parsed;
  if (isSopsEncrypted(text)) return refuse("the file is encrypted with SOPS; a change would break its MAC", text, 0);
  const template = detectTemplate(text);
  if (template)
    return { ok: false, reason: `the file is a template (${template.kind})`, line: template.line, col: template.col };
  const docs = parsed.docs.map((doc) => doc.data);
  const learnt = detectStyle([text], style);
  return editApart(text, docs, ops, learnt) ?? editTogether(text, docs, ops, learnt);
}

function editTogether(text: string, docs: readonly unknown[], ops: readonly YamlOp[], style: YamlStyle): YamlEdit {
  const state: State = { pieces: new PieceText(text), docs, style };
  const failure = applyOps(state, ops);
  if (failure) return refuse(failure.reason, text, failure.offset);
  return { ok: true, text: state.pieces.text, ranges: state.pieces.ranges() };
}

/**
 * Edits each document on its own, so that a file of thousands is not read again for each of them; the whole is read once,
 * at the end. Undefined where that is not possible; an operation that fails is the same as when all go one after another.
 */
function editApart(
  text: string,
  docs: readonly unknown[],
  ops: readonly YamlOp[],
  style: YamlStyle,
): YamlEdit | undefined {
  const groups = groupByDocument(ops, docs.length);
  const slices = groups && docs.length > 1 ? splitDocuments(text) : [];
  if (!groups || slices.length !== docs.length) return undefined;
  const intended = [...docs];
  const ranges: YamlRange[] = [];
  let first: (Failure & { index: number }) | undefined;
  for (const [doc, indexes] of [...groups].sort(([a], [b]) => a - b)) {
    const { start, end } = slices[doc]!;
    const state: State = { pieces: new PieceText(text.slice(start, end)), docs: [docs[doc]], style };
    if (differsFrom(state.pieces.text, state.docs)) return undefined;
    const failure = applyOps(
      state,
      indexes.map((index) => ({ ...ops[index]!, doc: 0 })),
    );
    if (failure) {
      const index = indexes[failure.op]!;
      if (!first || index < first.index) first = { ...failure, index, offset: failure.offset + start };
      continue;
    }
    intended[doc] = state.docs[0];
    ranges.push(
      ...state.pieces.ranges().map((range) => ({ ...range, start: range.start + start, end: range.end + start })),
    );
  }
  if (first) return refuse(first.reason, text, first.offset);
  const after = joinRanges(text, ranges);
  return differsFrom(after, intended) ? undefined : { ok: true, text: after, ranges };
}

/** Places of the operations by document; undefined when one of them adds or removes a document, or names none. */
function groupByDocument(ops: readonly YamlOp[], count: number): Map<number, number[]> | undefined {
  const groups = new Map<number, number[]>();
  for (const [index, op] of ops.entries()) {
    if (!("path" in op) || op.doc < 0 || op.doc >= count) return undefined;
    const group = groups.get(op.doc);
    if (group) group.push(index);
    else groups.set(op.doc, [index]);
  }
  return groups;
}

function joinRanges(text: string, ranges: readonly YamlRange[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const range of ranges) {
    parts.push(text.slice(at, range.start), range.text);
    at = range.end;
  }
  return [...parts, text.slice(at)].join("");
}

interface Failure {
  /** Which of the operations. */
  op: number;
  reason: string;
  /** Offset in the text before all of them. */
  offset: number;
}

/** Applies operations in order; stops at the first that fails. */
function applyOps(state: State, ops: readonly YamlOp[]): Failure | undefined {
  for (const [index, op] of ops.entries()) {
    try {
      applyOp(state, op);
    } catch (error) {
      if (!(error instanceof EditRefusal)) throw error;
      const offset = state.pieces.toOriginal(error.offset ?? placeOf(state.pieces.text, op));
      return { op: index, reason: error.message, offset };
    }
  }
  return undefined;
}

interface State {
  pieces: PieceText;
  docs: readonly unknown[];
  style: YamlStyle;
}

function applyOp(state: State, op: YamlOp): void {
  const intended = applyToData(state.docs, op);
  const parts = op.op === "set" && !asRaw(op.value) ? expandSet(op, state.docs[op.doc]) : undefined;
  if (parts && applyParts(state, parts, intended)) return;
  const pieces = state.pieces.fork();
  pieces.splice(plan(state, op));
  const wrong = differsFrom(pieces.text, intended);
  if (wrong) throw new EditRefusal(wrong, placeOf(state.pieces.text, op));
  state.pieces = pieces;
  state.docs = intended;
}

/** Tries a replacement as a row of smaller ones, which leaves the unchanged part of the old value untouched. */
function applyParts(state: State, parts: readonly YamlOp[], intended: readonly unknown[]): boolean {
  const attempt: State = { ...state, pieces: state.pieces.fork() };
  try {
    for (const part of parts) applyOp(attempt, part);
  } catch (error) {
    if (error instanceof EditRefusal) return false;
    throw error;
  }
  if (!sameData(attempt.docs, intended)) return false;
  Object.assign(state, attempt);
  return true;
}

/** Why a text does not mean what it should. */
function differsFrom(text: string, intended: readonly unknown[]): string | undefined {
  const result = readYaml(text);
  const why = "fluxlift cannot make this change without changing something else";
  if (!result.ok) return `${why} (the result would not parse: ${result.reason})`;
  const found = result.docs.map((doc) => doc.data);
  return sameData(found, intended) ? undefined : why;
}

function plan(state: State, op: YamlOp): Splice[] {
  const { text } = state.pieces;
  if (op.op === "append-document") return planAppendDocument(text, op.text, state.style);
  const slices = splitDocuments(text);
  if (slices.length !== state.docs.length) throw new EditRefusal("the documents of the file cannot be told apart", 0);
  if (op.op === "delete-document") return planDeleteDocument(text, op.doc);
  const slice = slices[op.doc]!;
  const source = text.slice(slice.start, slice.end);
  const root = outlineOf(source) ?? emptyRoot(slice);
  try {
    const splices = planInDocument({ text: source, root, style: state.style }, op);
    return splices.map((s) => ({ start: s.start + slice.start, end: s.end + slice.start, text: s.text }));
  } catch (error) {
    if (error instanceof EditRefusal && error.offset !== undefined) {
      throw new EditRefusal(error.message, error.offset + slice.start);
    }
    throw error;
  }
}

type NodeOp = Extract<YamlOp, { path: unknown }>;

function planInDocument(scene: Scene, op: NodeOp): Splice[] {
  const value = op.op === "delete" ? undefined : (asRaw(op.value) ?? op.value);
  const { node, depth } = reachOwn(scene.root, op.path);
  const rest = op.path.slice(depth);
  if (node.kind === "alias" && (rest.length > 0 || op.op === "insert")) {
    throw new EditRefusal(`the value is reached only through the alias *${node.alias}`, node.start);
  }
  if (
    rest.length > 0 &&
    (rest.length > 1 || op.op === "insert") &&
    reachThrough(scene.root, op.path.slice(0, depth + 1))
  ) {
    throw new EditRefusal(`${String(rest[0])} is not written here; it comes from a merge key`, node.start);
  }
  refuseShared(scene.root, node, op, rest.length);
  if (op.op === "delete") return planDeleteAt(scene, node, op);
  if (op.op === "insert" && rest.length === 0) return planInsert(scene, node, op.index, value);
  const added = op.op === "insert" ? [value] : value;
  return rest.length === 0 ? planSet(scene, node, added) : planAddPath(scene, node, rest, added);
}

function planDeleteAt(scene: Scene, node: OutlineNode, op: NodeOp): Splice[] {
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

function emptyRoot(slice: DocumentSlice): OutlineNode {
  const at = slice.end - slice.start;
  return { kind: "empty", flow: false, bare: false, slot: at, start: at, end: at, entries: [] };
}

/** Offset of the deepest part of an operation's path that exists. */
function placeOf(text: string, op: YamlOp): number {
  if (op.op === "append-document") return text.length;
  const slice = splitDocuments(text)[op.doc];
  if (!slice) return text.length;
  const root = outlineOf(text.slice(slice.start, slice.end));
  if (!root || op.op === "delete-document") return slice.start;
  const { node } = reachOwn(root, op.path);
  return slice.start + (node.owner?.head ?? node.start);
}

function refuse(reason: string, text: string, offset: number): YamlEdit {
  return { ok: false, reason, ...positionAt(text, offset) };
}
