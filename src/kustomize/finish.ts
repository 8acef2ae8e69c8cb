import type { Accumulated } from "./build.ts";
import { BuildError } from "./build-error.ts";
import { mapAt, scalarText } from "./data.ts";
import { hashContent } from "./hash.ts";
import { type Item, printId, storePrevious, withMetadata } from "./item.ts";
import { findDuplicate } from "./transform.ts";
import { checkVars } from "./variables.ts";

const localConfig = "config.kubernetes.io/local-config";

/** The last steps of a build, done once at its root: content hashes, variables, local objects. Throws `BuildError`. */
export function finish(acc: Accumulated): Item[] {
  acc.items = acc.items.map(addHash);
  checkVars(acc);
  const items = acc.items.filter((item) => !isLocal(item));
  for (const item of items) {
    const at = { file: item.file, line: 1, col: 1 };
    if (item.kind === "") throw new BuildError(at, "missing kind in object");
    if (item.name === "" && !item.kind.endsWith("List"))
      throw new BuildError(at, `missing metadata.name in ${item.kind}`);
  }
  const twice = findDuplicate(items);
  if (twice) {
    const at = { file: twice.file, line: 1, col: 1 };
    throw new BuildError(at, `may not add resource with an already registered id: ${printId(twice)}`);
  }
  return items;
}

function addHash(item: Item): Item {
  if (!item.needsHash || item.hiddenContent !== undefined) return item;
  return withMetadata(storePrevious(item), { name: `${item.name}-${hashContent(item.body)}` });
}

/** Any value but `false` keeps an object out of the output (flux-semantics 2.8 item 7). */
function isLocal(item: Item): boolean {
  const annotations = mapAt(mapAt(item.body, "metadata"), "annotations");
  return Object.hasOwn(annotations, localConfig) && scalarText(annotations[localConfig]) !== "false";
}
