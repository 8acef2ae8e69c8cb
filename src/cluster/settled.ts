import type { KubeObject } from "../contract/objects.ts";
import { findArtifactRoot } from "./artifact-root.ts";
import { assemble, type Surroundings } from "./assemble.ts";
import { repositoryPath } from "./graph.ts";
import { generatedSource } from "./instances.ts";
import { resolveSource, sourceRefOf } from "./sources.ts";
import { type StartSearch, startOf } from "./starts.ts";
import type { Cluster, InstanceDescription, Start } from "./types.ts";

type ArtifactRoot = (source: KubeObject) => string;

/**
 * The same clusters on a later tree, by what survives the migration: the manifest of the root as long as it is there, then
 * the FluxInstance that syncs its folder. A cluster of which neither is left is not among them.
 */
export function recogniseClusters(
  settled: readonly Cluster[],
  around: Surroundings,
  { options }: Pick<StartSearch, "options">,
): Cluster[] {
  const artifactRoot = (source: KubeObject) => findArtifactRoot(around.tree, source, options.artifactPath)?.value ?? "";
  return settled.flatMap((before) => {
    const start = fromManifest(before, around, artifactRoot) ?? fromInstance(before, around, artifactRoot);
    if (!start) return [];
    const cluster = assemble(around, start);
    cluster.name = before.name;
    return [cluster];
  });
}

function fromManifest(before: Cluster, { objects }: Surroundings, artifactRoot: ArtifactRoot): Start | undefined {
  const { root, source: old, rivals, peers } = before;
  if (before.rootFrom !== "manifest" || !old) return undefined;
  const written = objects.find((object) => isSame(object, root));
  const source = objects.find((object) => isSame(object, old)) ?? findSource(written, objects);
  if (!written || !source) return undefined;
  return {
    source,
    root: withPath(written, root.data.spec?.path),
    rootFrom: "manifest",
    artifactRoot: artifactRoot(source),
    rivals,
    peers,
  };
}

/** The folder that a root builds is who it is: overlays of one manifest differ in nothing else. */
function withPath(root: KubeObject, path: unknown): KubeObject {
  const { data } = root;
  return data.spec?.path === path ? root : { ...root, data: { ...data, spec: { ...data.spec, path: path as string } } };
}

function findSource(root: KubeObject | undefined, objects: readonly KubeObject[]): KubeObject | undefined {
  const ref = root && sourceRefOf(root.data.spec, root.namespace);
  return ref && resolveSource(ref, root.file, objects);
}

function fromInstance(before: Cluster, { instances }: Surroundings, artifactRoot: ArtifactRoot): Start | undefined {
  const known = before.instances.map(({ object }) => object);
  const folder = repositoryPath(before.root.data.spec, before.artifactRoot);
  const syncs = (instance: InstanceDescription) =>
    typeof instance.spec.sync?.path === "string" &&
    repositoryPath(instance.spec.sync, artifactRoot(generatedSource(instance))) === folder;
  const isKnown = (one: InstanceDescription) =>
    known.some((other) => isSame(one.object, other)) && (one.filled === undefined || syncs(one));
  const instance = instances.find(isKnown) ?? instances.find(syncs);
  return instance && startOf(instance, artifactRoot(generatedSource(instance)));
}

/** Documents shift while others of their file go, so their number says nothing. */
function isSame(a: KubeObject, b: KubeObject): boolean {
  return a.file === b.file && a.kind === b.kind && a.name === b.name && a.namespace === b.namespace;
}
