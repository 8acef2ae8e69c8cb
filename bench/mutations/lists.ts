import type { Data, Doc } from "../corpus/gate/snapshot.ts";
import {
  type Accident,
  docsOf,
  drop,
  type Edits,
  keyRange,
  kustomizationDocs,
  type Place,
  pickOf,
  put,
  setScalar,
  typo,
} from "./place.ts";

/** Accidents in kustomization files. */
export type Kind = (place: Place) => Accident | undefined;

const list = (value: Data): Data[] => (Array.isArray(value) ? value : []);
const withList = (place: Place, field: string, least = 1): Doc | undefined =>
  pickOf(
    place,
    kustomizationDocs(place, (data) => list(data[field]).length >= least),
  );

/** An index of a list whose entry is text. */
function entryOf(place: Place, doc: Doc | undefined, field: string): [Doc, string, number] | undefined {
  if (!doc) return undefined;
  const entries = list(doc.data[field]).flatMap((one, index) => (typeof one === "string" ? [index] : []));
  const index = pickOf(place, entries);
  return index === undefined ? undefined : [doc, field, index];
}

const misspell = (place: Place, entry: [Doc, string, number] | undefined): Accident | undefined =>
  entry && setScalar(place, entry[0], [entry[1], entry[2]], (now) => typo(place.dice, now));

const dropEntry = (place: Place, entry: [Doc, string, number] | undefined): Accident | undefined =>
  entry && drop(place, entry[0], [entry[1], entry[2]]);

/** One after the other, each on what the one before has left. */
function dropTwo(place: Place): Accident | undefined {
  const entry = entryOf(place, withList(place, "resources", 3), "resources");
  if (!entry) return undefined;
  const [doc, field, index] = entry;
  const other = index === 0 ? 1 : index - 1;
  const text = place.tree.text(doc.file);
  const [first, second] = [drop(place, doc, [field, index]), drop(place, doc, [field, other])];
  if (!first || !second) return undefined;
  const gone = [first, second].flatMap(({ edits }) => removedLines(text, edits.get(doc.file) ?? ""));
  const lines = text.split("\n").filter((_, at) => !gone.includes(at));
  return { edits: new Map([[doc.file, lines.join("\n")]]), what: `${first.what} and ${field}.${other}` };
}

function removedLines(before: string, after: string): number[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const at = old.findIndex((line, index) => line !== now[index]);
  return at < 0 ? [] : Array.from({ length: old.length - now.length }, (_, index) => at + index);
}

function renameKey(place: Place, doc: Doc | undefined, field: string, now: string): Accident | undefined {
  const range = doc && keyRange(doc, [field]);
  if (!doc || !range) return undefined;
  return { edits: put(place, doc, range, now), what: `${doc.file}:${doc.line} ${field} becomes ${now}` };
}

function generatorEntry(place: Place): { doc: Doc; field: string; index: number } | undefined {
  const all = ["configMapGenerator", "secretGenerator"].flatMap((field) =>
    kustomizationDocs(place, (data) => list(data[field]).length > 0).flatMap((doc) =>
      list(doc.data[field]).map((_, index) => ({ doc, field, index })),
    ),
  );
  return pickOf(place, all);
}

function patchField(place: Place, field: "path" | "target"): { doc: Doc; index: number } | undefined {
  const all = docsOf(place, (data) => data.kind === "Kustomization" || data.kind === undefined).flatMap((doc) =>
    list(doc.data.spec?.patches ?? doc.data.patches).flatMap((one, index) => (one?.[field] ? [{ doc, index }] : [])),
  );
  return pickOf(place, all);
}

function misspellTarget(place: Place): Accident | undefined {
  const found = patchField(place, "target");
  if (!found) return undefined;
  const at = found.doc.data.spec?.patches ? ["spec", "patches", found.index] : ["patches", found.index];
  const fields = Object.keys((found.doc.data.spec?.patches ?? found.doc.data.patches)[found.index].target);
  const field = pickOf(place, fields);
  return field === undefined
    ? undefined
    : setScalar(place, found.doc, [...at, "target", field], (now) => typo(place.dice, now));
}

function dropFile(place: Place): Accident | undefined {
  const doc = withList(place, "resources");
  return doc && { edits: new Map([[doc.file, undefined]]) as Edits, what: `${doc.file} is deleted` };
}

export const LISTS: Readonly<Record<string, Kind>> = {
  "list: typo": (place) => misspell(place, entryOf(place, withList(place, "resources"), "resources")),
  "list: entry dropped": (place) => dropEntry(place, entryOf(place, withList(place, "resources", 2), "resources")),
  "list: two entries dropped": dropTwo,
  "list: resource for resources": (place) => renameKey(place, withList(place, "resources"), "resources", "resource"),
  "list: component dropped": (place) => dropEntry(place, entryOf(place, withList(place, "components"), "components")),
  "list: component typo": (place) => misspell(place, entryOf(place, withList(place, "components"), "components")),
  "list: field typo": (place) => {
    const doc = pickOf(
      place,
      kustomizationDocs(place, () => true),
    );
    const field =
      doc &&
      pickOf(
        place,
        Object.keys(doc.data).filter((key) => !/apiVersion|kind|metadata/.test(key)),
      );
    return doc && field ? renameKey(place, doc, field, typo(place.dice, field)) : undefined;
  },
  "list: file deleted": dropFile,
  "generator: renamed": (place) => {
    const found = generatorEntry(place);
    return found && setScalar(place, found.doc, [found.field, found.index, "name"], (now) => typo(place.dice, now));
  },
  "generator: file moved": (place) => {
    const found = generatorEntry(place);
    const files = list(found?.doc.data[found.field][found.index].files);
    const file = pickOf(
      place,
      files.map((_, index) => index),
    );
    if (!found || file === undefined) return undefined;
    return setScalar(place, found.doc, [found.field, found.index, "files", file], (now) => typo(place.dice, now));
  },
  "patch: path typo": (place) => {
    const found = patchField(place, "path");
    return found && setScalar(place, found.doc, ["patches", found.index, "path"], (now) => typo(place.dice, now));
  },
  "patch: target typo": misspellTarget,
  "namespace: of a kustomization": (place) => {
    const doc = pickOf(
      place,
      kustomizationDocs(place, (data) => typeof data.namespace === "string"),
    );
    return doc && setScalar(place, doc, ["namespace"], (now) => typo(place.dice, now));
  },
  "prefix: comes": (place) => {
    const doc = withList(place, "resources");
    const range = doc && keyRange(doc, ["resources"]);
    if (!doc || !range) return undefined;
    return { edits: put(place, doc, [range[0], range[0]], "namePrefix: my-\n"), what: `${doc.file} gets a namePrefix` };
  },
};
