import type { Unknown } from "../../contract/answer.ts";
import { type Loc, lineOf } from "../../contract/errors.ts";
import { effectiveNamespace } from "./builtin-kinds.ts";
import { type Data, isMap, mapAt, mapItems, markOf, nodeText, scalarText, withEntry } from "./data.ts";
import { BuildError, EditFailure } from "./failures.ts";
import { addNotes, listNote, notes } from "./notes.ts";
import { type Shared, spread } from "./shared.ts";
import { needsQuotes, readPlain, type Written, writtenBy } from "./source-text.ts";
import type { Id } from "./types.ts";

/** With the effective namespace, see `effectiveNamespace`. */
export type PreviousId = Omit<Id, "apiVersion">;

/** An object on its way through a build. Immutable: transformers return another one. */
export interface Item extends Readonly<Id> {
  /** With the notes kustomize keeps in the annotations while it builds, which patches see; `withoutNotes` drops them. */
  readonly body: Data;
  /** Ids it had before transformers changed it, oldest first; patches and replacements still find it by them. */
  readonly previous: readonly PreviousId[];
  readonly file: string;
  readonly doc: number;
  readonly shared?: Shared;
  /** What it was read from, then what was merged into it, as long as kustomize keeps how texts are written. */
  readonly written?: readonly Written[];
  /** A patch put a number in the place of a text; where that is quoted, kustomize prints a text and still holds a number. */
  readonly isRetyped?: boolean;
  /** `images` wrote into it: whether what stands there has a type is not kept. */
  readonly hasImages?: boolean;
  /** Scalars of the body may have a `Mark`. */
  readonly isMarked?: boolean;
  /** A CRD of a release, without its schemas. */
  readonly isStub?: boolean;
  /** Why the content, and so the hash in the name, cannot be known. */
  readonly hiddenContent?: string;
  /** What may have changed it in ways that cannot be known: a patch or a component kept elsewhere. */
  readonly hidden?: readonly Unknown[];
  /** Generated objects of which it says the name, `Secret player`: kustomize writes their hash into it, which cannot be known. */
  readonly follows?: readonly string[];
}

export function makeItem(body: Data, file: string, doc: number): Item {
  return { ...identify(body), file, doc };
}

/** The same object with another body; its identity is read from that body. */
export function withBody(item: Item, body: Data): Item {
  if (item.shared === undefined) return { ...item, ...identify(body) };
  const changed = spread(item.body, body, item.shared);
  return { ...item, ...identify(changed.body), shared: changed.shared };
}

/** The same object as kustomize reads it back from JSON: nothing is shared any more. */
export function withReadBody(item: Item, body: Data): Item {
  const { shared: _, isRetyped: __, isMarked: ___, hasImages: ____, ...rest } = item;
  return { ...rest, ...identify(body), written: [writtenBy(body, needsQuotes)] };
}

/** The same object under another name. */
export function withName(item: Item, name: string): Item {
  const metadata = mapAt(item.body, "metadata");
  const isSame = name === scalarText(metadata.name);
  return withBody(item, withEntry(item.body, "metadata", isSame ? metadata : withEntry(metadata, "name", name)));
}

export function withNamespace(item: Item, namespace: string): Item {
  const metadata = mapAt(item.body, "metadata");
  if (namespace === scalarText(metadata.namespace ?? "")) return item;
  return withBody(item, withEntry(item.body, "metadata", withEntry(metadata, "namespace", namespace)));
}

/** Remembers the current id as a previous one. */
export function storePrevious(item: Item): Item {
  const { name, kind } = item;
  const added = { [notes.names]: name, [notes.namespaces]: effectiveNamespace(item), [notes.kinds]: kind };
  return withBody(item, addNotes(item.body, added));
}

/** Whether it is a CRD as the facts of a release have it: without its schemas. */
export function isStubbed({ kind, spec }: Data): boolean {
  const versions = isMap(spec) && Array.isArray(spec.versions) ? spec.versions : [];
  return kind === "CustomResourceDefinition" && versions.every((one) => !isMap(one) || one.schema === undefined);
}

/** The same object as one that was read without a namespace and got the one that it has from a kustomization. */
export function asPlaced(item: Item): Item {
  if (item.namespace === "") return item;
  const metadata = mapAt(item.body, "metadata");
  const place = (done: Item, namespace: unknown) =>
    withBody(done, withEntry(done.body, "metadata", withEntry(mapAt(done.body, "metadata"), "namespace", namespace)));
  return place(storePrevious(place(item, undefined)), metadata.namespace);
}

/** The id the object was loaded with. kustomize keeps no previous apiVersion: the current one stands in. */
export function originalId(item: Item): Id {
  const first = item.previous[0];
  return first === undefined ? item : { ...first, apiVersion: item.apiVersion };
}

/** Current and previous ids. */
export function allIds(item: Item): Id[] {
  return [item, ...item.previous.map((id) => ({ ...id, apiVersion: item.apiVersion }))];
}

/** A string that is equal for ids kustomize holds to be equal. */
export function idKey(id: Id): string {
  return `${id.apiVersion}|${id.kind}|${effectiveNamespace(id)}|${id.name}`;
}

/** How kustomize prints an id in its errors. */
export function printId(id: Id): string {
  const [group, version] = splitApiVersion(id.apiVersion);
  return `${id.kind}.${version || "[noVer]"}.${group || "[noGrp]"}/${id.name}.${id.namespace || "[noNs]"}`;
}

export function splitApiVersion(apiVersion: string): [group: string, version: string] {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? ["", apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}

/** Runs an edit of an object; one that cannot be carried out refuses the build. */
export function guard<T>(item: Item, at: Loc, edit: () => T): T {
  try {
    return edit();
  } catch (error) {
    if (!(error instanceof EditFailure)) throw error;
    throw new BuildError(at, `${printId(item)}: ${error.message}`, { operation: error.operation });
  }
}

/** The body as kustomize reads it. Throws `BuildError` for a text in the place of a number or boolean. */
export function readBody({ body, isMarked, file }: Item): Data {
  const read = (value: unknown): unknown => {
    const mark = markOf(value);
    if (mark === "number" || mark === "boolean")
      throw new BuildError(lineOf(file), `cannot decode a value as a ${mark}`);
    if (mark !== undefined) return readPlain(scalarText(value));
    if (Array.isArray(value)) return mapItems(value, read);
    return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(item)])) : value;
  };
  return isMarked ? (read(body) as Data) : body;
}

/** Generated, and its name still gets the hash of its content. */
export function needsHash(item: Item): boolean {
  return listNote(item.body, notes.needsHash)[0] === "enabled";
}

/** Throws `BuildError` for annotations that make kustomize crash: a list, or notes on a name that was empty. */
function identify(body: Data): Omit<Item, "file" | "doc" | "shared" | "written"> {
  const metadata = mapAt(body, "metadata");
  const [apiVersion, kind] = [nodeText(body.apiVersion), nodeText(body.kind)];
  let [names, namespaces, kinds] = [notes.names, notes.namespaces, notes.kinds].map((key) => listNote(body, key));
  if (names!.length === 0) [namespaces, kinds] = [[], []];
  const isOdd = Array.isArray(metadata.annotations) && metadata.annotations.length > 0;
  // A kind that a replacement makes of a map or of nothing is left open elsewhere.
  const isKnown = kind !== "" || typeof body.kind === "string";
  if (isOdd || names!.length !== namespaces!.length || (isKnown && names!.length !== kinds!.length))
    throw new BuildError(lineOf(""), `kustomize crashes on the annotations of ${kind}`);
  return {
    body,
    apiVersion,
    kind,
    name: scalarText(metadata.name),
    namespace: scalarText(metadata.namespace),
    previous: names!.map((name, at) => ({ name, namespace: namespaces![at]!, kind: kinds![at] ?? "" })),
  };
}
