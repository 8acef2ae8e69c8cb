import { repositoryPath } from "../cluster/graph.ts";
import { isYamlPath, readObjects } from "../cluster/objects.ts";
import type { KubeObject } from "../contract/objects.ts";
import type { Acceptor } from "../contract/safety.ts";
import { stringList } from "../delivery/kustomize/data.ts";
import { isKustomizationFile, reach } from "../delivery/kustomize/index.ts";
import { isWithin, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { isFluxCore } from "./danger.ts";
import { ownerName, printKey } from "./key.ts";
import { listEntries } from "./lists.ts";
import type { Origin } from "./origin.ts";
import type { Comparison, Outcome, TreeChange } from "./types.ts";

/** An object that may be deleted, with why it is or is not still wanted. */
export interface Loss {
  outcome: Outcome;
  /** Whether the tree after the change shows that somebody still wants it. */
  wanted: boolean;
  because: string;
  /** Where in the change it begins. */
  origin?: Origin | undefined;
  /** Who settled it. */
  accepted?: Acceptor;
}

/** Deleting less than this is nothing to stop for when a new object of another name takes the place. */
const HARMLESS = 4;

/**
 * Sorts what may be deleted by intent. Still wanted: Flux itself; what the tree goes on delivering; what only changes its
 * name or namespace and takes data or a whole inventory along; what keeps its document in a file that nobody took out of a
 * list. On purpose: the document is gone, its file was taken out of a list, or what goes on purpose takes it along. Errs
 * towards wanted.
 */
export function judgeLosses(comparison: Comparison, change: TreeChange, artifactRoot: string): Loss[] {
  const lost = comparison.outcomes.filter(({ fate }) => fate === "deleted" || fate === "recreated");
  const judge = makeJudge(comparison, change, artifactRoot);
  const byKey = new Map(lost.map((outcome) => [outcome.key, outcome]));
  return lost.map((outcome) => {
    const own = judge(outcome);
    const lead = own.stays ? byKey.get(outcome.leads[0] ?? "") : undefined;
    const cause = lead && judge(lead);
    if (!lead || !cause || cause.wanted) return { outcome, wanted: own.wanted, because: own.because };
    return { outcome, wanted: false, because: `It goes with ${printKey(lead.key)}. ${cause.because}` };
  });
}

interface Judgement {
  wanted: boolean;
  because: string;
  /** Its document stays where it was: what takes it along may have been taken out on purpose. */
  stays?: true;
}

function makeJudge(comparison: Comparison, change: TreeChange, artifactRoot: string) {
  const { before, after, changed } = change;
  const delivered = new Map<string, Outcome>();
  for (const outcome of comparison.outcomes) {
    if (outcome.after.length > 0 && outcome.at) delivered.set(placeOf(outcome), outcome);
  }
  const isListedOut = makeListedOut(comparison, change, artifactRoot);
  let moved: Set<string> | undefined;
  const findMoved = () => {
    moved ??= new Set([...changed].flatMap((file) => addedIdentities(before, after, file)));
    return moved;
  };
  return (outcome: Outcome): Judgement => {
    if (isFluxCore(outcome.key)) return { wanted: true, because: "Without it Flux stops, or takes everything along." };
    // What is deleted for good although the tree delivers it is wanted no less.
    if (outcome.after.length > 0) return { wanted: true, because: `${outcome.after.join(" and ")} still delivers it.` };
    const successor = delivered.get(placeOf(outcome));
    if (successor && successor.key !== outcome.key) {
      const because = `Its document now makes ${ownerName(successor.key)}; the old object goes.`;
      return { wanted: outcome.danger >= HARMLESS, because };
    }
    if (!outcome.at) return { wanted: false, because: "Nothing in the tree delivers it any more." };
    const written = findWritten(before, outcome);
    const isHere = objectsIn(after, outcome.at.file).some((one) => identityOf(one) === written);
    if (!isHere && findMoved().has(written)) {
      return { wanted: true, because: "Its document was moved to where no FluxKustomization delivers it." };
    }
    if (!isHere) return { wanted: false, because: "Its document is removed from the tree." };
    if (isListedOut(outcome.at.file)) return { wanted: false, because: "The change takes its file out of a list." };
    const because = changed.has(outcome.at.file)
      ? "Its document is still in the file, which the change edits."
      : "Its document is still in the tree, and no list gave it up, but Flux delivers it no more.";
    return { wanted: true, because, stays: true };
  };
}

/** Kind and name as its document writes them, before any prefix or variable. */
function findWritten(tree: Tree, outcome: Outcome): string {
  const found = objectsIn(tree, outcome.at!.file).find(({ doc }) => doc === outcome.doc);
  return identityOf(found?.kind === outcome.kind ? found : outcome);
}

function placeOf({ at, doc }: Outcome): string {
  return `${at?.file}#${doc}`;
}

function identityOf({ kind, name }: Pick<Outcome, "kind" | "name">): string {
  return `${kind}/${name}`;
}

/** Objects that a file holds now and did not hold before. */
function addedIdentities(before: Tree, after: Tree, file: string): string[] {
  const old = new Set(objectsIn(before, file).map(identityOf));
  return objectsIn(after, file)
    .map(identityOf)
    .filter((identity) => !old.has(identity));
}

function objectsIn(tree: Tree, file: string): KubeObject[] {
  return isYamlPath(file) ? readObjects(tree, file).objects : [];
}

/**
 * Tells files that the change takes out of a list: of a kustomization, or the `components` of a FluxKustomization. A
 * kustomization that keeps none of its lists is a slip (`resource:` for `resources:`), not a decision.
 */
function makeListedOut({ respecced }: Comparison, change: TreeChange, artifactRoot: string) {
  let dropped: ReturnType<typeof findDropped> | undefined;
  return (file: string): boolean => {
    dropped ??= findDropped(respecced, change, artifactRoot);
    return dropped.files.has(file) || dropped.folders.some((folder) => isWithin(file, folder));
  };
}

function findDropped(respecced: Comparison["respecced"], { before, after, changed }: TreeChange, artifactRoot: string) {
  const paths = [...changed].filter(isKustomizationFile).flatMap((file) => diff(before, after, file));
  for (const { before: old, after: now } of respecced) {
    const list = (specs: typeof old) =>
      specs.flatMap(({ data }) => {
        const path = data?.isLocal ? repositoryPath(data.spec, artifactRoot) : undefined;
        return path === undefined ? [] : stringList(data.spec?.components).map((one) => join(path, one));
      });
    const kept = new Set(list(now));
    paths.push(...list(old).filter((one) => !kept.has(one)));
  }
  const folders = paths.filter((path) => before.isDir(path));
  // A folder may bring files from elsewhere, its bases.
  const reached = folders.flatMap((folder) => reach(before, folder).resources);
  return { files: new Set([...paths, ...reached]), folders };
}

function diff(before: Tree, after: Tree, file: string): string[] {
  const [old, now] = [listed(before, file), listed(after, file)];
  if (after.has(file) && !now) return [];
  return [...(old ?? [])].filter((path) => !now?.has(path));
}

function listed(tree: Tree, file: string): Set<string> | undefined {
  const entries = listEntries(tree, file);
  return entries && new Set(entries.map(({ path }) => path));
}
