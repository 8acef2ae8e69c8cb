import { listAlterations } from "../cluster/alterations.ts";
import { type Copies, listGenerators, mayMake, printRecipe, readCopies } from "../cluster/artifact-copies.ts";
import { repositoryPath } from "../cluster/graph.ts";
import { getOrMake } from "../contract/group-by.ts";
import type { KubeObject } from "../contract/objects.ts";
import { once } from "../contract/once.ts";
import { FILLED_FROM, type FluxObjectSpec } from "../contract/specs.ts";
import { isFluxKustomization } from "../delivery/kinds.ts";
import { join, normalizePath } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import type { ClusterChange, Side } from "./change.ts";
import { readFiles } from "./touched.ts";

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
  if (!copies || !own) return undefined;
  return { ...spec, path: `./${join(copies.top, path!)}`, sourceRef: own.source, [FILLED_FROM]: undefined };
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
    readCopies(name, maker, isSame ? [before, after] : [tree], cluster.artifactRoot, sources);
  return { isSame, before: read(old ?? by, before), after: read(now ?? by, after) };
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
