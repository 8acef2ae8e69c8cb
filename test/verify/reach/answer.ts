import { type Edits, type Files, judge } from "../judge.ts";

/** What a merge comes to, in what the tests here look at. */
export function answer(edits: Edits, tree: Files) {
  const { safety, blockers } = judge(tree, edits);
  return {
    verdict: safety.verdict,
    goes: safety.dangers.map(({ resource }) => resource).sort(),
    open: safety.unknown.map(({ what }) => what).join("\n"),
    blockers,
  };
}

export const SAFE = { verdict: "safe", goes: [], open: "", blockers: [] };
