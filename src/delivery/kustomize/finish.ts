import type { Loc } from "../../contract/errors.ts";
import { type Accumulated, hide } from "./accumulated.ts";
import { BuildError } from "./build-error.ts";
import { type Data, mapAt, scalarText, stringList } from "./data.ts";
import type { KustomizationFile } from "./file.ts";
import { hashContent } from "./hash.ts";
import { type Item, needsHash, printId, storePrevious, withMetadata } from "./item.ts";
import { fixReferences } from "./name-references.ts";
import { withoutNotes } from "./notes.ts";
import { findDuplicate } from "./transform.ts";
import { checkVars, reportVars } from "./variables.ts";

const localConfig = "config.kubernetes.io/local-config";

/** The last steps of a build, done once at its root: content hashes, variables, local objects. Throws `BuildError`. */
export function finish(acc: Accumulated, { path, data }: KustomizationFile): Item[] {
  const at = { file: path, line: 1, col: 1 };
  acc.items = fixReferences(
    acc.items.map((item) => addHash(item, acc)),
    acc.specs.nameReference,
  );
  checkVars(acc);
  reportVars(acc);
  const metadata = stringList(data.buildMetadata);
  if (metadata.length > 0) hide(acc, { at, what: `what buildMetadata adds: ${metadata.join(", ")}` });
  if (data.sortOptions !== undefined) checkSortOptions(mapAt(data, "sortOptions"), at);
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

/** The object as it is printed, without what the build kept of it. */
export function forget(item: Item): Item {
  const body = withoutNotes(item.body);
  return body === item.body ? item : { ...item, body };
}

function checkSortOptions(options: Data, at: Loc): void {
  const order = scalarText(options.order);
  if (order !== "fifo" && order !== "legacy") throw new BuildError(at, "sortOptions.order must be fifo or legacy");
  if (order === "fifo" && options.legacySortOptions !== undefined)
    throw new BuildError(at, "sortOptions.legacySortOptions is set but the order is fifo");
}

function addHash(item: Item, acc: Accumulated): Item {
  const { hiddenContent, ...known } = item;
  if (!needsHash(item)) return known;
  if (hiddenContent !== undefined) return item;
  if (item.kind !== "ConfigMap" && item.kind !== "Secret") {
    const at = { file: item.file, line: 1, col: 1 };
    acc.unknowns.push({ at, what: `hash in the name of ${printId(item)}, which was generated as another kind` });
    return { ...known, hiddenContent: "kind" };
  }
  return withMetadata(storePrevious(item), { name: `${item.name}-${hashContent(item.body)}` });
}

/** Any value but `false` keeps an object out of the output (flux-facts 2.8 item 7). */
function isLocal(item: Item): boolean {
  const annotations = mapAt(mapAt(item.body, "metadata"), "annotations");
  return Object.hasOwn(annotations, localConfig) && scalarText(annotations[localConfig]) !== "false";
}
