import { repositoryPath } from "../cluster/graph.ts";
import { listArtifactGenerators } from "../cluster/scan.ts";
import { getOrMake, groupBy, indexBy } from "../contract/group-by.ts";
import { bodyOf, itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { once } from "../contract/once.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import { readPattern } from "../delivery/ignore-rules.ts";
import { isFluxKustomization } from "../delivery/kinds.ts";
import { basename, dirname, isWithin, join, normalizePath, relative, withoutEnd } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import { listAlterations, listTemplates } from "./alterations.ts";
import type { ClusterChange, Side } from "./change.ts";
import { readFiles } from "./touched.ts";

/** A folder of a source, and where its content lies in an artifact. */
interface Copy {
  source: { kind: string; name: string; namespace?: string };
  from: string;
  to: string;
  /** Whether a file below it stays behind (`exclude`). */
  leavesOut: (file: string) => boolean;
}

/** A FluxKustomization on an artifact as one on the source that the artifact is copied from. */
export type CopyOf = (spec: FluxObjectSpec) => FluxObjectSpec | undefined;

/**
 * Tells what a FluxKustomization reads when its ExternalArtifact is a plain copy of folders of this repository, as either
 * tree makes it: those folders, as long as nothing it reads lies outside of them. Undefined where the ArtifactGenerator copies
 * single files or by other patterns, merges, or composes several sources; flux-facts 6.2.
 * @param sources `Kind/name` of the sources that hold this repository
 */
export function findCopies(change: ClusterChange, sources: ReadonlySet<string>): Record<Side, CopyOf> {
  const { artifactRoot } = change.cluster;
  const known = new Map<string, Recipes>();
  const recipesOf = (name: string) => getOrMake(known, name, () => readRecipes(name, change, sources));
  // Its path may change in step with what is copied.
  const readers = once(() => {
    const placeOf = ({ name, data: { spec } }: KubeObject) => JSON.stringify([name, spec?.path, spec?.sourceRef]);
    const old = new Set(change.cluster.kustomizations.map(({ object }) => placeOf(object)));
    const moved = change.added.filter((one) => isFluxKustomization(one) && !old.has(placeOf(one)));
    return new Set(moved.map(({ data }) => String(data.spec?.sourceRef?.name)));
  });
  const make =
    (side: Side): CopyOf =>
    (spec) => {
      const { kind, name } = spec.sourceRef ?? {};
      if (kind !== "ExternalArtifact" || String(spec.path).includes("${")) return undefined;
      const { isSame, ...recipes } = recipesOf(String(name));
      const then = side === "before" ? "after" : "before";
      const [own, next] = [recipes[side], recipes[then]];
      const [read, other] = [moveTo(own, spec), moveTo(next, spec)];
      if (!own || !read) return undefined;
      if (isSame) return staysInside(change, read, own.isCopied) ? read : undefined;
      const isInside = (one: FluxObjectSpec, of: Side, by: Copies) =>
        [...readFiles(change[of], one, artifactRoot)].every(by.isCopied);
      const isMoved = readers().has(String(name));
      const place = other && repositoryPath(other, artifactRoot);
      const isThere = place !== undefined && (place === "" || change[then].isDir(place));
      // While it has only one of the two edits it must find no other folder at its path.
      const isKnown = isThere
        ? isInside(other!, then, next!) && !(isMoved && other!.path !== read.path)
        : isMoved && next !== undefined;
      return isKnown && isInside(read, side, own) ? read : undefined;
    };
  return { before: make("before"), after: make("after") };
}

/** What it reads where the folders are copied from. */
function moveTo(copies: Copies | undefined, spec: FluxObjectSpec): FluxObjectSpec | undefined {
  const path = normalizePath(String(spec.path ?? "./"));
  const own = path === undefined ? undefined : copies?.into(path);
  return own && { ...spec, path: `./${join(own.from, relative(own.to, path!))}`, sourceRef: own.source };
}

interface Copies {
  /** The first that puts a path there. */
  into: (path: string) => Copy | undefined;
  /** Whether one of them takes a file. */
  isCopied: (file: string) => boolean;
}

/** Of thousands that thousands read. */
function indexCopies(copies: readonly Copy[] | undefined, artifactRoot: string): Copies | undefined {
  if (!copies) return undefined;
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

/** Whether a FluxKustomization reads nothing but some files, before and after. */
export function staysInside(
  { before, after, cluster: { artifactRoot } }: ClusterChange,
  spec: FluxObjectSpec,
  isMeant: (file: string) => boolean,
): boolean {
  const isInside = (tree: Tree) => [...readFiles(tree, spec, artifactRoot)].every(isMeant);
  return repositoryPath(spec, artifactRoot) !== undefined && isInside(before) && isInside(after);
}

type Recipes = Record<Side, Copies | undefined> & { isSame: boolean };

/** What an artifact is copied from in either tree. */
function readRecipes(name: string, change: ClusterChange, sources: ReadonlySet<string>): Recipes {
  const { before, after, isDelivered, cluster } = change;
  const unknown = { before: undefined, after: undefined, isSame: true };
  const [old, ...more] = listGenerators(before, name, isDelivered);
  const [now, ...others] = listGenerators(after, name, isDelivered);
  // Before it comes, and once it is gone, there is no artifact, and what reads that neither applies nor prunes.
  const by = old ?? now;
  if (!by || more.length + others.length > 0) return unknown;
  if ([before, after].some((tree) => listAlterations(tree, by.kind).length > 0)) return unknown;
  if (!(old && now) && mayMake(old ? after : before)) return unknown;
  const isSame = !(old && now) || printRecipe(old, name) === printRecipe(now, name);
  const read = (maker: KubeObject, tree: Tree) =>
    indexCopies(readCopies(name, maker, isSame ? [before, after] : [tree], change, sources), cluster.artifactRoot);
  return { isSame, before: read(old ?? by, before), after: read(now ?? by, after) };
}

/** Undefined where an artifact is more than folders that keep their places to each other. */
function readCopies(
  name: string,
  by: KubeObject,
  trees: readonly Tree[],
  { cluster: { artifactRoot } }: ClusterChange,
  sources: ReadonlySet<string>,
): Copy[] | undefined {
  if (bodyOf(by).metadata?.annotations?.["source.extensions.fluxcd.io/reconcile"] !== undefined) return undefined;
  const artifact = readParts(bodyOf(by).spec).artifacts.get(name)?.[0];
  const isDir = (dir: string) => trees.every((tree) => tree.isDir(join(artifactRoot, dir)));
  const copies: Copy[] = [];
  for (const entry of itemsOf(artifact?.copy)) {
    const copy = readCopy(entry, by, { isDir, artifactRoot });
    if (!copy || !sources.has(`${copy.source.kind}/${copy.source.name}`)) return undefined;
    copies.push(copy);
  }
  const tops = new Set(copies.map(({ source, from, to }) => JSON.stringify([source, withoutEnd(from, to)])));
  return copies.length > 0 && tops.size === 1 && copies.every(({ from, to }) => withoutEnd(from, to) !== undefined)
    ? copies
    : undefined;
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
export function listGenerators(tree: Tree, artifact: string, isDelivered: ClusterChange["isDelivered"]): KubeObject[] {
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

/** The first answer that there is. */
export function firstOf(...all: readonly CopyOf[]): CopyOf {
  return (spec) => {
    for (const one of all) {
      const found = one(spec);
      if (found) return found;
    }
    return undefined;
  };
}
