/**
 * Writes src/release/data/flux-schemas.json: the fields of the kinds of Flux and of its operator, by group, kind and version.
 * A field that some release has is known, one that all of them require is required; descriptions are left out.
 *
 *   npx tsx scripts/make-flux-schemas.mjs [REFERENCE] [OUT]    npm run releases does this for all tables
 *
 * `since` has the fields that came with a later release than their kind, with its minor.
 *
 * A node is a letter (`s` text, `i` integer, `n` number, `b` boolean, `q` integer or text, `x` anything), the number of a shape,
 * or a shape: `{p: fields, r: required, z: may have no value}`, `{m: values of a map}`, `{a: items, n: has one}`, `{e: words}`,
 * `{x: pattern, h: length}`.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import yaml from "js-yaml";
import { openReference } from "../bench/reference/archive.ts";
import { placeShapes } from "./schema-shapes.mjs";

const reference = openReference(process.argv[2]);
const out = process.argv[3] ?? join(import.meta.dirname, "../src/release/data");
const root = join(reference.folder, "config/data/flux");
const files = [
  ...readdirSync(root).flatMap((version) => readdirSync(join(root, version)).map((name) => join(root, version, name))),
  ...readdirSync(join(reference.folder, "schemas"))
    .filter((name) => name.endsWith(".crd.yaml"))
    .map((name) => join(reference.folder, "schemas", name)),
];

const LETTERS = { string: "s", integer: "i", number: "n", boolean: "b" };

function shrink(schema) {
  if (schema["x-kubernetes-int-or-string"]) return "q";
  if (schema["x-kubernetes-preserve-unknown-fields"] && !schema.properties) return "x";
  if (schema.properties) {
    const p = Object.fromEntries(Object.entries(schema.properties).map(([name, one]) => [name, shrink(one)]));
    // What has a default is filled in before it is required.
    const r = (schema.required ?? []).filter((name) => schema.properties[name]?.default === undefined).sort();
    // A null is taken for the default, and where it is allowed; anywhere else it is refused.
    const isNullable = ([, one]) => one.default !== undefined || one.nullable === true || shrink(one) === "x";
    const z = Object.entries(schema.properties)
      .filter(isNullable)
      .map(([name]) => name)
      .sort();
    return { p, ...(r.length > 0 ? { r } : {}), ...(z.length > 0 ? { z } : {}) };
  }
  if (schema.type === "array") return { a: shrink(schema.items), ...(schema.minItems > 0 ? { n: 1 } : {}) };
  if (schema.type === "object")
    return typeof schema.additionalProperties === "object" ? { m: shrink(schema.additionalProperties) } : "x";
  if (schema.enum) return { e: schema.enum.map(String).sort() };
  const { pattern, minLength = 0, maxLength } = schema;
  const isBound = schema.type === "string" && (minLength > 0 || maxLength !== undefined);
  const h = isBound ? { h: maxLength === undefined ? [minLength] : [minLength, maxLength] } : {};
  if (pattern || isBound) return { ...(pattern ? { x: pattern } : {}), ...h };
  return LETTERS[schema.type] ?? "x";
}

/** What either of two releases takes. */
function join2(one, other) {
  if (JSON.stringify(one) === JSON.stringify(other)) return one;
  if (one?.p && other?.p) {
    const p = { ...one.p };
    for (const [name, node] of Object.entries(other.p)) p[name] = name in p ? join2(p[name], node) : node;
    const r = (one.r ?? []).filter((name) => other.r?.includes(name));
    const z = [...new Set([...(one.z ?? []), ...(other.z ?? [])])].sort();
    return { p, ...(r.length > 0 ? { r } : {}), ...(z.length > 0 ? { z } : {}) };
  }
  if (one?.a && other?.a) return { a: join2(one.a, other.a), ...(one.n && other.n ? { n: 1 } : {}) };
  if (one?.m && other?.m) return { m: join2(one.m, other.m) };
  if (one?.e && other?.e) return { e: [...new Set([...one.e, ...other.e])].sort() };
  const isText = (node) => node === "s" || node?.e || node?.x || node?.h;
  return isText(one) && isText(other) ? joinTexts(one, other) : "x";
}

function joinTexts(one, other) {
  const isSame = one.x !== undefined && one.x === other.x;
  const [least, most] = [Math.min(one.h?.[0] ?? 0, other.h?.[0] ?? 0), Math.max(mostOf(one), mostOf(other))];
  const isBound = Number.isFinite(most);
  const h = least > 0 || isBound ? { h: isBound ? [least, most] : [least] } : {};
  return isSame || h.h ? { ...(isSame ? { x: one.x } : {}), ...h } : "s";
}

const mostOf = ({ h }) => h?.[1] ?? Number.POSITIVE_INFINITY;

/** Every field of a shape, `spec.dependsOn[].name`. */
function* listFields({ p, a, m }, path = "") {
  for (const [name, node] of Object.entries(p ?? {})) {
    const own = path === "" ? name : `${path}.${name}`;
    yield own;
    yield* listFields(node, own);
  }
  if (a !== undefined) yield* listFields(a, `${path}[]`);
  if (m !== undefined) yield* listFields(m, `${path}.*`);
}

const kinds = {};
/** First minor of Flux 2 of each field, and of each kind. */
const firsts = {};
for (const file of files) {
  for (const object of yaml.loadAll(readFileSync(file, "utf8"))) {
    if (object?.kind !== "CustomResourceDefinition") continue;
    const { group, names, versions } = object.spec;
    for (const { name, schema } of versions) {
      const key = `${group}/${name}/${names.kind}`;
      const { apiVersion: _, kind: __, metadata: ___, status: ____, ...p } = shrink(schema.openAPIV3Schema).p;
      const r = object.kind && schema.openAPIV3Schema.required?.includes("spec") ? { r: ["spec"] } : {};
      const node = { p, ...r };
      kinds[key] = key in kinds ? join2(kinds[key], node) : node;
      const minor = Number(/\/v2\.(\d+)\.\d+\//.exec(file)?.[1]);
      if (Number.isNaN(minor)) continue;
      firsts[key] ??= { kind: minor, fields: {} };
      const first = firsts[key];
      first.kind = Math.min(first.kind, minor);
      for (const field of listFields(node)) first.fields[field] = Math.min(first.fields[field] ?? minor, minor);
    }
  }
}
reference.close();

const { shapes, kinds: placed } = placeShapes(kinds);
/** Fields that came after their kind, the outermost of each. */
const since = Object.entries(firsts)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .flatMap(([key, { kind, fields }]) => {
    const isLater = (field) => fields[field] > kind;
    const isInside = (field) =>
      Object.keys(fields).some(
        (one) =>
          isLater(one) &&
          /^[.[]/.test(field.slice(one.length)) &&
          field.startsWith(one) &&
          fields[one] === fields[field],
      );
    const later = Object.keys(fields)
      .filter((field) => isLater(field) && !isInside(field))
      .sort();
    return later.length === 0
      ? []
      : [`${JSON.stringify(key)}:${JSON.stringify(Object.fromEntries(later.map((field) => [field, fields[field]])))}`];
  });
const text = `{"shapes":[\n${shapes.join(",\n")}\n],"kinds":{\n${placed.join(",\n")}\n},"since":{\n${since.join(",\n")}\n}}\n`;
writeFileSync(join(out, "flux-schemas.json"), text);
