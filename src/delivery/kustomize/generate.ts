import { publicAddress } from "../../contract/address.ts";
import type { Unknown } from "../../contract/answer.ts";
import type { Loc } from "../../contract/errors.ts";
import { type Data, mapAt, scalarText, stringList, textEntries } from "./data.ts";
import { BuildError, sayTypedKey } from "./failures.ts";
import { encodeSecretValue } from "./hash.ts";
import { type Item, makeItem, needsHash, printId, withBody } from "./item.ts";
import { annotationsOf, notes, notesOf, withAnnotations, withoutNotes } from "./notes.ts";
import { isRemote, joinPath } from "./paths.ts";
import { isTypedText } from "./read.ts";
import { findById } from "./select.ts";
import { generatedTexts, setTexts } from "./source-text.ts";
import { type Accumulated, append, type Stage } from "./stage.ts";

/** What a generator makes. */
export type GeneratedKind = "ConfigMap" | "Secret";

export interface Generated {
  item: Item;
  behavior: string;
}

/** What the sources of one entry are read for. */
interface Reading {
  stage: Stage;
  kind: GeneratedKind;
  field: string;
  /** Only a name with a hash depends on what the sources hold. */
  hashes: boolean;
}

const knownBehaviors = ["create", "merge", "replace"];

/** Runs one `configMapGenerator` or `secretGenerator` entry. Throws `BuildError`. */
export function generate(stage: Stage, kind: GeneratedKind, field: string, entry: Data, global: Data): Generated {
  const name = scalarText(entry.name);
  if (name === "") throw new BuildError(stage.locate(field, "name"), "a configmap must have a name");
  const local = mapAt(entry, "options");
  const hashes = !(local.disableNameSuffixHash || global.disableNameSuffixHash);
  const data: Record<string, string> = {};
  let hiddenContent: string | undefined;
  const hidden: Unknown[] = [];
  for (const [key, value, path] of readPairs(entry, { stage, kind, field, hashes })) {
    if (value === undefined) hiddenContent = path ?? key;
    if (key === undefined) {
      hidden.push({ at: stage.locate(field, path ?? name), what: `keys of ${path}` });
      continue;
    }
    if (Object.hasOwn(data, key)) {
      throw new BuildError(stage.locate(field, name), `configmap ${name} illegally repeats the key ${key}`);
    }
    refuseTyped(key, stage, field, name);
    data[key] = kind === "Secret" ? encodeSecretValue(value ?? "") : (value ?? "");
  }
  const said = scalarText(entry.behavior);
  const behavior = knownBehaviors.includes(said) ? said : "unspecified";
  const marks = { [notes.behavior]: behavior, ...(hashes ? { [notes.needsHash]: "enabled" } : {}) };
  const labels = { ...mapAt(global, "labels"), ...mapAt(local, "labels") };
  const annotations = { ...mapAt(global, "annotations"), ...mapAt(local, "annotations") };
  for (const key of Object.keys({ ...labels, ...annotations })) refuseTyped(key, stage, field, name);
  const metadata = {
    name,
    ...(scalarText(entry.namespace) === "" ? {} : { namespace: entry.namespace }),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    annotations: { ...annotations, ...marks },
  };
  const body: Record<string, unknown> = { apiVersion: "v1", kind, metadata };
  if (kind === "Secret") body.type = scalarText(entry.type) || "Opaque";
  if (kind === "Secret" || Object.keys(data).length > 0) body.data = data;
  if (local.immutable || global.immutable) body.immutable = true;
  const made = { ...makeItem(body, stage.file.path, 0), written: [generatedTexts(body)] };
  const item = hidden.length === 0 ? made : { ...made, hidden };
  return { item: hiddenContent === undefined ? item : { ...item, hiddenContent }, behavior };
}

/** kustomize writes keys without quotes, and reads them back. */
function refuseTyped(key: string, stage: Stage, field: string, name: string): void {
  if (isTypedText(key)) throw new BuildError(stage.locate(field, name), sayTypedKey(key));
}

/** Adds a generated object, or merges it into the one that it names. */
export function mergeGenerated(acc: Accumulated, generated: Generated, at: Loc): void {
  const { item, behavior } = generated;
  const changes = behavior === "merge" || behavior === "replace";
  const [first, ...others] = findById(acc.items, item);
  if (others.length > 0) throw new BuildError(at, `several objects could accept merge of ${printId(item)}`);
  if (first !== undefined) {
    if (!changes) throw new BuildError(at, `${printId(item)} exists; behavior must be merge or replace`);
    acc.items[first] = absorb(acc.items[first]!, generated);
    return;
  }
  if (changes && !acc.incomplete) throw new BuildError(at, `${printId(item)} does not exist; cannot merge or replace`);
  if (changes) acc.unknowns.push({ at, what: `the object ${printId(item)} is merged into` });
  append(acc, [item], () => at);
}

/** What `behavior: merge|replace` makes of an object and the generated one: it keeps the old place, id and history. */
function absorb(old: Item, { item, behavior }: Generated): Item {
  const metadata: Record<string, unknown> = { ...mapAt(item.body, "metadata"), name: old.name };
  delete metadata.namespace;
  if (old.namespace !== "") metadata.namespace = old.namespace;
  const labelsOf = (from: unknown) => textEntries(mapAt(from, "labels"));
  const labels = Object.fromEntries([...labelsOf(old.body.metadata), ...labelsOf(metadata)]);
  if (Object.keys(labels).length > 0) metadata.labels = labels;
  const body: Record<string, unknown> = { ...item.body, metadata };
  for (const field of behavior === "merge" ? ["data", "binaryData"] : []) {
    const merged = Object.fromEntries([old, item].flatMap((one) => textEntries(one.body[field])));
    if (Object.keys(merged).length > 0) body[field] = merged;
    else delete body[field];
  }
  const annotations = { ...annotationsOf(withoutNotes(item.body)), ...notesOf(old.body) };
  if (!needsHash(item)) delete annotations[notes.needsHash];
  const hiddenContent = item.hiddenContent ?? (behavior === "merge" ? old.hiddenContent : undefined);
  const hidden = [...(old.hidden ?? []), ...(item.hidden ?? [])];
  const { hiddenContent: _, ...rest } = hidden.length === 0 ? old : { ...old, hidden };
  const whole = withBody(rest, withAnnotations(body, { ...annotationsOf(withoutNotes(old.body)), ...annotations }));
  const merged = { ...whole, written: [setTexts(whole.body)] };
  return hiddenContent === undefined ? merged : { ...merged, hiddenContent };
}

/** A key and its value, each undefined where it cannot be known; with the file where that is why the key is not. */
type Pair = [key: string | undefined, value: string | undefined, path?: string];

/** What a file holds; of ciphertext in the form of an env file the names are not encrypted. Undefined: it cannot be known. */
type Source = string | { names: string } | undefined;

function* readPairs(entry: Data, reading: Reading): Generator<Pair> {
  const refuse = (source: string, reason: string) =>
    new BuildError(reading.stage.locate(reading.field, source), `invalid ${reason}`);
  yield* listPairs(entry, (path) => load(path, reading), refuse);
}

/**
 * Keys and values of an entry in kustomize's order (envs, literals, files).
 * @param load the text of a file that the entry names
 * @param refuse what is thrown for a source that is none; its place is said and not its text, which may be the value of a Secret
 */
export function* listPairs(
  entry: Data,
  load: (path: string) => Source,
  refuse: (source: string, reason: string) => Error,
): Generator<Pair> {
  for (const path of [...stringList(entry.envs), ...(scalarText(entry.env) ? [scalarText(entry.env)] : [])]) {
    const text = load(path);
    if (text === undefined) yield [undefined, undefined, path];
    else if (typeof text === "string") yield* readEnv(text);
    else for (const [key] of readEnv(text.names)) if (!key.startsWith("sops_")) yield [key, undefined];
  }
  for (const literal of stringList(entry.literals)) {
    const at = literal.indexOf("=");
    if (at < 1) throw refuse(literal, "literal source, expected key=value");
    yield [literal.slice(0, at), removeQuotes(literal.slice(at + 1))];
  }
  for (const source of stringList(entry.files)) {
    const parts = source.split("=");
    if (parts.length > 2 || parts.includes("")) throw refuse(source, "file source, expected path or key=path");
    const path = parts.at(-1)!;
    const text = load(path);
    yield [
      parts.length === 2 ? parts[0]! : path.slice(path.lastIndexOf("/") + 1),
      typeof text === "string" ? text : undefined,
    ];
  }
}

/** Of content that cannot be read here the object is kept, and its hash is not known. */
function load(path: string, { stage, kind, field, hashes }: Reading): Source {
  const { tree, options } = stage;
  const full = joinPath(stage.file.dir, path);
  const isThere = full !== undefined && stage.isThere(full);
  const text = isThere ? tree.read(full) : undefined;
  if (text !== undefined && !(kind === "Secret" && options.isRewritten?.(text))) return text;
  const hide = (what: string, file?: string) => {
    const at = stage.locate(field, path);
    stage.acc.unknowns.push({ at, what, content: true, ...(file === undefined ? {} : { file }) });
  };
  if (isThere)
    hide(
      text === undefined ? `content of the ${tree.status(full)} file ${full}` : `decrypted content of ${full}`,
      full,
    );
  else if (/^https?:\/\//.test(path) || isRemote(path)) hide(`content of ${publicAddress(path)}`);
  else if (full === undefined || !options.assumesSources?.(full))
    throw new BuildError(stage.locate(field, path), `loading KV pairs: ${path}: no such file`, { missing: full });
  else if (hashes) hide(`content of ${full}, which is not in this repository`, full);
  return text !== undefined && /^sops_version=/m.test(text) ? { names: text } : undefined;
}

function* readEnv(text: string): Generator<[key: string, value: string]> {
  for (const raw of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const line = raw.trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const at = line.indexOf("=");
    yield at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
  }
}

function removeQuotes(text: string): string {
  const quoted = text.length >= 2 && text[0] === text.at(-1) && (text[0] === '"' || text[0] === "'");
  return quoted ? text.slice(1, -1) : text;
}
