import { getOrMake } from "../../contract/group-by.ts";
import { type Change, isMap, mapItems, mapList, own, scalarText } from "./data.ts";
import { EditFailure } from "./failures.ts";
import { splitApiVersion } from "./item.ts";
import type { Id } from "./types.ts";

/** Where a transformer works: a path, in objects of these kinds (an empty field asks for nothing). */
export interface FieldSpec {
  readonly path: string;
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly create?: boolean;
}

/** What is put where a path may be created: the empty value of the kind the transformer sets. */
export type Created = "map" | "text" | undefined;

export function isSelected(id: Pick<Id, "apiVersion" | "kind">, spec: Omit<FieldSpec, "path">): boolean {
  const [group, version] = splitApiVersion(id.apiVersion);
  return (
    (!spec.kind || spec.kind === id.kind) &&
    (!spec.group || spec.group === group) &&
    (!spec.version || spec.version === version)
  );
}

/** What works on objects of a kind, looked for once a kind. */
export function selectByKind<T extends { spec: FieldSpec }>(fields: readonly T[]) {
  const known = new Map<string, readonly T[]>();
  return (id: Pick<Id, "apiVersion" | "kind">) =>
    getOrMake(known, `${id.apiVersion} ${id.kind}`, () => fields.filter(({ spec }) => isSelected(id, spec)));
}

const split = new Map<string, readonly string[]>();

/** Splits `a/b\/c`; a backslash keeps a slash from separating. */
export function splitSpecPath(path: string): readonly string[] {
  return getOrMake(split, path, () =>
    path
      .replace(/^\/(?=.)/, "")
      .replaceAll("\\/", "\0")
      .split("/")
      .map((part) => part.replaceAll("\0", "/")),
  );
}

/**
 * Sets every value a path leads to; lists on the way are entered, `name[]` says that there must be one. The same value
 * when nothing changes. Throws `EditFailure` where the path runs into a scalar.
 */
export function setFields(value: unknown, path: readonly string[], created: Created, set: Change): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return set(value);
  if (value === null || value === undefined) return value;
  if (Array.isArray(value)) return mapItems(value, (item) => setFields(item, path, created, set));
  if (!isMap(value)) throw new EditFailure("expected sequence or mapping node");
  const name = part.replace(/\[\]$/, "");
  const isList = name !== part;
  if (name === "") throw new EditFailure("cannot set or create an empty field name");
  const found = own(value, name);
  const creates = created !== undefined && !isList;
  if (found === undefined && !creates) return value;
  let start = found;
  if (creates && (found === undefined || found === null)) start = rest.length > 0 || created === "map" ? {} : "";
  else if (isList && found === null) start = [];
  const changed = setFields(start, rest, created, set);
  return changed === found ? value : { ...value, [name]: changed };
}

/** Field specs written in a plugin's or a custom configuration. */
export function readSpecs(value: unknown): FieldSpec[] {
  return mapList(value).map((spec) => ({
    path: scalarText(spec.path),
    group: scalarText(spec.group),
    version: scalarText(spec.version),
    kind: scalarText(spec.kind),
    create: spec.create === true,
  }));
}
