import type { DraftFinding, TransformContext } from "../../engine/transform.ts";
import { findKustomization, loadKustomization, reach } from "../../kustomize/index.ts";
import type { Tree } from "../../workspace/tree.ts";
import { filesOf } from "../graph.ts";
import { dirname, join } from "../paths.ts";
import type { Install } from "../types.ts";

/** Who else builds from the files of an install. */
export interface OtherUsers {
  clusters: string[];
  /** Kustomization files that no recognised cluster delivers: test overlays, or clusters whose sync is kept elsewhere. */
  overlays: string[];
}

/** Entries through which this cluster alone reaches a shared install: `path` of the kustomization and the entry. */
export interface Link {
  kustomization: string;
  entry: string;
}

/** Whether any other cluster or overlay needs the files of an install, in the tree as it is now (traps 41 and 47). */
export function findOtherUsers({ tree, model, cluster }: TransformContext, files: readonly string[]): OtherUsers {
  const wanted = new Set(files);
  const clusters = model.clusters
    .filter((other) => other.name !== cluster.name)
    .filter((other) =>
      // Only those that read this repository: `path: ./` of another source is no folder of it.
      other.local.some(({ effective }) =>
        filesOf(tree, effective?.spec, other.artifactRoot).some((file) => wanted.has(file)),
      ),
    )
    .map(({ name }) => name);
  const delivered = new Set(model.clusters.flatMap((other) => [...other.files]));
  const overlays = kustomizationsNaming(tree, files).filter((path) => !delivered.has(path));
  return { clusters, overlays };
}

/** Kustomization files that list one of the files, or a folder whose build reads it; at any distance. */
export function kustomizationsNaming(tree: Tree, files: readonly string[]): string[] {
  return tree.paths.filter(
    (path) =>
      /(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(path) &&
      entriesOf(tree, path).some((entry) => leadsTo(tree, join(dirname(path), entry), files)),
  );
}

function leadsTo(tree: Tree, path: string, files: readonly string[]): boolean {
  if (files.includes(path)) return true;
  if (!tree.isDir(path) || !findKustomization(tree, path)) return false;
  return reach(tree, path).resources.some((file) => files.includes(file));
}

function entriesOf(tree: Tree, path: string): string[] {
  const loaded = loadKustomization(tree, path);
  if (!loaded.ok) return [];
  return ["resources", "bases"].flatMap((field) => {
    const list = loaded.file.data[field];
    return Array.isArray(list) ? list.map(String) : [];
  });
}

/**
 * The entries to take out so that this cluster no longer builds a shared install and nobody else notices; undefined when
 * the cluster has none of its own, or an entry brings more than the install.
 */
export function findLinks(context: TransformContext, files: readonly string[], others: OtherUsers): Link[] | undefined {
  const { tree, model, cluster } = context;
  const shared = new Set(
    model.clusters.filter(({ name }) => others.clusters.includes(name)).flatMap((other) => [...other.files]),
  );
  const own = kustomizationsNaming(tree, files).filter((path) => cluster.files.has(path) && !shared.has(path));
  const links: Link[] = [];
  for (const kustomization of own) {
    for (const entry of entriesOf(tree, kustomization)) {
      const path = join(dirname(kustomization), entry);
      if (!leadsTo(tree, path, files)) continue;
      const isPure = files.includes(path) || reach(tree, path).resources.every((file) => files.includes(file));
      const goesOn = own.some((other) => other !== kustomization && tree.isDir(path) && dirname(other) === path);
      if (goesOn) continue;
      if (!isPure) return undefined;
      links.push({ kustomization, entry });
    }
  }
  return links.length > 0 ? links : undefined;
}

/** Says that the install stays for others, or that it cannot be taken from this cluster alone. */
export function reportShared(install: Install, others: OtherUsers, links: readonly Link[] | undefined): DraftFinding {
  const users = [
    ...(others.clusters.length > 0 ? [`the clusters ${others.clusters.join(", ")}`] : []),
    ...(others.overlays.length > 0 ? [others.overlays.join(", ")] : []),
  ].join(" and ");
  if (links) {
    return {
      rule: "gotk-base-shared",
      level: "caution",
      at: install.at,
      what: `${install.at.file} stays, because ${users} still build${others.clusters.length + others.overlays.length === 1 ? "s" : ""} from it; only this cluster stops listing it.`,
      why: "Deleting a shared base takes Flux from every cluster that has not adopted it yet (traps 41 and 47).",
      next: "Migrate the others too; with the last one the file goes. Delete it by hand if nothing needs it any more.",
    };
  }
  return {
    rule: "gotk-base-inseparable",
    level: "blocker",
    at: install.at,
    what: `${install.at.file} cannot leave this cluster without leaving ${users} as well.`,
    why: "They reach it through the same kustomization, or together with files that have to stay; a cluster that has not adopted Flux yet would delete it (traps 41 and 47).",
    next:
      others.clusters.length > 0 && others.overlays.length === 0
        ? "Take all of them through this phase in one run (without --cluster), once the FluxInstance of each is Ready; or give this cluster a kustomization of its own that lists the install by itself, merge that, and run fluxlift again."
        : "Give this cluster a kustomization of its own that lists the install by itself, merge that, and run fluxlift again.",
  };
}

/** An overlay nobody delivers loses its base, because the file cannot stay in a folder that is walked. */
export function overlayBreaks(install: Install, overlays: readonly string[]): DraftFinding {
  return {
    rule: "gotk-overlay-breaks",
    level: "caution",
    at: { file: overlays[0]!, line: 1, col: 1 },
    what: `${overlays.join(", ")} lists the old install (${install.at.file}), which goes; it no longer builds then.`,
    why: "No FluxKustomization of this repository delivers it, so Flux does not notice; a test or a cluster with its sync elsewhere may (trap 41).",
    next: "Point it at its own copy of the install, or delete it if nothing uses it.",
  };
}
