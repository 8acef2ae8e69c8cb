import { type ObjectKey, printKey } from "../../admission/key.ts";
import type { Comparison } from "../../change/comparison.ts";
import { findAbove, listEntries } from "../../change/lists.ts";
import type { Outcome, TreeChange } from "../../change/types.ts";
import { isYamlPath, readObjects } from "../../cluster/objects.ts";
import { formatLoc, type Loc } from "../../contract/errors.ts";
import { once } from "../../contract/once.ts";
import { isKustomizationFile, reach } from "../../delivery/kustomize/index.ts";
import { locateField } from "../../delivery/locations.ts";
import { basename, dirname, isWithin } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";

/** The line of a change at which a loss begins. */
export interface Origin {
  at: Loc;
  /** Goes on from the place, without a full stop: `no longer lists ./namespace.yaml`. */
  says: string;
}

/** Fields of a FluxKustomization that decide what it applies, the plainest first. */
const DECIDING = ["path", "sourceRef", "components", "targetNamespace", "patches", "postBuild", "prune", "kubeConfig"];

/**
 * Finds where in the change a loss begins: at what goes first of what takes it along. Nothing where that cannot be told; a
 * wrong line would be worse than none.
 * @param reads whether the cluster reads a file: another one's list is no reason for it
 */
export function makeOrigins(
  comparison: Comparison,
  change: TreeChange,
  reads: (file: string) => boolean,
): (outcome: Outcome) => Origin | undefined {
  const byKey = new Map(comparison.outcomes.map((outcome) => [outcome.key, outcome]));
  const lists = once(() => findDropped(change, reads));
  const known = new Map<ObjectKey, Origin | undefined>();
  const find = (first: Outcome, cause: ObjectKey | undefined): Origin | undefined =>
    (first.at && findAbove(lists(), first.at.file)) ??
    (cause === undefined ? undefined : findRespecced(comparison, byKey.get(cause), change)) ??
    findInFile(first, change) ??
    findIgnore(first, change);
  return (outcome) => {
    const first = byKey.get(outcome.leads[0] ?? "") ?? outcome;
    if (!known.has(first.key)) known.set(first.key, find(first, outcome.causes[0]));
    return known.get(first.key);
  };
}

/** `It begins at a/kustomization.yaml:4:5, which no longer lists ./b.yaml.` */
export function sayOrigin({ at, says }: Origin): string {
  return `It begins at ${formatLoc(at)}, which ${says}.`;
}

/** By file or folder that a changed kustomization lists no more. */
function findDropped({ before, after, changed }: TreeChange, reads: (file: string) => boolean): Map<string, Origin> {
  const found = new Map<string, Origin>();
  const note = (path: string, origin: Origin) => {
    if (!found.has(path)) found.set(path, origin);
  };
  const reached: [string, Origin][] = [];
  for (const file of [...changed].filter(isKustomizationFile)) {
    if (!after.has(file) || !reads(file)) continue;
    const now = listEntries(after, file);
    const kept = new Set(now?.map(({ path }) => path));
    for (const { field, index, text, path } of listEntries(before, file) ?? []) {
      if (kept.has(path)) continue;
      const says = now ? `no longer lists ${text}` : "has no list that kustomize reads any more";
      const origin = { at: locateField(before, { file, doc: 0 }, [field, index]), says };
      note(path, origin);
      // A folder may bring files from elsewhere, its bases; what lies in it is found by its name.
      if (before.isDir(path)) for (const one of reach(before, path).resources) reached.push([one, origin]);
    }
  }
  for (const [path, origin] of reached) note(path, origin);
  return found;
}

/** Where the FluxKustomization that prunes it says something else than before. */
function findRespecced(
  { respecced }: Comparison,
  cause: Outcome | undefined,
  { after }: TreeChange,
): Origin | undefined {
  const one = cause && respecced.find(({ key }) => key === cause.key);
  if (!one || !cause.at || !after.has(cause.at.file)) return undefined;
  const [old, now] = [one.before[0]?.data, one.after[0]?.data];
  if (!old?.isLocal || !now?.isLocal) return undefined;
  const differs = (field: string) => JSON.stringify(old.spec[field]) !== JSON.stringify(now.spec[field]);
  const field = DECIDING.find(differs);
  if (field === undefined) return undefined;
  const at = locateField(after, { file: cause.at.file, doc: cause.doc ?? 0 }, ["spec", field]);
  return { at, says: `changes spec.${field} of ${printKey(cause.key)}` };
}

/** Where its own document goes, or becomes something else. */
function findInFile({ at, doc = 0 }: Outcome, { before, after, changed }: TreeChange): Origin | undefined {
  if (!at || !changed.has(at.file) || !before.has(at.file)) return undefined;
  const place = locateField(before, { file: at.file, doc });
  if (!after.has(at.file)) return { at: place, says: "the change deletes" };
  const read = (tree: Tree) => (isYamlPath(at.file) ? readObjects(tree, at.file).objects : []);
  // As its document writes it, before any prefix or variable.
  const written = read(before).find((one) => one.doc === doc);
  if (!written) return undefined;
  const { kind, name } = written;
  const stays = read(after).some((one) => one.kind === kind && one.name === name);
  return { at: place, says: stays ? "the change edits" : `holds ${kind} ${name} no more` };
}

function findIgnore({ at }: Outcome, { before, after, changed }: TreeChange): Origin | undefined {
  if (!at) return undefined;
  const file = [...changed].find((path) => basename(path) === ".sourceignore" && isWithin(at.file, dirname(path)));
  if (file === undefined) return undefined;
  return { at: locateField(after.has(file) ? after : before, { file, doc: 0 }), says: "the change edits" };
}
