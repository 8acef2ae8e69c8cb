import { assetText } from "../files/asset.ts";
import { listWords, readSchemas, type SchemaNode, type Schemas } from "./schema-nodes.ts";

interface FluxSchemas extends Schemas {
  /** Fields that are younger than their kind, `spec.dependsOn[].readyExpr`, with the minor of Flux 2 they came with. */
  since: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

let schemas: FluxSchemas | undefined;

/**
 * What an object of Flux or of its operator may hold beside `metadata` and `status`: of every release that fluxlift knows what
 * any of them takes. Undefined for other kinds and for versions that none of them serves.
 */
export function fluxSchema(apiVersion: string, kind: string): SchemaNode | undefined {
  return apiVersion.includes("fluxcd.") ? readAll().kinds[`${apiVersion}/${kind}`] : undefined;
}

/** Fields of a kind that a release of Flux 2 does not have yet, each with the minor it came with. */
export function youngerFields(apiVersion: string, kind: string, minor: number): [field: string, since: number][] {
  if (!apiVersion.includes("fluxcd.")) return [];
  const since = Object.entries(readAll().since[`${apiVersion}/${kind}`] ?? {});
  return since.filter(([, first]) => first > minor);
}

/** The names of all fields of these, and the words that they may be. */
export const listFluxWords = () => listWords(readAll());

function readAll(): FluxSchemas {
  schemas ??= readSchemas<FluxSchemas>(assetText("./data/flux-schemas.json", import.meta.url));
  return schemas;
}
