import type { Loc } from "../errors.ts";
import type { Accumulated, Build } from "./build.ts";
import { BuildError } from "./build-error.ts";
import { type Data, isMap, mapAt, mapList, scalarText, stringList } from "./data.ts";
import { readField, splitFieldPath } from "./field-path.ts";
import type { KustomizationFile } from "./file.ts";
import { allIds, type Item, idKey, splitApiVersion } from "./item.ts";
import { readText } from "./read.ts";
import { isClusterScoped } from "./scope.ts";

/** A kustomize variable, bound to the object it reads when it was declared. */
export interface Var {
  name: string;
  at: Loc;
  fieldPath: string;
  /** Any id of the object it is bound to. */
  target?: string;
}

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

/**
 * Reads `configurations`, `crds` and `openapi` as far as they must exist and parse. What in them could rename objects is
 * reported as unknown: custom field specs for names, namespaces and variables, and custom schemas.
 */
export function checkConfigurations(build: Build, file: KustomizationFile, acc: Accumulated): void {
  for (const field of ["configurations", "crds"]) {
    for (const path of stringList(file.data[field])) {
      const text = build.readText(file, field, path, acc);
      if (text === undefined) continue;
      const at = build.locate(file, field, path);
      const read = readText(text);
      if (!read.ok) throw new BuildError(at, `${path}: ${read.reason}`);
      if (field === "configurations" && renames(read.docs[0]?.data)) {
        acc.unknowns.push({ at, what: `names and namespaces changed by the custom field specs in ${path}` });
      }
    }
  }
  const openapi = mapAt(file.data, "openapi");
  if (openapi.path !== undefined) {
    build.readText(file, "openapi", scalarText(openapi.path), acc);
    acc.unknowns.push({ at: build.locate(file, "openapi", ""), what: "scopes of kinds in a custom OpenAPI schema" });
  }
}

function renames(config: unknown): boolean {
  if (!isMap(config)) return false;
  return Object.entries(config).some(([section, specs]) => {
    if (section === "namePrefix" || section === "nameSuffix") return false;
    const all = mapList(specs).flatMap((spec) => [spec, ...mapList(spec.fieldSpecs)]);
    return all.some(({ path }) => path === "metadata/name" || path === "metadata/namespace");
  });
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
