import { lineOf } from "../../contract/errors.ts";
import { getOrMake, groupBy } from "../../contract/group-by.ts";
import { effectiveNamespace, isClusterScoped } from "./builtin-kinds.ts";
import { type Data, isMap, mapAt, scalarText } from "./data.ts";
import type { NameReferences } from "./default-specs.ts";
import { EditFailure } from "./failures.ts";
import { type FieldSpec, isSelected, selectByKind, setFields, splitSpecPath } from "./field-spec.ts";
import { guard, type Item, originalId, type PreviousId, printId, withBody } from "./item.ts";
import { listNote, notes } from "./notes.ts";

/** Writes the new names of renamed objects wherever others refer to them. Throws `BuildError`. */
export function fixReferences(items: readonly Item[], references: readonly NameReferences[]): Item[] {
  const names = items.flatMap((item) =>
    [...new Set(item.previous.map(({ name }) => name))].map((name) => ({ name, item })),
  );
  const index: Index = {
    byOldName: groupBy(names, ({ name }) => name),
    byOldNamespace: groupBy(items, (item) => effectiveNamespace(originalId(item))),
  };
  const choose = fieldsOf(references);
  return items.map((item) => {
    const chosen = choose(originalId(item));
    return chosen.length === 0 ? item : fixOne(item, chosen, index);
  });
}

type Referrers = ReturnType<typeof selectByKind<{ spec: FieldSpec; target: Target; path: readonly string[] }>>;

const known = new WeakMap<readonly NameReferences[], Referrers>();

/** The fields of an object that may name others; nearly all builds know the same references. */
function fieldsOf(references: readonly NameReferences[]): Referrers {
  return getOrMake(known, references, () =>
    selectByKind(
      references.flatMap(({ fields, ...target }) =>
        fields.map((spec) => ({ spec, target, path: splitSpecPath(spec.path) })),
      ),
    ),
  );
}

interface Index {
  byOldName: Map<string, { item: Item }[]>;
  byOldNamespace: Map<string, Item[]>;
}

type Target = Omit<NameReferences, "fields">;

/** The object that had a name; `wanted` is the namespace said with it. */
type Find = (name: string, wanted?: { namespace: string }) => Item | undefined;

function fixOne(item: Item, fields: readonly { target: Target; path: readonly string[] }[], index: Index): Item {
  const at = lineOf(item.file);
  const canSee = guard(item, at, () => visibleFrom(item));
  const body = guard(item, at, () => {
    confirmType(item);
    return fields.reduce<unknown>((done, { target, path }) => {
      const isRoleRef = path.slice(-2).join("/") === "roleRef/name";
      const find: Find = (name, wanted) => {
        let candidates = (index.byOldName.get(name) ?? []).map(({ item: one }) => one).filter(canSee);
        if (wanted !== undefined) {
          const byOld = (index.byOldNamespace.get(wanted.namespace) ?? []).some(canSee);
          candidates = candidates.filter(
            (one) => effectiveNamespace(byOld ? originalId(one) : one) === wanted.namespace,
          );
        }
        candidates = candidates.filter((one) => one.previous.some((id) => isSelected(withVersion(id, one), target)));
        if (isRoleRef) candidates = candidates.filter(matchesRoleRef(item));
        return choose(item, candidates, wanted !== undefined);
      };
      return setFields(done, path, undefined, (value) => update(value, find));
    }, item.body);
  });
  return body === item.body ? item : withBody(item, body as Data);
}

/** kustomize takes apiVersion and kind apart, puts them together again and refuses what is not the same then. */
function confirmType({ body, apiVersion, kind }: Item): void {
  const isSame = scalarText(body.apiVersion) === apiVersion && !apiVersion.startsWith("/");
  if (!isSame || scalarText(body.kind) !== kind) throw new EditFailure(`'${apiVersion}' or '${kind}' is no type`);
}

function update(value: unknown, find: Find): unknown {
  if (value === null || value === undefined) return value;
  if (isMap(value)) return updateMap(value, find);
  if (!Array.isArray(value)) return updateName(value, find);
  return value.map((item) => {
    if (Array.isArray(item)) throw new EditFailure("expected to be either a string or a map of string");
    return update(item, find);
  });
}

function updateName(value: unknown, find: Find): unknown {
  const found = find(scalarText(value));
  return found === undefined || found.name === scalarText(value) ? value : found.name;
}

function updateMap(map: Data, find: Find): Data {
  if (!Object.hasOwn(map, "name")) throw new EditFailure("path config error; no 'name' field in node");
  const wanted = Object.hasOwn(map, "namespace") ? { namespace: scalarText(map.namespace) } : undefined;
  const found = find(scalarText(map.name), wanted);
  if (found === undefined || (found.name === scalarText(map.name) && found.namespace === "")) return map;
  return { ...map, name: found.name, ...(found.namespace === "" ? {} : { namespace: found.namespace }) };
}

/** Which objects one may refer to: cluster-scoped ones, those of its namespace, ServiceAccounts of its role binding. */
function visibleFrom(item: Item): (other: Item) => boolean {
  const own = scopeOf(item);
  if (own.isGlobal) return () => true;
  const accounts = item.kind === "RoleBinding" ? accountNamespaces(item.body.subjects) : new Set<string>();
  return (other) => {
    const { isGlobal, namespace } = scopeOf(other);
    return isGlobal || namespace === own.namespace || accounts.has(other.namespace);
  };
}

/** Where thousands of bases hold an object of one name, each referrer looks at each of them. */
const scopes = new WeakMap<Item, { isGlobal: boolean; namespace: string }>();

function scopeOf(item: Item): { isGlobal: boolean; namespace: string } {
  return getOrMake(scopes, item, () => ({ isGlobal: isClusterScoped(item), namespace: effectiveNamespace(item) }));
}

function accountNamespaces(subjects: unknown): Set<string> {
  const found = new Set<string>();
  for (const subject of Array.isArray(subjects) ? subjects : []) {
    if (!isMap(subject)) throw new EditFailure("a subject is no map");
    if (!Object.hasOwn(subject, "namespace") || !Object.hasOwn(subject, "kind")) continue;
    if (typeof subject.kind !== "string") throw new EditFailure("the kind of a subject is no text");
    if (subject.kind !== "ServiceAccount") continue;
    if (typeof subject.namespace !== "string") throw new EditFailure("namespace is blank");
    found.add(subject.namespace);
  }
  return found;
}

function matchesRoleRef({ body }: Item): (other: Item) => boolean {
  const { apiGroup, kind } = mapAt(body, "roleRef");
  if (apiGroup === undefined || kind === undefined) return () => true;
  const wanted = { group: scalarText(apiGroup), kind: scalarText(kind) };
  return (other) => other.previous.some((id) => isSelected(withVersion(id, other), wanted));
}

/** One candidate, or none: those whose prefixes and suffixes fit the referrer's come first. Throws `EditFailure`. */
function choose(item: Item, candidates: readonly Item[], withNamespace: boolean): Item | undefined {
  const own = scopeOf(item);
  let left = candidates.filter((one) => {
    const { isGlobal, namespace } = scopeOf(one);
    return own.isGlobal || isGlobal || one.kind === "ServiceAccount" || namespace === own.namespace;
  });
  if (left.length === 1) return left[0];
  left = left.filter((one) => haveSameAffixes(one, item, true));
  if (left.length > 1) left = left.filter((one) => haveSameAffixes(one, item, false));
  const ids = new Set(left.map(({ name, namespace }) => (withNamespace ? `${namespace}/${name}` : name)));
  if (ids.size > 1) throw new EditFailure(`found multiple possible referrals: ${left.map(printId).join(", ")}`);
  return left[0];
}

function haveSameAffixes(one: Item, other: Item, allowEmpty: boolean): boolean {
  const [all, others] = [affixesOf(one), affixesOf(other)];
  return all.every((a, at) => {
    const b = others[at]!;
    const [short, long] = a.length > b.length ? [b, a] : [a, b];
    if (short.length === 0) return allowEmpty || long.length === 0;
    return short.every((text, index) => text === long[index + long.length - short.length]);
  });
}

const affixes = new WeakMap<Item, readonly (readonly string[])[]>();

function affixesOf(item: Item): readonly (readonly string[])[] {
  return getOrMake(affixes, item, () => [notes.prefixes, notes.suffixes].map((note) => listNote(item.body, note)));
}

function withVersion(id: PreviousId, { apiVersion }: Item): { apiVersion: string; kind: string } {
  return { apiVersion, kind: id.kind };
}
