import type { Tree } from "../../workspace/tree.ts";
import { readObjects } from "../objects.ts";
import { isFluxCore } from "./danger.ts";
import { splitKey } from "./key.ts";
import type { TreeChange } from "./trees.ts";
import type { Comparison, Outcome } from "./types.ts";

/** An object that may be deleted, with why it is or is not still wanted. */
export interface Loss {
  outcome: Outcome;
  /** Whether the tree after the change shows that somebody still wants it. */
  wanted: boolean;
  because: string;
}

/** Deleting less than this is nothing to stop for when a new object of another name takes the place. */
const HARMLESS = 4;

/**
 * Sorts what may be deleted by intent. Still wanted: Flux itself; what the tree goes on delivering; what only changes its
 * name or namespace and takes data or a whole inventory along; a document that was moved to where nothing delivers it.
 * Intended: the document is gone, or what listed it was edited. Errs towards wanted.
 */
export function judgeLosses(comparison: Comparison, change: TreeChange): Loss[] {
  const lost = comparison.outcomes.filter(({ fate }) => fate === "deleted" || fate === "recreated");
  const judge = makeJudge(comparison, change);
  return lost.map((outcome) => ({ outcome, ...judge(outcome) }));
}

function makeJudge(comparison: Comparison, { before, after, changed }: TreeChange) {
  const delivered = new Map<string, Outcome>();
  for (const outcome of comparison.outcomes) {
    if (outcome.after.length > 0 && outcome.at) delivered.set(placeOf(outcome), outcome);
  }
  let moved: Set<string> | undefined;
  const findMoved = () => {
    moved ??= new Set([...changed].flatMap((file) => addedIdentities(before, after, file)));
    return moved;
  };
  return (outcome: Outcome): Omit<Loss, "outcome"> => {
    if (isFluxCore(outcome.key)) return { wanted: true, because: "Without it Flux stops, or takes everything along." };
    // What is deleted for good although the tree delivers it is wanted no less.
    if (outcome.after.length > 0) {
      return { wanted: true, because: `${outcome.after.join(" and ")} still delivers it.` };
    }
    const successor = delivered.get(placeOf(outcome));
    if (successor && successor.key !== outcome.key) {
      const says = `Its document now makes ${splitKey(successor.key).namespace}/${successor.name}; the old object goes.`;
      return { wanted: outcome.danger >= HARMLESS, because: says };
    }
    if (!outcome.at) return { wanted: false, because: "Nothing in the tree delivers it any more." };
    const isHere = identities(after, outcome.at.file).includes(identityOf(outcome));
    if (!isHere && findMoved().has(identityOf(outcome))) {
      return { wanted: true, because: "Its document was moved to where no FluxKustomization delivers it." };
    }
    if (isHere && changed.has(outcome.at.file)) {
      return { wanted: true, because: "Its document is still in the file, which the change edits." };
    }
    return isHere
      ? {
          wanted: false,
          because: "Its document is still in the tree, but the change takes it out of what is delivered.",
        }
      : { wanted: false, because: "Its document is removed from the tree." };
  };
}

function placeOf({ at, doc }: Outcome): string {
  return `${at?.file}#${doc}`;
}

function identityOf({ kind, name }: Pick<Outcome, "kind" | "name">): string {
  return `${kind}/${name}`;
}

/** Objects that a file holds now and did not hold before. */
function addedIdentities(before: Tree, after: Tree, file: string): string[] {
  const old = new Set(identities(before, file));
  return identities(after, file).filter((identity) => !old.has(identity));
}

function identities(tree: Tree, file: string): string[] {
  if (!/\.ya?ml$/.test(file)) return [];
  return readObjects(tree, file).objects.map(identityOf);
}
