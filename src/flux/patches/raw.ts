import { isDeepStrictEqual } from "node:util";
import { Document, isMap, isNode, parseAllDocuments, parseDocument, Scalar, visit } from "yaml";
import type { PatchTarget, YamlData } from "../types.ts";

const PRINT = { lineWidth: 0, indentSeq: false } as const;

/**
 * The text of a list item as a map at indent 0, with the comments above it and inside it.
 * @returns undefined when the item holds anchors, aliases or merge keys, or would not read back as the same data.
 */
export function copyItem(text: string, doc: number, path: readonly (string | number)[]): string | undefined {
  const source = text.replaceAll("\r\n", "\n");
  const parsed = parseAllDocuments(source)[doc];
  if (!parsed || parsed.errors.length > 0) return undefined;
  const node = parsed.getIn(path, true);
  if (!isMap(node) || !node.range || node.flow) return undefined;
  let isShared = false;
  visit(node, {
    Alias: () => {
      isShared = true;
    },
    Node: (_, child) => {
      if ("anchor" in child && child.anchor) isShared = true;
    },
  });
  if (isShared) return undefined;
  const start = node.range[0];
  const column = start - (source.lastIndexOf("\n", start - 1) + 1);
  const trailing = /^[ \t]*#.*/.exec(source.slice(node.range[1]))?.[0] ?? "";
  const lines = (source.slice(start, node.range[1]) + trailing).replace(/\n+$/, "").split("\n");
  const dedented = lines.map((line, index) => (index === 0 ? line : cut(line, column)));
  const comments = (node.commentBefore ?? "").split("\n").filter((line) => line.trim() !== "");
  const copy = `${[...comments.map((line) => `#${line}`), ...dedented].join("\n")}\n`;
  const again = parseDocument(copy);
  return again.errors.length === 0 && isDeepStrictEqual(again.toJS(), node.toJS(parsed)) ? copy : undefined;
}

function cut(line: string, column: number): string {
  const indent = /^ */.exec(line)![0].length;
  return line.slice(Math.min(indent, column));
}

/** The item with another target or body; what is not changed keeps its comments. */
export function editItem(raw: string, change: { target?: PatchTarget; patch?: string }): string {
  const document = parseDocument(raw);
  if (change.patch !== undefined) document.set("patch", block(change.patch));
  if (change.target) {
    const old = document.get("target");
    if (isMap(old)) {
      const next = change.target as Record<string, string>;
      for (const pair of [...old.items]) {
        const key = String(isNode(pair.key) ? pair.key.toJSON() : pair.key);
        if (next[key] === undefined) old.delete(key);
      }
      for (const [key, value] of Object.entries(next)) if (old.get(key) !== value) old.set(key, value);
    } else document.set("target", document.createNode(change.target));
  }
  return document.toString(PRINT);
}

/** A new item, printed as `patch: |` and `target`. */
export function printItem(item: { patch: string; target?: PatchTarget }): string {
  const document = new Document({} as YamlData);
  document.set("patch", block(item.patch));
  if (item.target) document.set("target", document.createNode(item.target));
  return document.toString(PRINT);
}

/** Body text as the owner formatted it, without the indentation and blank lines around it. */
export function tidyBody(body: string): string {
  return `${body
    .replaceAll("\r\n", "\n")
    .replace(/^(?:---[^\n]*\n|[ \t]*\n)+/, "")
    .trimEnd()}\n`;
}

/** Removes operations from a JSON6902 body and replaces others, keeping the rest with its comments. */
export function editOps(body: string, change: { drop: readonly number[]; paths: ReadonlyMap<number, string> }): string {
  const document = parseDocument(body);
  for (const [index, path] of change.paths) document.setIn([index, "path"], path);
  for (const index of [...change.drop].sort((a, b) => b - a)) document.deleteIn([index]);
  return document.toString(PRINT);
}

function block(text: string): Scalar {
  const scalar = new Scalar(tidyBody(text));
  scalar.type = Scalar.BLOCK_LITERAL;
  return scalar;
}
