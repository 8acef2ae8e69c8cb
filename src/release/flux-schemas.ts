import { assetText } from "../files/asset.ts";

/**
 * Fields of a kind, as scripts/make-flux-schemas.mjs writes them: a letter (`s` text, `i` integer, `n` number, `b` boolean, `q`
 * integer or text, `x` anything), the number of a shape, or a shape.
 */
export type SchemaNode = string | number | SchemaShape;

export interface SchemaShape {
  /** Fields, and the names of those that are required. */
  p?: Readonly<Record<string, SchemaNode>>;
  r?: readonly string[];
  /** What every value of a map is, or every item of a list. */
  m?: SchemaNode;
  a?: SchemaNode;
  /** Words that it may be. */
  e?: readonly string[];
  /** Pattern that it has to match. */
  x?: string;
}

interface Schemas {
  shapes: readonly SchemaShape[];
  kinds: Readonly<Record<string, SchemaNode>>;
}

let schemas: Schemas | undefined;

/**
 * What an object of Flux or of its operator may hold beside `metadata` and `status`: of every release that fluxlift knows what
 * any of them takes. Undefined for other kinds and for versions that none of them serves.
 */
export function fluxSchema(apiVersion: string, kind: string): SchemaNode | undefined {
  if (!apiVersion.includes("fluxcd.")) return undefined;
  schemas ??= JSON.parse(assetText("./data/flux-schemas.json", import.meta.url)) as Schemas;
  return schemas.kinds[`${apiVersion}/${kind}`];
}

/** A node with its number resolved. */
export function shapeOf(node: SchemaNode): string | SchemaShape {
  return typeof node === "number" ? schemas!.shapes[node]! : node;
}
