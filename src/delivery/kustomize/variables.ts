import type { Loc } from "../../contract/errors.ts";
import { isClusterScoped } from "./builtin-kinds.ts";
import { type Data, isMap, mapAt, mapList, scalarText, stringList } from "./data.ts";
import { BuildError } from "./failures.ts";
import { readField, splitFieldPath } from "./field-path.ts";
import { allIds, type Item, idKey, originalId, splitApiVersion } from "./item.ts";
import { readText } from "./read.ts";
import { addConfiguration } from "./specs.ts";
import { type Accumulated, hide, type Stage, type Var } from "./stage.ts";
import type { Id } from "./types.ts";

/** Declares the `vars` of a kustomization. Throws `BuildError` for a name declared twice or several objects. */
export function bindVars(stage: Stage): void {
  const { acc } = stage;
  for (const entry of mapList(stage.file.data.vars)) {
    const [name, at] = [scalarText(entry.name), stage.locate("vars")];
    const found = acc.items.filter((item) => allIds(item).some((id) => isReferenced(id, mapAt(entry, "objref"))));
    if (found.length > 1) throw new BuildError(at, `found ${found.length} objects for var ${name}`);
    const fieldPath = scalarText(mapAt(entry, "fieldref").fieldPath) || "metadata.name";
    addVar(acc, { name, at, fieldPath, ...(found[0] ? { target: found[0] } : {}) }, at);
  }
}

/** Adds a variable, here or of a base. Throws `BuildError` for a name that is there already. */
export function addVar(acc: Accumulated, one: Var, at: Loc): void {
  if (acc.vars.some(({ name }) => name === one.name)) throw new BuildError(at, `var '${one.name}' already encountered`);
  acc.vars.push(one);
}

/** A variable whose object or field is not there refuses the build at its very end. Throws `BuildError`. */
export function checkVars(acc: Accumulated): void {
  for (const { name, at, target, fieldPath } of acc.vars) {
    const item = target && findBound(acc.items, target);
    if (item === undefined && acc.incomplete) continue;
    if (item === undefined || readField(item.body, splitFieldPath(fieldPath)) === undefined) {
      throw new BuildError(at, `var '${name}' cannot be mapped to a field in the set of known resources`);
    }
  }
}

/** The object itself is bound in kustomize: a replacement may have written its name over since. */
function findBound(items: readonly Item[], target: Item): Item | undefined {
  const [key, original] = [target, originalId(target)].map(idKey);
  const same = items.filter((one) => idKey(originalId(one)) === original);
  return items.find((one) => allIds(one).some((id) => idKey(id) === key)) ?? (same.length === 1 ? same[0] : undefined);
}

/** Says what stays unknown where objects use variables: their values are not put in. */
export function reportVars(acc: Accumulated): void {
  for (const { name, at } of acc.vars) {
    const uses = new Set(acc.items.filter(({ body }) => JSON.stringify(body).includes(`$(${name})`)));
    if (uses.size > 0) hide(acc, { at, what: `values of the variable ${name}` }, (item) => uses.has(item));
  }
}

/** The only one that kustomize 5 brings along. */
const BUILT_IN_SCHEMA = "v1.21.2";

/**
 * Reads `configurations`, and `crds` and `openapi` as far as they must exist and parse: what these say of references,
 * merges and scopes is reported as unknown.
 */
export function readConfigurations(stage: Stage): void {
  const { acc, file } = stage;
  for (const field of ["configurations", "crds"]) {
    for (const path of stringList(file.data[field])) {
      const text = stage.readText(field, path);
      if (text === undefined) continue;
      const at = stage.locate(field, path);
      const read = readText(text);
      if (!read.ok) throw new BuildError(at, `${path}: ${read.reason}`);
      const config = read.docs[0]?.data;
      if (field === "configurations" && isMap(config)) {
        acc.specs = addConfiguration(acc.specs, config, at);
      }
      if (field === "crds" && text.includes("x-kubernetes-"))
        hide(acc, { at, what: `references described in ${path}` });
    }
  }
  const openapi = mapAt(file.data, "openapi");
  const version = scalarText(openapi.version);
  if (openapi.path === undefined) {
    if (version !== "" && version !== BUILT_IN_SCHEMA)
      throw new BuildError(
        stage.locate("openapi"),
        `openapi: the specified OpenAPI version is not built in: ${version}, only ${BUILT_IN_SCHEMA} is`,
      );
    return;
  }
  stage.readText("openapi", scalarText(openapi.path));
  if (openapi.version !== undefined)
    throw new BuildError(
      stage.locate("openapi"),
      "openapi: builtin version and custom schema provided, cannot use both",
    );
  hide(acc, { at: stage.locate("openapi"), what: "merges and scopes by a custom OpenAPI schema" });
}

function isReferenced(id: Id, ref: Data): boolean {
  const [group, version] = splitApiVersion(scalarText(ref.apiVersion));
  const wanted = {
    group: scalarText(ref.apiVersion).includes("/") ? group : scalarText(ref.group),
    version: ref.apiVersion === undefined ? scalarText(ref.version) : version,
  };
  const apiVersion = wanted.group === "" ? wanted.version : `${wanted.group}/${wanted.version}`;
  if (id.apiVersion !== apiVersion || id.kind !== scalarText(ref.kind) || id.name !== scalarText(ref.name))
    return false;
  const namespace = scalarText(ref.namespace);
  if (namespace === "" || isClusterScoped(id)) return true;
  return (id.namespace || "default") === namespace;
}
