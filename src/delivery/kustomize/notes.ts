import { type Data, isMap, mapAt, scalarText, textEntries, withEntry } from "./data.ts";

const prefix = "internal.config.kubernetes.io/";

/** Annotations that kustomize keeps on objects while it builds: because of them, the map exists when some patches run. */
export const notes = {
  names: `${prefix}previousNames`,
  namespaces: `${prefix}previousNamespaces`,
  kinds: `${prefix}previousKinds`,
  prefixes: `${prefix}prefixes`,
  suffixes: `${prefix}suffixes`,
  behavior: `${prefix}generatorBehavior`,
  needsHash: `${prefix}needsHashSuffix`,
  nameChange: `${prefix}allowNameChange`,
  kindChange: `${prefix}allowKindChange`,
  refBy: `${prefix}refBy`,
  /** Printed in truth; what it says is left unknown. */
  origin: "config.kubernetes.io/origin",
} as const;

const all: ReadonlySet<string> = new Set(Object.values(notes));

/** The annotations as kustomize reads them, as texts. */
export function annotationsOf(body: Data): Record<string, string> {
  return Object.fromEntries(textEntries(mapAt(body, "metadata").annotations));
}

/** Writes the annotations as kustomize does: texts, and no map when there are none. */
export function withAnnotations(body: Data, annotations: Readonly<Record<string, string>>): Data {
  const isEmpty = Object.keys(annotations).length === 0;
  return withEntry(
    body,
    "metadata",
    withEntry(mapAt(body, "metadata"), "annotations", isEmpty ? undefined : annotations),
  );
}

/** Appends to the lists that some notes are; an empty text adds nothing. */
export function addNotes(body: Data, added: Readonly<Record<string, string>>): Data {
  const metadata = mapAt(body, "metadata");
  const annotations: Record<string, unknown> = { ...mapAt(metadata, "annotations") };
  for (const [key, text] of Object.entries(added)) {
    if (text === "") continue;
    annotations[key] = Object.hasOwn(annotations, key) ? `${scalarText(annotations[key])},${text}` : text;
  }
  return withEntry(body, "metadata", withEntry(metadata, "annotations", annotations));
}

/** The notes on an object, which a JSON6902 patch cannot take away. */
export function notesOf(body: Data): Record<string, string> {
  return Object.fromEntries(Object.entries(annotationsOf(body)).filter(([key]) => key.startsWith(prefix)));
}

/** The object as the build prints it. */
export function withoutNotes(body: Data): Data {
  const found = mapAt(body, "metadata").annotations;
  if (found === undefined) return body;
  const entries = Object.entries(isMap(found) ? found : {});
  if (entries.length > 0 && entries.every(([key, value]) => value === scalarText(value) && !all.has(key))) return body;
  const kept = Object.entries(annotationsOf(body)).filter(([key]) => !all.has(key));
  return withAnnotations(body, Object.fromEntries(kept));
}

/** A note that is a list; it may be a single word. */
export function listNote(body: Data, key: string): string[] {
  const annotations = mapAt(mapAt(body, "metadata"), "annotations");
  return Object.hasOwn(annotations, key) ? scalarText(annotations[key]).split(",") : [];
}
