import { keyOfObject, type ObjectKey, printKey } from "../../admission/key.ts";
import type { Side } from "../../change/change.ts";
import type { FilledArtifacts } from "../../change/filled-artifacts.ts";
import { withoutHash } from "../../change/generated-names.ts";
import { type SourceTable, sourceOf } from "../../change/source-facts.ts";
import type { OpenPoint } from "../../change/types.ts";
import { filesOf, repositoryPath } from "../../cluster/graph.ts";
import { isYamlPath } from "../../cluster/objects.ts";
import { makeResolve, sourceRefOf } from "../../cluster/sources.ts";
import { readable } from "../../contract/answer.ts";
import { indexBy } from "../../contract/group-by.ts";
import { andMore } from "../../contract/list-some.ts";
import type { KubeObject, YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { operand, sh } from "../../contract/shell.ts";
import { type Builder, listDelivered as listBuilt } from "../../delivery/flux-build.ts";
import { describe, isFluxKustomization, isSyncSource } from "../../delivery/kinds.ts";
import { locateField } from "../../delivery/locations.ts";
import { basename, dirname } from "../../delivery/paths.ts";
import { findLostTag, findMadeOf, sayMovedPush } from "../sources/published.ts";
import { isNearest, listDelivered, type UnappliedInput } from "./unapplied.ts";

interface OtherInput extends UnappliedInput {
  tables: Record<Side, SourceTable>;
  filled: FilledArtifacts;
}

interface Reader {
  object: KubeObject;
  namespace: string;
  spec: YamlData;
  /** Whether the cluster is given it. */
  isGiven: boolean;
}

/**
 * FluxKustomizations on an artifact of its own that a job or a person here fills from a folder, where they are not followed:
 * nothing here is seen to apply them, the folder cannot be read, or the change moves it. What leaves such a folder is pruned as well.
 */
export function findOtherArtifacts(input: OtherInput): OpenPoint[] {
  const { before, model, isDelivered } = input;
  const sources = model.objects.filter(isSyncSource);
  const resolve = makeResolve(() => sources.filter(({ file }) => isDelivered(file)), sources);
  const sourceRead = (spec: YamlData, namespace: string, near: string) => {
    const ref = sourceRefOf(spec, namespace);
    return ref && ref.kind !== "GitRepository" ? resolve(ref, near) : undefined;
  };
  const { fillingOf, folderOf } = input.filled;
  const strays = once(() => indexStrays(input));
  const isThere = (dir: string) => before.isDir(dir) || input.after.isDir(dir);
  return listReaders(input).flatMap(({ object, namespace, spec, isGiven }) => {
    const source = sourceRead(spec, namespace, object.file);
    if (!source) return [];
    const tree = sh`flux tree kustomization ${operand(object.name)} -n ${namespace}`.line;
    const say = (what: string, look: string): OpenPoint => {
      return { resource: `Kustomization ${namespace}/${object.name}`, at: locateField(before, object), what, look };
    };
    const { folder, isOpen } = fillingOf.before(source);
    const next = fillingOf.after(source).folder;
    const lost =
      folder && next ? findLostTag(input, `${source.kind}/${source.name}`, String(source.data.spec?.url)) : undefined;
    if (lost) return { ...say(lost.what, lost.look), at: lost.at };
    const made = folder && findMadeOf(input, folder, next);
    if (made) return { ...say(`reads ${describe(source)}, which ${made.what}`, made.look), at: made.at };
    if (isGiven && folderOf(spec, namespace) !== undefined) return [];
    // What its job makes is not here.
    if (!folder || !isThere(folder.value)) {
      const file = isOpen || folder ? findStray(strays(), spec, source) : undefined;
      if (file === undefined) return [];
      const what = `reads ${describe(source)}, which may be filled from here, from a folder that cannot be read, and ${file} is perhaps in it: what Flux makes of this change cannot be told`;
      return say(what, `name the folder with --artifact-path ${source.name}=FOLDER, or look with ${tree}`);
    }
    if (spec.prune !== true || repositoryPath(spec, folder.value) === undefined) return [];
    if (next?.value !== folder.value)
      return say(
        `reads ${describe(source)}, which ${sayMovedPush(folder, next)}`,
        next ? `compare what both folders hold with ${tree}` : "see what publishes it from then on",
      );
    const gone = listLost(input, { object, spec }, folder.value);
    if (gone.length === 0) return [];
    const what = `reads ${describe(source)}, an artifact of its own that is filled from ${folder.value || "this repository"}, and this change takes ${printKey(gone[0]!)}${andMore(gone.length - 1)} out of that: Flux deletes what nothing else applies then`;
    return say(what, `look with ${tree} whether it is applied from there`);
  });
}

const SAYS_NOTHING = /^(?:flux|sync|sources?|system|manifests?|oci|artifacts?|clusters?|kubernetes|k8s)$/;

/** Manifests of the change that nothing here is seen to apply, by the names of the folders that they lie in. */
function indexStrays({ changed, model }: UnappliedInput): ReadonlyMap<string, readonly string[]> {
  const isApplied = (file: string) => model.clusters.some(({ files }) => files.has(file));
  const strays = [...changed].filter((file) => isYamlPath(file) && !isApplied(file));
  return indexBy(strays, (file) => [...new Set(dirname(file).split("/"))]);
}

/**
 * The first of them in a folder called as the path, or else as a word of what the source is called: `infra` of `infra-source`, or
 * of `oci://registry/flux-infra-sync`.
 */
function findStray(
  strays: ReadonlyMap<string, readonly string[]>,
  spec: YamlData,
  { name, data }: KubeObject,
): string | undefined {
  const path = repositoryPath(spec, "");
  if (path === undefined) return undefined;
  const artifact = basename(String(data.spec?.url ?? ""));
  const parts = [...name.split("-"), ...artifact.split("-")].filter((word) => !SAYS_NOTHING.test(word));
  const words = [name, artifact, ...parts].filter((word) => word !== "");
  const listIn = (folder: string) =>
    (strays.get(folder.replace(/\/.*$/s, "")) ?? []).filter((file) => `/${dirname(file)}/`.includes(`/${folder}/`));
  return (path === "" ? words : [path]).flatMap(listIn)[0];
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
    return { object, namespace, spec: readable(effective).spec, isGiven: true };
  });
  const places = listDelivered(model);
  const others = model.objects
    .filter((object) => isFluxKustomization(object) && !places(object) && isNearest(object.file, cluster, model))
    .map((object): Reader => {
      const namespace = object.namespace || cluster.namespace;
      return { object, namespace, spec: object.data.spec, isGiven: false };
    });
  return [...given, ...others].filter(({ spec }) => spec && !read.sources.has(sourceOf(spec)));
}
