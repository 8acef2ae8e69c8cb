import { keyOfObject, type ObjectKey, printKey } from "../../admission/key.ts";
import { withoutHash } from "../../change/generated-names.ts";
import { sourceOf } from "../../change/source-facts.ts";
import type { OpenPoint } from "../../change/types.ts";
import { findFilling, findOpenPush, isNamedByPush } from "../../cluster/artifact-root.ts";
import { filesOf, repositoryPath } from "../../cluster/graph.ts";
import { generatedSource } from "../../cluster/instances.ts";
import { objectsIn } from "../../cluster/objects.ts";
import { readPublishedFolders } from "../../cluster/published-folder.ts";
import { resolveSource, sourceRefOf } from "../../cluster/sources.ts";
import { readable } from "../../contract/answer.ts";
import { type Loc, lineOf } from "../../contract/errors.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { andMore } from "../../contract/list-some.ts";
import type { Claim, KubeObject, YamlData } from "../../contract/objects.ts";
import { operand, sh } from "../../contract/shell.ts";
import { type Builder, listDelivered as listBuilt } from "../../delivery/flux-build.ts";
import { describe, isFluxKustomization, isSyncSource } from "../../delivery/kinds.ts";
import { locateField } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";
import { sayMovedPush } from "../sources/published.ts";
import { isNearest, listDelivered, type UnappliedInput } from "./unapplied.ts";

interface OtherInput extends UnappliedInput {
  artifactPath: string | undefined;
}

interface Reader {
  object: KubeObject;
  namespace: string;
  spec: YamlData;
}

/**
 * FluxKustomizations on an artifact of its own that a job or a person here fills from a folder, as of a repository that
 * publishes several: the graph of a cluster follows the one that its root reads. What leaves such a folder is pruned as well.
 */
export function findOtherArtifacts(input: OtherInput): OpenPoint[] {
  const { before, after, model } = input;
  const sources = model.objects.filter(isSyncSource);
  const fillingOf = makeFilling(input);
  return listReaders(input).flatMap(({ object, namespace, spec }) => {
    const ref = sourceRefOf(spec, namespace);
    const source = ref && ref.kind !== "GitRepository" ? resolveSource(ref, object.file, sources) : undefined;
    if (!source || spec.prune !== true) return [];
    const tree = sh`flux tree kustomization ${operand(object.name)} -n ${namespace}`.line;
    const say = (what: string, look: string): OpenPoint => {
      return { resource: `Kustomization ${namespace}/${object.name}`, at: locateField(before, object), what, look };
    };
    const { folder, isOpen } = fillingOf(before, source);
    if (!folder) {
      const file = isOpen ? findStray(input, spec, source.name) : undefined;
      if (file === undefined) return [];
      const what = `reads ${describe(source)}, which may be filled from here, from a folder that cannot be read, and ${file} is perhaps in it: Flux deletes what leaves it`;
      return say(what, `name the folder with --artifact-path ${source.name}=FOLDER, or look with ${tree}`);
    }
    if (repositoryPath(spec, folder.value) === undefined) return [];
    const next = fillingOf(after, source).folder;
    if (next?.value !== folder.value)
      return say(
        `reads ${describe(source)}, which ${sayMovedPush(folder, next)}`,
        `compare what both folders hold with ${tree}`,
      );
    const lost = listLost(input, { object, spec }, folder.value);
    if (lost.length === 0) return [];
    const what = `reads ${describe(source)}, an artifact of its own that is filled from ${folder.value || "this repository"}, and this change takes ${printKey(lost[0]!)}${andMore(lost.length - 1)} out of that: Flux deletes what nothing else applies then`;
    return say(what, `look with ${tree} whether it is applied from there`);
  });
}

/** From which folder an artifact is filled; `isOpen`: from one that cannot be read, perhaps. */
interface Filling {
  folder?: Claim<string>;
  isOpen: boolean;
}

/**
 * Tells the folder that an artifact is filled from, and whether one that cannot be read may be it. What a person says of all
 * artifacts need not mean this one, and neither does the call that fills the one of the root, nor one whose address is all
 * variables: these fit the artifacts of other owners as well.
 */
function makeFilling({ cluster, before, after, artifactPath }: OtherInput) {
  const { named } = readPublishedFolders(artifactPath);
  const { source, runningSource = source, instances } = cluster;
  const synced = instances.filter(({ spec }) => spec.sync?.url).map(generatedSource);
  const roots = [...(runningSource ? [runningSource] : []), ...synced];
  const callsOf = (tree: Tree) => roots.flatMap((root) => findFilling(tree, root)?.at ?? []);
  const calls = new Map([before, after].map((tree) => [tree, callsOf(tree)]));
  const isOfRoot = (tree: Tree, { file, line }: Loc) =>
    calls.get(tree)?.some((one) => one.file === file && one.line === line) ?? false;
  const read = (tree: Tree, one: KubeObject): Filling => {
    const value = named.get(one.name);
    if (value !== undefined) return { folder: { value, at: lineOf(one.file) }, isOpen: false };
    if (one.kind === "OCIRepository" && !isNamedByPush(tree, one)) return { isOpen: false };
    const found = findFilling(tree, one);
    if (found && !isOfRoot(tree, found.at)) return { folder: found, isOpen: false };
    const open = findOpenPush(tree, one);
    return { isOpen: open !== undefined && !isOfRoot(tree, open) };
  };
  // Many read one artifact.
  const known = new Map<Tree, Map<KubeObject, Filling>>();
  return (tree: Tree, one: KubeObject): Filling => {
    const ofTree = getOrMake(known, tree, () => new Map<KubeObject, Filling>());
    return getOrMake(ofTree, one, () => read(tree, one));
  };
}

/** A file that loses objects, that nothing here is seen to apply, and that lies in a folder called as the path, or else the source. */
function findStray(
  { before, after, changed, model }: UnappliedInput,
  spec: YamlData,
  name: string,
): string | undefined {
  const path = repositoryPath(spec, "");
  if (path === undefined) return undefined;
  const isBelow = (file: string) => `/${file}`.includes(`/${path || name}/`);
  const isApplied = (file: string) => model.clusters.some(({ files }) => files.has(file));
  return [...changed].find((file) => {
    if (!before.has(file) || !isBelow(file) || isApplied(file)) return false;
    const left = new Set(keysIn(after, after.has(file) ? [file] : []));
    return keysIn(before, [file]).some((key) => !left.has(key));
  });
}

/** Objects that a FluxKustomization makes no more of the folder that an artifact is filled from. */
function listLost({ before, after, changed }: UnappliedInput, by: Builder, folder: string): ObjectKey[] {
  const dir = repositoryPath(by.spec, folder);
  const files = [before, after].flatMap((tree) => filesOf(tree, by.spec, folder));
  if (dir === undefined || !files.some((file) => changed.has(file))) return [];
  const [old, now] = [before, after].map((tree) => {
    const keys = listBuilt(tree, by, dir).map((object) => keyOfObject(object));
    return new Set(keys.map((key) => withoutHash(key) ?? key));
  });
  return [...old!].filter((key) => !now!.has(key));
}

/** Those that the cluster is given, and near its root those that nothing here is seen to apply, as what lies in such an artifact. */
function listReaders({ cluster, model, read }: UnappliedInput): Reader[] {
  const given = cluster.kustomizations.map(({ object, namespace, effective }): Reader => {
    return { object, namespace, spec: readable(effective).spec };
  });
  const places = listDelivered(model);
  const others = model.objects.filter(
    (object) => isFluxKustomization(object) && !places(object) && isNearest(object.file, cluster, model),
  );
  const all = [
    ...given,
    ...others.map((object): Reader => {
      return { object, namespace: object.namespace || cluster.namespace, spec: object.data.spec };
    }),
  ];
  return all.filter(({ spec }) => spec && !read.sources.has(sourceOf(spec)));
}

/** Names as they are written. */
function keysIn(tree: Tree, files: readonly string[]): ObjectKey[] {
  return objectsIn(tree, files)
    .filter(({ name }) => name !== "")
    .map((object) => keyOfObject(object));
}
