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
  /** Fields that are younger than their kind, `spec.dependsOn[].readyExpr`, with the minor of Flux 2 they came with. */
  since: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

let schemas: Schemas | undefined;

/**
 * What an object of Flux or of its operator may hold beside `metadata` and `status`: of every release that fluxlift knows what
 * any of them takes. Undefined for other kinds and for versions that none of them serves.
 */
export function fluxSchema(apiVersion: string, kind: string): SchemaNode | undefined {
  return apiVersion.includes("fluxcd.") ? readSchemas().kinds[`${apiVersion}/${kind}`] : undefined;
}

/** Fields of a kind that a release of Flux 2 does not have yet, each with the minor it came with. */
export function youngerFields(apiVersion: string, kind: string, minor: number): [field: string, since: number][] {
  if (!apiVersion.includes("fluxcd.")) return [];
  const since = Object.entries(readSchemas().since[`${apiVersion}/${kind}`] ?? {});
  return since.filter(([, first]) => first > minor);
}

function readSchemas(): Schemas {
  schemas ??= JSON.parse(assetText("./data/flux-schemas.json", import.meta.url)) as Schemas;
  return schemas;
}

/** A node with its number resolved. */
export function shapeOf(node: SchemaNode): string | SchemaShape {
  return typeof node === "number" ? schemas!.shapes[node]! : node;
}
