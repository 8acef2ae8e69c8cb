import type { DraftFinding } from "../engine/transform.ts";
import type { PatchMapping } from "../engine/types.ts";
import { deliver } from "../kustomize/index.ts";
import type { Tree } from "../workspace/tree.ts";
import { keyOf, repositoryPath } from "./graph.ts";
import { locateField } from "./locations.ts";
import { readObjects } from "./objects.ts";
import { printBody } from "./patches/print.ts";
import type { PortedPatch } from "./patches/types.ts";
import { dirname } from "./paths.ts";
import type { FluxVersion } from "./releases.ts";
import type { Cluster, KubeObject, YamlData } from "./types.ts";

/** Labels and annotations that say who applies an object, which the operator takes over anyway. */
const OWNERSHIP = /^(kustomize\.toolkit\.fluxcd\.io|fluxcd\.controlplane\.io|kubectl\.kubernetes\.io)\//;

/**
 * Metadata of the controllers' Namespace that another FluxKustomization delivers today. Adoption freezes the Namespace
 * and drops what the instance does not say (flux-semantics 2.6, trap 34), so it has to be said there as a patch.
 */
export function portNamespace(
  tree: Tree,
  cluster: Cluster,
  _version: FluxVersion,
): { patches: PortedPatch[]; mapping: PatchMapping[]; findings: DraftFinding[] } {
  const object = findNamespace(tree, cluster);
  if (!object) return { patches: [], mapping: [], findings: [] };
  const keep = (map: YamlData) => Object.fromEntries(Object.entries(map ?? {}).filter(([key]) => !OWNERSHIP.test(key)));
  const labels = keep(object.data.metadata.labels);
  const annotations = keep(object.data.metadata.annotations);
  if (Object.keys(labels).length + Object.keys(annotations).length === 0)
    return { patches: [], mapping: [], findings: [] };
  const metadata = {
    name: cluster.namespace,
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  };
  const patch = printBody({ apiVersion: "v1", kind: "Namespace", metadata });
  const data = { patch, target: { kind: "Namespace" } };
  const from = locateField(tree, object, ["metadata"]);
  return {
    patches: [{ data, raw: printBody(data), from }],
    mapping: [
      {
        from,
        title: `labels and annotations of Namespace ${cluster.namespace}`,
        to: "instance.kustomize.patches",
        note: "the operator owns the Namespace from now on; the file stays but no longer takes effect",
      },
    ],
    findings: [
      {
        rule: "namespace-adopted",
        level: "info",
        resource: `Namespace ${cluster.namespace}`,
        at: from,
        what: `Flux stops applying this file's labels and annotations once the operator has adopted the Namespace; they are carried over as an instance patch.`,
        why: "The operator marks what it owns with ssa: Ignore and drops fields its template does not name (trap 34).",
        next: "Change them in the instance patch from now on.",
      },
    ],
  };
}

/** The Namespace document some FluxKustomization of the cluster delivers, also one that gets its name from a kustomization. */
function findNamespace(tree: Tree, cluster: Cluster): KubeObject | undefined {
  const candidates = tree
    .grep("kind: Namespace")
    .filter((file) => cluster.files.has(file))
    .flatMap((file) => readObjects(tree, file).objects)
    .filter((object) => object.kind === "Namespace" && object.apiVersion === "v1")
    // The install's own Namespace is compared with the release together with the rest of the install.
    .filter((object) => !cluster.install?.objects.some((own) => keyOf(own) === keyOf(object)));
  return candidates.find(({ name }) => name === cluster.namespace) ?? findRenamed(tree, cluster, candidates);
}

/** Shared components often hold one Namespace that each folder's `namespace:` renames. */
function findRenamed(tree: Tree, cluster: Cluster, candidates: readonly KubeObject[]): KubeObject | undefined {
  if (candidates.length === 0) return undefined;
  const dir = cluster.layout.namespaceDir ?? repositoryPath(cluster.root.data?.spec, cluster.artifactRoot);
  if (dir === undefined || !tree.isDir(dir)) return undefined;
  const delivery = deliver(tree, dir);
  if (!delivery.ok) return undefined;
  const found = delivery.objects.find(({ kind, name }) => kind === "Namespace" && name === cluster.namespace);
  return found && candidates.find(({ file, doc }) => file === found.file && doc === found.doc && dirname(file) !== "");
}
