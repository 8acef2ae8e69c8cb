import type { Loc } from "../../contract/errors.ts";
import { type Accumulated, type BuildFiles, hide } from "./accumulated.ts";
import { BuildError } from "./build-error.ts";
import { type Data, isMap, mapAt, scalarText, stringList } from "./data.ts";
import { readField, splitFieldPath } from "./field-path.ts";
import type { KustomizationFile } from "./file.ts";
import { allIds, type Item, idKey, splitApiVersion } from "./item.ts";
import { readText } from "./read.ts";
import { isClusterScoped } from "./scope.ts";
import { addConfiguration, guardSpecs } from "./specs.ts";

/** Declares the `vars` of a kustomization. Throws `BuildError` for a name declared twice or several objects. */
export function mergeVars(acc: Accumulated, vars: readonly Data[], at: Loc): void {
  for (const entry of vars) {
    const name = scalarText(entry.name);
    const found = acc.items.filter((item) => allIds(item).some((id) => isReferenced(id, mapAt(entry, "objref"))));
    if (found.length > 1) throw new BuildError(at, `found ${found.length} objects for var ${name}`);
    if (acc.vars.some((other) => other.name === name)) throw new BuildError(at, `var '${name}' already encountered`);
    const target = found[0] && idKey(found[0]);
    const fieldPath = scalarText(mapAt(entry, "fieldref").fieldPath) || "metadata.name";
    acc.vars.push({ name, at, fieldPath, ...(target === undefined ? {} : { target }) });
  }
}

/** A variable whose object or field is not there refuses the build at its very end. Throws `BuildError`. */
export function checkVars(acc: Accumulated): void {
  for (const { name, at, target, fieldPath } of acc.vars) {
    const item = acc.items.find((one) => target !== undefined && allIds(one).some((id) => idKey(id) === target));
    if (item === undefined && acc.incomplete) continue;
    if (item === undefined || readField(item.body, splitFieldPath(fieldPath)) === undefined) {
      throw new BuildError(at, `var '${name}' cannot be mapped to a field in the set of known resources`);
    }
  }
}

/** Says what stays unknown where objects use variables: their values are not put in. */
export function reportVars(acc: Accumulated): void {
  if (acc.vars.length === 0) return;
  for (const { name, at } of acc.vars) {
    const uses = new Set(acc.items.filter(({ body }) => JSON.stringify(body).includes(`$(${name})`)));
    if (uses.size > 0) hide(acc, { at, what: `values of the variable ${name}` }, (item) => uses.has(item));
  }
}

/**
 * Reads `configurations`, and `crds` and `openapi` as far as they must exist and parse: what these say of references,
 * merges and scopes is reported as unknown.
 */
export function readConfigurations(build: BuildFiles, file: KustomizationFile, acc: Accumulated): void {
  for (const field of ["configurations", "crds"]) {
    for (const path of stringList(file.data[field])) {
      const text = build.readText(file, field, path, acc);
      if (text === undefined) continue;
      const at = build.locate(file, field, path);
      const read = readText(text);
      if (!read.ok) throw new BuildError(at, `${path}: ${read.reason}`);
      const config = read.docs[0]?.data;
      if (field === "configurations" && isMap(config)) {
        acc.specs = guardSpecs(at, () => addConfiguration(acc.specs, config));
      }
      if (field === "crds" && text.includes("x-kubernetes-"))
        hide(acc, { at, what: `references described in ${path}` });
    }
  }
  const openapi = mapAt(file.data, "openapi");
  if (openapi.path === undefined) return;
  build.readText(file, "openapi", scalarText(openapi.path), acc);
  hide(acc, { at: build.locate(file, "openapi", ""), what: "merges and scopes by a custom OpenAPI schema" });
}

function isReferenced(id: Pick<Item, "apiVersion" | "kind" | "name" | "namespace">, ref: Data): boolean {
  const [group, version] = splitApiVersion(scalarText(ref.apiVersion));
  const wanted = {
    group: scalarText(ref.apiVersion).includes("/") ? group : scalarText(ref.group),
    version: ref.apiVersion === undefined ? scalarText(ref.version) : version,
  };
  const apiVersion = wanted.group === "" ? wanted.version : `${wanted.group}/${wanted.version}`;
  if (id.apiVersion !== apiVersion || id.kind !== scalarText(ref.kind) || id.name !== scalarText(ref.name))
    return false;
  const namespace = scalarText(ref.namespace);
  if (namespace === "" || isClusterScoped(apiVersion, id.kind)) return true;
  return (id.namespace || "default") === namespace;
}
