import { builtFolders } from "../cluster/graph.ts";
import { isYamlPath } from "../cluster/objects.ts";
import type { Cluster } from "../cluster/types.ts";
import type { Edit } from "../contract/edit.ts";
import { lineOf } from "../contract/errors.ts";
import type { DraftFinding, Finding } from "../contract/finding.ts";
import { given } from "../contract/given.ts";
import { groupBy } from "../contract/group-by.ts";
import { andMoreFiles } from "../contract/list-some.ts";
import { sh } from "../contract/shell.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import { foldersOf, type Unread } from "../files/disk-tree.ts";
import { remember } from "../files/remember.ts";
import { openRevision } from "../files/revision.ts";
import type { Workspace } from "../files/snapshot.ts";
import type { Tree } from "../files/tree.ts";
import { sayFinding } from "../findings/say.ts";
import { adviseSubmodules, reportContentElsewhere } from "./content-elsewhere.ts";

/**
 * What is not checked out of the folders that a cluster builds: what is in there is unknown, a reference to what a
 * phase removes, an object that a phase would have to keep.
 */
export function checkHidden(workspace: Workspace, cluster: Cluster): DraftFinding[] {
  const { hidden = [] } = workspace;
  return hidden.length === 0 ? [] : say(workspace, hidden.filter(readBy([cluster])), "blocker");
}

/** What every object of Flux and of its operator has in its `apiVersion`. */
const FLUX = "fluxcd";

/**
 * Files in the folders that a cluster builds which are not read though they may hold objects of Flux: too large, or closed to
 * this user. A reference in one would stay as it is.
 */
export function checkUnread({ tree, unread }: Workspace, cluster: Cluster): DraftFinding[] {
  if (!unread) return [];
  const all = remember(tree, "unread", FLUX, () => {
    const yaml = tree.paths.filter((path) => isYamlPath(path) || isKustomizationFile(path));
    return yaml.flatMap((path) => {
      const why = unread(path, FLUX);
      return why === undefined ? [] : [{ path, why }];
    });
  });
  if (all.length === 0) return [];
  const isRead = readBy([cluster]);
  return [...groupBy(all, ({ why }) => why)].flatMap(([why, files]) => {
    const [first, ...more] = files.filter(({ path }) => isRead(path));
    return first ? [sayUnread(why, first.path, more.length)] : [];
  });
}

function sayUnread(why: Unread, file: string, more: number): DraftFinding {
  const files = `${file}${andMoreFiles(more)}`;
  const how = {
    huge: {
      what: `Nothing is read of ${files}: larger than 2 MB, and with words of Flux in it.`,
      next: "Split it into smaller files, or move the objects of Flux out of it, then repeat.",
    },
    unreadable: {
      what: `Nothing is read of ${files}: whoever runs this may not, and Flux reads it from the commit.`,
      next: "Make it and the folders above it readable, then repeat.",
    },
  }[why];
  const reason = "What is in it stays as it is, such as a reference to what a phase renames or removes.";
  return { rule: "file-not-read", level: "blocker", at: lineOf(file), ...how, why: reason };
}

/** What is not checked out elsewhere, which Flux reads only where a folder of a cluster takes it in, and what is in no file of the commit. */
export function reportHidden(workspace: Workspace, clusters: readonly Cluster[]): DraftFinding[] {
  const elsewhere = clusters.flatMap((cluster) => reportContentElsewhere(workspace.tree, cluster));
  return [...reportLeftOut(workspace, clusters), ...elsewhere];
}

function reportLeftOut(workspace: Workspace, clusters: readonly Cluster[]): DraftFinding[] {
  const { hidden = [] } = workspace;
  const isRead = readBy(clusters);
  const others = hidden.filter((path) => !isRead(path));
  return say(workspace, others, "caution");
}

/** What to do first where no cluster is found: one may be among what is not here. */
export function adviseHidden(workspace: Workspace): string[] {
  const submodules = adviseSubmodules(workspace.tree);
  const [finding] = reportLeftOut(workspace, []);
  if (!finding) return submodules;
  if (workspace.isSparse)
    return ["Run git sparse-checkout disable first: a cluster may be among what it leaves out.", ...submodules];
  return [`${sayFinding(finding).next} A cluster may be among them.`, ...submodules];
}

/** A clone in which nothing is checked out, such as by `git clone -n`: its folder says nothing of what Flux reads. */
export function reportAbsent({ tree, git }: Workspace): Finding | undefined {
  if (!git?.head || tree.paths.length > 0) return undefined;
  const absent = git.dirty().filter((entry) => /^(?:D.|.D)/.test(entry));
  if (absent.length === 0) return undefined;
  return {
    rule: "nothing-recognised",
    level: "blocker",
    what: `No file of commit ${git.head.slice(0, 9)} is here, such as ${absent[0]!.slice(3)} (${absent.length} in all): nothing is checked out.`,
    why: "fluxlift reads and edits the files on disk.",
    next: `Run ${sh`git checkout HEAD -- .`.line}, and run fluxlift again.`,
  };
}

/** What git was told to overlook of the files that a phase edits, of which no commit would take the edits along, and of those that it reads. */
export function checkOverlooked(workspace: Workspace, cluster: Cluster, edits: readonly Edit[]): DraftFinding[] {
  const { overlooked = [] } = workspace;
  if (overlooked.length === 0) return [];
  const changed = new Set(edits.map(({ path }) => path));
  const read = listDiffering(workspace).filter((path) => !changed.has(path));
  return [
    ...sayOverlooked(overlooked.filter((path) => changed.has(path))),
    // A phase is worked out from them.
    ...sayOverlooked(read.filter(readBy([cluster])), { differ: true }, edits.length > 0 ? "blocker" : "caution"),
  ];
}

/** Manifests of which git says no change though they are not as in the commit, which is what Flux reads. */
function listDiffering({ tree, git, overlooked = [], root }: Workspace): readonly string[] {
  const head = git?.head;
  if (head === undefined) return [];
  return remember(tree, "overlooked-differing", head, () => {
    const read = overlooked.filter((path) => isYamlPath(path) || isKustomizationFile(path)).sort();
    if (read.length === 0) return read;
    const committed = openRevision(root, head, read);
    return read.filter((path) => !isAlike(tree, committed, path));
  });
}

/** Git may have changed the ends of lines on the way. */
function isAlike(here: Tree, committed: Tree, path: string): boolean {
  const [one, other] = [here, committed].map((tree) => tree.read(path)?.replaceAll("\r\n", "\n"));
  return one === other && here.status(path) === committed.status(path);
}

function sayOverlooked(
  [file, ...more]: readonly string[],
  differ: { differ?: true } = {},
  level: "blocker" | "caution" = "blocker",
): DraftFinding[] {
  if (file === undefined) return [];
  const facts = { files: [file, ...more], ...differ };
  return [{ rule: "changes-overlooked", level, at: lineOf(file), facts }];
}

function readBy(clusters: readonly Cluster[]): (path: string) => boolean {
  const folders = new Set(builtFolders(clusters));
  return (path) => folders.has("") || foldersOf(path).some((folder) => folders.has(folder));
}

function say({ isSparse }: Workspace, hidden: readonly string[], level: "blocker" | "caution"): DraftFinding[] {
  const [file, ...rest] = hidden.filter((path) => isYamlPath(path) || isKustomizationFile(path));
  if (file === undefined) return [];
  return [{ rule: "files-not-here", level, facts: { file, count: rest.length, ...given({ isSparse }) } }];
}
