import { keyOf, repositoryPath } from "../../../src/cluster/graph.ts";
import { readLazily } from "../../../src/cluster/objects.ts";
import type { Cluster, Install } from "../../../src/cluster/types.ts";
import { groupBy } from "../../../src/contract/group-by.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec } from "../../../src/contract/objects.ts";
import type { FluxObjectSpec } from "../../../src/contract/specs.ts";
import { isFluxInstallUrl, isFluxKustomization } from "../../../src/delivery/kinds.ts";
import {
  findKustomization,
  isKustomizationFile,
  type KustomizationFile,
  kustomizationOf,
  reach,
} from "../../../src/delivery/kustomize/index.ts";
import { readDocs } from "../../../src/delivery/kustomize/read.ts";
import { dirname, isWithin, join } from "../../../src/delivery/paths.ts";
import { foldersOf } from "../../../src/files/disk-tree.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { TransformContext } from "../../contract.ts";
import { sourceNamesOf } from "../references/renames.ts";
import type { ValuesLeft } from "./chart-leftovers.ts";
import { foldersListing, GENERATORS, idleFilesOf, isListed, LISTS, listed } from "./idle-folders.ts";
import type { Leaving } from "./leaving.ts";
import { isReadElsewhere } from "./readers.ts";
import { type StaleComponent, unusedComponents } from "./stale-components.ts";
import { bodyFilesOf, unusedBodies } from "./stale-patches.ts";

interface Going {
  /** Every document that goes. */
  documents: readonly KubeObject[];
  /** Entries of lists that go though what they lead to may stay. */
  links: Leaving["links"];
  /** Those of them that lead to components. */
  components: readonly StaleComponent[];
  values: ValuesLeft;
  /** Installs of which something goes. */
  installs: readonly Install[];
  /** Keys of all that goes, in this cluster and in those that go on with the same files. */
  keys: ReadonlySet<string>;
}

/** What goes with the documents: files left without any, lists left without entries, and so on upwards. */
export class FolderRemoval {
  /** Files of which nothing is left. */
  readonly gone: Set<string>;
  /** Folders that can no longer be built. */
  readonly builds = new Set<string>();
  /** Kustomization files that stay and lose something. */
  readonly trimmed = new Set<string>();
  /** Those of them that stay although nothing is left in them. */
  readonly emptied = new Set<string>();
  /** Those of them that list nothing any more, and whose folder is built all the same. */
  readonly bare = new Set<string>();
  readonly #context: TransformContext;
  readonly #going: Going;
  readonly #dirs: Set<string>;
  /** Folders beside these whose lists may name what goes. */
  readonly #elsewhere = new Set<string>();
  readonly #links: ReadonlySet<string>;
  readonly #unbuilt: ReadonlySet<string>;
  readonly #pinned: ReadonlySet<string>;

  constructor(context: TransformContext, going: Going) {
    const { tree } = context;
    const { documents, links, values, installs } = going;
    this.#context = context;
    this.#going = going;
    this.#links = new Set(links.map(({ kustomization, entry }) => printLink(kustomization, entry)));
    this.#unbuilt = unbuiltFolders(context, documents);
    this.#pinned = builtFolders(context, documents);
    this.gone = new Set([...filesLeftEmpty(tree, documents), ...values.files]);
    this.#dropIdle();
    const dirs = new Set([
      ...documents.map(({ file }) => dirname(file)),
      ...links.map(({ kustomization }) => dirname(kustomization)),
      ...values.items.map(({ kustomization }) => dirname(kustomization)),
      ...installs.flatMap(({ dir }) => dir ?? []),
    ]);
    this.#dirs = new Set([...dirs, ...[...dirs].flatMap(foldersOf)]);
    this.#findListing(this.gone);
    let isSettled = false;
    while (!isSettled) {
      const ended = [...this.#dirs, ...this.#elsewhere].filter((dir) => this.#settle(dir));
      isSettled = ended.length === 0;
    }
    for (const { kustomization } of values.items) if (!this.gone.has(kustomization)) this.trimmed.add(kustomization);
  }

  /** Remote bases of Flux that a kustomization loses, its own and those that come through what it lists. */
  basesLost(path: string): string[] {
    const { tree } = this.#context;
    return reach(tree, dirname(path)).remotes.flatMap(({ at, url }) => {
      const isTouched = this.trimmed.has(at.file) || this.gone.has(at.file);
      const own = isTouched ? kustomizationOf(tree, dirname(at.file)) : undefined;
      return own !== undefined && this.#isBaseGone(own, url) ? [url] : [];
    });
  }

  /** What only a folder that is built no more, or a component that nothing names any more, still reads. */
  #dropIdle(): void {
    const { tree } = this.#context;
    for (const dir of this.#unbuilt) {
      const built = new Set(tree.paths.filter((path) => isWithin(path, dir) && isKustomizationFile(path)));
      const own = reach(tree, dir).auxiliary.filter((file) => isWithin(file, dir));
      for (const file of own) if (!isReadElsewhere(tree, file, built)) this.gone.add(file);
    }
    for (const { path, dir } of unusedComponents(tree, this.#going.components)) {
      for (const body of unusedBodies(tree, bodyFilesOf(tree, path), new Set([path]))) this.gone.add(body);
      this.gone.add(path);
      this.builds.add(dir);
    }
  }

  /**
   * Who lists what goes, or the folder of a kustomization that goes: listed there still, it would fail their build (trap 41).
   * Another cluster's too: what it still needs does not go.
   */
  #findListing(gone: Iterable<string>): void {
    const targets = [...gone].flatMap((path) => (isKustomizationFile(path) ? [path, dirname(path)] : path));
    for (const dir of targets.flatMap((path) => foldersListing(this.#context.tree, path)))
      if (!this.#dirs.has(dir)) this.#elsewhere.add(dir);
  }

  #isLink(kustomization: string, entry: string): boolean {
    return this.#links.has(printLink(kustomization, entry));
  }

  /** A remote base in a kustomization elsewhere is another install, of which nothing is decided here. */
  #isBaseGone({ path }: KustomizationFile, entry: string): boolean {
    return isFluxInstallUrl(entry) && (!this.#elsewhere.has(dirname(path)) || this.#isLink(path, entry));
  }

  /** Takes out of the list of a folder what goes. Whether the whole list goes by that, which changes the lists above. */
  #settle(dir: string): boolean {
    const { tree } = this.#context;
    const file = kustomizationOf(tree, dir);
    if (!file || this.gone.has(file.path)) return false;
    const entries = listed(file, LISTS).map(String);
    const left = entries.filter((entry) => {
      if (isFluxInstallUrl(entry)) return !this.#isBaseGone(file, entry);
      const path = join(dir, entry);
      return !this.gone.has(path) && !this.builds.has(path) && !this.#isLink(file.path, entry);
    });
    if (left.length === entries.length) return false;
    const idle = left.map((entry) => idleFilesOf(tree, join(dir, entry)));
    const known = idle.flat();
    const isBuilt = this.#staysBuilt(file, idle);
    if (isBuilt || hidesFiles(this.#context, file, new Set([...this.gone, ...known]), this.#going.keys)) {
      this.trimmed.add(file.path);
      if (!isBuilt) this.emptied.add(file.path);
      else if (left.length === 0 && !this.#generates(file)) this.bare.add(file.path);
      return false;
    }
    const ends = new Set([file.path, ...known]);
    for (const path of known.filter((one) => isWithin(one, dir) && !isListed(tree, dirname(one), ends))) {
      this.gone.add(path);
      this.builds.add(dirname(path));
    }
    const bodies = bodyFilesOf(tree, file.path);
    for (const body of unusedBodies(tree, bodies, new Set([...this.gone, file.path]))) this.gone.add(body);
    this.gone.add(file.path);
    this.builds.add(dir);
    this.trimmed.delete(file.path);
    this.bare.delete(file.path);
    this.#findListing([dir]);
    return true;
  }

  /** @param idle of each entry that is left the files, where nothing comes of it */
  #staysBuilt(file: KustomizationFile, idle: readonly (readonly string[])[]): boolean {
    const isNeeded = (files: readonly string[]) =>
      files.length === 0 || files.some((path) => this.#pinned.has(dirname(path)));
    const generates = this.#generates(file) && !this.#unbuilt.has(file.dir);
    return idle.some(isNeeded) || generates || this.#pinned.has(file.dir);
  }

  /** Whether it makes something of its own that does not go. */
  #generates(file: KustomizationFile): boolean {
    const unused = this.#going.values.items.filter(
      ({ kustomization, field }) => kustomization === file.path && GENERATORS.includes(field),
    );
    return listed(file, GENERATORS).length > unused.length;
  }
}

const printLink = (kustomization: string, entry: string): string => `${kustomization}\n${entry}`;

/**
 * Whether a folder is walked as soon as its kustomization is gone, and still holds YAML that would then be applied: what
 * an owner left unlisted or commented out must stay undelivered (flux-facts 2.8 item 4). Also by the FluxKustomization of the
 * folder that goes in the same merge: until its parent prunes it, it builds what is there, and its finalizer deletes that.
 */
function hidesFiles(
  { tree, model, phase }: TransformContext,
  own: KustomizationFile,
  gone: ReadonlySet<string>,
  going: ReadonlySet<string>,
): boolean {
  const { dir } = own;
  const known = new Set([...gone, own.path, ...bodyFilesOf(tree, own.path)]);
  if (!tree.paths.some((path) => isWithin(path, dir) && /\.ya?ml$/.test(path) && !known.has(path))) return false;
  return model.clusters.some(({ local, artifactRoot }) =>
    local.some((item) => {
      const path = repositoryPath(readableSpec(item), artifactRoot);
      if (path === dir) return phase === "cutover" && going.has(keyOf(item.object));
      return path !== undefined && isWalked(tree, path, dir);
    }),
  );
}

/** Whether the build of `top` would find `dir` by walking: no folder from there down has a kustomization. */
function isWalked(tree: Tree, top: string, dir: string): boolean {
  const between = [...foldersOf(dir), ""].filter((up) => isWithin(up, top));
  return isWithin(dir, top) && !between.some((up) => findKustomization(tree, up));
}

function filesLeftEmpty(tree: Tree, documents: readonly KubeObject[]): string[] {
  const byFile = [...groupBy(documents, ({ file }) => file)];
  const isEmptied = ([file, objects]: [string, KubeObject[]]) => {
    const removed = new Set(objects.map(({ doc }) => doc));
    // Every document of an install file is known by then; parsing a megabyte of CRDs to see that would tell nothing new.
    if (tree.read(file)?.includes("kind: CustomResourceDefinition")) {
      return readLazily(tree, file).every(({ doc }) => removed.has(doc));
    }
    const read = readDocs(tree, file);
    return read.ok && read.docs.every(({ index, data }) => removed.has(index) || data === undefined);
  };
  return byFile.filter(isEmptied).map(([file]) => file);
}

/** Folders whose FluxKustomization goes because it only delivered the old install: their generators feed nothing else. */
function unbuiltFolders({ cluster }: TransformContext, documents: readonly KubeObject[]): Set<string> {
  if (cluster.install?.style !== "community-chart") return new Set();
  const going = documents.filter(isFluxKustomization);
  return new Set(going.flatMap(({ data }) => repositoryPath(data.spec, cluster.artifactRoot) ?? []));
}

/**
 * Folders a FluxKustomization or the FluxInstance builds: taking their kustomization away would stall it (trap 42), or have
 * a hub that builds one for another cluster walk it, and apply what lies below.
 */
function builtFolders({ cluster, model }: TransformContext, documents: readonly KubeObject[]): Set<string> {
  const going = new Set(documents.map(keyOf));
  if (cluster.rootFrom === "manifest" && sourceNamesOf(cluster)) going.add(keyOf(cluster.root));
  const stays = ({ object }: DeliveredFluxObject) => !going.has(keyOf(object));
  const folders = (specs: readonly (FluxObjectSpec | undefined)[], { artifactRoot }: Cluster) =>
    specs.filter((spec) => typeof spec?.path === "string").flatMap((spec) => repositoryPath(spec, artifactRoot) ?? []);
  const synced = cluster.instances.map(({ spec }) => spec.sync);
  const inCluster = folders([...cluster.local.filter(stays).map(readableSpec), ...synced], cluster);
  const throughKubeconfig = model.clusters.flatMap((hub) => {
    const bys = hub.remotes.map(({ by }) => by).filter(stays);
    return folders(bys.map(readableSpec), hub);
  });
  return new Set([...inCluster, ...throughKubeconfig]);
}
