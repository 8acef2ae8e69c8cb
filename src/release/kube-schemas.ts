import { assetText } from "../files/asset.ts";
import { readSchemas, type SchemaNode, type Schemas } from "./schema-nodes.ts";

let schemas: Schemas | undefined;

/**
 * What an object of Kubernetes may hold beside `metadata` and `status`, as the API server publishes it (scripts/make-kube-schemas.mjs).
 * Undefined for kinds that hardly anybody keeps in Git, and for versions of an API that are no more.
 */
export function kubeSchema(apiVersion: string, kind: string): SchemaNode | undefined {
  schemas ??= readSchemas<Schemas>(assetText("./data/kube-schemas.json", import.meta.url));
  return Object.hasOwn(schemas.kinds, `${apiVersion}/${kind}`) ? schemas.kinds[`${apiVersion}/${kind}`] : undefined;
}
