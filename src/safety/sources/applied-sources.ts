import { keyOfObject, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { isOpenText, mayBecome } from "../../admission/open-text.ts";
import type { Side } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import {
  factsOf,
  findSwitch,
  findSwitches,
  printSelection,
  type SourceFacts,
  type SourceSwitch,
  type SourceTable,
  sourceOf,
} from "../../change/source-facts.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { Held } from "../../change/world.ts";
import { aliasOf } from "../../cluster/artifact-copies.ts";
import { lineOf } from "../../contract/errors.ts";
import { groupBy } from "../../contract/group-by.ts";
import { itemsOf } from "../../contract/objects.ts";

/** Keys of what a FluxKustomization may read from. */
export const SOURCE_KEY = /^source\.toolkit\.fluxcd\.io\|(?:GitRepository|OCIRepository|Bucket)\|/;

interface Input {
  given: Pick<Given, "before" | "after">;
  /** As the files write them. */
  tables: Record<Side, SourceTable>;
  /** `Kind/name` of those that hold this repository. */
  own: ReadonlySet<string>;
}

/**
 * Sources that read something else after the change, as they are applied: patches and variables count, and two of one name in
 * different namespaces are two. Of those that nothing applies the files tell.
 */
export function findSourceSwitches({ given, tables, own }: Input): SourceSwitch[] {
  const pairs = [...given.before.objects].flatMap(([key, held]) => {
    const now = SOURCE_KEY.test(key) ? given.after.objects.get(key) : undefined;
    const facts = now && [readFacts(held), readFacts(now)];
    return facts?.[0] && facts[1] ? [{ key, old: facts[0], now: facts[1] }] : [];
  });
  const read = new Set(
    given.after.holders.map(({ key, spec }) => keyOfSource(spec.data.spec, splitKey(key).namespace)),
  );
  addCopied(read, given.after);
  const open = [...read].filter(isOpenKey);
  const mayBeRead = (key: ObjectKey) => (isOpenKey(key) ? [...read] : open).some((reader) => mayBeSame(reader, key));
  const named = groupBy(pairs, ({ key }) => nameOf(key));
  // Tenants give their sources one name.
  const sayWhich = (key: ObjectKey) => (named.get(nameOf(key))!.length > 1 ? { name: printKey(key) } : {});
  const applied = pairs.flatMap(({ key, old, now }) => {
    const source = nameOf(key);
    const isOwn = own.has(source);
    // What one of this repository leaves out is compared file by file where its own file says it.
    const isKnown = isOwn && printParts(tables.before.get(source)) !== printParts(tables.after.get(source));
    const found = [findSwitch(source, old, now, isOwn), isKnown || !isOwn ? [] : findSwitch(source, old, now, false)];
    const [first] = found.flat();
    return first && (isOwn || read.has(key) || mayBeRead(key)) ? [{ ...first, ...sayWhich(key), own: isOwn }] : [];
  });
  const names = new Set(pairs.map(({ key }) => nameOf(key)));
  const written = findSwitches(tables.before, tables.after, own).filter(({ source }) => !names.has(source));
  const isRead = (source: string) => given.after.holders.some(({ spec }) => sourceOf(spec.data.spec) === source);
  return [...applied, ...written.filter((one) => one.own || isRead(one.source))];
}

/** Adds what artifacts that are read are copied from, which may be artifacts as well. */
function addCopied(read: Set<ObjectKey>, after: Given["after"]): void {
  if (![...read].some((key) => splitKey(key).kind === "ExternalArtifact")) return;
  after.search(["ArtifactGenerator"]);
  const makers = groupBy(
    [...after.objects.values()].flatMap(({ object }) =>
      object.kind === "ArtifactGenerator" ? listArtifacts(object) : [],
    ),
    ({ key }) => key,
  );
  for (const key of read) {
    for (const source of makers.get(key)?.flatMap(({ sources }) => sources) ?? []) read.add(source);
  }
}

function listArtifacts({ namespace, body }: OwnedObject): { key: ObjectKey; sources: ObjectKey[] }[] {
  const sources = new Map(
    itemsOf(body?.spec?.sources).map((sourceRef) => [`@${sourceRef.alias}`, keyOfSource({ sourceRef }, namespace)]),
  );
  return itemsOf(body?.spec?.artifacts).map(({ name, copy }) => ({
    key: keyOfSource({ sourceRef: { kind: "ExternalArtifact", name } }, namespace),
    sources: itemsOf(copy).flatMap(({ from }) => sources.get(aliasOf(from)) ?? []),
  }));
}

function readFacts({ object: { kind, body, at }, by }: Held): SourceFacts | undefined {
  if (!body?.spec || !at) return undefined;
  const { open, ...facts } = factsOf(kind, body.spec, lineOf(at.file), true);
  // Of a variable in that of the operator the FluxInstance tells.
  return by && open !== undefined ? { ...facts, open } : facts;
}

function nameOf(key: ObjectKey): string {
  const { kind, name } = splitKey(key);
  return `${kind}/${name}`;
}

function keyOfSource(spec: { sourceRef?: Record<string, unknown> } | undefined, own: string): ObjectKey {
  const { kind, name, namespace } = spec?.sourceRef ?? {};
  const identity = { kind: String(kind), name: String(name), namespace: String(namespace || own) };
  return keyOfObject({ apiVersion: "source.toolkit.fluxcd.io/v1", ...identity });
}

const isOpenKey = (key: ObjectKey) => key.includes("${");

/** Whether variables that cannot be read, which need not take their defaults, may make two ids one. */
function mayBeSame(one: ObjectKey, other: ObjectKey): boolean {
  const [a, b] = [splitKey(one), splitKey(other)];
  const may = (x: string, y: string) => (isOpenText(x) && isOpenText(y)) || mayBecome(x, y) || mayBecome(y, x);
  return a.kind === b.kind && a.remote === b.remote && may(a.namespace, b.namespace) && may(a.name, b.name);
}

const printParts = (facts: SourceFacts | undefined): string => (facts ? printSelection(facts, false) : "");
