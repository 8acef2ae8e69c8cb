import { changedPaths, joinPath, type Snapshot } from "./snapshot.ts";
import { type GateResult, Verdict } from "./types.ts";

/** A cluster and the files that make it. */
export interface Ground {
  name: string;
  /** Folder that its root builds. */
  path: string;
  /** Every file that a FluxKustomization of it builds or reads through a base. */
  reach: ReadonlySet<string>;
}

export interface TerritoryInput {
  before: Snapshot;
  after: Snapshot;
  /** Clusters that this phase writes, with what they reach before and after. */
  written: Ground[];
  /** Clusters that are stopped or not selected: what they share with others stays as well. */
  held: Ground[];
  /** Roots that the tool does not name; only what no written cluster reaches is theirs. */
  unnamed: Ground[];
  /** Names of all clusters at the start and now, where every one was asked for. */
  names?: { first: string[]; now: string[] };
}

const inside = (path: string, dir: string): boolean => dir === "" || path === dir || path.startsWith(`${dir}/`);

/**
 * The folder that is a cluster's own: the shortest one around its root's folder that holds no other root's folder.
 * Clusters `kubernetes/main/flux` and `kubernetes/edge/flux` own `kubernetes/main` and `kubernetes/edge`.
 */
export function homeOf(ground: Ground, all: readonly Ground[]): string | undefined {
  const parts = joinPath(ground.path).split("/");
  const others = all.filter((other) => other !== ground && joinPath(other.path) !== joinPath(ground.path));
  if (others.length === 0) return undefined;
  return parts
    .map((_, index) => parts.slice(0, index + 1).join("/"))
    .find((dir) => dir !== "" && !others.some((other) => inside(joinPath(other.path), dir)));
}

/**
 * Gate item 13: nothing outside the territory of the clusters that are written changes, a cluster that is stopped keeps every
 * byte, and clusters keep their names. Files that no cluster's folder and no FluxKustomization holds, such as a Taskfile at
 * the top, are not judged here.
 */
export function checkTerritory({ before, after, written, held, unnamed, names }: TerritoryInput): GateResult {
  const verdict = new Verdict(13);
  const all = [...written, ...held, ...unnamed];
  const homes = new Map(all.map((ground) => [ground, homeOf(ground, all)]));
  const own = (path: string): boolean => written.some(({ reach }) => reach.has(path));
  for (const path of changedPaths(before, after)) {
    for (const ground of [...held, ...unnamed]) {
      const home = homes.get(ground);
      const theirs = ground.reach.has(path) && (held.includes(ground) || !own(path));
      if (theirs) verdict.fail(`${path} is read by ${ground.name}, which is not written`);
      else if (home !== undefined && inside(path, home) && !own(path))
        verdict.fail(`${path} lies in ${home} of ${ground.name}, which is not written`);
    }
  }
  if (names && [...names.first].sort().join() !== [...names.now].sort().join())
    verdict.fail(`clusters were called ${names.first.join(", ")} and are now ${names.now.join(", ")}`);
  return verdict.result();
}
