import { isOpenText } from "../admission/open-text.ts";
import { objectAt } from "../cluster/objects.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import type { DeliveredObject } from "../delivery/kustomize/index.ts";
import type { Tree } from "../files/tree.ts";

/** Whether `targetNamespace` gives a Namespace another name than its document says. */
export function isRenamed(
  { kind, name, file, doc }: DeliveredObject,
  spec: FluxObjectSpec | undefined,
  tree: Tree,
): boolean {
  if (kind !== "Namespace" || name !== spec?.targetNamespace) return false;
  const written = objectAt(tree, file, doc)?.name;
  return written !== undefined && written !== name && !isOpenText(written);
}
