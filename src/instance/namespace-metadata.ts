import { keyOf, repositoryPath } from "../cluster/graph.ts";
import { filesOfKind, readObjects } from "../cluster/objects.ts";
import { findPatchFiles } from "../cluster/patch-bodies.ts";
import type { Cluster } from "../cluster/types.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { isFilled, type KubeObject, type YamlData } from "../contract/objects.ts";
import type { PatchMapping } from "../contract/plan.ts";
import { deliver } from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import { dirname } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { printBody } from "../release/print.ts";
import type { PortedPatch } from "./types.ts";

/** Labels and annotations that say who applies an object, which the operator takes over anyway. */
const OWNERSHIP = /^(kustomize\.toolkit\.fluxcd\.io|fluxcd\.controlplane\.io|kubectl\.kubernetes\.io)\//;

/**
 * Metadata of the controllers' Namespace that another FluxKustomization delivers today. Adoption freezes the Namespace
 * and drops what the instance does not say (flux-facts 2.6, trap 34), so it has to be said there as a patch.
 */
export function portNamespace(
  tree: Tree,
  cluster: Cluster,
): { patches: PortedPatch[]; mapping: PatchMapping[]; findings: DraftFinding[] } {
  const object = findNamespace(tree, cluster);
  const keep = (map: YamlData) => Object.fromEntries(Object.entries(map ?? {}).filter(([key]) => !OWNERSHIP.test(key)));
  const { labels, annotations } = object?.data.metadata ?? {};
  const said = Object.entries({ labels: keep(labels), annotations: keep(annotations) }).filter(([, map]) =>
    isFilled(map),
  );
  if (!object || said.length === 0) return { patches: [], mapping: [], findings: [] };
  const metadata = { name: cluster.namespace, ...Object.fromEntries(said) };
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
      { rule: "namespace-adopted", level: "info", resource: `Namespace ${cluster.namespace}`, at: from, facts: {} },
    ],
  };
}

/** The Namespace document some FluxKustomization of the cluster delivers, also one that gets its name from a kustomization. */
function findNamespace(tree: Tree, cluster: Cluster): KubeObject | undefined {
  const candidates = filesOfKind(tree, "Namespace")
    // What patches the Namespace of the install comes along with its other patches.
    .filter((file) => cluster.manifests.has(file) && !findPatchFiles(tree).has(file))
    .flatMap((file) => readObjects(tree, file).objects)
    .filter((object) => object.kind === "Namespace" && object.apiVersion === "v1")
    // The install's own Namespace is compared with the release together with the rest of the install.
    .filter((object) => !cluster.install?.objects.some((own) => keyOf(own) === keyOf(object)));
  return candidates.find(({ name }) => name === cluster.namespace) ?? findRenamed(tree, cluster, candidates);
}

/** Shared components often hold one Namespace that each folder's `namespace:` renames. */
function findRenamed(tree: Tree, cluster: Cluster, candidates: readonly KubeObject[]): KubeObject | undefined {
  if (candidates.length === 0) return undefined;
  const dir = cluster.layout.namespaceDir ?? repositoryPath(cluster.root.data.spec, cluster.artifactRoot);
  if (dir === undefined || !tree.isDir(dir)) return undefined;
  const delivery = deliver(tree, dir);
  if (!delivery.ok) return undefined;
  const found = delivery.objects.find(({ kind, name }) => kind === "Namespace" && name === cluster.namespace);
  return found && candidates.find(({ file, doc }) => file === found.file && doc === found.doc && dirname(file) !== "");
}
