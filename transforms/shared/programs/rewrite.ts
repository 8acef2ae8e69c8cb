import type { Node as MorphNode, SourceFile } from "ts-morph";
import type { TextRange } from "../../../src/contract/edit.ts";
import { getOrMake, groupBy } from "../../../src/contract/group-by.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import { positionAt } from "../../../src/yaml/lines.ts";
import type { YamlOp } from "../../../src/yaml/types.ts";
import { loadTsMorph } from "./load.ts";
import {
  keyOfProperty,
  type ProgramObject,
  type ProgramRef,
  parseProgram,
  readLiteral,
  readObjects,
  references,
  refOf,
  TooMuch,
  unwrap,
} from "./read.ts";

/** A place in a program that is left as it is. */
export interface ProgramRemark {
  line: number;
  col: number;
  reason: "computed" | "shared" | "owner" | "text" | "git" | "broken" | "deep";
  /** The text that stands there. */
  text: string;
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
): Rewritten {
  try {
    return rewrite(path, text, find, isAbout);
  } catch (error) {
    // The parser calls itself for each level, and V8 says so with a RangeError.
    if (!(error instanceof TooMuch) && !(error instanceof RangeError)) throw error;
    return { ranges: [], remarks: [{ line: 1, col: 1, reason: "deep", text: path }] };
  }
}

interface Rewritten {
  ranges: TextRange[];
  remarks: ProgramRemark[];
}

function rewrite(path: string, text: string, find: FindOps, isAbout: (ref: ProgramRef) => boolean): Rewritten {
  const file = parseProgram(path, text);
  if (!file) return { ranges: [], remarks: [{ line: 1, col: 1, reason: "broken", text: path }] };
  const objects = readObjects(file);
  const wanted = new Map<MorphNode, Wanted>();
  const remarks = new Map<MorphNode, ProgramRemark["reason"]>();
  for (const object of objects) {
    const asked = askObject(object, find);
    // One remark for the whole object says enough.
    if (asked.isComputed) remarks.set(object.node, "computed");
    else for (const [node, reason] of remarksOn(object, asked, isAbout)) remarks.set(node, reason);
    for (const [node, value] of asked.nodes) {
      const known = getOrMake(wanted, node, (): Wanted => ({ values: new Set(), by: new Set() }));
      known.values.add(value);
      known.by.add(object);
    }
  }
  for (const node of findStrangers(file, objects, isAbout, new Set([...wanted.keys(), ...remarks.keys()])))
    remarks.set(node, "owner");
  for (const node of findManifests(file, isAbout)) remarks.set(node, "text");
  const ranges: TextRange[] = [];
  const owners = new Map(objects.map((object) => [object.node, object]));
  const names = namesIn(file);
  for (const [node, { values, by }] of wanted) {
    const [value] = values;
    const range = values.size === 1 && !isShared(node, owners, names, by) ? replace(node, value!) : undefined;
    if (range) ranges.push(range);
    else remarks.set(node, "shared");
  }
  return {
    ranges: ranges.sort((a, b) => a.start - b.start),
    remarks: [...remarks].map(([node, reason]) => say(node, reason)),
  };
}

/** What an object wants changed. */
interface Asked {
  nodes: [MorphNode, string][];
  /** The paths of these, as JSON. */
  paths: Set<string>;
  /** Something of it stands in no literal. */
  isComputed: boolean;
}

function askObject(object: ProgramObject, find: FindOps): Asked {
  const asked: Asked = { nodes: [], paths: new Set(), isComputed: false };
  for (const op of find(object.data)) {
    const node = op.op === "set" ? object.nodeAt(op.path) : undefined;
    if (op.op !== "set" || typeof op.value !== "string" || !node) {
      asked.isComputed = true;
      continue;
    }
    asked.paths.add(JSON.stringify(op.path));
    asked.nodes.push([node, op.value]);
  }
  return asked;
}

/** The references of an object that may mean what is looked for, and stay as they are. */
function remarksOn(
  object: ProgramObject,
  { paths }: Asked,
  isAbout: (ref: ProgramRef) => boolean,
): [MorphNode, ProgramRemark["reason"]][] {
  const own = object.data.metadata?.namespace;
  return references(object.data).flatMap(({ path, ref }): [MorphNode, ProgramRemark["reason"]][] => {
    const isChanged = ["kind", "name"].some((key) => paths.has(JSON.stringify([...path, key])));
    if (isChanged || !isAbout(typeof own === "string" ? { namespace: own, ...ref } : ref)) return [];
    const isComputed = ref.kind === undefined || ref.name === undefined;
    return [[object.nodeAt(path) ?? object.node, isComputed ? "computed" : "git"]];
  });
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

/**
 * References that belong to no object known here: what is given to a helper function, the default of a parameter, a field of
 * a class, an assignment, the value of a patch. Only running the program would tell what becomes of them.
 * @param settled nodes that change, or that a remark is about already
 */
function findStrangers(
  source: SourceFile,
  objects: readonly ProgramObject[],
  isAbout: (ref: ProgramRef) => boolean,
  settled: ReadonlySet<MorphNode>,
): MorphNode[] {
  const { Node } = loadTsMorph();
  const known = new Set(objects.flatMap(({ data, nodeAt }) => references(data).map(({ path }) => nodeAt(path))));
  const aroundSettled = new Set([...settled].flatMap((node) => [node, ...node.getAncestors()]));
  return source.getDescendants().flatMap((node) => {
    if (!Node.isObjectLiteralExpression(node) || known.has(node)) return [];
    const property = holderOf(node);
    if (!property && !node.getProperties().some((item) => /^[["']*kind\b/.test(item.getText()))) return [];
    const data = readLiteral(node);
    const ref = refOf((field) => data[field]);
    const isReference = property !== undefined || (ref.kind === "GitRepository" && ref.name !== undefined);
    if (!isReference || !isAbout(ref)) return [];
    const isSettled = aroundSettled.has(node) || node.getAncestors().some((item) => settled.has(item));
    return isSettled ? [] : [property ?? node];
  });
}

/** The property `sourceRef` whose value the literal is, whatever type it is said to have. */
function holderOf(node: MorphNode): MorphNode | undefined {
  const property = node.getFirstAncestor(loadTsMorph().Node.isPropertyAssignment);
  const value = property && keyOfProperty(property) === "sourceRef" ? property.getInitializer() : undefined;
  return value && unwrap(value) === node ? property : undefined;
}

/** Every identifier of a file, by its text. */
function namesIn(file: SourceFile): ReadonlyMap<string, readonly MorphNode[]> {
  return groupBy(file.getDescendants().filter(loadTsMorph().Node.isIdentifier), (item) => item.getText());
}

/** A constant that something else uses as well, or that is exported, must not change for one object alone. */
function isShared(
  node: MorphNode,
  owners: ReadonlyMap<MorphNode, ProgramObject>,
  names: ReadonlyMap<string, readonly MorphNode[]>,
  by: ReadonlySet<ProgramObject>,
): boolean {
  const { Node } = loadTsMorph();
  const holder = node.getFirstAncestor(Node.isVariableDeclaration);
  if (!holder) return false;
  // A Flux object inside the declaration is its own, as in `const apps = new Kustomization(…)`.
  if (upwards(node, holder).some((item) => owners.has(item))) return false;
  if (holder.isExported()) return true;
  const isName = (item: MorphNode) => {
    const parent = item.getParent();
    if (parent === holder) return holder.getNameNode() === item;
    const isNamed = Node.isPropertyAssignment(parent) || Node.isPropertyAccessExpression(parent);
    return isNamed && parent.getNameNode() === item;
  };
  return (names.get(holder.getName()) ?? []).some((use) => {
    if (isName(use)) return false;
    const inside = upwards(use).find((item) => owners.has(item));
    return inside === undefined || !by.has(owners.get(inside)!);
  });
}

/** A node and what it stands in, as far as the holder. */
function upwards(node: MorphNode, holder?: MorphNode): MorphNode[] {
  const all = [node, ...node.getAncestors()];
  return holder ? all.slice(0, all.indexOf(holder) + 1) : all;
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
  const place = positionAt(node.getSourceFile().getFullText(), node.getStart());
  return { ...place, reason, text: node.getText().replace(/\s+/g, " ").slice(0, 80) };
}
