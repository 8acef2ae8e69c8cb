import type { Unknown } from "../../contract/answer.ts";
import { type Loc, lineOf } from "../../contract/errors.ts";
import { suggestNames } from "../../contract/near.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { isLeftEmpty } from "../artifact-files.ts";
import { basename, dirname, join } from "../paths.ts";
import { Build } from "./build.ts";
import { type Data, isMap, mapAt, mapList, scalarText, stringList } from "./data.ts";
import { BuildError } from "./failures.ts";
import { generateKustomization, type KustomizationFile, openKustomization } from "./file.ts";
import { finish, forget } from "./finish.ts";
import { type Item, makeItem } from "./item.ts";
import { fluxPath, isRemote, joinPath } from "./paths.ts";
import { type Accumulated, type BuildOptions, newAccumulated } from "./stage.ts";
import { type SubstitutionValues, substituteAll } from "./substitute.ts";
import type { DeliveredObject, Delivery } from "./types.ts";

export interface DeliverFluxOptions
  extends SubstitutionValues,
    Pick<BuildOptions, "at" | "assumesSources" | "readsRemote" | "goesOn"> {
  /** An object that stands in for all that the folder lists, to learn what the build would make of it. */
  probe?: { body: Data; file: string };
}

/**
 * Identities of what `kustomize build` (5.5, no load restrictions, no Helm, no network) yields for a folder, or, without
 * a kustomization, kustomize-controller (flux-facts 2.8). Cached per tree; do not change the result.
 */
export function deliver(tree: Tree, dir: string): Delivery {
  return remember(tree, "folder", dir, () =>
    evaluate(dir, (acc) => {
      const root = openRoot(tree, dir, false);
      new Build({ tree, options: { annotates: annotates(root) } }, root, acc, [dir]).run();
      return { items: finish(acc, root).map(forget) };
    }),
  );
}

/**
 * Identities of what a FluxKustomization applies (flux-facts 2.8, 2.9): its `spec.path` as kustomize-controller builds
 * it, with targetNamespace, namePrefix, nameSuffix, components, patches and post-build substitution. `spec` is plain data.
 */
export function deliverFlux(tree: Tree, spec: Data, options: DeliverFluxOptions = {}): Delivery {
  const dir = fluxPath(scalarText(spec.path));
  const { at = lineOf(dir), assumesSources, readsRemote, goesOn = false, probe } = options;
  const decrypts = scalarText(mapAt(spec, "decryption").provider) === "sops";
  const rewrites = decrypts ? { isRewritten: isSopsFile } : {};
  const settings = { at, asController: true, assumesSources, readsRemote, goesOn, ...rewrites };
  return evaluate(dir, (acc) => {
    const file = mergeSpec(tree, openRoot(tree, dir, true), spec, at);
    if (probe) {
      acc.items.push(makeItem(probe.body, probe.file, 0));
      acc.incomplete = true;
    }
    const from = { tree, options: { ...settings, annotates: annotates(file) } };
    const build = new Build(from, probe ? shapersOf(file) : file, acc, [dir]);
    build.run();
    build.attempt(() => {
      acc.items = finish(acc, file);
    });
    const items = acc.items.map(forget);
    const built = items.filter((item) => !item.apiVersion.startsWith("kustomize.config.k8s.io/"));
    const bare = built.find((item) => item.apiVersion === "");
    if (bare && !goesOn) throw new BuildError(lineOf(bare.file), `missing apiVersion in ${bare.kind}/${bare.name}`);
    if (!isMap(spec.postBuild)) return { items: built };
    return substituteAll(built, spec.postBuild, options, acc.unknowns);
  });
}

function annotates({ data }: KustomizationFile): boolean {
  return stringList(data.buildMetadata).some((one) => one.endsWith("Annotations"));
}

/** Runs a build and turns its outcome, or the error kustomize would stop with, into a delivery. */
function evaluate(dir: string, run: (acc: Accumulated) => { items: Item[]; uncertain?: ReadonlySet<Item> }): Delivery {
  const acc = newAccumulated();
  try {
    const { items, uncertain } = run(acc);
    const objects = items.map((item) => toObject(item, uncertain?.has(item) ?? false));
    return { ok: true, objects, unknowns: dropRepeats(acc.unknowns) };
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const at = error.at.file === "" ? { ...error.at, file: dir } : error.at;
    const { missing } = error.detail;
    return {
      ok: false,
      at,
      reason: error.message,
      ...(missing ? { missing } : {}),
      unknowns: dropRepeats(acc.unknowns),
    };
  }
}

/** The kustomization a build starts from; for a folder without one, what kustomize-controller writes there. */
function openRoot(tree: Tree, dir: string, lenient: boolean): KustomizationFile {
  const opened = openKustomization(tree, dir, lenient);
  if (opened?.ok) return opened.file;
  if (opened) throw new BuildError(opened.at, opened.reason);
  if (tree.isDir(dir) || isLeftEmpty(tree, dir)) return generateKustomization(tree, dir);
  throw new BuildError(lineOf(dir), `kustomization path not found: ${dir || "."}${sayMeant(tree, dir)}`);
}

/** The folder that may have been meant, beside the first one on the way that is not there; looked for among a few only. */
function sayMeant(tree: Tree, dir: string): string {
  let missing = dir;
  while (dirname(missing) !== "" && !tree.isDir(dirname(missing))) missing = dirname(missing);
  const parent = dirname(missing);
  const folders = tree
    .entries(parent)
    .slice(0, 200)
    .filter((name) => tree.isDir(join(parent, name)));
  const [near] = suggestNames(basename(missing), folders, 1);
  return near === undefined ? "" : `; there is ${join(parent, near)}`;
}

function toObject(item: Item, substituted: boolean): DeliveredObject {
  const { apiVersion, kind, namespace, name, file, doc, body, hidden, follows } = item;
  const uncertain = substituted || item.hiddenContent !== undefined;
  return {
    ...{ apiVersion, kind, namespace, name, file, doc, body },
    ...(uncertain ? { uncertain: true as const } : {}),
    ...(hidden ? { hidden } : {}),
    ...(follows ? { follows } : {}),
  };
}

function dropRepeats(unknowns: readonly Unknown[]): Unknown[] {
  const seen = new Map(unknowns.map((one) => [`${one.at.file}:${one.at.line}:${one.what}`, one]));
  return [...seen.values()];
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
