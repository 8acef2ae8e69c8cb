import { readable } from "../contract/answer.ts";
import { compareText } from "../contract/compare-text.ts";
import { type DeliveredFluxObject, readableSpec } from "../contract/objects.ts";
import { findKustomization } from "../delivery/kustomize/index.ts";
import { dirname, isWithin, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { actsForTenant, repositoryPath } from "./graph.ts";
import type { LayoutModel } from "./types.ts";

/**
 * Where this repository keeps its apps, learnt from where its FluxKustomizations stand: most home-ops trees have
 * `<apps>/<namespace>/<app>/ks.yaml` below a folder that one FluxKustomization builds. Two such files are enough;
 * a tree without them gets the `manifests` layout, whose folders lie outside everything that is built recursively.
 */
export function detectLayout(
  tree: Tree,
  kustomizations: readonly DeliveredFluxObject[],
  artifactRoot: string,
  namespace: string,
  wanted: "apps" | "manifests" | "auto" = "auto",
): LayoutModel {
  if (wanted === "manifests") return { kind: "manifests" };
  const votes = new Map<string, { count: number; parent: DeliveredFluxObject }>();
  for (const { object, parent } of kustomizations) {
    const path = parent ? repositoryPath(readableSpec(parent), artifactRoot) : undefined;
    const apps = dirname(dirname(dirname(object.file)));
    if (!parent || path === undefined || apps === "" || path !== apps) continue;
    if (actsForTenant(readableSpec(parent)) || movesObjects(parent, namespace)) continue;
    const vote = votes.get(apps) ?? { count: 0, parent };
    votes.set(apps, { ...vote, count: vote.count + 1 });
  }
  const best = [...votes].sort(([a, x], [b, y]) => y.count - x.count || compareText(a, b))[0];
  if (!best || best[1].count < (wanted === "apps" ? 1 : 2)) return { kind: "manifests" };
  // A few deep folders among apps that are laid out in another way are no habit: `apps/jenkins/beta/release.yaml`.
  const children = kustomizations.filter(({ parent }) => parent === best[1].parent);
  if (wanted === "auto" && best[1].count * 2 <= children.length) return { kind: "manifests" };
  const [appsDir, { parent }] = best;
  return { kind: "apps", appsDir, namespaceDir: findNamespaceDir(tree, kustomizations, appsDir, namespace), parent };
}

/** A parent that gives the apps another namespace or name, where the operator never looks (trap 38). */
function movesObjects({ effective }: DeliveredFluxObject, namespace: string): boolean {
  const { targetNamespace, namePrefix, nameSuffix } = readable(effective)?.spec ?? {};
  return (targetNamespace ?? namespace) !== namespace || Boolean(namePrefix || nameSuffix);
}

/** Whether a folder of apps is also delivered to another cluster, which must not get this one's FluxInstance. */
export function sharesApps(
  { appsDir }: LayoutModel,
  others: readonly { kustomizations: readonly DeliveredFluxObject[]; artifactRoot: string }[],
): boolean {
  if (appsDir === undefined) return false;
  return others.some(({ kustomizations, artifactRoot }) =>
    kustomizations.some(({ effective }) => repositoryPath(readable(effective)?.spec, artifactRoot) === appsDir),
  );
}

/** The folder of the Flux namespace: where its FluxKustomizations stand, else `<apps>/<namespace>`. */
function findNamespaceDir(
  tree: Tree,
  kustomizations: readonly DeliveredFluxObject[],
  appsDir: string,
  namespace: string,
): string {
  const named = join(appsDir, namespace);
  if (tree.isDir(named)) return named;
  const target = kustomizations.find(
    ({ object, effective }) =>
      readable(effective)?.spec?.targetNamespace === namespace &&
      isWithin(object.file, appsDir) &&
      dirname(dirname(object.file)) !== appsDir,
  );
  const dir = target ? dirname(dirname(target.object.file)) : undefined;
  return dir !== undefined && dirname(dir) === appsDir && findKustomization(tree, dir) ? dir : named;
}
