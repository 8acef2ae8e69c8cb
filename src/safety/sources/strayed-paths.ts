import type { ObjectKey } from "../../admission/key.ts";
import type { ClusterChange } from "../../change/change.ts";
import type { Comparison } from "../../change/comparison.ts";
import { sourceOf } from "../../change/source-facts.ts";
import { folderOf, readFiles } from "../../change/touched.ts";
import type { FluxSpec } from "../../change/types.ts";
import type { World } from "../../change/world.ts";
import { repositoryPath } from "../../cluster/graph.ts";
import { isPatchBody } from "../../cluster/patch-bodies.ts";
import type { Cluster } from "../../cluster/types.ts";
import type { Loc } from "../../contract/errors.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import { type KubeObject, readableSpec } from "../../contract/objects.ts";
import type { FluxObjectSpec } from "../../contract/specs.ts";
import { isFluxKustomization } from "../../delivery/kinds.ts";
import { isWithin } from "../../delivery/paths.ts";
import { foldersOf } from "../../files/disk-tree.ts";

/**
 * FluxKustomizations that are pointed at a folder which another cluster applies, while their own stays in the tree and is
 * read by nothing any more: production that takes staging's folder. Objects keep their names, so nothing goes, and what
 * only the own folder says is lost. Errs towards silence: whoever deletes the old folder in the same change means it.
 */
export function findStrayedPaths(
  { respecced }: Pick<Comparison, "respecced">,
  change: ClusterChange,
  after: World,
  locate: (key: ObjectKey) => Loc,
): SaidFinding[] {
  const moves = respecced.flatMap(({ key, name, before: [old, ...olds], after: [now, ...nows] }) => {
    if (!old || !now || olds.length + nows.length > 0) return [];
    const [from, to] = [old, now].map(({ data }) => folderOf(data, change.cluster.artifactRoot));
    if (from === undefined || to === undefined || isWithin(to, from) || isWithin(from, to)) return [];
    return [{ key, name, old, from, to }];
  });
  const above = new Map(moves.map(({ from, to }) => [from, to]));
  return moves.flatMap(({ key, name, old, from, to }): SaidFinding | [] => {
    // What its parent delivers from the other folder follows from the parent.
    if (foldersOf(from).some((dir) => isWithin(to, above.get(dir) ?? OUTSIDE))) return [];
    const owner = findOtherOwner(change, to);
    const left = owner === undefined ? [] : listLeft(change, after, old, from);
    if (left.length === 0) return [];
    const files = left.length === 1 ? `${left[0]} stays` : `${left.length} files in it stay`;
    return {
      rule: "folder-of-another",
      level: "blocker",
      resource: `Kustomization ${name}`,
      at: locate(key),
      what: `Kustomization ${name} reads ${to} from now on, the folder of cluster ${owner}; nothing applies ${from} any more, though ${files}.`,
      why: "The objects keep their names, so nothing is deleted: this cluster gets the other one's settings and loses its own.",
      next: `Put the path back. Where this is meant, take ${from} out in the same change.`,
    };
  });
}

/** No path lies in it. */
const OUTSIDE = "..";

/** The cluster that applies a folder which this one does not. */
function findOtherOwner({ model, cluster }: ClusterChange, path: string): string | undefined {
  const owners = model.clusters.filter((one) =>
    one.local.some((item) => repositoryPath(readableSpec(item), one.artifactRoot) === path),
  );
  return owners.some((one) => one === cluster) ? undefined : owners[0]?.name;
}

/** Files of a folder that were built, are still there, and that no FluxKustomization of the tree reads after the change. */
function listLeft(
  { before, after, model, cluster, objects }: ClusterChange,
  world: World,
  old: FluxSpec,
  from: string,
): string[] {
  const built = [...readFiles(before, old.data.spec, cluster.artifactRoot)];
  const left = new Set(built.filter((file) => isWithin(file, from) && after.has(file)));
  // The flux-manifests artifact is read at its root, which is no folder of this repository.
  const isLocal = (spec: FluxObjectSpec | undefined) => sources.has(sourceOf(spec));
  const sources = new Set(model.clusters.flatMap(({ local }) => local.map((one) => sourceOf(readableSpec(one)))));
  // The defaults that a patch gives to all of them have no path, and would read the whole repository.
  const placesIn = (one: Cluster) => one.local.map(({ object }) => placeOf(object));
  const rest = model.clusters.filter((one) => one !== cluster);
  const others = new Set(rest.flatMap(placesIn));
  const applied = world.holders.map(({ key, spec }) => ({ spec, object: world.objects.get(key)?.object }));
  const places = applied.flatMap(({ object }) =>
    object?.at ? [placeOf({ file: object.at.file, doc: object.doc ?? 0 })] : [],
  );
  // What this cluster alone applies, or applied, counts as patches and variables leave it.
  const own = new Set([...places, ...placesIn(cluster)].filter((place) => !others.has(place)));
  // A base that leaves the path to overlays reads what each cluster is given.
  const isOpen = (object: KubeObject) => object.data.spec?.path === undefined && others.has(placeOf(object));
  const given = rest.flatMap((one) => one.local.filter(({ object }) => isOpen(object)).map(readableSpec));
  const written = objects.after.filter((object) => {
    return isFluxKustomization(object) && !isPatchBody(object, after) && !own.has(placeOf(object)) && !isOpen(object);
  });
  const told = [...written.map(({ data }) => data.spec), ...applied.map(({ spec }) => spec.data.spec), ...given];
  const specs = told.filter(isLocal);
  const roots = [...new Set(model.clusters.map(({ artifactRoot }) => artifactRoot))];
  for (const spec of specs) {
    if (left.size === 0) break;
    for (const root of roots) for (const file of readFiles(after, spec, root)) left.delete(file);
  }
  return [...left];
}

const placeOf = ({ file, doc }: { file: string; doc: number }): string => `${file}#${doc}`;
