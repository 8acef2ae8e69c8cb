import { readable } from "../contract/answer.ts";
import { compareText } from "../contract/compare-text.ts";
import { type DeliveredFluxObject, readableSpec } from "../contract/objects.ts";
import { findKustomization } from "../delivery/kustomize/index.ts";
import { basename, dirname, isWithin, join } from "../delivery/paths.ts";
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
  if (!best || best[1].count < (wanted === "apps" ? 1 : 2)) {
    return detectByNamespace(kustomizations, artifactRoot, namespace) ?? { kind: "manifests" };
  }
  // A few deep folders among apps that are laid out in another way are no habit: `apps/jenkins/beta/release.yaml`.
  const children = kustomizations.filter(({ parent }) => parent === best[1].parent);
  if (wanted === "auto" && best[1].count * 2 <= children.length) return { kind: "manifests" };
  const [appsDir, { parent }] = best;
  return { kind: "apps", appsDir, namespaceDir: findNamespaceDir(tree, kustomizations, appsDir, namespace), parent };
}

/**
 * The same tree with a FluxKustomization for each namespace: one builds `<apps>/<namespace>`, where `<app>/ks.yaml` is
 * listed, and `<apps>` only delivers those. The Flux namespace must have its own, and two apps must be kept so.
 */
function detectByNamespace(
  kustomizations: readonly DeliveredFluxObject[],
  artifactRoot: string,
  namespace: string,
): LayoutModel | undefined {
  const pathOf = (item: DeliveredFluxObject) => repositoryPath(readableSpec(item), artifactRoot);
  const deliverers = kustomizations.flatMap(({ object, parent }) => {
    const dir = dirname(dirname(object.file));
    const isKept = parent?.parent && pathOf(parent) === dir && pathOf(parent.parent) === dirname(dir);
    return isKept ? [{ parent, dir }] : [];
  });
  const own = deliverers.find(({ dir }) => basename(dir) === namespace);
  if (!own || actsForTenant(readableSpec(own.parent)) || movesObjects(own.parent, namespace)) return undefined;
  const appsDir = dirname(own.dir);
  const alike = deliverers.filter(({ dir }) => dirname(dir) === appsDir);
  return alike.length < 2 ? undefined : { kind: "apps", appsDir, namespaceDir: own.dir, parent: own.parent };
}

/** A parent that gives the apps another namespace or name, where the operator never looks (trap 38). */
function movesObjects({ effective }: DeliveredFluxObject, namespace: string): boolean {
  const { targetNamespace, namePrefix, nameSuffix } = readable(effective).spec ?? {};
  return (targetNamespace ?? namespace) !== namespace || Boolean(namePrefix || nameSuffix);
}

/** Whether a folder of apps is also delivered to another cluster, which must not get this one's FluxInstance. */
export function sharesApps(
  { appsDir, namespaceDir }: LayoutModel,
  others: readonly { kustomizations: readonly DeliveredFluxObject[]; artifactRoot: string }[],
): boolean {
  if (appsDir === undefined) return false;
  return others.some(({ kustomizations, artifactRoot }) =>
    kustomizations.some(({ effective }) => {
      const path = repositoryPath(readable(effective).spec, artifactRoot);
      return path === appsDir || (path !== undefined && path === namespaceDir);
    }),
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
      readable(effective).spec?.targetNamespace === namespace &&
      isWithin(object.file, appsDir) &&
      dirname(dirname(object.file)) !== appsDir,
  );
  const dir = target ? dirname(dirname(target.object.file)) : undefined;
  return dir !== undefined && dirname(dir) === appsDir && findKustomization(tree, dir) ? dir : named;
}
