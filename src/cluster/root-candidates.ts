import { repositoryIdentity } from "../contract/address.ts";
import type { KubeObject } from "../contract/objects.ts";
import { describe, isFluxKustomization, isSyncSource, SYNC_SOURCE_KINDS } from "../delivery/kinds.ts";
import { dirname, isWithin } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { artifactTree } from "./artifact-tree.ts";
import { type Candidate, deliversItself } from "./choose-root.ts";
import { actsForTenant, computedPath, keyOf, manifestsOf, PLACEHOLDER, repositoryPath } from "./graph.ts";
import { generatedRoot, generatedSource } from "./instances.ts";
import { readContradictions } from "./other-repository.ts";
import { findPathOverlays, rootsOfOverlays, withBuiltSource } from "./overlay-roots.ts";
import { isPatchBody, isSourcePatch } from "./patch-bodies.ts";
import { readGitRef } from "./running-source.ts";
import { indexSources, isRepositorySource, namedIn, type SourceRef, sourceAmong, sourceRefOf } from "./sources.ts";
import type { InstanceDescription } from "./types.ts";

export interface RootSearch {
  tree: Tree;
  objects: readonly KubeObject[];
  artifactRoot: (source: KubeObject) => string;
  /** Clone URLs of the remotes, which tell our own source from the sources of other repositories. */
  remotes: readonly string[];
  /** What they sync is this repository too, also when no manifest of its source is left. */
  instances?: readonly InstanceDescription[];
}

interface Candidates {
  candidates: Candidate[];
  /** The files of each FluxKustomization whose source nothing declares. */
  unresolved: Set<string>[];
  /** What overlays make of a base that they do not build again: roots where a person applies the overlay. */
  byHand: Candidate[];
}

/** Every FluxKustomization that builds a folder of this repository, with its source. */
export function findCandidates(search: RootSearch): Candidates {
  const { tree, objects, artifactRoot } = search;
  const sources = readSources(search);
  const found: Candidate[] = [];
  const byHand: Candidate[] = [];
  const remote: Bringer[] = [];
  const unresolved: Set<string>[] = [];
  const uses = new Map<string, number>();
  const overlays = findPathOverlays(
    tree,
    objects.filter((object) => isPatchBody(object, tree)),
  );
  for (const written of objects.filter(isFluxKustomization)) {
    const root = withBuiltSource(tree, written);
    const isWritten = !isPatchBody(root, tree);
    const ref = sourceRefOf(root.data.spec, root.namespace);
    const source = ref && sources.find(root, ref);
    if (ref && repositoryPath(root.data.spec, "") && isWritten && sources.isUndeclared(ref, root.file))
      unresolved.push(new Set(manifestsOf(tree, root.data.spec, "")));
    if (!source || computedPath(tree, root) !== undefined || sources.isForeign(root, source)) continue;
    // What goes through a kubeconfig is another cluster's.
    if (root.data.spec?.kubeConfig) {
      remote.push({ source, files: new Set(manifestsOf(tree, root.data.spec, artifactRoot(source))) });
      continue;
    }
    uses.set(identityOf(source), (uses.get(identityOf(source)) ?? 0) + 1);
    const prefix = artifactRoot(source);
    const of = { isGenerated: sources.generated.has(source), isOwn: sources.isOwn(source) };
    const read = (one: KubeObject, isOverlay: boolean) =>
      readCandidate(tree, one, source, prefix, { isOverlay, ...of });
    const { variants, applied, isPlain } = rootsOfOverlays(tree, root, overlays, prefix);
    found.push(...variants.flatMap((variant) => read(variant, true)));
    if (!isWritten) continue;
    byHand.push(...applied.flatMap((variant) => read(variant, true)));
    if (isPlain) found.push(...read(root, false));
  }
  return { candidates: withoutForeign(found, uses, remote, search), unresolved, byHand };
}

/** What a FluxKustomization builds, and from where. */
type Bringer = Pick<Candidate, "source" | "files">;

interface RepositorySources {
  /** The source that a FluxKustomization reads, of those that may be this repository. */
  find(root: KubeObject, ref: SourceRef): KubeObject | undefined;
  /** Whether no file declares it, of any repository. */
  isUndeclared(ref: SourceRef, near: string): boolean;
  isOwn(source: KubeObject): boolean;
  /** Whether it is another repository's, which is known where the own one is. */
  isForeign(root: KubeObject, source: KubeObject): boolean;
  /** What FluxInstances make. */
  generated: ReadonlySet<KubeObject>;
}

function readSources({ tree, objects, artifactRoot, remotes, instances = [] }: RootSearch): RepositorySources {
  const own = ownIdentities(remotes, instances);
  const isOther = readContradictions(objects, remotes, instances);
  const generated = new Set(instances.filter(({ spec }) => spec.sync?.url).map(generatedSource));
  const all = objects.filter(isSyncSource);
  const bodies = new Set(all.filter((object) => isSourcePatch(object, tree)));
  const declared = all.filter((object) => isRepositorySource(object) && !bodies.has(object));
  const sources = [...declared, ...generated];
  const findAmong = indexSources(sources);
  const findAny = indexSources([...all, ...generated]);
  const findDeclared = indexSources(declared);
  const paths = instances.map(({ spec }) => spec.sync?.path as unknown);
  const synced = new Set(paths.map((path) => (typeof path === "string" ? repositoryPath({ path }, "") : undefined)));
  const replaced = new Set(instances.map((instance) => describe(generatedRoot(instance))));
  const hasOwnUrl = (source: KubeObject) => own.has(identityOf(source));
  const madeOwn = new Set([...bodies].filter(hasOwnUrl).map(describe));
  const isOwn = (source: KubeObject) => hasOwnUrl(source) || madeOwn.has(describe(source));
  const isKnown = sources.some(isOwn);
  return {
    find: (root, ref) => {
      const found = findAmong(ref, root.file);
      // The old root lies nearer to the new instance than to its own source, where that is in another folder. In a base it has no
      // path, but the name of what comes in its place.
      const isSynced = () => synced.has(repositoryPath(root.data.spec, "")) || replaced.has(describe(root));
      const isOld = found !== undefined && generated.has(found) && isSynced();
      const near = isOld ? (findDeclared(ref, root.file) ?? found) : found;
      if (near === undefined || generated.has(near) || namedIn(declared, ref.kind, ref.name).length < 2) return near;
      const files = new Set(manifestsOf(tree, root.data.spec, artifactRoot(near)));
      return (files.has(near.file) ? undefined : sourceAmong(files, ref, declared)) ?? near;
    },
    isUndeclared: (ref, near) => SYNC_SOURCE_KINDS.includes(ref.kind) && !findAny(ref, near),
    isOwn,
    isForeign: (root, source) => isKnown && !isOwn(source) && source.kind === "GitRepository" && !isOther(root),
    generated,
  };
}

function readCandidate(
  tree: Tree,
  root: KubeObject,
  source: KubeObject,
  prefix: string,
  of: Pick<Candidate, "isOverlay" | "isGenerated" | "isOwn">,
): Candidate[] {
  const path = repositoryPath(root.data.spec, prefix);
  if (path === undefined || !(path === "" ? !actsForTenant(root.data.spec) : tree.isDir(path))) return [];
  // What its source leaves out is not built: a root that lies there does not come back, however wide its path.
  const artifact = artifactTree(tree, { artifactRoot: prefix, runningSource: source });
  const files = new Set(manifestsOf(artifact, root.data.spec, prefix));
  return [{ root, source, files, path, beside: files.has(source.file) || isBeside(root, source), ...of }];
}

/**
 * `path: ./` exists in every repository, so it proves nothing: a source used once beside one used often, or beside a root with a
 * folder of its own, is another repository's. So it does on every branch: what a folder of one branch brings builds nothing of
 * that branch where it reads another one.
 * @param uses how many FluxKustomizations read each repository, however many sources of it there are
 * @param remote what goes to other clusters
 */
function withoutForeign(
  found: readonly Candidate[],
  uses: ReadonlyMap<string, number>,
  remote: readonly Bringer[],
  { instances = [] }: RootSearch,
): Candidate[] {
  const most = Math.max(0, ...uses.values());
  const hasOwnFolder =
    found.some((candidate) => candidate.path !== "" && deliversItself(candidate)) ||
    instances.some(({ spec }) => typeof spec.sync?.path === "string" && !/^[./]*$/.test(spec.sync.path));
  const bringers = [...remote, ...found.filter(({ path }) => path !== "")];
  const isElsewhere = ({ root, source }: Candidate) =>
    bringers.some((one) => one.files.has(root.file) && readOtherBranches(one.source, source));
  const isForeign = (one: Candidate) => {
    const { path, source, isOwn } = one;
    if (path !== "") return false;
    const used = uses.get(identityOf(source))!;
    return isOwn ? isElsewhere(one) : used < most || (used === 1 && hasOwnFolder);
  };
  // Without a path it would deliver every root there is, itself included, wherever in the repository it lies.
  const whole = found.filter(isWhole);
  const isLost = (one: Candidate) =>
    isBeside(one.root, one.source)
      ? !deliversItself(one) && whole.some(({ source }) => source === one.source)
      : whole.some(({ source }) => keyOf(source) === keyOf(one.source));
  const isStray = (one: Candidate) =>
    one.path === "" && isLost(one) && !found.some(({ path, files }) => path !== "" && files.has(one.root.file));
  return found.filter((candidate) => !isForeign(candidate) && !isStray(candidate));
}

function readOtherBranches(...sources: readonly [KubeObject, KubeObject]): boolean {
  const [a, b] = sources.map((source) => (source.kind === "GitRepository" ? readGitRef(source).branch : undefined));
  return a !== undefined && b !== undefined && a !== b && !PLACEHOLDER.test(a + b);
}

/** What this repository, and what CI publishes of it, is known by: `repositoryIdentity` of remotes and of what instances sync. */
export function ownIdentities(remotes: readonly string[], instances: RootSearch["instances"] = []): Set<string> {
  const synced = instances.map(({ spec }) => spec.sync?.url).filter((url) => typeof url === "string" && url !== "");
  return new Set([...remotes, ...synced].map(repositoryIdentity));
}

/** The repository that it reads: the source of another cluster may be a manifest of its own. */
function identityOf({ data }: KubeObject): string {
  return repositoryIdentity(String(data.spec?.url ?? ""));
}

/** Whether it builds a folder of its own, in which it lies with its source. */
function isWhole(candidate: Candidate): boolean {
  return candidate.path !== "" && deliversItself(candidate) && candidate.files.has(candidate.source.file);
}

/** Same file, same folder, or one folder apart below a common parent (`config/sources/x.yaml`, `config/roots/y.yaml`). */
export function isBeside(root: KubeObject, source: KubeObject): boolean {
  const [a, b] = [dirname(root.file), dirname(source.file)];
  return a === b || isWithin(a, b) || isWithin(b, a) || (dirname(a) === dirname(b) && dirname(a) !== "");
}
