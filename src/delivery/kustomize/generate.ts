import type { Loc } from "../../contract/errors.ts";
import type { Tree } from "../../files/tree.ts";
import { BuildError } from "./build-error.ts";
import { type Data, isMap, mapAt, scalarText, stringList } from "./data.ts";
import { encodeSecretValue } from "./hash.ts";
import { type Item, makeItem, needsHash, withBody } from "./item.ts";
import { annotationsOf, notes, notesOf, withAnnotations, withoutNotes } from "./notes.ts";
import { isRemote, joinPath } from "./paths.ts";

export interface Generated {
  item: Item;
  behavior: string;
}

export interface GeneratorContext {
  tree: Tree;
  dir: string;
  /** The kustomization file, named as the origin of what is generated. */
  file: string;
  options: Data;
  locate(value: string): Loc;
  /** Called for content that cannot be read here; the object is kept, its hash is not known. */
  unknown(value: string, what: string, file?: string): void;
  /** Whether a file is there for the build. */
  isThere(path: string): boolean;
  /** Whether a local file that is not there is taken to be, with content that cannot be known. */
  isAssumed: boolean;
  /** Whether a Secret's source is replaced before the build, as kustomize-controller decrypts SOPS files. */
  isRewritten(text: string): boolean;
}

const knownBehaviors = new Set(["create", "merge", "replace"]);

/** Runs one `configMapGenerator` or `secretGenerator` entry. Throws `BuildError`. */
export function generate(kind: "ConfigMap" | "Secret", entry: Data, context: GeneratorContext): Generated {
  const name = scalarText(entry.name);
  if (name === "") throw new BuildError(context.locate("name"), "a configmap must have a name");
  const local = mapAt(entry, "options");
  const hashes = !(local.disableNameSuffixHash || context.options.disableNameSuffixHash);
  const data: Record<string, string> = {};
  let hiddenContent: string | undefined;
  const sources: SourceContext = {
    ...context,
    needsHash: hashes,
    ...(kind === "Secret" ? {} : { isRewritten: () => false }),
  };
  for (const [key, value] of readPairs(entry, sources)) {
    if (Object.hasOwn(data, key)) {
      throw new BuildError(context.locate(name), `configmap ${name} illegally repeats the key ${key}`);
    }
    if (value === undefined) hiddenContent = key;
    data[key] = kind === "Secret" ? encodeSecretValue(value ?? "") : (value ?? "");
  }
  const metadata: Record<string, unknown> = { name };
  if (scalarText(entry.namespace) !== "") metadata.namespace = entry.namespace;
  const said = scalarText(entry.behavior);
  const behavior = knownBehaviors.has(said) ? said : "unspecified";
  const marks = {
    [notes.behavior]: behavior,
    ...(hashes ? { [notes.needsHash]: "enabled" } : {}),
  };
  const labels = { ...mapAt(context.options, "labels"), ...mapAt(local, "labels") };
  if (Object.keys(labels).length > 0) metadata.labels = labels;
  metadata.annotations = { ...mapAt(context.options, "annotations"), ...mapAt(local, "annotations"), ...marks };
  const body: Record<string, unknown> = { apiVersion: "v1", kind, metadata };
  if (kind === "Secret") body.type = scalarText(entry.type) || "Opaque";
  if (kind === "Secret" || Object.keys(data).length > 0) body.data = data;
  if (local.immutable || context.options.immutable) body.immutable = true;
  const item = makeItem(body, context.file, 0);
  return { item: hiddenContent === undefined ? item : { ...item, hiddenContent }, behavior };
}

/** What `behavior: merge|replace` makes of an object and the generated one: it keeps the old place, id and history. */
export function absorb(old: Item, { item, behavior }: Generated): Item {
  const metadata: Record<string, unknown> = { ...mapAt(item.body, "metadata"), name: old.name };
  delete metadata.namespace;
  if (old.namespace !== "") metadata.namespace = old.namespace;
  const [before, after] = [mapAt(old.body, "metadata"), mapAt(item.body, "metadata")];
  const labels = { ...mapAt(before, "labels"), ...mapAt(after, "labels") };
  if (Object.keys(labels).length > 0) metadata.labels = labels;
  const body: Record<string, unknown> = { ...item.body, metadata };
  if (behavior === "merge") {
    for (const field of ["data", "binaryData"]) {
      const merged = { ...mapAt(old.body, field), ...mapAt(item.body, field) };
      if (Object.keys(merged).length > 0) body[field] = merged;
    }
  }
  const annotations = { ...annotationsOf(withoutNotes(item.body)), ...notesOf(old.body) };
  if (!needsHash(item)) delete annotations[notes.needsHash];
  const hidden = item.hiddenContent ?? (behavior === "merge" ? old.hiddenContent : undefined);
  const { hiddenContent: _, ...rest } = old;
  const merged = withBody(rest, withAnnotations(body, { ...annotationsOf(withoutNotes(old.body)), ...annotations }));
  return hidden === undefined ? merged : { ...merged, hiddenContent: hidden };
}

/** Only a name with a hash depends on what the sources hold. */
type SourceContext = GeneratorContext & { needsHash: boolean };

/** Keys and values in kustomize's order (envs, literals, files); an undefined value is one that cannot be known. */
function* readPairs(entry: Data, context: SourceContext): Generator<[string, string | undefined]> {
  for (const path of [...stringList(entry.envs), ...(scalarText(entry.env) ? [scalarText(entry.env)] : [])]) {
    const text = load(path, context);
    if (text === undefined) yield [path, undefined];
    else yield* readEnv(text);
  }
  for (const literal of stringList(entry.literals)) {
    const at = literal.indexOf("=");
    if (at < 1) throw new BuildError(context.locate(literal), `invalid literal source ${literal}, expected key=value`);
    yield [literal.slice(0, at), removeQuotes(literal.slice(at + 1))];
  }
  for (const source of stringList(entry.files)) {
    const parts = source.split("=");
    if (parts.length > 2 || parts.includes("") || source === "") {
      throw new BuildError(context.locate(source), `invalid file source ${source}, expected path or key=path`);
    }
    const path = parts.at(-1)!;
    yield [parts.length === 2 ? parts[0]! : path.slice(path.lastIndexOf("/") + 1), load(path, context)];
  }
}

function load(path: string, context: SourceContext): string | undefined {
  const { tree } = context;
  const full = joinPath(context.dir, path);
  if (full === undefined || !context.isThere(full)) {
    if (!/^https?:\/\//.test(path) && !isRemote(path)) {
      if (full !== undefined && context.isAssumed) {
        if (context.needsHash) context.unknown(path, `content of ${full}, which is not in this repository`, full);
        return undefined;
      }
      throw new BuildError(
        context.locate(path),
        `loading KV pairs: ${path}: no such file`,
        full === undefined ? {} : { missing: full },
      );
    }
    context.unknown(path, `content of ${path}`);
    return undefined;
  }
  const text = tree.read(full);
  if (text !== undefined && !context.isRewritten(text)) return text;
  context.unknown(
    path,
    text === undefined ? `content of the ${tree.status(full)} file ${full}` : `decrypted content of ${full}`,
    full,
  );
  return undefined;
}

function* readEnv(text: string): Generator<[string, string]> {
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

/** The generator's options of a kustomization. */
export function globalOptions(data: Data): Data {
  return isMap(data.generatorOptions) ? data.generatorOptions : {};
}
