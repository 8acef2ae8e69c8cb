import type { Unknown } from "../../contract/answer.ts";
import type { Loc } from "../../contract/errors.ts";
import { getOrMake, groupBy, indexBy } from "../../contract/group-by.ts";
import { isClusterScoped } from "./builtin-kinds.ts";
import { type Data, isMap, mapAt, mapList, scalarText, stringList } from "./data.ts";
import { variableLists } from "./default-specs.ts";
import { BuildError, EditFailure } from "./failures.ts";
import { readField, splitFieldPath } from "./field-path.ts";
import { selectByKind, setFields, splitSpecPath } from "./field-spec.ts";
import { allIds, guard, type Item, idKey, originalId, splitApiVersion } from "./item.ts";
import { readText } from "./read.ts";
import { addConfiguration } from "./specs.ts";
import { type Accumulated, hide, hideEach, type Stage, type Var } from "./stage.ts";
import type { Id } from "./types.ts";

/** Declares the `vars` of a kustomization. Throws `BuildError` for a name declared twice or several objects. */
export function bindVars(stage: Stage): void {
  const { acc } = stage;
  const entries = mapList(stage.file.data.vars);
  const nameOf = ({ kind, name }: { kind?: unknown; name?: unknown }) => `${scalarText(kind)}/${scalarText(name)}`;
  const named = entries.length > 0 ? indexBy(acc.items, (item) => allIds(item).map(nameOf)) : undefined;
  for (const entry of entries) {
    const [name, at, ref] = [scalarText(entry.name), stage.locate("vars"), mapAt(entry, "objref")];
    const found = (named?.get(nameOf(ref)) ?? []).filter((item) => allIds(item).some((id) => isReferenced(id, ref)));
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
  if (acc.vars.length === 0) return;
  const byId = indexBy(acc.items, (item) => allIds(item).map(idKey));
  const byOriginal = groupBy(acc.items, (item) => idKey(originalId(item)));
  // The object itself is bound in kustomize: a replacement may have written its name over since.
  const findBound = (target: Item) => {
    const same = byOriginal.get(idKey(originalId(target))) ?? [];
    return byId.get(idKey(target))?.[0] ?? (same.length === 1 ? same[0] : undefined);
  };
  for (const { name, at, target, fieldPath } of acc.vars) {
    const item = target && findBound(target);
    if (item === undefined && acc.incomplete) continue;
    if (item === undefined || readField(item.body, splitFieldPath(fieldPath)) === undefined) {
      throw new BuildError(at, `var '${name}' cannot be mapped to a field in the set of known resources`);
    }
  }
  checkLists(acc);
}

/** Where variables are declared, whether anything uses them or not, a list that may do so holds texts alone. Throws `BuildError`. */
function checkLists({ items, vars }: Accumulated): void {
  const [first] = vars;
  if (!first) return;
  const select = selectByKind(variableLists.map((spec) => ({ spec })));
  const check = (value: unknown) => {
    if (Array.isArray(value) && value.some((item) => typeof item !== "string"))
      throw new EditFailure("a list that may use variables holds something else than texts");
    return value;
  };
  for (const item of items) {
    if (item.hidden !== undefined) continue;
    for (const { spec } of select(item))
      guard(item, first.at, () => setFields(item.body, splitSpecPath(spec.path), undefined, check));
  }
}

/** Says what stays unknown where objects use variables: their values are not put in. */
export function reportVars(acc: Accumulated): void {
  if (acc.vars.length === 0) return;
  const texts = new Map(acc.items.map((item) => [item, JSON.stringify(item.body)]));
  const users = indexBy(acc.items, (item) =>
    [...texts.get(item)!.matchAll(/\$\(([\w.-]+)\)/g)].map(([, name]) => name!),
  );
  const isPlain = (name: string) => /^[\w.-]+$/.test(name);
  const usersOf = (name: string) =>
    isPlain(name) ? (users.get(name) ?? []) : acc.items.filter((item) => texts.get(item)!.includes(`$(${name})`));
  const used = new Map<Item, Unknown[]>();
  for (const { name, at } of acc.vars) {
    const unknown = { at, what: `values of the variable ${name}` };
    const uses = usersOf(name);
    if (uses.length > 0) acc.unknowns.push(unknown);
    for (const item of uses) getOrMake(used, item, () => []).push(unknown);
  }
  hideEach(acc, (item) => used.get(item));
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
