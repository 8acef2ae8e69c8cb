import { compareText } from "../contract/compare-text.ts";
import type { KubeObject } from "../contract/objects.ts";
import { describe } from "../delivery/kinds.ts";

/** A source and the FluxKustomization that starts everything else from it. */
export interface Root {
  source: KubeObject;
  root: KubeObject;
  /** Other starting points on the same source that nothing delivers and that cannot be told apart from `root`. */
  rivals: KubeObject[];
  /** Others applied by hand that build folders of their own, while `root` delivers none either: there is no one root. */
  peers: KubeObject[];
  /** Whether the root delivers its own manifest, by itself or by what it starts; a copy or an archive never does. */
  deliversItself: boolean;
}

/** What may be a root. */
export interface Candidate {
  root: KubeObject;
  source: KubeObject;
  files: ReadonlySet<string>;
  path: string;
  /** Whether its source is declared near it or below it. */
  beside: boolean;
  /** Whether its path is said by a patch of the folder that it builds. */
  isOverlay: boolean;
  /** Whether it reads what a FluxInstance generates: whoever does is a child of that one's root. */
  isGenerated: boolean;
  /** Whether the URL of its source is known to be this repository's. */
  isOwn: boolean;
}

/** Whether it builds its own manifest. */
export function deliversItself(candidate: Candidate): boolean {
  return candidate.files.has(candidate.root.file);
}

interface Choice {
  candidates: readonly Candidate[];
  hidden: readonly Candidate[];
  /** Whether a start delivers its own manifest, by itself or by what it starts. */
  comesBack: (start: Candidate) => boolean;
  /** Whether its build installs Flux, by itself or with a FluxInstance. */
  bringsFlux: (start: Candidate) => boolean;
  /** Whether one delivers itself beside a start, and what that one cannot do without. */
  serves: (other: Candidate, start: Candidate) => boolean;
}

/**
 * The start that delivers the most, itself included, and Flux before anything else; equals are rivals, and a person must tell
 * them apart. One that all others serve comes before them, and they are no rivals.
 */
export function chooseRoot(starts: Candidate[], { candidates, hidden, comesBack, bringsFlux, serves }: Choice): Root {
  // Of two that deliver each other, that one is the root that lies with its source: bootstrap writes both into one file.
  const begins = (start: Candidate) => start.root.file === start.source.file && comesBack(start);
  const score = (start: Candidate) =>
    (deliversItself(start) ? 2_000_000 : begins(start) ? 1_000_000 : 0) +
    (starts.length > 1 && deliversItself(start) && bringsFlux(start) ? 1_000_000 : 0) +
    (start.files.has(start.source.file) ? 500_000 : 0) +
    start.files.size;
  const scores = new Map(starts.map((start) => [start, score(start)]));
  const ordered = [...starts].sort(
    (a, b) => scores.get(b)! - scores.get(a)! || compareText(describe(a.root), describe(b.root)),
  );
  const isServed = (start: Candidate) =>
    deliversItself(start) && ordered.every((one) => one === start || (serves(one, start) && !serves(start, one)));
  const served = ordered.length > 1 ? ordered.find(isServed) : undefined;
  const first = served ?? ordered[0]!;
  const others = served ? [] : ordered.slice(1);
  const rivals = others.filter((other) => isRival(first, other));
  return {
    source: first.source,
    root: first.root,
    rivals: rivals.map((rival) => rival.root),
    peers: findPeers(first, others, candidates, hidden)
      .filter((peer) => !rivals.includes(peer))
      .map((peer) => peer.root),
    deliversItself: comesBack(first),
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

/**
 * A second start matters when it builds the same folder, or stands on its own just as well as the first; not one that has
 * the source which the first needs.
 */
function isRival(first: Candidate, other: Candidate): boolean {
  const same = first.files.size === other.files.size && [...other.files].every((file) => first.files.has(file));
  return same || [first, other].every((start) => start.files.has(start.source.file) && deliversItself(start));
}
