import { repositoryIdentity } from "../contract/address.ts";
import { compareText } from "../contract/compare-text.ts";
import { groupBy } from "../contract/group-by.ts";
import type { KubeObject } from "../contract/objects.ts";
import { pushAll } from "../contract/push-all.ts";
import { describe, isFluxKustomization, isSyncSource, SYNC_SOURCE_KINDS } from "../delivery/kinds.ts";
import { dirname, isWithin } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { artifactTree } from "./artifact-tree.ts";
import { isArchived } from "./automation-files.ts";
import { type Candidate, chooseRoot, deliversItself, type Root } from "./choose-root.ts";
import { isApart, isSupplied } from "./companions.ts";
import { findGotkFiles } from "./gotk/detect.ts";
import { actsForTenant, computedPath, keyOf, manifestsOf, ownOf, PLACEHOLDER, repositoryPath } from "./graph.ts";
import { generatedRoot, generatedSource } from "./instances.ts";
import { readContradictions } from "./other-repository.ts";
import { findPathOverlays, rootsOfOverlays, withBuiltSource } from "./overlay-roots.ts";
import { isPatchBody, isSourcePatch } from "./patch-bodies.ts";
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

/**
 * Finds the roots from the graph: a root reads a source of this repository, and no other FluxKustomization delivers it.
 * Names of files and folders decide nothing. Its source is declared beside it or below it; or it is a start by itself
 * (it builds its own manifest, or other FluxKustomizations), and reaches the source through what it starts, or the source
 * has the URL of the git remote.
 * Errs towards finding none: an archived `ks.yaml` that nothing delivers has no source beside it and starts nothing.
 */
export function findRoots(search: RootSearch): Root[] {
  const { tree } = search;
  const { candidates, unresolved, byHand } = findCandidates(search);
  const real = withoutCopies(candidates);
  const byFile = groupBy(real, ({ root }) => root.file);
  const delivered = findDelivered(real, byFile, unresolved);
  const reach = new Map<Candidate, Set<string>>();
  const reachOf = (start: Candidate) => {
    const known = reach.get(start) ?? reachedFiles([start], byFile);
    reach.set(start, known);
    return known;
  };
  const startsOthers = (start: Candidate) =>
    [...start.files].some((file) => byFile.get(file)?.some((other) => other !== start));
  const isStart = (candidate: Candidate) => {
    if (candidate.isGenerated || delivered.has(candidate) || isTenants(candidate, reachOf, search)) return false;
    if (candidate.beside) return true;
    const startsItself = candidate.path !== "" && deliversItself(candidate);
    if (!startsItself && !startsOthers(candidate)) return false;
    return candidate.isOwn || reachOf(candidate).has(candidate.source.file);
  };
  const known = real.filter(isStart);
  const covered = reachedFiles(known, byFile);
  // A circle: what the root starts delivers the root. It begins where root and source lie together.
  const isCircle = ({ path, root, source }: Candidate) =>
    path !== "" && dirname(root.file) === dirname(source.file) && !unresolved.some((files) => files.has(root.file));
  const isOpen = (one: Candidate) =>
    !covered.has(one.root.file) && !one.isGenerated && !isTenants(one, reachOf, search);
  const circles = real.filter((one) => isCircle(one) && isOpen(one) && reachOf(one).has(one.root.file));
  // Of a base that something delivers, what a folder of patches makes is a child there, and no root.
  const isBrought = ({ root }: Candidate) =>
    [...real.map(({ files }) => files), ...unresolved].some((files) => files.has(root.file));
  const starts = [...known, ...circles, ...byHand.filter((one) => !isBrought(one) && isStart(one))];
  const own = starts.filter(deliversItself);
  const reached = reachedFiles(own, byFile);
  const children = new Set(
    real.flatMap((one) => (reached.has(one.root.file) && !deliversItself(one) ? [describe(one.root)] : [])),
  );
  // What another cluster has below its root is below a root here as well, if one that is not in Git: `apps` beside `apps`.
  const isChild = ({ root }: Candidate) => root.data.spec?.dependsOn !== undefined || children.has(describe(root));
  const applied = starts.filter(
    (start) =>
      !deliversItself(start) &&
      !(isChild(start) ? [...start.files] : ownOf(start.files, start.path)).some((file) => reached.has(file)),
  );
  const groups: Candidate[][] = [];
  for (const start of [...own, ...applied]) {
    const group = groups.find((known) => {
      const first = known[0]!;
      const isSame = (one: Candidate) => one === first || one.root.name === start.root.name;
      const isOther = () => known.some((one) => isSame(one) && areApart(one, start, reachOf));
      return (sharesSource(first, start) && !isOther()) || areTwins(first, start);
    });
    if (group) group.push(start);
    else groups.push([start]);
  }
  const hidden = findHidden(search, real);
  const comesBack = (start: Candidate) => reachOf(start).has(start.root.file);
  const serves = (other: Candidate, start: Candidate) => {
    const files = reachOf(start);
    if (!deliversItself(other) || files.has(other.root.file)) return false;
    if (!isSupplied(tree, files, start.root.data.spec, other.files)) return false;
    return !isApart(tree, { files, names: [describe(start.root)] }, reachOf(other));
  };
  return groups
    .map((group) => chooseRoot(group, { candidates: real, hidden, comesBack, serves }))
    .sort((a, b) => compareText(a.root.file, b.root.file));
}

/**
 * Whether what names an account is a tenant's. None may apply controllers and their rights, so whose build installs Flux, by
 * itself or with a FluxInstance, is a root with an account of its own; and so is what a FluxInstance generates in its place.
 */
function isTenants(candidate: Candidate, reachOf: (start: Candidate) => Set<string>, search: RootSearch): boolean {
  const { root, files } = candidate;
  const { tree, instances = [] } = search;
  if (!actsForTenant(root.data.spec) || findGotkFiles(tree, [...files])?.isWhole) return false;
  if (instances.some(({ object }) => reachOf(candidate).has(object.file))) return false;
  const pathOf = ({ data }: KubeObject) => repositoryPath(data.spec, "");
  const isReplaced = (by: KubeObject) => describe(by) === describe(root) && pathOf(by) === pathOf(root);
  return !instances.map(generatedRoot).some(isReplaced);
}

/** Overlays of one base are clusters of their own, although they share the manifest of the source. */
function sharesSource(a: Candidate, b: Candidate): boolean {
  const overlayOf = ({ isOverlay, path }: Candidate) => (isOverlay ? path : "");
  return keyOf(a.source) === keyOf(b.source) && overlayOf(a) === overlayOf(b);
}

/**
 * Clusters that share the manifest of the source in a base: each builds itself and reaches it, and neither the other. So are
 * two of one name that build folders of their own, both by hand or each with itself in it: one cluster holds no two objects
 * of one name.
 */
function areApart(a: Candidate, b: Candidate, reachOf: (start: Candidate) => ReadonlySet<string>): boolean {
  const isWhole = (start: Candidate) =>
    start.path !== "" && deliversItself(start) && reachOf(start).has(start.source.file);
  const areNamesakes = describe(a.root) === describe(b.root) && !isArchived(a.root.file) && !isArchived(b.root.file);
  const areByHand = ![a, b].some(deliversItself) && !isWithin(a.path, b.path) && !isWithin(b.path, a.path);
  const areOwn = [a, b].every((start) => start.path !== "" && deliversItself(start));
  if (!(isWhole(a) && isWhole(b)) && !(areNamesakes && (areByHand || areOwn))) return false;
  return !reachOf(a).has(b.root.file) && !reachOf(b).has(a.root.file);
}

/** Two syncs of one cluster that build one folder and deliver each other; each labels what the other one applied. */
function areTwins(a: Candidate, b: Candidate): boolean {
  return a.path === b.path && a.files.has(b.root.file) && b.files.has(a.root.file);
}

/** FluxKustomizations that nothing delivers and whose path a template fills in: any of them may build the others. */
function findHidden({ tree, objects }: RootSearch, candidates: readonly Candidate[]): Candidate[] {
  const find = indexSources(objects.filter((object) => isSyncSource(object) && isRepositorySource(object)));
  const delivered = new Set(candidates.flatMap(({ files }) => [...files]));
  return objects.flatMap((root) => {
    const path = root.data.spec?.path;
    if (!isFluxKustomization(root) || typeof path !== "string" || !PLACEHOLDER.test(path)) return [];
    const ref = sourceRefOf(root.data.spec, root.namespace);
    const source = ref && find(ref, root.file);
    if (!source || delivered.has(root.file) || !isBeside(root, source) || tree.isDir(path)) return [];
    const is = { beside: true, isOverlay: false, isGenerated: false, isOwn: true };
    return [{ root, source, files: new Set<string>(), path, ...is }];
  });
}

type ByFile = ReadonlyMap<string, readonly Candidate[]>;

/**
 * Those that another candidate delivers which they do not deliver in turn. What reads a source that nothing declares, as
 * in a fleet that bootstrap has not filled in, delivers too, unless what it delivers builds itself.
 * @param unresolved the files of each FluxKustomization without a source
 */
function findDelivered(
  candidates: readonly Candidate[],
  byFile: ByFile,
  unresolved: readonly ReadonlySet<string>[],
): Set<Candidate> {
  const delivered = new Set<Candidate>();
  // Most deliver a few files, and a root thousands: the shorter list is walked.
  const among = (files: ReadonlySet<string>) =>
    [...(files.size < byFile.size ? files : [...byFile.keys()].filter((file) => files.has(file)))].flatMap(
      (file) => byFile.get(file) ?? [],
    );
  for (const other of candidates) {
    for (const candidate of among(other.files)) {
      const isNone = candidate === other || candidate.files.has(other.root.file) || becomes(other, candidate);
      if (!isNone && !isRepeated(other, candidate)) delivered.add(candidate);
    }
  }
  for (const files of unresolved) {
    for (const candidate of among(files)) {
      if (candidate.path === "" || !deliversItself(candidate)) delivered.add(candidate);
    }
  }
  return delivered;
}

/**
 * Whether a root applied by hand brings another manifest of itself, which builds its own: of a bootstrap to one path and a
 * later one to another, that one is left in the cluster.
 */
function becomes(first: Candidate, next: Candidate): boolean {
  return describe(first.root) === describe(next.root) && !deliversItself(first) && deliversItself(next);
}

/**
 * Whether one that nothing delivers builds just the folder in which another lies with its source and delivers itself: it
 * was tried by hand or forgotten, and is no parent. Without it the cluster is whole.
 */
function isRepeated(first: Candidate, { root, source, path, files }: Candidate): boolean {
  const lieTogether = root.file === source.file && files.has(root.file);
  return lieTogether && first.path === path && keyOf(first.source) === keyOf(source);
}

/** A template or an archived copy builds the same folder under the same name; the one that is delivered is real. */
function withoutCopies(candidates: readonly Candidate[]): Candidate[] {
  const real = new Set(candidates.filter(deliversItself).map(({ path, root }) => `${path}#${root.name}`));
  return candidates.filter(
    (candidate) => deliversItself(candidate) || !real.has(`${candidate.path}#${candidate.root.name}`),
  );
}

/** Every file that these starts deliver, with what the FluxKustomizations among those deliver in turn. */
function reachedFiles(starts: readonly Candidate[], byFile: ByFile): Set<string> {
  const files = new Set<string>();
  const queue = [...starts];
  for (let candidate = queue.pop(); candidate; candidate = queue.pop()) {
    for (const file of candidate.files) {
      if (files.has(file)) continue;
      files.add(file);
      pushAll(queue, byFile.get(file) ?? []);
    }
  }
  return files;
}

/** What this repository, and what CI publishes of it, is known by: `repositoryIdentity` of remotes and of what instances sync. */
export function ownIdentities(remotes: readonly string[], instances: RootSearch["instances"] = []): Set<string> {
  const synced = instances.map(({ spec }) => spec.sync?.url).filter((url) => typeof url === "string" && url !== "");
  return new Set([...remotes, ...synced].map(repositoryIdentity));
}

function findCandidates({ tree, objects, artifactRoot, remotes, instances = [] }: RootSearch): {
  candidates: Candidate[];
  unresolved: Set<string>[];
  /** What overlays make of a base that they do not build again: roots where a person applies the overlay. */
  byHand: Candidate[];
} {
  const syncs = instances.map(({ spec }) => spec.sync ?? {});
  const own = ownIdentities(remotes, instances);
  const isOther = readContradictions(objects, remotes, instances);
  const generated = new Set(instances.filter(({ spec }) => spec.sync?.url).map(generatedSource));
  const all = objects.filter(isSyncSource);
  const bodies = new Set(all.filter((object) => isSourcePatch(object, tree)));
  const declared = all.filter((object) => isRepositorySource(object) && !bodies.has(object));
  const sources = [...declared, ...generated];
  const find = indexSources(sources);
  const findAny = indexSources([...all, ...generated]);
  const findDeclared = indexSources(declared);
  const synced = new Set(syncs.map((sync) => (typeof sync.path === "string" ? repositoryPath(sync, "") : undefined)));
  // The old root lies nearer to the new instance than to its own source, where that is in another folder.
  const findFor = (root: KubeObject, ref: SourceRef) => {
    const found = find(ref, root.file);
    const isOld = found !== undefined && generated.has(found) && synced.has(repositoryPath(root.data.spec, ""));
    const near = isOld ? (findDeclared(ref, root.file) ?? found) : found;
    if (near === undefined || generated.has(near) || namedIn(declared, ref.kind, ref.name).length < 2) return near;
    const files = new Set(manifestsOf(tree, root.data.spec, artifactRoot(near)));
    return (files.has(near.file) ? undefined : sourceAmong(files, ref, declared)) ?? near;
  };
  const isUndeclared = (ref: SourceRef, near: string) => SYNC_SOURCE_KINDS.includes(ref.kind) && !findAny(ref, near);
  const hasOwnUrl = ({ data }: KubeObject) => own.has(repositoryIdentity(String(data.spec?.url ?? "")));
  const madeOwn = new Set([...bodies].filter(hasOwnUrl).map(describe));
  const isOwn = (source: KubeObject) => hasOwnUrl(source) || madeOwn.has(describe(source));
  const isKnown = sources.some(isOwn);
  const found: Candidate[] = [];
  const byHand: Candidate[] = [];
  const unresolved: Set<string>[] = [];
  const uses = new Map<KubeObject, number>();
  const overlays = findPathOverlays(
    tree,
    objects.filter((object) => isPatchBody(object, tree)),
  );
  const add = (root: KubeObject, source: KubeObject, prefix: string, isOverlay: boolean, to = found) => {
    const path = repositoryPath(root.data.spec, prefix);
    if (path === undefined || !(path === "" ? !actsForTenant(root.data.spec) : tree.isDir(path))) return;
    // What its source leaves out is not built: a root that lies there does not come back, however wide its path.
    const artifact = artifactTree(tree, { artifactRoot: prefix, runningSource: source });
    const files = new Set(manifestsOf(artifact, root.data.spec, prefix));
    const beside = files.has(source.file) || isBeside(root, source);
    const of = { isGenerated: generated.has(source), isOwn: isOwn(source) };
    to.push({ root, source, files, path, beside, isOverlay, ...of });
  };
  for (const written of objects.filter(isFluxKustomization)) {
    const root = withBuiltSource(tree, written);
    const ref = sourceRefOf(root.data.spec, root.namespace);
    const source = ref && findFor(root, ref);
    if (ref && repositoryPath(root.data.spec, "") && !isPatchBody(root, tree) && isUndeclared(ref, root.file))
      unresolved.push(new Set(manifestsOf(tree, root.data.spec, "")));
    // What goes through a kubeconfig is another cluster's.
    if (!source || root.data.spec?.kubeConfig || computedPath(tree, root) !== undefined) continue;
    const isForeignGit = isKnown && !isOwn(source) && source.kind === "GitRepository";
    if (isForeignGit && !isOther(root)) continue;
    uses.set(source, (uses.get(source) ?? 0) + 1);
    const prefix = artifactRoot(source);
    const { variants, applied, isPlain } = rootsOfOverlays(tree, root, overlays, prefix);
    for (const variant of variants) add(variant, source, prefix, true);
    if (!isPatchBody(root, tree)) for (const variant of applied) add(variant, source, prefix, true, byHand);
    if (isPlain && !isPatchBody(root, tree)) add(root, source, prefix, false);
  }
  const most = Math.max(0, ...uses.values());
  const hasOwnFolder =
    found.some((candidate) => candidate.path !== "" && deliversItself(candidate)) ||
    syncs.some(({ path }) => typeof path === "string" && !/^[./]*$/.test(path));
  // `path: ./` exists in every repository, so it proves nothing: a source used once beside one used often, or beside a
  // root with a folder of its own, is another repository's.
  const isForeign = ({ path, source }: Candidate) =>
    path === "" && !isOwn(source) && (uses.get(source)! < most || (uses.get(source) === 1 && hasOwnFolder));
  // Without a path it would deliver every root there is, itself included, wherever in the repository it lies.
  const whole = new Set(found.filter(isWhole).map(({ source }) => keyOf(source)));
  const isStray = ({ path, root, source }: Candidate) =>
    path === "" &&
    !isBeside(root, source) &&
    whole.has(keyOf(source)) &&
    !found.some((other) => other.path !== "" && other.files.has(root.file));
  const isOut = (candidate: Candidate) => isForeign(candidate) || isStray(candidate);
  return { candidates: found.filter((candidate) => !isOut(candidate)), unresolved, byHand };
}

/** Whether it builds a folder of its own, in which it lies with its source. */
function isWhole(candidate: Candidate): boolean {
  return candidate.path !== "" && deliversItself(candidate) && candidate.files.has(candidate.source.file);
}

/** Same file, same folder, or one folder apart below a common parent (`config/sources/x.yaml`, `config/roots/y.yaml`). */
function isBeside(root: KubeObject, source: KubeObject): boolean {
  const [a, b] = [dirname(root.file), dirname(source.file)];
  return a === b || isWithin(a, b) || isWithin(b, a) || (dirname(a) === dirname(b) && dirname(a) !== "");
}
