import { type Data, mapAt, scalarText, withEntry } from "./data.ts";
import { effectiveNamespace } from "./scope.ts";

export interface PreviousId {
  kind: string;
  name: string;
  /** Effective, see `effectiveNamespace`. */
  namespace: string;
}

/** An object on its way through a build. Immutable: transformers return another one. */
export interface Item {
  readonly body: Data;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** Ids it had before transformers changed it, oldest first; patches and replacements still find it by them. */
  readonly previous: readonly PreviousId[];
  readonly file: string;
  readonly doc: number;
  /** Generated, and its name still gets the hash of its content. */
  readonly needsHash: boolean;
  /** Why the content, and so the hash in the name, cannot be known. */
  readonly hiddenContent?: string;
}

export interface Id {
  apiVersion: string;
  kind: string;
  name: string;
  namespace: string;
}

export function makeItem(
  body: Data,
  file: string,
  doc: number,
  generated?: { needsHash: boolean; hiddenContent?: string },
): Item {
  return { ...identify(body), previous: [], file, doc, needsHash: false, ...generated };
}

/** The same object with another body; its identity is read from that body. */
export function withBody(item: Item, body: Data): Item {
  return { ...item, ...identify(body) };
}

/** The same object under another name or namespace; an empty namespace removes the field. */
export function withMetadata(item: Item, change: { name?: string; namespace?: string }): Item {
  let metadata = mapAt(item.body, "metadata");
  if (change.name !== undefined) metadata = withEntry(metadata, "name", change.name);
  if (change.namespace !== undefined) metadata = withEntry(metadata, "namespace", change.namespace || undefined);
  return withBody(item, withEntry(item.body, "metadata", metadata));
}

/** Remembers the current id as a previous one. */
export function storePrevious(item: Item): Item {
  const namespace = effectiveNamespace(item.apiVersion, item.kind, item.namespace);
  return { ...item, previous: [...item.previous, { kind: item.kind, name: item.name, namespace }] };
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
  return `${id.apiVersion}|${id.kind}|${effectiveNamespace(id.apiVersion, id.kind, id.namespace)}|${id.name}`;
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

function identify(body: Data): Pick<Item, "body" | "apiVersion" | "kind" | "name" | "namespace"> {
  const metadata = mapAt(body, "metadata");
  return {
    body,
    apiVersion: scalarText(body.apiVersion),
    kind: scalarText(body.kind),
    name: scalarText(metadata.name),
    namespace: scalarText(metadata.namespace),
  };
}
