import type { Comparison } from "../../change/comparison.ts";
import type { Outcome, TreeChange } from "../../change/types.ts";
import { archiveOf } from "../../cluster/automation-files.ts";
import { isYamlPath, objectAt, objectNamed, readObjects } from "../../cluster/objects.ts";
import { countEach, getOrMake, indexBy } from "../../contract/group-by.ts";
import type { KubeObject } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { isKustomizationFile } from "../../delivery/kustomize/index.ts";
import { basename } from "../../delivery/paths.ts";
import { escapeRegExp } from "../../delivery/patterns.ts";
import type { Tree } from "../../files/tree.ts";

/** Where a document went that makes nothing new in this cluster. */
export type MovedTo = "undelivered" | "archived" | "away";

/**
 * Finds where a document went that left its file: to a new object, such as one in another namespace, or to some place that
 * nothing of this cluster delivers, which may be an archive or the folder of another one. Undefined where no file comes to hold one of that kind and name.
 */
export function makeMoved(
  { outcomes }: Comparison,
  { before, after, changed }: TreeChange,
  isMovedAway: (file: string) => boolean,
) {
  const added = once(() => listAdded(before, after, changed));
  const printIn = (identity: string, file: string) => JSON.stringify([identity, file]);
  const created = once(() => {
    const news = outcomes.filter((one) => one.before.length === 0 && one.after.length > 0 && !one.made && one.at);
    return new Map(news.map((one) => [printIn(identityOf(findWritten(after, one)), one.at!.file), one]));
  });
  /** How many others of a kind and name leave their files and are delivered all the same: the documents that come are theirs. */
  const kept = once(() => {
    const others = outcomes.filter((one) => one.before.length > 0 && one.after.length > 0 && !one.made && one.at);
    const leaving = others
      .filter(({ at }) => changed.has(at!.file))
      .map((one) => [one, findWritten(before, one)] as const);
    const gone = leaving.filter(([{ at }, written]) => objectNamed(after, at!.file, written) === undefined);
    return countEach(gone.map(([, written]) => identityOf(written)));
  });
  const idle = new Map<string, boolean>();
  const isPutAway = (file: string) => {
    const name = basename(archiveOf(file) ?? "");
    return name !== "" && getOrMake(idle, name, () => [before, after].every((tree) => !isNamed(name, tree)));
  };
  return (identity: string): Outcome | MovedTo | undefined => {
    const files = added().get(identity);
    if (files === undefined || (kept().get(identity) ?? 0) >= files.length) return undefined;
    const found = files.map((file) => created().get(printIn(identity, file)));
    if (found.every((one) => one !== undefined)) return found[0];
    if (files.every(isPutAway)) return "archived";
    return files.every(isMovedAway) ? "away" : "undelivered";
  };
}

/** Whether what Flux or kustomize reads names a folder, which is no archive then, whatever it is called. */
function isNamed(folder: string, tree: Tree): boolean {
  const named = new RegExp(`(?:^|[\\s/"'[,])${escapeRegExp(folder)}(?:[/"'\\s,\\]]|$)`, "m");
  return tree.grep(folder).some((path) => {
    const text = isYamlPath(path) ? (tree.read(path) ?? "") : "";
    const isRead = isKustomizationFile(path) || /\b(?:toolkit\.fluxcd\.io|fluxcd\.controlplane\.io)\//.test(text);
    return isRead && named.test(text);
  });
}

/** Files that come to hold an object, by its kind and name. */
function listAdded(before: Tree, after: Tree, changed: ReadonlySet<string>): Map<string, string[]> {
  return indexBy(changed, (file) => addedIdentities(before, after, file));
}

/** Kind and name as its document writes them, before any prefix or variable. */
export function findWritten(tree: Tree, outcome: Outcome): Pick<Outcome, "kind" | "name"> {
  const found = objectAt(tree, outcome.at!.file, outcome.doc);
  return found?.kind === outcome.kind ? found : outcome;
}

export function identityOf({ kind, name }: Pick<Outcome, "kind" | "name">): string {
  return `${kind}/${name}`;
}

/** Objects that a file holds now and did not hold before, also where Flux does not look: it reads no `.YAML` and no `.json`. */
function addedIdentities(before: Tree, after: Tree, file: string): string[] {
  const old = new Set(objectsIn(before, file).map(identityOf));
  return objectsIn(after, file)
    .map(identityOf)
    .filter((identity) => !old.has(identity));
}

function objectsIn(tree: Tree, file: string): KubeObject[] {
  const name = file.toLowerCase();
  return isYamlPath(name) || name.endsWith(".json") ? readObjects(tree, file).objects : [];
}
