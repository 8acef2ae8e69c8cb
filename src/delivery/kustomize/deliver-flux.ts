import type { Loc } from "../../contract/errors.ts";
import type { Tree } from "../../files/tree.ts";
import type { Accumulated } from "./accumulated.ts";
import { BuildError } from "./build-error.ts";
import { type Data, isMap, mapAt, mapList, scalarText, stringList } from "./data.ts";
import { evaluate, openRoot } from "./deliver.ts";
import type { KustomizationFile } from "./file.ts";
import { finish, forget } from "./finish.ts";
import { makeItem } from "./item.ts";
import { fluxPath, isRemote, joinPath } from "./paths.ts";
import { type SubstitutionValues, substituteAll } from "./substitute.ts";
import type { Delivery } from "./types.ts";

export interface DeliverFluxOptions extends SubstitutionValues {
  /** Place of the FluxKustomization, for errors in what only its spec says. */
  at?: Loc;
  /** See `BuildOptions`. */
  assumesSources?: boolean;
  /** See `BuildOptions`. */
  goesOn?: boolean;
  /** An object that stands in for all that the folder lists, to learn what the build would make of it. */
  probe?: { body: Data; file: string };
}

/**
 * Identities of what a FluxKustomization applies (flux-facts 2.8, 2.9): its `spec.path` as kustomize-controller builds
 * it, with targetNamespace, namePrefix, nameSuffix, components, patches and post-build substitution. `spec` is plain data.
 */
export function deliverFlux(tree: Tree, spec: Data, options: DeliverFluxOptions = {}): Delivery {
  const dir = fluxPath(scalarText(spec.path));
  const at = options.at ?? { file: dir, line: 1, col: 1 };
  const decrypts = scalarText(mapAt(spec, "decryption").provider) === "sops";
  const { assumesSources = false, goesOn = false } = options;
  const buildOptions = {
    at,
    asController: true,
    assumesSources,
    goesOn,
    ...(decrypts ? { isRewritten: isSopsFile } : {}),
  };
  return evaluate(
    tree,
    dir,
    (build, acc) => {
      const file = mergeSpec(tree, openRoot(tree, dir, true), spec, at);
      if (options.probe) probe(acc, options.probe);
      build.accumulate(options.probe ? shapersOf(file) : file, acc, [dir]);
      build.attempt(acc, () => {
        acc.items = finish(acc, file);
      });
      const items = acc.items.map(forget);
      const built = items.filter((item) => !item.apiVersion.startsWith("kustomize.config.k8s.io/"));
      const bare = built.find((item) => item.apiVersion === "");
      if (bare && !goesOn)
        throw new BuildError({ file: bare.file, line: 1, col: 1 }, `missing apiVersion in ${bare.kind}/${bare.name}`);
      if (!isMap(spec.postBuild)) return { items: built };
      return substituteAll(built, spec.postBuild, options, acc.unknowns);
    },
    buildOptions,
  );
}

function probe(acc: Accumulated, { body, file }: NonNullable<DeliverFluxOptions["probe"]>): void {
  acc.items.push(makeItem(body, file, 0));
  acc.incomplete = true;
}

/** The kustomization without what adds objects. */
function shapersOf(file: KustomizationFile): KustomizationFile {
  const adders = /^(resources|bases|vars|replacements|replicas)$|Generator|^generators$|^helm/;
  return { ...file, data: Object.fromEntries(Object.entries(file.data).filter(([field]) => !adders.test(field))) };
}

/** The kustomization kustomize-controller writes before it builds (flux-facts 2.8 item 8). */
function mergeSpec(tree: Tree, file: KustomizationFile, spec: Data, at: Loc): KustomizationFile {
  const data: Record<string, unknown> = { ...file.data };
  const overrides = { namespace: spec.targetNamespace, namePrefix: spec.namePrefix, nameSuffix: spec.nameSuffix };
  for (const [field, value] of Object.entries(overrides)) if (scalarText(value) !== "") data[field] = value;
  for (const field of ["patches", "patchesJson6902"]) {
    const added = mapList(spec[field]);
    if (added.length > 0) data[field] = [...mapList(data[field]), ...added.map(printPatch)];
  }
  const merged = mapList(spec.patchesStrategicMerge).map((patch) => JSON.stringify(patch));
  if (merged.length > 0) data.patchesStrategicMerge = [...stringList(data.patchesStrategicMerge), ...merged];
  const components = stringList(spec.components).filter((path) => {
    if (path.startsWith("/") || isRemote(path))
      throw new BuildError(at, `component path ${path} must be local and relative`);
    const full = joinPath(file.dir, path);
    return spec.ignoreMissingComponents !== true || (full !== undefined && tree.isDir(full));
  });
  if (components.length > 0) data.components = [...stringList(data.components), ...components];
  return { ...file, data };
}

/** The legacy `patchesJson6902` of a spec holds its operations as data. */
function printPatch(entry: Data): Data {
  return Array.isArray(entry.patch) ? { ...entry, patch: JSON.stringify(entry.patch) } : entry;
}

/** kustomize-controller decrypts what Secrets are generated from before it builds. */
function isSopsFile(text: string): boolean {
  return /^sops(_version=|:)/m.test(text) || /"sops"\s*:\s*\{/.test(text);
}
