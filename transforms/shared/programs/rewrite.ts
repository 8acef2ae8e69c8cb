import type { Node as MorphNode, SourceFile } from "ts-morph";
import type { TextRange } from "../../../src/contract/edit.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import type { YamlOp } from "../../../src/yaml/types.ts";
import { loadTsMorph } from "./load.ts";
import { type ProgramObject, parseProgram, readObjects } from "./read.ts";
import { type ProgramRef, references, refOf } from "./references.ts";
import { findStrangers } from "./strangers.ts";

/** A place in a program that is left as it is. */
export interface ProgramRemark {
  line: number;
  col: number;
  reason: "computed" | "shared" | "owner" | "text" | "git" | "broken";
  /** The text that stands there. */
  text: string;
}

export interface ProgramChange {
  ranges: TextRange[];
  remarks: ProgramRemark[];
}

interface Wanted {
  values: Set<string>;
  /** The objects that want the change. */
  by: Set<ProgramObject>;
}

/** What to change in one object: the operations that the same object would need in YAML. */
export type FindOps = (data: YamlData) => readonly YamlOp[];

/**
 * Rewrites references in a program by splicing string literals; formatting and comments stay. A value that is computed,
 * or that other objects share without needing the same change, is left with a remark.
 * @param isAbout whether a reference may mean what is looked for; parts that are computed are undefined
 */
export function rewriteProgram(
  path: string,
  text: string,
  find: FindOps,
  isAbout: (ref: ProgramRef) => boolean,
): ProgramChange {
  const file = parseProgram(path, text);
  if (!file) return { ranges: [], remarks: [{ line: 1, col: 1, reason: "broken", text: path }] };
  const objects = readObjects(file);
  const wanted = new Map<MorphNode, Wanted>();
  const remarks = new Map<MorphNode, ProgramRemark["reason"]>();
  for (const object of objects) {
    const changed = new Set<string>();
    for (const op of find(object.data)) {
      const node = op.op === "set" ? object.nodeAt(op.path) : undefined;
      if (op.op !== "set" || typeof op.value !== "string" || !node) {
        remarks.set(object.node, "computed");
        continue;
      }
      changed.add(JSON.stringify(op.path));
      const known = wanted.get(node) ?? { values: new Set(), by: new Set() };
      known.values.add(op.value);
      known.by.add(object);
      wanted.set(node, known);
    }
    // One remark for the whole object says enough.
    if (remarks.has(object.node)) continue;
    for (const { path: at, ref } of references(object.data)) {
      if (changed.has(JSON.stringify([...at, "kind"])) || changed.has(JSON.stringify([...at, "name"]))) continue;
      const node = object.nodeAt(at) ?? object.node;
      const own = object.data.metadata?.namespace;
      if (isAbout({ ...(typeof own === "string" ? { namespace: own } : {}), ...ref }))
        remarks.set(node, ref.kind === undefined || ref.name === undefined ? "computed" : "git");
    }
  }
  for (const node of findStrangers(file, objects, isAbout, new Set([...wanted.keys(), ...remarks.keys()])))
    remarks.set(node, "owner");
  for (const node of findManifests(file, isAbout)) remarks.set(node, "text");
  const ranges: TextRange[] = [];
  for (const [node, { values, by }] of wanted) {
    const [value] = values;
    const range = values.size === 1 && !isShared(node, objects, by) ? replace(node, value!) : undefined;
    if (range) ranges.push(range);
    else remarks.set(node, "shared");
  }
  return {
    ranges: ranges.sort((a, b) => a.start - b.start),
    remarks: [...remarks].map(([node, reason]) => say(node, reason)),
  };
}

/** YAML inside a string or a template: `yaml.load(\`kind: Kustomization…\`)`. */
function findManifests(source: SourceFile, isAbout: (ref: ProgramRef) => boolean): MorphNode[] {
  const { Node } = loadTsMorph();
  return source.getDescendants().filter((node) => {
    if (!Node.isNoSubstitutionTemplateLiteral(node) && !Node.isTemplateExpression(node) && !Node.isStringLiteral(node))
      return false;
    const block = /sourceRef["']?\s*:([\s\S]{0,200})/.exec(node.getText())?.[1];
    if (block === undefined) return false;
    const word = (key: string) => new RegExp(`${key}["']?\\s*:\\s*["']?([\\w.-]+)`).exec(block)?.[1];
    return isAbout(refOf(word));
  });
}

/** A constant that something else uses as well, or that is exported, must not change for one object alone. */
function isShared(node: MorphNode, objects: readonly ProgramObject[], by: ReadonlySet<ProgramObject>): boolean {
  const { Node } = loadTsMorph();
  const holder = node.getFirstAncestor((item) => Node.isVariableDeclaration(item));
  if (!holder || !Node.isVariableDeclaration(holder)) return false;
  // A Flux object inside the declaration is its own, as in `const apps = new Kustomization(…)`.
  if (objects.some((object) => isInside(object.node, holder) && isInside(node, object.node))) return false;
  if (holder.isExported()) return true;
  const name = holder.getName();
  const uses = holder
    .getSourceFile()
    .getDescendants()
    .filter((item) => Node.isIdentifier(item) && item.getText() === name && !isName(item, holder));
  return uses.some((use) => {
    const owner = objects.findLast((object) => isInside(use, object.node));
    return !owner || !by.has(owner);
  });
}

function isName(item: MorphNode, holder: MorphNode): boolean {
  const { Node } = loadTsMorph();
  const parent = item.getParent();
  if (parent === holder) return (holder as { getNameNode?: () => MorphNode }).getNameNode?.() === item;
  return (
    (Node.isPropertyAssignment(parent) && parent.getNameNode() === item) ||
    (Node.isPropertyAccessExpression(parent) && parent.getNameNode() === item)
  );
}

function isInside(node: MorphNode, holder: MorphNode): boolean {
  return node.getPos() >= holder.getPos() && node.getEnd() <= holder.getEnd();
}

/** A literal keeps its quotes; a value of a cdk8s enumeration becomes the other one. */
function replace(node: MorphNode, value: string): TextRange | undefined {
  const { Node } = loadTsMorph();
  if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node))
    return { start: node.getStart() + 1, end: node.getEnd() - 1, text: value };
  if (!Node.isPropertyAccessExpression(node) || value !== "OCIRepository") return undefined;
  const name = node.getNameNode();
  return { start: name.getStart(), end: name.getEnd(), text: "OCI_REPOSITORY" };
}

function say(node: MorphNode, reason: ProgramRemark["reason"]): ProgramRemark {
  const start = node.getStart();
  const before = node.getSourceFile().getFullText().slice(0, start);
  const line = before.split("\n").length;
  const text = node.getText().replace(/\s+/g, " ").slice(0, 80);
  return { line, col: start - before.lastIndexOf("\n"), reason, text };
}
