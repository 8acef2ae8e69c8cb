import type { DraftFinding } from "../contract/finding.ts";
import { findKustomization, reach } from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import { isWithin, normalizePath } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { isOthers, listStarting, readsRepository } from "./argo-folders.ts";
import { isArchived, isDocs, isSample } from "./automation-files.ts";
import { isYamlPath, readObjects } from "./objects.ts";
import { READERS } from "./pruning-objects.ts";
import type { Cluster } from "./types.ts";

/** Flags with which nothing is changed. */
export const TRIES = /\s--(?:dry-run(?!=["']?(?:none|false)\b)|diff-run(?!=false))/;

/** `kubectl apply --prune` deletes what has its label, or stands in its set, and is no longer among what it applies. */
export function isPruning(line: string): boolean {
  const prunes = /\b(?:kubectl|KUBECTL)\b/.test(line) && /\sapply\b/.test(line) && /\s--prune(?!-|=false)\b/.test(line);
  return prunes && !TRIES.test(line);
}

/**
 * What applies the files that Flux is made of and deletes what leaves their folder, as `reportArgoFolders` does for Argo CD. What
 * runs by itself stops the phase in which they go, unless it is a sample, at rest, or reads what may be another repository; a command is
 * named, as somebody may run it (`reportPruningCommands`).
 * @param leaving the files that go in this phase; without them all that install Flux and start the cluster
 */
export function reportPruners(tree: Tree, cluster: Cluster, leaving?: readonly string[]): DraftFinding[] {
  const files = leaving ?? listStarting(cluster);
  const url: unknown = cluster.source?.data.spec?.url;
  return findByObjects(tree, files, url, leaving !== undefined);
}

const isRead = (path: string): boolean => !isArchived(path) && !isDocs(path);

function findByObjects(tree: Tree, files: readonly string[], url: unknown, isLeaving: boolean): DraftFinding[] {
  return READERS.flatMap(({ search, kinds, program, read }) => {
    const objects = tree
      .grep(search)
      .filter((path) => isRead(path) && isYamlPath(path))
      .flatMap((path) => readObjects(tree, path).objects)
      .filter(({ apiVersion, kind }) => apiVersion.includes(search) && kinds.test(kind));
    return objects.flatMap((object) =>
      read(object.data, tree).flatMap(({ path, field, url: own, isIdle }): DraftFinding[] => {
        const file = readsRepository(own, url) ? files.find((each) => appliesFolder(tree, path, each)) : undefined;
        if (file === undefined) return [];
        const isSure = !isIdle && !isSample(object.file) && !isOthers(own, url);
        const level = isLeaving && isSure ? "blocker" : "caution";
        const resource = `${object.kind} ${object.name}`;
        const at = locateField(tree, object, [...field]);
        return [{ rule: "pruner-applies-flux", level, resource, at, facts: { program, path, file } }];
      }),
    );
  });
}

/** A folder with a kustomization is built; of any other all files count, those of folders below as well. */
export function appliesFolder(tree: Tree, written: unknown, file: string): boolean {
  const dir =
    typeof written === "string" && !/[{*$]/.test(written) ? normalizePath(written.replace(/^\//, "")) : undefined;
  if (dir === undefined) return false;
  if (findKustomization(tree, dir) !== undefined) return reach(tree, dir).resources.includes(file);
  return isWithin(file, dir);
}
