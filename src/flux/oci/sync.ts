import type { TransformContext } from "../../engine/transform.ts";
import { findInstanceTarget, type InstanceTarget } from "../apps/instance-target.ts";
import { applyPatches } from "../effective.ts";
import { dirname } from "../paths.ts";
import { apiVersionsFor, EMBEDDED_FLUX, type FluxVersion, newestEmbedded, parseFluxVersion } from "../releases.ts";
import { instanceOf } from "../state.ts";
import type { DeliveredFluxObject, InstanceDescription, YamlData } from "../types.ts";

/** What the FluxInstance of a cluster syncs, and where that is written. */
export interface InstanceSync {
  instance: InstanceDescription;
  target: InstanceTarget;
  /** Name of the generated source and root (flux-semantics 1.5); it cannot change. */
  name: string;
  namespace: string;
  kind: string;
  url: string;
  ref: string;
  path: string;
  pullSecret?: string;
  interval: string;
  /** Oldest Flux the instance allows, for the choice of apiVersions. */
  version: FluxVersion;
}

/** Reads `sync` in the tree as the transforms before left it; undefined when the instance syncs nothing. */
export function readInstanceSync(context: TransformContext): InstanceSync | undefined {
  const instance = instanceOf(context.cluster);
  const target = instance && findInstanceTarget(context, undefined);
  const sync = target?.spec?.sync;
  if (!instance || !target || typeof sync?.url !== "string" || sync.url === "") return undefined;
  const namespace = instance.object.namespace || context.cluster.namespace;
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
    version: versionOf(target.spec?.distribution?.version),
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
export function effectiveSource(sync: InstanceSync): YamlData {
  const { name, namespace, kind, url, ref, interval, pullSecret, target } = sync;
  const provider = target.spec?.sync?.provider;
  const data = {
    apiVersion: sourceApiVersion(sync),
    kind,
    metadata: { name, namespace },
    spec: {
      interval,
      ref: kind === "GitRepository" ? { name: ref } : { tag: ref },
      ...(pullSecret ? { secretRef: { name: pullSecret } } : {}),
      ...(provider ? { provider } : {}),
      url,
    },
  };
  return applyPatches(data, target.spec?.kustomize?.patches).data;
}

/** apiVersion that the operator generates for the source (flux-semantics 1.5). */
export function sourceApiVersion({ kind, version }: Pick<InstanceSync, "kind" | "version">): string {
  return kind === "GitRepository" ? "source.toolkit.fluxcd.io/v1" : apiVersionsFor(version).ociRepository;
}

/** OCIRepositories in Git that bear the name of the sync. */
export function findNamesakes(
  { cluster, tree }: TransformContext,
  { name, namespace }: InstanceSync,
): DeliveredFluxObject[] {
  return cluster.objects.filter(
    ({ object, ...delivered }) =>
      object.kind === "OCIRepository" &&
      object.name === name &&
      (delivered.namespace === "" || delivered.namespace === namespace) &&
      tree.has(object.file),
  );
}

/** The OCIRepository that stands beside the instance between prepare and cleanup. */
export function findBridge(context: TransformContext, sync: InstanceSync): DeliveredFluxObject | undefined {
  const dir = dirname(sync.instance.object.file);
  return findNamesakes(context, sync).find(
    ({ object }) => dirname(object.file) === dir && !object.data?.spec?.layerSelector,
  );
}

/** Name of the GitRepository that stays for what cannot read an artifact. */
export function gitNameOf(sync: Pick<InstanceSync, "name">): string {
  return `${sync.name}-git`;
}
