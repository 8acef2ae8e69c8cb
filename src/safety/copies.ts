import { repositoryPath } from "../cluster/graph.ts";
import { objectsIn } from "../cluster/objects.ts";
import { getOrMake, groupBy } from "../contract/group-by.ts";
import { bodyOf, itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import { basename, dirname, join, makeWithin, normalizePath, relative } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import { listAlterations, listTemplates } from "./alterations.ts";
import type { ClusterChange } from "./change.ts";
import { readFiles } from "./touched.ts";

/** A folder of a source, and where its content lies in an artifact. */
interface Copy {
  source: { kind: string; name: string; namespace?: string };
  from: string;
  to: string;
}

/** A FluxKustomization on an artifact as one on the source that the artifact is copied from. */
export type CopyOf = (spec: FluxObjectSpec) => FluxObjectSpec | undefined;

/**
 * Tells what a FluxKustomization reads when its ExternalArtifact is a plain copy of folders of this repository: those
 * folders, as long as nothing it reads lies outside of them. Undefined where the ArtifactGenerator changes, copies single
 * files or by other patterns, merges, leaves files out, or composes several sources; flux-facts 6.2.
 * @param sources `Kind/name` of the sources that hold this repository
 */
export function findCopies(change: ClusterChange, sources: ReadonlySet<string>): CopyOf {
  const { artifactRoot } = change.cluster;
  const known = new Map<string, Copies | undefined>();
  const copiesOf = (name: string) => {
    if (!known.has(name)) known.set(name, indexCopies(readCopies(name, change, sources), artifactRoot));
    return known.get(name);
  };
  return (spec) => {
    const { kind, name } = spec.sourceRef ?? {};
    const path = kind === "ExternalArtifact" ? normalizePath(String(spec.path ?? "./")) : undefined;
    const copies = path === undefined ? undefined : copiesOf(String(name));
    const own = copies?.into(path!);
    if (!copies || !own || String(spec.path).includes("${")) return undefined;
    const moved = join(own.from, relative(own.to, path!));
    const read = { ...spec, path: `./${moved}`, sourceRef: own.source };
    return staysInside(change, read, copies.isCopied) ? read : undefined;
  };
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
  return { into, isCopied: makeWithin(copies.map(({ from }) => join(artifactRoot, from))) };
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

/** What an artifact is copied from; undefined where it is more than folders that keep their places to each other. */
function readCopies(
  name: string,
  { before, after, cluster: { artifactRoot }, isDelivered }: ClusterChange,
  sources: ReadonlySet<string>,
): Copy[] | undefined {
  const [old, ...more] = listGenerators(before, name, isDelivered);
  const [now, ...others] = listGenerators(after, name, isDelivered);
  // Before it comes, and once it is gone, there is no artifact, and what reads that neither applies nor prunes.
  const by = old ?? now;
  if (!by || more.length + others.length > 0) return undefined;
  if ([before, after].some((tree) => listAlterations(tree, by.kind).length > 0)) return undefined;
  if (!(old && now) && mayMake(old ? after : before, by)) return undefined;
  if (old && now && printRecipe(old, name) !== printRecipe(now, name)) return undefined;
  if (bodyOf(by).metadata?.annotations?.["source.extensions.fluxcd.io/reconcile"] !== undefined) return undefined;
  const spec = bodyOf(by).spec;
  const artifact = readParts(spec).artifacts.get(name)?.[0];
  const isDir = (dir: string) => [before, after].every((tree) => tree.isDir(join(artifactRoot, dir)));
  const copies: Copy[] = [];
  for (const entry of itemsOf(artifact?.copy)) {
    const copy = readCopy(entry, by, isDir);
    if (!copy || !sources.has(`${copy.source.kind}/${copy.source.name}`)) return undefined;
    copies.push(copy);
  }
  const tops = new Set(copies.map(({ source, from, to }) => JSON.stringify([source, topOf(from, to)])));
  return copies.length > 0 && tops.size === 1 && copies.every(({ from, to }) => topOf(from, to) !== undefined)
    ? copies
    : undefined;
}

/** Whether a tree that seems to have no ArtifactGenerator for an artifact may have one: under a variable, from a template, or changed. */
export function mayMake(tree: Tree, by: KubeObject): boolean {
  const names = remember(tree, "names of generators", "", () => {
    const all = remember(tree, "generators", "", () => indexGenerators(tree));
    return new Set(
      [...all].flatMap(([artifact, made]) => [
        ...(artifact.includes("${") ? [artifact] : []),
        ...made.map(({ name }) => name),
      ]),
    );
  });
  const isOpen = remember(tree, "names of generators are open", "", () =>
    [...names].some((name) => name.includes("${")),
  );
  return isOpen || names.has(by.name) || listTemplates(tree, by.kind).length > 0;
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
  return JSON.stringify([name, namespace, annotations, spec?.pathPattern, sources, copies]);
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
  const all = objectsIn(tree, tree.grep("ArtifactGenerator")).filter(({ kind }) => kind === "ArtifactGenerator");
  const index = new Map<string, KubeObject[]>();
  for (const object of all) {
    const names = new Set<string>(itemsOf(bodyOf(object).spec?.artifacts).map((one) => String(one?.name)));
    for (const name of names) getOrMake(index, name, () => []).push(object);
  }
  return index;
}

/** `dir/**` gives the content of a folder, `dir` the folder itself. */
function readCopy(entry: YamlData, by: KubeObject, isDir: (dir: string) => boolean): Copy | undefined {
  if (!isMap(entry)) return undefined;
  const { from, to, ...rest } = entry;
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
  return { source, from: dir, to: isContent ? top : join(top, basename(dir)) };
}

/** The folder that the artifact's own top stands for: `apps` for `apps/base` at `base`. */
function topOf(from: string, to: string): string | undefined {
  if (to === "") return from;
  if (from === to) return "";
  return from.endsWith(`/${to}`) ? from.slice(0, -to.length - 1) : undefined;
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
