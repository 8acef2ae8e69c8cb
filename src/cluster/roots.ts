import { repositoryIdentity } from "../contract/address.ts";
import { compareText } from "../contract/compare-text.ts";
import { getOrMake, groupBy } from "../contract/group-by.ts";
import type { KubeObject } from "../contract/objects.ts";
import { pushAll } from "../contract/push-all.ts";
import { describe, isFluxKustomization, isSyncSource } from "../delivery/kinds.ts";
import { dirname, isWithin } from "../delivery/paths.ts";
import { isArchived } from "./automation-files.ts";
import { type Candidate, chooseRoot, deliversItself, type Root } from "./choose-root.ts";
import { isApart, isSupplied } from "./companions.ts";
import { findGotkFiles } from "./gotk/detect.ts";
import { actsForTenant, keyOf, ownOf, PLACEHOLDER, repositoryPath } from "./graph.ts";
import { generatedRoot } from "./instances.ts";
import { findCandidates, isBeside, type RootSearch } from "./root-candidates.ts";
import { indexSources, isRepositorySource, sourceRefOf } from "./sources.ts";

/**
 * Finds the roots from the graph: a root reads a source of this repository, and no other FluxKustomization delivers it.
 * Names of files and folders decide nothing. Its source is declared beside it or below it; or it is a start by itself
 * (it builds its own manifest, or other FluxKustomizations), and reaches the source through what it starts, or the source
 * has the URL of the git remote.
 * Errs towards finding none: an archived `ks.yaml` that nothing delivers has no source beside it and starts nothing.
 */
export function findRoots(search: RootSearch): Root[] {
  const { tree } = search;
  const found = findCandidates(search);
  const graph = openGraph(withoutCopies(found.candidates), found.unresolved);
  const { real, reachOf } = graph;
  const hidden = findHidden(search, real);
  const comesBack = (start: Candidate) => reachOf(start).has(start.root.file);
  const brings = (start: Candidate) => bringsFlux(start, reachOf, search);
  const serves = (other: Candidate, start: Candidate) => {
    const files = reachOf(start);
    if (!deliversItself(other) || files.has(other.root.file)) return false;
    if (!isSupplied(tree, files, start.root.data.spec, other.files)) return false;
    return !isApart(tree, { files, names: [describe(start.root)] }, reachOf(other));
  };
  return groupStarts(withoutChildren(findStarts(search, graph, found.byHand), graph), reachOf)
    .map((group) => chooseRoot(group, { candidates: real, hidden, comesBack, bringsFlux: brings, serves }))
    .sort((a, b) => compareText(a.root.file, b.root.file));
}

/** Who delivers whom. */
interface Graph {
  real: readonly Candidate[];
  byFile: ByFile;
  /** The files of each FluxKustomization without a source. */
  unresolved: readonly ReadonlySet<string>[];
  /** Every file that comes of a start, also by what it starts in turn. */
  reachOf: (start: Candidate) => ReadonlySet<string>;
}

function openGraph(real: readonly Candidate[], unresolved: readonly ReadonlySet<string>[]): Graph {
  const byFile = groupBy(real, ({ root }) => root.file);
  const reach = new Map<Candidate, ReadonlySet<string>>();
  const reachOf = (start: Candidate) => getOrMake(reach, start, () => reachedFiles([start], byFile));
  return { real, byFile, unresolved, reachOf };
}

/** Those that nothing delivers, and that start something from a source of this repository. */
function findStarts(search: RootSearch, graph: Graph, byHand: readonly Candidate[]): Candidate[] {
  const { real, byFile, unresolved, reachOf } = graph;
  const delivered = findDelivered(real, byFile, unresolved);
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
  return [...known, ...circles, ...byHand.filter((one) => !isBrought(one) && isStart(one))];
}

/** The starts that deliver themselves, then those of the others that are below no root that is not in Git. */
function withoutChildren(starts: readonly Candidate[], { real, byFile }: Graph): Candidate[] {
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
  return [...own, ...applied];
}

/** The starts of each cluster. */
function groupStarts(starts: readonly Candidate[], reachOf: Graph["reachOf"]): Candidate[][] {
  const groups: Candidate[][] = [];
  for (const start of starts) {
    const group = groups.find((known) => {
      const first = known[0]!;
      const isSame = (one: Candidate) => one === first || one.root.name === start.root.name;
      const isOther = () => known.some((one) => isSame(one) && areApart(one, start, reachOf));
      return (sharesSource(first, start) && !isOther()) || areTwins(first, start);
    });
    if (group) group.push(start);
    else groups.push([start]);
  }
  return groups;
}

/**
 * Whether what names an account is a tenant's. None may apply controllers and their rights, so whose build installs Flux, by
 * itself or with a FluxInstance, is a root with an account of its own; and so is what a FluxInstance generates in its place.
 */
function isTenants(candidate: Candidate, reachOf: Graph["reachOf"], search: RootSearch): boolean {
  const { root } = candidate;
  if (!actsForTenant(root.data.spec) || bringsFlux(candidate, reachOf, search)) return false;
  const pathOf = ({ data }: KubeObject) => repositoryPath(data.spec, "");
  const isReplaced = (by: KubeObject) => describe(by) === describe(root) && pathOf(by) === pathOf(root);
  return !(search.instances ?? []).map(generatedRoot).some(isReplaced);
}

/** Whether the build of a start installs Flux, by itself or with a FluxInstance. */
function bringsFlux(start: Candidate, reachOf: Graph["reachOf"], { tree, instances = [] }: RootSearch): boolean {
  if (findGotkFiles(tree, [...start.files])?.isWhole) return true;
  return instances.some(({ object }) => reachOf(start).has(object.file));
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
function areApart(a: Candidate, b: Candidate, reachOf: Graph["reachOf"]): boolean {
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
 * was tried by hand or forgotten, and is no parent. Without it the cluster is whole. It may have a source of its own, as
 * what `flux bootstrap` wrote before.
 */
function isRepeated(first: Candidate, { root, source, path, files }: Candidate): boolean {
  const lieTogether = root.file === source.file && files.has(root.file);
  return lieTogether && first.path === path && isSameRepository(first.source, source);
}

/** One manifest, or two of one repository. */
function isSameRepository(a: KubeObject, b: KubeObject): boolean {
  const [urlA, urlB] = [a, b].map(({ data }) => data.spec?.url);
  if (keyOf(a) === keyOf(b)) return true;
  return typeof urlA === "string" && typeof urlB === "string" && repositoryIdentity(urlA) === repositoryIdentity(urlB);
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
