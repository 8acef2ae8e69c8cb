import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { type Document, LineCounter, parseAllDocuments } from "yaml";

// biome-ignore lint/suspicious/noExplicitAny: parsed YAML has no static shape
export type Data = any;

/** One YAML document of a file, parsed with `yaml` (the tool reads data with another parser). */
export interface Doc {
  file: string;
  index: number;
  /** First line of the document's content, from 1. */
  line: number;
  data: Data;
  ast: Document.Parsed;
}

/** A folder on disk at one moment; it must not change while the snapshot is in use. */
export interface Snapshot {
  readonly dir: string;
  /** `file\0target` that kustomizations in `dir` leave out so that they build; see `makeBuildable`. */
  readonly omitted?: readonly string[];
  /** Every file and symlink except `.git`, POSIX paths, sorted. */
  readonly paths: readonly string[];
  has(path: string): boolean;
  isDir(path: string): boolean;
  /** Names directly inside a folder, sorted. */
  entries(path: string): readonly string[];
  bytes(path: string): Buffer;
  text(path: string): string;
  mode(path: string): number;
  /** Parsed documents, or the first parse error. */
  yaml(path: string): { docs: Doc[]; error?: string };
  /** Documents with `kind`, over all YAML files that contain `needle`. */
  objects(needle: string): Doc[];
}

export const isYamlPath = (path: string): boolean => /\.ya?ml$/.test(path);

/** Joins and normalises repository paths: no leading `./`, no trailing slash, the root is `''`. */
export function joinPath(...parts: string[]): string {
  const joined = posix.normalize(posix.join(...parts.map((part) => part || ".")));
  const plain = joined.replace(/^\/+/, "").replace(/\/+$/, "");
  return plain === "." ? "" : plain;
}

function listFiles(root: string, relative: string, out: string[]): void {
  for (const entry of readdirSync(join(root, relative), { withFileTypes: true })) {
    if (entry.name === ".git") continue;
    const path = relative ? `${relative}/${entry.name}` : entry.name;
    if (entry.isDirectory()) listFiles(root, path, out);
    else out.push(path);
  }
}

const parsed = new Map<string, { docs: Doc[]; error?: string }>();

/** Parses YAML text; results are shared between snapshots by path and content. */
export function parseYaml(file: string, text: string): { docs: Doc[]; error?: string } {
  const key = `${file}\0${text}`;
  const known = parsed.get(key);
  if (known) return known;
  const lines = new LineCounter();
  const asts = parseAllDocuments(text, { merge: true, lineCounter: lines, logLevel: "silent" });
  const list = Array.isArray(asts) ? asts : [];
  const bad = list.flatMap((ast) => ast.errors)[0];
  const result: { docs: Doc[]; error?: string } = { docs: [] };
  if (bad) result.error = bad.message.split("\n")[0] ?? "does not parse";
  else {
    try {
      result.docs = list.map((ast, index) => ({
        file,
        index,
        line: lines.linePos(ast.contents?.range?.[0] ?? ast.range[0]).line,
        data: ast.toJS({ maxAliasCount: -1 }),
        ast,
      }));
    } catch (error) {
      result.error = String(error);
    }
  }
  parsed.set(key, result);
  return result;
}

/** Reads the file list of a folder now, file contents on demand. */
export function openSnapshot(dir: string): Snapshot {
  const paths: string[] = [];
  listFiles(dir, "", paths);
  paths.sort();
  const files = new Set(paths);
  const children = new Map<string, Set<string>>();
  for (const path of paths) {
    for (let at = path; at !== ""; ) {
      const parent = posix.dirname(at) === "." ? "" : posix.dirname(at);
      const known = children.get(parent) ?? new Set<string>();
      children.set(parent, known.add(posix.basename(at)));
      at = parent;
    }
  }
  const texts = new Map<string, string>();
  const snapshot: Snapshot = {
    dir,
    paths,
    has: (path) => files.has(path),
    isDir: (path) => children.has(path),
    entries: (path) => [...(children.get(path) ?? [])].sort(),
    bytes: (path) =>
      lstatSync(join(dir, path)).isSymbolicLink() ? Buffer.from("symlink") : readFileSync(join(dir, path)),
    text: (path) => {
      let text = texts.get(path);
      if (text === undefined) {
        text = statSync(join(dir, path), { throwIfNoEntry: false })?.isFile()
          ? readFileSync(join(dir, path), "utf8")
          : "";
        texts.set(path, text);
      }
      return text;
    },
    mode: (path) => lstatSync(join(dir, path)).mode & 0o777,
    yaml: (path) => parseYaml(path, snapshot.text(path)),
    objects: (needle) =>
      paths
        .filter((path) => isYamlPath(path) && snapshot.text(path).includes(needle))
        .flatMap((path) => snapshot.yaml(path).docs)
        .filter((doc) => typeof doc.data?.kind === "string"),
  };
  return snapshot;
}

/** What files held at one moment, however the folder changes later. */
export type Held = Pick<Snapshot, "paths" | "has" | "bytes" | "mode">;

/** Reads every file of a folder. */
export function holdFiles(dir: string): Held {
  const { paths, has, bytes, mode } = openSnapshot(dir);
  const held = new Map(paths.map((path) => [path, { bytes: bytes(path), mode: mode(path) }]));
  return { paths, has, bytes: (path) => held.get(path)!.bytes, mode: (path) => held.get(path)!.mode };
}

/** Paths whose bytes differ between two snapshots, created and deleted ones included. */
export function changedPaths(before: Held, after: Held): string[] {
  const all = new Set([...before.paths, ...after.paths]);
  return [...all]
    .filter((path) => !before.has(path) || !after.has(path) || !before.bytes(path).equals(after.bytes(path)))
    .sort();
}
