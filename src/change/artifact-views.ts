import { repositoryPath } from "../cluster/graph.ts";
import { lineOf } from "../contract/errors.ts";
import { getOrMake, groupBy } from "../contract/group-by.ts";
import { type KubeObject, readableSpec } from "../contract/objects.ts";
import { once } from "../contract/once.ts";
import { isLeftOutByDefault, type Keeps, keepOnly, readKeeps } from "../delivery/artifact-files.ts";
import { makeIgnore } from "../delivery/ignore-rules.ts";
import { isFluxInstance, isFluxKustomization } from "../delivery/kinds.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import { basename, dirname, makeWithin } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import type { ClusterChange, Side } from "./change.ts";
import type { SourceFacts, SourceTable } from "./source-facts.ts";
import { readFiles } from "./touched.ts";

/** Both trees as a source passes them on. */
export interface ArtifactView extends Record<Side, Tree> {
  /** Equal for sources that leave out the same in either tree; `''` where nothing is. */
  token: string;
  /** Whether the change alters what the source leaves out. */
  differs: boolean;
}

const NO_RULES: SourceFacts = {
  ...{ ref: "", layer: "", ignore: "", sparse: [], includes: [], submodules: false, unpublished: "" },
  ...{ delivered: false, at: lineOf("") },
};

/**
 * What sources, named `Kind/name`, pass on. Where nothing that is read is left out, that is the tree itself: everything
 * already known of it stays of use.
 * @param rootOf folder of the repository that the artifact of a source begins at
 */
export function makeViews(
  change: ClusterChange,
  tables: Record<Side, SourceTable>,
  rootOf: (source: string) => string,
): (source: string) => ArtifactView {
  const { before, after } = change;
  const isEdited = [...change.changed].some((path) => basename(path) === ".sourceignore");
  const asked = listAsked(change);
  const bySource = new Map<string, ArtifactView>();
  const byRules = new Map<string, ArtifactView>();
  const read = (source: string): ArtifactView => {
    // A source that only one of the trees declares has the same rules in both.
    const old = tables.before.get(source) ?? tables.after.get(source) ?? NO_RULES;
    const now = tables.after.get(source) ?? old;
    const root = rootOf(source);
    const [from, to] = [old, now].map(({ ignore, sparse, unpublished }) =>
      JSON.stringify([root, ignore, sparse, unpublished]),
    );
    const token = `${from}>${to}`;
    return getOrMake(byRules, token, () => {
      const differs = isEdited || from !== to;
      const keeps = {
        before: readPublished(before, old, root),
        after: readPublished(after, now, root),
      };
      if (!leavesOut(change, asked, keeps, differs)) return { before, after, token: "", differs: false };
      return { before: keepOnly(before, keeps.before), after: keepOnly(after, keeps.after), token, differs };
    });
  };
  return (source) => getOrMake(bySource, source, () => read(source));
}

/** What reaches the artifact: what the job that publishes it leaves in, and the source keeps. */
function readPublished(tree: Tree, facts: SourceFacts, root: string): Keeps {
  const keeps = readKeeps(tree, facts, root);
  if (facts.unpublished === "") return keeps;
  const leavesOut = makeIgnore([{ dir: "", text: facts.unpublished }]);
  return (path) => keeps(path) && !leavesOut(root === "" ? path : path.slice(root.length + 1));
}

/** What no source may leave out, once for all of a cluster: each has rules of its own to be asked. */
interface Asked {
  before: () => readonly string[];
  after: () => readonly string[];
  /** Whether files that are left out by default lie where something is read. */
  isUsual: () => boolean;
}

/** Files that are read, or may be after the change. */
function listAsked(change: ClusterChange): Asked {
  const { before, after, changed } = change;
  const { local, artifactRoot, files, source, root } = change.cluster;
  const folders = once(() => local.map((item) => repositoryPath(readableSpec(item), artifactRoot)));
  const within = once(() => makeWithin(folders().flatMap((path) => path ?? [])));
  const isInside = (path: string) => within()(path);
  // A path with variables may lead to what the source leaves out.
  const isTouched = (path: string) => folders().includes(undefined) || isInside(path);
  const touched = once(() => [...changed].filter(isTouched));
  const starts = new Set([root.file, source?.file]);
  const newlyRead = () => listNewlyRead(change, (file) => files.has(file) || starts.has(file) || isTouched(file));
  // The files of a cluster are those of its artifact already, while a folder that is walked holds the others as well.
  const old = () => [...touched(), ...files, ...before.paths.filter(isInside)];
  // A release may come to take its chart from there.
  const charts = () => after.paths.filter((path) => basename(path) === "Chart.yaml");
  const isUsual = (path: string) => isLeftOutByDefault(path) && isInside(path);
  return {
    before: once(() => [...new Set(old())].filter(before.has)),
    after: once(() => [...new Set([...touched(), ...newlyRead(), ...charts()])].filter(after.has)),
    isUsual: once(() => before.paths.some(isUsual) || [...changed].some(isUsual)),
  };
}

/** Whether something that is read, or may be after the change, is left out. */
function leavesOut(change: ClusterChange, asked: Asked, keeps: Record<Side, Keeps>, differs: boolean): boolean {
  const [wasLeftOut, isLeftOut] = [(path: string) => !keeps.before(path), (path: string) => !keeps.after(path)];
  if (asked.before().some(wasLeftOut) || asked.after().some(isLeftOut)) return true;
  // With patterns of its own a source passes on what all others leave out, and a folder that is walked no longer builds.
  if (asked.isUsual()) return true;
  // What an ArtifactGenerator copies on is no file of the cluster.
  return differs && change.before.paths.some((path) => keeps.before(path) && change.after.has(path) && isLeftOut(path));
}

/**
 * What edited lists of the cluster, FluxKustomizations of edited files and an edited FluxInstance read after the change; what is
 * only read since leads on to others. Where a path is open, every file that changes may be read.
 * @param isRead a changed file that the cluster reads, or may read
 */
function listNewlyRead({ after, changed, added, cluster }: ClusterChange, isRead: (file: string) => boolean): string[] {
  const { instances, artifactRoot } = cluster;
  const specs = groupBy(added.filter(isFluxKustomization), ({ file }) => file);
  const synced = new Set([...instances.map(({ object }) => object), ...added.filter(isFluxInstance)].map(fileOf));
  const found = new Set([...changed].filter((file) => after.has(file) && isRead(file)));
  let isOpen = false;
  for (const file of found) {
    if (!changed.has(file)) continue;
    const own = (specs.get(file) ?? []).map(({ data }) => data.spec);
    if (!isOpen && own.some((spec) => repositoryPath(spec, artifactRoot) === undefined)) {
      isOpen = true;
      addAll(found, [...changed].filter(after.has));
    }
    const paths = synced.has(file) ? (after.read(file) ?? "").matchAll(WRITTEN_PATH) : [];
    const folders = [...paths].map(([, path]) => ({ path: path! }));
    if (isKustomizationFile(file)) addAll(found, readFiles(after, { path: dirname(file) }, ""));
    for (const spec of [...own, ...folders]) addAll(found, readFiles(after, spec, artifactRoot));
  }
  return [...found];
}

/** A path of a FluxInstance, which may stand in the values of a release. */
const WRITTEN_PATH = /\bpath["']?: *["']?([^\s"'#]+)/g;

const fileOf = ({ file }: KubeObject): string => file;

function addAll<T>(set: Set<T>, items: Iterable<T>): void {
  for (const item of items) set.add(item);
}
