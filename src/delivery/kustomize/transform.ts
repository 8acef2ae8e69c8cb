import type { Loc } from "../../contract/errors.ts";
import { isClusterScoped } from "./builtin-kinds.ts";
import { type Change, type Data, isMap, mapAt, markOf, markText, scalarText } from "./data.ts";
import { BuildError, EditFailure, sayTypedKey } from "./failures.ts";
import { type Created, type FieldSpec, isSelected, selectByKind, setFields, splitSpecPath } from "./field-spec.ts";
import { allIds, guard, type Item, idKey, originalId, printId, storePrevious, withBody } from "./item.ts";
import { addNotes, notes } from "./notes.ts";
import type { PatchContext } from "./patch.ts";
import { isTypedText } from "./read.ts";
import { findShared, placesOf } from "./shared.ts";
import { pathTo, textsOf } from "./source-text.ts";

/** Sets the fields that specs name in every object. Throws `BuildError` where a path runs into something else. */
export function setAll(
  items: readonly Item[],
  specs: readonly FieldSpec[],
  created: Created,
  at: Loc,
  set: Change,
): Item[] {
  const choose = selectByKind(specs.map((spec) => ({ spec, path: splitSpecPath(spec.path) })));
  return items.map((item) => {
    let body: unknown = item.body;
    for (const { spec, path } of choose(item))
      body = guard(item, at, () => setFields(body, path, spec.create ? created : undefined, set));
    return body === item.body ? item : withBody(item, body as Data);
  });
}

/** Adds labels or annotations wherever the specs say. */
export function addPairs(items: readonly Item[], pairs: Data, specs: readonly FieldSpec[], at: Loc): Item[] {
  const keys = Object.keys(pairs);
  if (keys.length === 0) return [...items];
  const added = setAll(items, specs, "map", at, (old) => {
    if (old === null) return old;
    if (!isMap(old)) throw new EditFailure("wrong node kind: expected a map");
    return { ...old, ...pairs };
  });
  // kustomize writes them without quotes, reads them back, and cannot print what it has then.
  const typed = keys.find(isTypedText);
  if (typed !== undefined && added.some((item, index) => item !== items[index])) {
    throw new BuildError(at, sayTypedKey(typed));
  }
  return added.map((item, index) => {
    const before = items[index]!;
    const chosen = item === before ? [] : specs.filter((spec) => isSelected(item, spec));
    if (chosen.length < 2) return item;
    const places = chosen.flatMap((spec) => placesOf(item.body, splitSpecPath(spec.path)));
    const shared = findShared(before.body, item.body, places, keys);
    return shared.length > 0 ? { ...item, shared: [...(item.shared ?? []), ...shared] } : item;
  });
}

interface NamespaceOptions {
  unsetOnly?: boolean;
  /** Which subjects of role bindings move: those named `default`, every ServiceAccount or none. */
  subjects?: string;
}

/**
 * The namespace transformer: every object kustomize does not know to be cluster-scoped moves, and what the specs name is
 * set. Two objects that become one are an error. Throws `BuildError`.
 */
export function setNamespace(
  items: readonly Item[],
  namespace: string,
  specs: readonly FieldSpec[],
  at: Loc,
  { unsetOnly = false, subjects = "" }: NamespaceOptions = {},
): Item[] {
  if (!["", "defaultOnly", "allServiceAccounts", "none"].includes(subjects))
    throw new BuildError(at, `invalid value "${subjects}" for setRoleBindingSubjects`);
  const set = (old: unknown) => (scalarOf(old) !== "" && unsetOnly ? old : namespace);
  // Each object has to be the only one with its id as soon as it is moved, also among those that move later.
  const left = new Map<string, number>();
  const count = (item: Item, by: number) => {
    const now = (left.get(idKey(item)) ?? 0) + by;
    left.set(idKey(item), now);
    return now;
  };
  for (const item of items) count(item, 1);
  return items.map((old) => {
    const item = move(old, specs, at, subjects, set);
    count(old, -1);
    if (count(item, 1) > 1) throw new BuildError(at, `namespace transformation produces ID conflict: ${printId(item)}`);
    return item;
  });
}

function move(old: Item, specs: readonly FieldSpec[], at: Loc, subjects: string, set: Change): Item {
  const item = storePrevious(old);
  let body: unknown = item.body;
  if (!isClusterScoped(item)) body = guard(item, at, () => setFields(body, ["metadata", "namespace"], "text", set));
  if (isRoleBinding(item.kind) && subjects !== "none")
    body = guard(item, at, () => moveSubjects(body as Data, subjects, set));
  const usable = specs.filter(
    ({ path, kind = "" }) =>
      path !== "metadata/namespace" &&
      (item.apiVersion === "v1" || path !== "metadata/name") &&
      !(isRoleBinding(item.kind) && isRoleBinding(kind) && path === "subjects/namespace"),
  );
  return setAll([withBody(item, body as Data)], usable, "text", at, set)[0]!;
}

function isRoleBinding(kind: string): boolean {
  return kind === "RoleBinding" || kind === "ClusterRoleBinding";
}

function moveSubjects(body: Data, mode: string, set: Change): Data {
  const found = body.subjects;
  if (found === undefined || found === null) return body;
  if (!Array.isArray(found)) throw new EditFailure("subjects is no list");
  const [field, wanted] = mode === "allServiceAccounts" ? ["kind", "ServiceAccount"] : ["name", "default"];
  const subjects = found.map((subject) => {
    if (subject === null) return subject;
    if (!isMap(subject)) throw new EditFailure("a subject is no map");
    return scalarOf(subject[field]) === wanted ? { ...subject, namespace: set(subject.namespace) } : subject;
  });
  return { ...body, subjects };
}

/** `namePrefix` or `nameSuffix`: not for CustomResourceDefinition, APIService and Namespace. */
export function rename(
  items: readonly Item[],
  change: { prefix?: string; suffix?: string },
  specs: readonly FieldSpec[],
  at: Loc,
): Item[] {
  const { prefix = "", suffix = "" } = change;
  return items.map((old) => {
    const original = originalId(old);
    if (unrenamed.some((spec) => isSelected(original, spec))) return old;
    let item = old;
    for (const spec of specs.filter((one) => isSelected(original, one))) {
      if (spec.path === "metadata/name") {
        item = withBody(item, addNotes(item.body, { [notes.prefixes]: prefix, [notes.suffixes]: suffix }));
        if (prefix + suffix !== "") item = storePrevious(item);
      }
      item = setAll([item], [spec], "text", at, (name) => {
        const text = prefix + nameText(name) + suffix;
        // What is no text stays without quotes, and may be a number again.
        return typeof name === "string" && markOf(name) === undefined ? text : markText("plain", text);
      })[0]!;
    }
    if (typeof mapAt(old.body, "metadata").name !== "string") item = { ...item, isMarked: true };
    if (item.name.length > longestName) throw new BuildError(at, "a name becomes longer than Kubernetes takes any");
    return item;
  });
}

/** Kubernetes takes 253 characters; kustomize would go on, and keep all the names on the way. */
const longestName = 10_000;

/** A JSON6902 patch can make a name null: kustomize takes it for the text that is written. */
function nameText(value: unknown): string {
  return value === null ? "null" : scalarOf(value);
}

function scalarOf(value: unknown): string {
  if (isMap(value) || Array.isArray(value)) throw new EditFailure("wrong node kind: expected a scalar");
  return scalarText(value);
}

const unrenamed = [
  { kind: "CustomResourceDefinition" },
  { group: "apiregistration.k8s.io", kind: "APIService" },
  { kind: "Namespace" },
];

/** Sets the replica count of the workloads with a name; none is an error. Throws `BuildError`. */
export function setReplicas(
  items: readonly Item[],
  replica: Data,
  specs: readonly FieldSpec[],
  { at, incomplete, undecided }: PatchContext,
): Item[] {
  const name = scalarText(replica.name);
  const count = Number(replica.count ?? 0);
  let found = false;
  let result = [...items];
  for (const spec of specs) {
    result = result.map((item) => {
      if (!allIds(item).some((id) => id.name === name && isSelected(id, spec))) return item;
      found = true;
      const { isQuoted } = textsOf(item.written ?? [], () => [], undecided);
      const path = splitSpecPath(spec.path).reduce(pathTo, "");
      const set = (old: unknown) => {
        const text = scalarOf(old);
        return text !== "" && typeof old === "string" && isQuoted(path, text) ? String(count) : count;
      };
      return setAll([item], [spec], "text", at, set)[0]!;
    });
  }
  if (!found && !incomplete) throw new BuildError(at, `replicas: no workload has the name ${name}`);
  return result;
}

/** The first object whose id another one has already. */
export function findDuplicate(items: readonly Item[]): Item | undefined {
  const seen = new Set<string>();
  return items.find((item) => {
    const key = idKey(item);
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}
