import { instanceOf } from "../../../src/cluster/instances.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import type { Answer } from "../../../src/contract/answer.ts";
import type { DeliveredFluxObject } from "../../../src/contract/objects.ts";
import type { KubeData } from "../../../src/contract/specs.ts";
import { patched } from "../../../src/delivery/patched.ts";
import { dirname } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { generateSource } from "../../../src/release/generated-sync.ts";
import { EMBEDDED_FLUX, type FluxVersion, newestEmbedded, parseFluxVersion } from "../../../src/release/releases.ts";
import { findInstanceTarget } from "../apps/instance-target.ts";
import type { InstanceSync } from "./types.ts";

/** Reads `sync` in a tree; undefined when the instance syncs nothing. */
export function readInstanceSync(tree: Tree, cluster: Cluster): InstanceSync | undefined {
  const instance = instanceOf(cluster);
  const target = instance && findInstanceTarget(tree, cluster);
  const sync = target?.spec.sync;
  if (!instance || !target || typeof sync?.url !== "string" || sync.url === "") return undefined;
  const namespace = instance.object.namespace || cluster.namespace;
  return {
    instance,
    target,
    name: String(sync.name || namespace),
    namespace,
    kind: String(sync.kind ?? "GitRepository"),
    url: sync.url,
    ref: String(sync.ref ?? ""),
    path: String(sync.path ?? ""),
    ...(sync.pullSecret ? { pullSecret: String(sync.pullSecret) } : {}),
    interval: String(sync.interval ?? "1m"),
    version: versionOf(target.spec.distribution?.version),
  };
}

/** `2.6.x` and `~2.6` mean 2.6 at least; a range over minors runs the newest one that is embedded. */
function versionOf(text: unknown): FluxVersion {
  const exact = parseFluxVersion(String(text ?? ""));
  if (exact) return exact;
  const minor = /^[v~^=\s]*(\d+)\.(\d+)/.exec(String(text ?? ""));
  const newest = minor ? newestEmbedded({ major: Number(minor[1]), minor: Number(minor[2]) }) : EMBEDDED_FLUX.at(-1);
  return parseFluxVersion(newest ?? EMBEDDED_FLUX.at(-1)!)!;
}

/** Branch of a Git sync: `refs/heads/main` -> `main`; undefined for tags and other refs. */
export function branchOf(sync: Pick<InstanceSync, "kind" | "ref">): string | undefined {
  return sync.kind === "GitRepository" ? /^refs\/heads\/(.+)$/.exec(sync.ref)?.[1] : undefined;
}

/** The generated source as the cluster has it: the fields of `sync`, then the patches of the instance. */
export function effectiveSource(sync: InstanceSync): Answer<KubeData | undefined> {
  const provider = sync.target.spec.sync?.provider;
  const data = generateSource({ ...sync, ...(provider ? { provider } : {}) }, sync.namespace, sync.version);
  return patched(data, sync.target.spec.kustomize?.patches, sync.instance.at);
}

/** OCIRepositories in Git that bear the name of the sync. */
export function findNamesakes(tree: Tree, cluster: Cluster, { name, namespace }: InstanceSync): DeliveredFluxObject[] {
  return cluster.objects.filter(
    ({ object, ...delivered }) =>
      object.kind === "OCIRepository" &&
      object.name === name &&
      (delivered.namespace === "" || delivered.namespace === namespace) &&
      tree.has(object.file),
  );
}

/** The OCIRepository that stands beside the instance between prepare and cleanup. */
export function findBridge(tree: Tree, cluster: Cluster, sync: InstanceSync): DeliveredFluxObject | undefined {
  const dir = dirname(sync.instance.object.file);
  return findNamesakes(tree, cluster, sync).find(
    ({ object }) => dirname(object.file) === dir && !object.data.spec?.layerSelector,
  );
}

/** Name of the GitRepository that stays for what cannot read an artifact. */
export function gitNameOf(sync: Pick<InstanceSync, "name">): string {
  return `${sync.name}-git`;
}
