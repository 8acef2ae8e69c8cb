import { isDeepStrictEqual } from "node:util";
import { getOrMake, groupBy, indexBy } from "../contract/group-by.ts";
import { bodyOf, itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { FILLED_FROM, type FluxObjectSpec } from "../contract/specs.ts";
import { readPattern } from "../delivery/ignore-rules.ts";
import { basename, dirname, isWithin, join, normalizePath, relative, withoutEnd } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import { listAlterations, listTemplates } from "./alterations.ts";
import { filesOf, repositoryPath } from "./graph.ts";
import { listArtifactGenerators } from "./scan.ts";
import { closestTo } from "./sources.ts";

/** A folder of a source, and where its content lies in an artifact. */
interface Copy {
  source: { kind: string; name: string; namespace?: string };
  from: string;
  to: string;
  /** Whether a file below it stays behind (`exclude`). */
  leavesOut: (file: string) => boolean;
}

/** What an artifact is copied from. */
export interface Copies {
  /** Folder of the source that the artifact begins at. */
  top: string;
  /** The first that puts a path there. */
  into: (path: string) => Copy | undefined;
  /** Whether one of them takes a file. */
  isCopied: (file: string) => boolean;
}

/** Of thousands that thousands read. */
function indexCopies(copies: readonly Copy[], artifactRoot: string): Omit<Copies, "top"> {
  const first = new Map([...copies.entries()].reverse().map(([index, { to }]) => [to, index]));
  const into = (path: string) => {
    let found = first.get("") ?? Infinity;
    for (let dir = path; dir !== ""; dir = dirname(dir)) found = Math.min(found, first.get(dir) ?? Infinity);
    return copies[found];
  };
  const byFolder = groupBy(copies, ({ from }) => join(artifactRoot, from));
  const takes = (dir: string, file: string) => byFolder.get(dir)?.some(({ leavesOut }) => !leavesOut(file)) ?? false;
  const isCopied = (file: string) => {
    for (let dir = file; dir !== ""; dir = dirname(dir)) if (takes(dir, file)) return true;
    return takes("", file);
  };
  return { into, isCopied };
}

/** Undefined where an artifact is more than folders that keep their places to each other. */
export function readCopies(
  name: string,
  by: KubeObject,
  trees: readonly Tree[],
  artifactRoot: string,
  sources: ReadonlySet<string>,
): Copies | undefined {
  if (bodyOf(by).metadata?.annotations?.["source.extensions.fluxcd.io/reconcile"] !== undefined) return undefined;
  const artifact = readParts(bodyOf(by).spec).artifacts.get(name)?.[0];
  const isDir = (dir: string) => trees.every((tree) => tree.isDir(join(artifactRoot, dir)));
  const copies: Copy[] = [];
  for (const entry of itemsOf(artifact?.copy)) {
    const copy = readCopy(entry, by, { isDir, artifactRoot });
    if (!copy || !sources.has(`${copy.source.kind}/${copy.source.name}`)) return undefined;
    copies.push(copy);
  }
  const [first, ...others] = copies.map(({ source, from, to }) => ({ source, top: withoutEnd(from, to) }));
  if (first?.top === undefined || others.some((other) => !isDeepStrictEqual(other, first))) return undefined;
  return { top: first.top, ...indexCopies(copies, artifactRoot) };
}

/** Whether a tree that seems to have no ArtifactGenerator for an artifact may have one: under a variable, or from a template. */
export function mayMake(tree: Tree): boolean {
  const isOpen = remember(tree, "names of generators are open", "", () => {
    const all = remember(tree, "generators", "", () => indexGenerators(tree));
    return [...all].some(([artifact, made]) => [artifact, ...made.map(({ name }) => name)].join().includes("${"));
  });
  return isOpen || listTemplates(tree, "ArtifactGenerator").length > 0;
}

interface Parts {
  /** By `@alias`. */
  sources: ReadonlyMap<string, readonly YamlData[]>;
  artifacts: ReadonlyMap<string, readonly YamlData[]>;
}

const partsOf = new WeakMap<object, Parts>();

/** Sources and artifacts of an ArtifactGenerator by what they are called: of thousands, each is asked for by itself. */
export function readParts(spec: YamlData): Parts {
  const read = (): Parts => ({
    sources: groupBy(itemsOf(spec?.sources).filter(isMap), ({ alias }) => `@${alias}`),
    artifacts: groupBy(itemsOf(spec?.artifacts).filter(isMap), ({ name }) => String(name)),
  });
  return isMap(spec) ? getOrMake(partsOf, spec, read) : read();
}

/** What an ArtifactGenerator makes one of its artifacts from; what it says of others, and of revisions, alters no content of that. */
export function printRecipe(generator: KubeObject, artifact: string): string {
  const { metadata, spec } = bodyOf(generator);
  const parts = readParts(spec);
  const copies = (parts.artifacts.get(artifact) ?? []).flatMap((one) => itemsOf(one.copy));
  const used = new Set(copies.map(({ from }) => aliasOf(from)));
  const sources = [...used].flatMap((alias) => parts.sources.get(alias) ?? []);
  const { name, namespace, annotations } = metadata ?? {};
  const marks = Object.entries(annotations ?? {}).filter(([key]) => key.includes("fluxcd.io/"));
  return JSON.stringify([name, namespace, marks, spec?.pathPattern, sources, copies]);
}

/** The word by which the place of a copy names its source: `@home` of `@home/apps`. */
export function aliasOf(from: unknown): string {
  return String(from).replace(/\/.*$/s, "");
}

/** ArtifactGenerators that make an artifact of a name: those of this cluster, where it has one. */
export function listGenerators(tree: Tree, artifact: string, isDelivered: (file: string) => boolean): KubeObject[] {
  const all = remember(tree, "generators", "", () => indexGenerators(tree)).get(artifact) ?? [];
  const own = all.filter(({ file }) => isDelivered(file));
  return own.length > 0 ? own : all;
}

/** By the names of their artifacts. */
function indexGenerators(tree: Tree): ReadonlyMap<string, KubeObject[]> {
  return indexBy(listArtifactGenerators(tree), (object) =>
    itemsOf(bodyOf(object).spec?.artifacts).map((one) => String(one?.name)),
  );
}

/** `dir/**` gives the content of a folder, `dir` the folder itself. */
function readCopy(
  entry: YamlData,
  by: KubeObject,
  { isDir, artifactRoot }: { isDir: (dir: string) => boolean; artifactRoot: string },
): Copy | undefined {
  if (!isMap(entry)) return undefined;
  const { from, to, exclude = [], ...rest } = entry;
  const [, alias, pattern] = /^@([\w-]+)\/(.+)$/.exec(String(from)) ?? [];
  const target = /^@artifact\/(.*)$/.exec(String(to))?.[1];
  const named = readParts(bodyOf(by).spec).sources.get(`@${alias}`) ?? [];
  if (pattern === undefined || target === undefined || named.length !== 1 || Object.keys(rest).length > 0)
    return undefined;
  const namespace = named[0].namespace ?? by.namespace;
  const source = { kind: String(named[0].kind), name: String(named[0].name), ...(namespace ? { namespace } : {}) };
  const isContent = pattern === "**" || pattern.endsWith("/**");
  const dir = normalizePath(isContent ? pattern.slice(0, -2) : pattern);
  const top = normalizePath(target);
  if (dir === undefined || top === undefined || /[*?[\]{]/.test(dir) || !(dir === "" || isDir(dir))) return undefined;
  const patterns = itemsOf(exclude).map(String);
  if (!Array.isArray(exclude) || patterns.some((one) => /[[\]{}\\]/.test(one))) return undefined;
  const rules = patterns.map(readPattern);
  // Patterns count from the top of the source, and from the folder that is copied (`shouldExcludePath` of source-watcher).
  const tops = [artifactRoot, join(artifactRoot, dir)];
  const leavesOut = (file: string) =>
    rules.some((matches) => tops.some((one) => isWithin(file, one) && matches(relative(one, file))));
  return { source, from: dir, to: isContent ? top : join(top, basename(dir)), leavesOut };
}

/**
 * Tells the folder that the artifact of an ArtifactGenerator begins at, where it copies whole folders of this repository in place,
 * nothing alters it on its way, and a FluxKustomization reads nothing but what is copied. Of several those of the cluster count, and
 * of these the nearest to the root.
 * @param own `Kind/name` of the sources that hold this repository
 * @param files that reach the cluster, as far as they are known
 */
export function findCopied(
  tree: Tree,
  {
    root,
    artifactRoot,
    own,
    files,
  }: { root: KubeObject; artifactRoot: string; own: ReadonlySet<string>; files: ReadonlySet<string> },
): (name: string, spec: FluxObjectSpec | undefined) => string | undefined {
  const known = new Map<string, { copies?: Copies | undefined }>();
  const read = (name: string): Copies | undefined => {
    const by = closestTo(
      root.file,
      listGenerators(tree, name, (file) => files.has(file)),
    );
    const isPlain = by !== undefined && listAlterations(tree, by.kind).length === 0;
    return isPlain ? readCopies(name, by, [tree], artifactRoot, own) : undefined;
  };
  return (name, spec) => {
    const { copies } = getOrMake(known, name, () => ({ copies: read(name) }));
    if (!copies) return undefined;
    const folder = join(artifactRoot, copies.top);
    const placed = { ...spec, [FILLED_FROM]: folder };
    const path = repositoryPath(placed, artifactRoot);
    const isThere = path !== undefined && (path === "" || tree.isDir(path));
    return isThere && filesOf(tree, placed, artifactRoot).every(copies.isCopied) ? folder : undefined;
  };
}
