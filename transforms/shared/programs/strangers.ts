import type { Node as MorphNode, SourceFile } from "ts-morph";
import { loadTsMorph } from "./load.ts";
import { keyOfProperty, type ProgramObject, readLiteral, unwrap } from "./read.ts";
import { type ProgramRef, references, refOf } from "./references.ts";

/**
 * References that belong to no object known here: what is given to a helper function, the default of a parameter, a field of
 * a class, an assignment, the value of a patch. Only running the program would tell what becomes of them.
 * @param settled nodes that change, or that a remark is about already
 */
export function findStrangers(
  source: SourceFile,
  objects: readonly ProgramObject[],
  isAbout: (ref: ProgramRef) => boolean,
  settled: ReadonlySet<MorphNode>,
): MorphNode[] {
  const { Node } = loadTsMorph();
  const known = new Set(objects.flatMap(({ data, nodeAt }) => references(data).map(({ path }) => nodeAt(path))));
  return source.getDescendants().flatMap((node) => {
    if (!Node.isObjectLiteralExpression(node) || known.has(node)) return [];
    const property = holderOf(node);
    if (!property && !node.getProperties().some((item) => /^[["']*kind\b/.test(item.getText()))) return [];
    const data = readLiteral(node);
    const ref = refOf((field) => data[field]);
    const isReference = property !== undefined || (ref.kind === "GitRepository" && ref.name !== undefined);
    if (!isReference || !isAbout(ref) || node.getAncestors().some((item) => settled.has(item))) return [];
    const isSettled = node.getDescendants().some((item) => settled.has(item));
    return isSettled || settled.has(node) ? [] : [property ?? node];
  });
}

/** The property `sourceRef` whose value the literal is, whatever type it is said to have. */
function holderOf(node: MorphNode): MorphNode | undefined {
  const { Node } = loadTsMorph();
  const property = node.getFirstAncestor((item) => Node.isPropertyAssignment(item));
  if (!property || !Node.isPropertyAssignment(property) || keyOfProperty(property) !== "sourceRef") return undefined;
  const value = property.getInitializer();
  return value && unwrap(value) === node ? property : undefined;
}
