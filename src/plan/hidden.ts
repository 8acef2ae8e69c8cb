import { builtFolders } from "../cluster/graph.ts";
import { isYamlPath } from "../cluster/objects.ts";
import type { Cluster } from "../cluster/types.ts";
import type { Edit } from "../contract/edit.ts";
import { lineOf } from "../contract/errors.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import { foldersOf } from "../files/disk-tree.ts";
import type { Workspace } from "../files/snapshot.ts";

/**
 * What a sparse checkout leaves out of the folders that a cluster builds: what is in there is unknown, a reference to what a
 * phase removes, an object that a phase would have to keep.
 */
export function checkHidden({ hidden = [] }: Workspace, cluster: Cluster): DraftFinding[] {
  return hidden.length === 0 ? [] : say(hidden.filter(readBy([cluster])), "blocker");
}

/** What a sparse checkout leaves out elsewhere: Flux reads it only where a folder of a cluster takes it in. */
export function reportHidden({ hidden = [] }: Workspace, clusters: readonly Cluster[]): DraftFinding[] {
  const isRead = readBy(clusters);
  return say(
    hidden.filter((path) => !isRead(path)),
    "caution",
  );
}

/** Files that a phase changes or deletes, of which no commit would take that along. */
export function checkOverlooked({ overlooked = [] }: Workspace, edits: readonly Edit[]): DraftFinding[] {
  if (overlooked.length === 0) return [];
  const changed = new Set(edits.map(({ path }) => path));
  const [file, ...more] = overlooked.filter((path) => changed.has(path));
  return file === undefined
    ? []
    : [{ rule: "changes-overlooked", level: "blocker", at: lineOf(file), facts: { files: [file, ...more] } }];
}

function readBy(clusters: readonly Cluster[]): (path: string) => boolean {
  const folders = new Set(builtFolders(clusters));
  return (path) => folders.has("") || foldersOf(path).some((folder) => folders.has(folder));
}

function say(hidden: readonly string[], level: "blocker" | "caution"): DraftFinding[] {
  const [file, ...rest] = hidden.filter((path) => isYamlPath(path) || isKustomizationFile(path));
  return file === undefined ? [] : [{ rule: "files-not-here", level, facts: { file, count: rest.length } }];
}
