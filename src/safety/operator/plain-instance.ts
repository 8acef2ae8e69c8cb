import { isOpenText } from "../../admission/open-text.ts";
import type { YamlData } from "../../contract/objects.ts";

/** Fields of `cluster` that neither add nor take out what a patch may name. */
const PLAIN_FIELDS = new Set(["type", "domain", "networkPolicy", "multitenant", "tenantDefaultServiceAccount"]);

/**
 * Whether patches meet the very objects that are known of a release: these settings bring others, or other lists in them, and
 * a variable is not known here. Errs towards no.
 */
export function isPlain({ cluster, storage, sharding, distribution, kustomize }: YamlData): boolean {
  const fields = Object.keys(cluster ?? {});
  const isOther = storage || sharding || distribution?.imagePullSecret || cluster?.type === "openshift";
  return (
    !isOther &&
    fields.every((field) => PLAIN_FIELDS.has(field)) &&
    !isOpenText(JSON.stringify([kustomize, distribution, cluster]))
  );
}
