import { compareText } from "../compare-text.ts";
import type { Tree } from "../workspace/tree.ts";
import { filesOf, keyOf, repositoryPath } from "./graph.ts";
import { describe, isFluxKustomization, isSyncSource } from "./kinds.ts";
import { findPathOverlays, rootsOfOverlays } from "./overlay-roots.ts";
import { dirname, isWithin } from "./paths.ts";
import { isRepositorySource, repositoryIdentity, resolveSource, sourceRefOf } from "./sources.ts";
import type { KubeObject } from "./types.ts";

/** A source and the FluxKustomization that starts everything else from it. */
export interface Root {
  source: KubeObject;
  root: KubeObject;
  /** Other starting points on the same source that nothing delivers and that cannot be told apart from `root`. */
  rivals: KubeObject[];
  /** Others applied by hand that build folders of their own, while `root` delivers none either: there is no one root. */
  peers: KubeObject[];
  /** Whether the root builds the folder its own manifest lies in; a copy or an archive never does. */
  deliversItself: boolean;
}

export interface RootSearch {
  tree: Tree;
  objects: readonly KubeObject[];
  artifactRoot: (source: KubeObject) => string;
  /** Clone URLs of the remotes, which tell our own source from the sources of other repositories. */
  remotes: readonly string[];
  /** `spec.sync` of the FluxInstances: what they read is this repository too, also when no manifest of it is left. */
  syncs?: readonly { url?: unknown; path?: unknown }[];
}

interface Candidate {
  root: KubeObject;
  source: KubeObject;
  files: ReadonlySet<string>;
  path: string;
  /** Whether its source is declared near it or below it. */
  beside: boolean;
  /** Whether its path is said by a patch of the folder that it builds. */
  isOverlay: boolean;
}

/**
 * Finds the roots from the graph: a root reads a source of this repository that is declared beside it or below it,
 * and no other FluxKustomization delivers it. Names of files and folders decide nothing.
 * Errs towards finding none: an archived `ks.yaml` that nothing delivers has no source beside it and is not a root.
 */
export function findRoots(search: RootSearch): Root[] {
  const candidates = withoutCopies(findCandidates(search));
  const delivered = findDelivered(candidates);
  const starts = candidates.filter((candidate) => candidate.beside && !delivered.has(candidate));
  const own = starts.filter(deliversItself);
  const reached = reachedFiles(own, candidates);
  const applied = starts.filter(
    (start) => !deliversItself(start) && ![...start.files].some((file) => reached.has(file)),
  );
  const groups: Candidate[][] = [];
  for (const start of [...own, ...applied]) {
    const group = groups.find(([first]) => sharesSource(first!, start) || areTwins(first!, start));
    if (group) group.push(start);
    else groups.push([start]);
  }
  const hidden = findHidden(search, candidates);
  return groups
    .map((group) => chooseRoot(group, candidates, hidden))
    .sort((a, b) => compareText(a.root.file, b.root.file));
}

/** Overlays of one base are clusters of their own, although they share the manifest of the source. */
function sharesSource(a: Candidate, b: Candidate): boolean {
  const overlayOf = ({ isOverlay, path }: Candidate) => (isOverlay ? path : "");
  return keyOf(a.source) === keyOf(b.source) && overlayOf(a) === overlayOf(b);
}

/** Two syncs of one cluster that build one folder and deliver each other; each labels what the other one applied. */
function areTwins(a: Candidate, b: Candidate): boolean {
  return a.path === b.path && a.files.has(b.root.file) && b.files.has(a.root.file);
}

/** FluxKustomizations that nothing delivers and whose path a template fills in: any of them may build the others. */
function findHidden({ tree, objects }: RootSearch, candidates: readonly Candidate[]): Candidate[] {
  const sources = objects.filter((object) => isSyncSource(object) && isRepositorySource(object));
  const delivered = new Set(candidates.flatMap(({ files }) => [...files]));
  return objects.flatMap((root) => {
    const path = root.data?.spec?.path;
    if (!isFluxKustomization(root) || typeof path !== "string" || !/\{\{|\$\{/.test(path)) return [];
    const ref = sourceRefOf(root.data.spec, root.namespace);
    const source = ref && resolveSource(ref, root.file, sources);
    if (!source || delivered.has(root.file) || !isBeside(root, source) || tree.isDir(path)) return [];
    return [{ root, source, files: new Set<string>(), path, beside: true, isOverlay: false }];
  });
}

function deliversItself(candidate: Candidate): boolean {
  return candidate.files.has(candidate.root.file);
}

/** Those that another candidate delivers which they do not deliver in turn. */
function findDelivered(candidates: readonly Candidate[]): Set<Candidate> {
  const byFile = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    byFile.set(candidate.root.file, [...(byFile.get(candidate.root.file) ?? []), candidate]);
  }
  const delivered = new Set<Candidate>();
  for (const other of candidates) {
    // Most deliver a few files, and a root thousands: the shorter list is walked.
    const files =
      other.files.size < byFile.size ? other.files : [...byFile.keys()].filter((file) => other.files.has(file));
    for (const candidate of [...files].flatMap((file) => byFile.get(file) ?? [])) {
      if (candidate !== other && !candidate.files.has(other.root.file)) delivered.add(candidate);
    }
  }
  return delivered;
}

/** A template or an archived copy builds the same folder under the same name; the one that is delivered is real. */
function withoutCopies(candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(
    (candidate) =>
      deliversItself(candidate) ||
      !candidates.some(
        (other) => other.path === candidate.path && other.root.name === candidate.root.name && deliversItself(other),
      ),
  );
}

/** Every file that these starts deliver, with what the FluxKustomizations among those deliver in turn. */
function reachedFiles(starts: readonly Candidate[], candidates: readonly Candidate[]): Set<string> {
  const files = new Set<string>();
  const rest = new Set<Candidate>(candidates);
  for (let next = [...starts]; next.length > 0; next = [...rest].filter(({ root }) => files.has(root.file))) {
    for (const candidate of next) {
      rest.delete(candidate);
      for (const file of candidate.files) files.add(file);
    }
  }
  return files;
}

function findCandidates({ tree, objects, artifactRoot, remotes, syncs = [] }: RootSearch): Candidate[] {
  const sources = objects.filter((object) => isSyncSource(object) && isRepositorySource(object));
  const synced = syncs.map(({ url }) => url).filter((url) => typeof url === "string" && url !== "");
  const own = new Set([...remotes, ...(synced as string[])].map(repositoryIdentity));
  const isOwn = (source: KubeObject) => own.has(repositoryIdentity(String(source.data?.spec?.url ?? "")));
  const isKnown = sources.some(isOwn);
  const found: Candidate[] = [];
  const uses = new Map<KubeObject, number>();
  const overlays = findPathOverlays(tree, objects.filter(isPatchBody));
  const add = (root: KubeObject, source: KubeObject, prefix: string, isOverlay: boolean) => {
    const path = repositoryPath(root.data.spec, prefix);
    if (path === undefined || !(path === "" || tree.isDir(path))) return;
    const files = new Set(filesOf(tree, root.data.spec, prefix));
    found.push({ root, source, files, path, beside: files.has(source.file) || isBeside(root, source), isOverlay });
  };
  for (const root of objects.filter(isFluxKustomization)) {
    const ref = sourceRefOf(root.data?.spec, root.namespace);
    const source = ref && resolveSource(ref, root.file, sources);
    if (!source || (isKnown && !isOwn(source) && source.kind === "GitRepository")) continue;
    uses.set(source, (uses.get(source) ?? 0) + 1);
    const prefix = artifactRoot(source);
    const { variants, isPlain } = rootsOfOverlays(tree, root, overlays, prefix);
    for (const variant of variants) add(variant, source, prefix, true);
    if (isPlain && !isPatchBody(root)) add(root, source, prefix, false);
  }
  const most = Math.max(0, ...uses.values());
  const hasOwnFolder =
    found.some((candidate) => candidate.path !== "" && deliversItself(candidate)) ||
    syncs.some(({ path }) => typeof path === "string" && !/^[./]*$/.test(path));
  // `path: ./` exists in every repository, so it proves nothing: a source used once beside one used often, or beside a
  // root with a folder of its own, is another repository's.
  const isForeign = ({ path, source }: Candidate) =>
    path === "" && !isOwn(source) && (uses.get(source)! < most || (uses.get(source) === 1 && hasOwnFolder));
  return found.filter((candidate) => !isForeign(candidate));
}

/** What lacks required fields is the body of a patch file, not an object: patches name only what they change. */
function isPatchBody({ data }: KubeObject): boolean {
  const spec = data?.spec ?? {};
  const missing = ["interval", "prune", "path"].filter((field) => spec[field] === undefined);
  return missing.length > 1;
}

/** Same file, same folder, or one folder apart below a common parent (`config/sources/x.yaml`, `config/roots/y.yaml`). */
function isBeside(root: KubeObject, source: KubeObject): boolean {
  const [a, b] = [dirname(root.file), dirname(source.file)];
  return a === b || isWithin(a, b) || isWithin(b, a) || (dirname(a) === dirname(b) && dirname(a) !== "");
}

/** The start that delivers the most, itself included; equals are rivals, and a person must tell them apart. */
function chooseRoot(starts: Candidate[], candidates: readonly Candidate[], hidden: readonly Candidate[]): Root {
  const score = (start: Candidate) =>
    (start.files.has(start.root.file) ? 1_000_000 : 0) +
    (start.files.has(start.source.file) ? 500_000 : 0) +
    start.files.size;
  const ordered = [...starts].sort((a, b) => score(b) - score(a) || compareText(describe(a.root), describe(b.root)));
  const first = ordered[0]!;
  const rivals = ordered.slice(1).filter((other) => isRival(first, other));
  return {
    source: first.source,
    root: first.root,
    rivals: rivals.map((rival) => rival.root),
    peers: findPeers(first, ordered.slice(1), candidates, hidden)
      .filter((peer) => !rivals.includes(peer))
      .map((peer) => peer.root),
    deliversItself: deliversItself(first),
  };
}

function findPeers(
  first: Candidate,
  others: readonly Candidate[],
  candidates: readonly Candidate[],
  hidden: readonly Candidate[],
): Candidate[] {
  if (deliversItself(first)) return [];
  const isParent = candidates.some((candidate) => candidate !== first && first.files.has(candidate.root.file));
  return [...hidden.filter(({ source }) => source === first.source), ...(isParent ? [] : others)];
}

/** A second start matters when it builds the same folder, or stands on its own just as well as the first. */
function isRival(first: Candidate, other: Candidate): boolean {
  const same = first.files.size === other.files.size && [...other.files].every((file) => first.files.has(file));
  return same || (other.files.has(other.root.file) && other.files.has(other.source.file));
}
