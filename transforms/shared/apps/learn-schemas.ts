import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import { majority } from "./evidence.ts";

export type SchemaKind = "FluxKustomization" | "HelmRelease" | "OCIRepository" | "HelmRepository" | "Kustomization";

/** Chart-specific schemas (an app template's own) say nothing about a plain release, so they are passed over. */
const GENERIC_SCHEMA = /fluxcd|toolkit|kustomiz/;

/** Files that hold objects of a kind, and the version that is written from now on. */
export interface SchemaSample {
  texts: readonly string[];
  apiVersion: string;
}

/**
 * The `# yaml-language-server: $schema=…` line of each kind, as the owner's files have it. A kind that none of them shows
 * in this version gets its line from the catalogue that the other kinds are taken from.
 */
export function learnSchemas(samples: Record<SchemaKind, SchemaSample>): Partial<Record<SchemaKind, string>> {
  const entries = Object.entries(samples) as [SchemaKind, SchemaSample][];
  const found = entries.flatMap(([kind, sample]) => {
    const schema = schemaOf(kind, sample);
    return schema === undefined ? [] : [[kind, ofVersion(schema, nameOf(kind, samples))] as const];
  });
  const known = new Map(found);
  const derived = entries.flatMap(([kind, sample]) => {
    if (known.has(kind) || isBare(kind, sample)) return [];
    const schema = found.map(([from, line]) => sameCatalogue(line, nameOf(from, samples), nameOf(kind, samples)));
    const first = schema.find((line) => line !== undefined);
    return first === undefined ? [] : [[kind, first] as const];
  });
  return Object.fromEntries([...found, ...derived]);
}

function schemaOf(kind: SchemaKind, { texts, apiVersion }: SchemaSample): string | undefined {
  // The comments are taken whether an object follows or not: each line of many would be the beginning of a search.
  const pattern = new RegExp(
    `^(# yaml-language-server: \\$schema=\\S+)[ \\t]*\\n(?:#.*\\n)*(?:(?:---[ \\t]*\\n(?:#.*\\n)*)?apiVersion: ["']?${escapeRegExp(apiVersion)}["']?\\s*\\nkind: (\\w+))?`,
    "gm",
  );
  const wanted = kindOf(kind);
  const found = texts.map((item) => [...item.matchAll(pattern)].find((match) => match[2] === wanted)?.[1]);
  const generic = found.filter((schema) => schema !== undefined && GENERIC_SCHEMA.test(schema));
  // Objects of another version have a schema of another name, or none.
  const object = new RegExp(`^apiVersion: ["']?${escapeRegExp(apiVersion)}["']?\\s*\\nkind: ${wanted}\\b`, "m");
  const alike = texts.filter((item) => object.test(item));
  return generic.length * 4 >= alike.length ? majority(generic) : undefined;
}

/** Whether the owner has such objects, of whatever version, and writes most of them without the line. */
function isBare(kind: SchemaKind, { texts }: SchemaSample): boolean {
  const object = new RegExp(
    `^(?:#.*\\n)*((?:---[ \\t]*\\n(?:#.*\\n)*)?apiVersion: \\S+\\s*\\nkind: ${kindOf(kind)}\\b)?`,
    "gm",
  );
  const all = texts.flatMap((item) =>
    [...item.matchAll(object)].flatMap(([text, found]) => (found === undefined ? [] : [text])),
  );
  return all.filter((item) => item.includes("yaml-language-server")).length * 2 < all.length;
}

/** Whether most files that begin with such a line have it above the `---` of the document, where editors read it as well. */
export function isHintAboveStart(texts: readonly string[]): boolean {
  const above = texts.flatMap((text) => {
    const [, first = "", start = "", second = ""] = HEAD.exec(text) ?? [];
    if (HINT.test(first)) return [start !== ""];
    return HINT.test(second) ? [false] : [];
  });
  return above.filter(Boolean).length * 2 > above.length;
}

const HEAD = /^((?:#.*\n)*)(---[ \t]*\n)?((?:#.*\n)*)/;
const HINT = /yaml-language-server/;

interface Name {
  group: string;
  kind: string;
  version: string;
}

function nameOf(kind: SchemaKind, samples: Record<SchemaKind, SchemaSample>): Name {
  const [group = "", version = ""] = samples[kind].apiVersion.split("/");
  return { group, kind: kindOf(kind).toLowerCase(), version };
}

/**
 * Two ways of naming files are known, and both are generated from the CRDs, so that every kind has its file:
 * `kustomization-kustomize-v1.json` and `kustomize.toolkit.fluxcd.io/kustomization_v1.json`.
 */
const WAYS = [
  ({ group, kind, version }: Name) => `/${kind}-${group.split(".")[0]}-${version}.json`,
  ({ group, kind, version }: Name) => `/${group}/${kind}_${version}.json`,
];
const isFlux = ({ group }: Name) => group.endsWith(".toolkit.fluxcd.io");

/** A line that the owner's objects have outgrown names the version that they have: `ocirepository_v1beta2.json` above `v1`. */
function ofVersion(line: string, name: Name): string {
  const said = /[-_](v\d+(?:(?:alpha|beta)\d+)?)\.json$/.exec(line)?.[1];
  if (said === undefined || said === name.version) return line;
  return sameCatalogue(line, { ...name, version: said }, name) ?? line;
}

/** The line of another kind of Flux, or another version, in the same catalogue. */
function sameCatalogue(line: string, from: Name, to: Name): string | undefined {
  const way = isFlux(from) && isFlux(to) ? WAYS.find((name) => line.endsWith(name(from))) : undefined;
  return way && line.slice(0, -way(from).length) + way(to);
}

function kindOf(kind: SchemaKind): string {
  return kind === "FluxKustomization" ? "Kustomization" : kind;
}
