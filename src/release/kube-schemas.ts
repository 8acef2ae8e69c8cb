import { assetText } from "../files/asset.ts";
import { listWords, readSchemas, type SchemaNode, type Schemas } from "./schema-nodes.ts";

let schemas: Schemas | undefined;
const read = (): Schemas => {
  schemas ??= readSchemas<Schemas>(assetText("./data/kube-schemas.json", import.meta.url));
  return schemas;
};

/**
 * What an object of Kubernetes may hold beside `metadata` and `status`, as the API server publishes it (scripts/make-kube-schemas.mjs).
 * Undefined for kinds that hardly anybody keeps in Git, and for versions of an API that are no more.
 */
export function kubeSchema(apiVersion: string, kind: string): SchemaNode | undefined {
  const { kinds } = read();
  return Object.hasOwn(kinds, `${apiVersion}/${kind}`) ? kinds[`${apiVersion}/${kind}`] : undefined;
}

/** The names of all fields of these, and the words that they may be. */
export const listKubeWords = () => listWords(read());
