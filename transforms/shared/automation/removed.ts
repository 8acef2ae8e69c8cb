import { builtFor, findReaders } from "../../../src/cluster/gotk/shared.ts";
import { keyOf } from "../../../src/cluster/graph.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { isFluxInstallUrl } from "../../../src/delivery/kinds.ts";
import { isKustomizationFile, reach } from "../../../src/delivery/kustomize/index.ts";
import { dirname } from "../../../src/delivery/paths.ts";
import { foldersOf } from "../../../src/files/disk-tree.ts";
import { indexPaths } from "../../../src/files/path-index.ts";
import { remember } from "../../../src/files/remember.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { TransformContext } from "../../contract.ts";
import { findUnusedSources, findUnusedValues, findValuesLeft, type ValuesLeft } from "./chart-leftovers.ts";
import { findLeaving, type Leaving, leavesToo } from "./leaving.ts";
import { FolderRemoval } from "./removed-folders.ts";
import { findMixedComponents, findStaleComponents, type StaleComponent } from "./stale-components.ts";
import { findStaleEntries, STALE_FIELDS, type StaleEntry } from "./stale-entries.ts";
import { type Build, cutBodies, findStalePatches, type StalePatch, unusedBodies } from "./stale-patches.ts";

/** What a phase takes away, by document; everything else follows from that. */
export interface Removal extends Pick<Leaving, "documents" | "links" | "findings"> {
  /** Files of which no document is left, and kustomization files that list nothing any more. */
  files: string[];
  /** Topmost folders of which no file is left. */
  folders: string[];
  /** Folders that can no longer be built because their kustomization file goes, whatever else lies in them. */
  builds: string[];
  /** Kustomization files that stay but lose at least one entry or patch. */
  trimmed: string[];
  /** Those of them that stay although nothing is left, so that files they never listed are not picked up. */
  emptied: string[];
  /** Those that stay because something builds their folder, and list nothing any more. */
  bare: string[];
  /** Patches of trimmed kustomizations whose objects all go. */
  stale: StalePatch[];
  /** Other entries of trimmed kustomizations that only what goes needs. */
  entries: StaleEntry[];
  /** Documents of patch files whose objects go, while the rest of the file stays. */
  cut: { file: string; docs: readonly number[] }[];
  /** What was there for the values of a release that goes. */
  values: ValuesLeft;
}

/** What follows the name of a file in that of the file which says its licence, as REUSE has it. */
export const LICENSE = ".license";

/**
 * What goes in the context's phase, judged from the tree as it is.
 * The rule: cutover takes the documents of the install Flux keeps applying; cleanup takes those of installs applied by
 * hand too, and the source and root that the FluxInstance generates in their place. A file goes when every document of
 * it goes. A kustomization goes when all it lists goes and no FluxKustomization builds its folder; then what lists that
 * folder loses an entry, and so on upwards. Keys and notes beside it stay, and so does their folder.
 * Kept, since many transforms ask; do not change the result.
 * @param ofAll see `findLeaving`
 */
export function planRemoval(context: TransformContext, ofAll = false): Removal {
  const { tree, cluster, phase, agreed } = context;
  const question = `removal ${phase} ${ofAll} ${cluster.name}`;
  return remember(tree, question, agreed, () => findRemoval(context, ofAll));
}

function findRemoval(context: TransformContext, ofAll: boolean): Removal {
  const { tree } = context;
  const found = findLeaving(context, ofAll);
  const { installs, kept, documents: leaving, findings } = found;
  const documents = [...leaving, ...findUnusedSources(context, leaving), ...findUnusedValues(context, leaving)];
  const { leavesForAll, goneIn } = readByNoOther(context, found);
  const keys = new Set([...documents, ...kept.flatMap(({ objects }) => objects)].map(keyOf));
  const sources = new Set([...keys].map((key) => key.slice(0, key.lastIndexOf("#"))));
  const isOnTheWay = (path: string) => reach(tree, dirname(path)).resources.some((file) => sources.has(file));
  const isBased = (path: string) => reach(tree, dirname(path)).remotes.some(({ url }) => isFluxInstallUrl(url));
  const naming = tree
    .grep("components")
    .filter((path) => isKustomizationFile(path) && (isOnTheWay(path) || isBased(path)) && leavesForAll(path));
  const values = findValuesLeft(tree, documents);
  const leftInstalls = installs.filter((install) => !kept.includes(install));
  const removeWith = (components: StaleComponent[]) => {
    const links = [...found.links, ...components];
    return new FolderRemoval(context, { documents, links, components, values, keys, installs: leftInstalls });
  };
  const buildOf = (path: string, removal: FolderRemoval | undefined): Build => {
    return { dir: dirname(path), gone: keys, bases: removal?.basesLost(path) ?? [] };
  };
  // Which bases go does not depend on the components that are for them.
  const first = naming.some(isBased) ? removeWith([]) : undefined;
  const components = naming.flatMap((path) => findStaleComponents(tree, path, buildOf(path, first)));
  const links = [...found.links, ...components];
  const folders = removeWith(components);
  const { gone, builds, trimmed, emptied, bare } = folders;

  const onTheWay = [...new Set(["patches", ...STALE_FIELDS].flatMap((word) => tree.grep(word)))]
    .filter((path) => isKustomizationFile(path) && !gone.has(path))
    .filter((path) => folders.basesLost(path).length > 0 || isOnTheWay(path))
    .filter(leavesForAll);
  const patching = [...new Set([...trimmed, ...onTheWay])];
  const basesLost = (path: string) => folders.basesLost(path);
  const mixed = findMixedComponents(tree, naming, components, (path) => goneIn(path, keys), basesLost);
  const own = patching.map((path) => ({ path, builds: [buildOf(path, folders)] }));
  const idlePatches = [...own, ...mixed].flatMap(({ path, builds }) => findStalePatches(tree, path, builds));
  const stale = idlePatches.filter(({ docs }) => docs === undefined);
  const entries = [...own, ...mixed].flatMap(({ path, builds }) => findStaleEntries(tree, path, builds));
  for (const { kustomization } of [...stale, ...entries]) trimmed.add(kustomization);
  const bodies = stale.flatMap(({ file }) => file ?? []);
  for (const body of unusedBodies(tree, bodies, gone, stale)) gone.add(body);
  for (const path of [...gone]) if (tree.has(path + LICENSE)) gone.add(path + LICENSE);
  return {
    ...{ documents, links, values, findings, stale, entries },
    files: [...gone].sort(),
    folders: foldersLeftEmpty(tree, gone),
    builds: [...builds].sort(),
    trimmed: [...trimmed].sort(),
    emptied: [...emptied].sort(),
    bare: [...bare].sort(),
    cut: cutBodies(tree, idlePatches),
  };
}

/**
 * Tells of any kustomization whether nobody reads it but this cluster, and those that lose the same install in the same
 * commit: what it patches is patched for all who build it, also where they come from a cluster or a test elsewhere.
 * `goneIn` tells which documents go from its build, be it another cluster's; undefined where others build it as well.
 */
function readByNoOther(context: TransformContext, { kept, overlays }: Leaving) {
  const { tree, model, cluster, agreed, phase } = context;
  const readersOf = findReaders(tree, model);
  const inOverlays = new Set(builtFor(tree, overlays));
  const isMine = (one: Cluster) => one.name === cluster.name;
  const knownReaders = (path: string): Cluster[] => {
    const { clusters, isForeign } = readersOf(path);
    return isForeign || inOverlays.has(path) ? [] : clusters;
  };
  const leavesForAll = (path: string): boolean => {
    const readers = knownReaders(path);
    const leavesWith = (one: Cluster) => agreed.takesPart(one) && (kept.length === 0 || leavesToo(context, one));
    return readers.length > 0 && readers.every((one) => isMine(one) || leavesWith(one));
  };
  const goneIn = (path: string, own: ReadonlySet<string>): ReadonlySet<string> | undefined => {
    const readers = knownReaders(path);
    if (readers.length === 0) return undefined;
    if (!readers.every((one) => isMine(one) || leavesToo(context, one))) return new Set();
    const theirs =
      phase === "cutover" ? readers.filter((one) => !isMine(one)).flatMap(({ install }) => install ?? []) : [];
    return new Set([...own, ...theirs.flatMap(({ objects }) => objects).map(keyOf)]);
  };
  return { leavesForAll, goneIn };
}

function foldersLeftEmpty(tree: Tree, gone: ReadonlySet<string>): string[] {
  const kept = indexPaths(tree.paths.filter((path) => !gone.has(path)));
  const empty = new Set([...gone].flatMap(foldersOf).filter((dir) => !kept.isDir(dir)));
  return [...empty].filter((dir) => !empty.has(dirname(dir))).sort();
}
