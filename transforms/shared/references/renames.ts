import { keyOf } from "../../../src/cluster/graph.ts";
import { instanceOf, syncNameOf } from "../../../src/cluster/instances.ts";
import { isYamlPath } from "../../../src/cluster/objects.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import type { Loc } from "../../../src/contract/errors.ts";
import type { KubeObject } from "../../../src/contract/objects.ts";
import type { Options } from "../../../src/contract/options.ts";
import { isFluxKustomization } from "../../../src/delivery/kinds.ts";
import { mayHoldScalar } from "../../../src/delivery/patterns.ts";
import type { Tree } from "../../../src/files/tree.ts";

/** An object whose name other objects may hold. */
export interface Rename {
  kind: string;
  group: string;
  name: string;
  namespace: string;
  /** The name of the object of the same kind that takes its place; without it the object goes away. */
  to?: string;
  /** Whether it installed Flux: what it becomes is delivered below the root, so nothing above may wait for it. */
  isInstaller?: true;
}

/** A place that Flux reads and that still holds an old name. */
export interface Remaining {
  at: Loc;
  rename: Rename;
  /** Set where the name comes out of a substitution: the expression that yields it. */
  expression?: string;
}

export const SOURCE = "source.toolkit.fluxcd.io";
const KUSTOMIZE = "kustomize.toolkit.fluxcd.io";

/** What the cutover renames or removes, read from the tree: the instance says the new name, never a flag. */
export function listRenames(cluster: Cluster, options: Pick<Options, "sync">): Rename[] {
  const { source, root, rootFrom, namespace } = cluster;
  const renames: Rename[] = [];
  const add = (kind: string, group: string, name: string, to: string | undefined, rest: Partial<Rename> = {}) =>
    renames.push({ kind, group, name, namespace, ...(to === undefined ? {} : { to }), ...rest });
  const instance = instanceOf(cluster);
  const planned = { adopt: root.name, rename: namespace, keep: undefined }[options.sync];
  const syncName = instance ? syncNameOf(instance, namespace) : planned;
  if (syncName !== undefined) {
    if (source && source.name !== syncName) add(source.kind, SOURCE, source.name, syncName);
    if (rootFrom === "manifest" && root.name !== syncName) add("Kustomization", KUSTOMIZE, root.name, syncName);
  }
  // A kustomization on the remote base is an object without a name.
  for (const old of oldInstall(cluster).filter(({ name }) => name !== "")) {
    if (isFluxKustomization(old)) {
      const to = instance?.parent?.object.name ?? "flux-instance";
      add("Kustomization", KUSTOMIZE, old.name, to, { isInstaller: true });
    } else if (old.kind === "HelmRelease") {
      const to = instance?.form === "manifest" ? undefined : (instance?.object.name ?? "flux-instance");
      add("HelmRelease", "helm.toolkit.fluxcd.io", old.name, to, { isInstaller: true });
    } else add(old.kind, SOURCE, old.name, undefined);
  }
  return renames;
}

/** The objects of the install that Flux keeps applying, and what delivers nothing else. */
export function oldInstall({ install }: Cluster): KubeObject[] {
  return [...(install?.objects ?? []), ...(install?.deliverers ?? [])];
}

/** Keys of the documents that go with the migration and may name each other until then. */
export function keysOfOld(cluster: Cluster): Set<string> {
  const { source, root } = cluster;
  return new Set([...(source ? [source] : []), root, ...oldInstall(cluster)].map(keyOf));
}

/** Up to this many, reading the files that nobody has read yet takes less time than one `git grep`. */
const FEW = 2000;

/** YAML files of the cluster in which a value may be one of the names, sorted. */
export function filesNaming(tree: Tree, { manifests: files }: Cluster, renames: readonly Rename[]): string[] {
  const names = [...new Set(renames.map(({ name }) => name))];
  const grepped = () => new Set(names.flatMap((name) => tree.grep(name)).filter((file) => files.has(file)));
  return [...(files.size <= FEW ? files : grepped())].filter((file) => isYamlPath(file) && namesAny(file)).sort();

  function namesAny(file: string): boolean {
    const text = tree.read(file) ?? "";
    return names.some((name) => mayHoldScalar(text, name));
  }
}

/** Names that move when the FluxInstance takes over the source and the root. */
interface NameChange {
  /** `GitRepository`, `OCIRepository` or `Bucket`. */
  sourceKind: string;
  source: { from: string; to: string };
  root: { from: string; to: string };
}

/**
 * How source and root are called before and after; undefined when no FluxInstance of the cluster generates them
 * (`--sync keep`, or nothing installed yet). A chart writes no sync at all without a url (flux-facts 5.4).
 */
export function sourceNamesOf({ instances, source, root, namespace }: Cluster): NameChange | undefined {
  for (const instance of instances) {
    const to = syncNameOf(instance, namespace);
    if (to === undefined) continue;
    const sourceKind = String(instance.spec.sync.kind ?? source?.kind ?? "GitRepository");
    return { sourceKind, source: { from: source?.name ?? to, to }, root: { from: root.name, to } };
  }
  return undefined;
}
