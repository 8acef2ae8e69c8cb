import { type Loc, lineOf } from "../../contract/errors.ts";
import { textsIn } from "../../yaml/walk-data.ts";
import { type Data, mapAt, scalarText, stringList } from "./data.ts";
import type { NameReferences } from "./default-specs.ts";
import { BuildError } from "./failures.ts";
import type { KustomizationFile } from "./file.ts";
import { hashContent } from "./hash.ts";
import { type Item, needsHash, printId, readBody, storePrevious, withName } from "./item.ts";
import { fixReferences } from "./name-references.ts";
import { withoutNotes } from "./notes.ts";
import { type Accumulated, hide, registeredTwice } from "./stage.ts";
import { findDuplicate } from "./transform.ts";
import { checkVars, reportVars } from "./variables.ts";

const localConfig = "config.kubernetes.io/local-config";

/** The last steps of a build, done once at its root: content hashes, variables, local objects. Throws `BuildError`. */
export function finish(acc: Accumulated, { path, data }: KustomizationFile): Item[] {
  const at = lineOf(path);
  const named = acc.items.map((item) => addHash(item, acc));
  acc.items = noteFollowed(fixReferences(named, acc.specs.nameReference), named, acc.specs.nameReference);
  checkVars(acc);
  reportVars(acc);
  const metadata = stringList(data.buildMetadata);
  if (metadata.length > 0) hide(acc, { at, what: `what buildMetadata adds: ${metadata.join(", ")}`, content: true });
  if (data.sortOptions !== undefined) checkSortOptions(mapAt(data, "sortOptions"), at);
  const items = acc.items.filter((item) => !isLocal(item));
  for (const item of items.filter(({ hidden }) => hidden === undefined)) {
    const at = lineOf(item.file);
    if (scalarText(item.body.kind) === "") throw new BuildError(at, "missing kind in object");
    if (item.name === "" && !item.kind.endsWith("List"))
      throw new BuildError(at, `missing metadata.name in ${item.kind}`);
  }
  // Two names with hashes that are not known are two names.
  const twice = findDuplicate(items.filter(({ hiddenContent }) => hiddenContent === undefined));
  if (twice) throw registeredTwice(twice, lineOf(twice.file), items);
  return items;
}

/** The object as it is printed, without what the build kept of it. */
export function forget(item: Item): Item {
  const body = readBody({ ...item, body: withoutNotes(item.body) });
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
    const what = `hash in the name of ${printId(item)}, which was generated as another kind`;
    acc.unknowns.push({ at: lineOf(item.file), what });
    return { ...known, hiddenContent: "kind" };
  }
  const body = readBody(item);
  // The hash is one of the text as it is written, such as 1_0, which nothing keeps.
  if (typeof body.data === "number") {
    acc.unknowns.push({ at: lineOf(item.file), what: `hash in the name of ${printId(item)}, whose data is a number` });
    return { ...known, hiddenContent: "data" };
  }
  return withName(storePrevious(item), `${item.name}-${hashContent(body)}`);
}

const isOpen = (item: Item): boolean => item.hiddenContent !== undefined && needsHash(item);

const OPEN_HASH = / \((?:ConfigMap|Secret)\)$/;

/** Objects with the generated ones that kustomize names in them by a hash that cannot be known. */
function noteFollowed(items: Item[], named: readonly Item[], references: readonly NameReferences[]): Item[] {
  const marked = named.some(isOpen) ? fixMarked(named, references) : undefined;
  return items.map((item, index) => {
    const texts = !marked || isOpen(item) ? [] : textsIn(marked[index]!.body).filter((text) => OPEN_HASH.test(text));
    const follows = texts.map((text) => text.replace(/^(.*) \((\w+)\)$/, "$2 $1"));
    return follows.length === 0 ? item : { ...item, follows };
  });
}

/** With something that no name holds in the place of the hash; undefined where kustomize may stop at it. */
function fixMarked(items: readonly Item[], references: readonly NameReferences[]): Item[] | undefined {
  try {
    const marked = items.map((one) => (isOpen(one) ? withName(storePrevious(one), `${one.name} (${one.kind})`) : one));
    return fixReferences(marked, references);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    return undefined;
  }
}

/** Whether the build keeps an object to itself: any value but `false` keeps it out of the output (flux-facts 2.8 item 7). */
export function isLocal({ body }: Pick<Item, "body">): boolean {
  const annotations = mapAt(mapAt(body, "metadata"), "annotations");
  return Object.hasOwn(annotations, localConfig) && scalarText(annotations[localConfig]) !== "false";
}
