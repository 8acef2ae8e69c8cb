import { changedPaths, type Held } from "./snapshot.ts";
import { type GateResult, Verdict } from "./types.ts";

export interface ReversibleInput {
  before: Held;
  after: Held;
  /** The tree after the diff was applied with `git apply`, and why it was not. */
  patched?: Held;
  patchError?: string;
  /** The tree after `git apply -R` on top. */
  unpatched?: Held;
  unpatchError?: string;
  /** The tree after `undo`. */
  undone: Held;
  /** The tree after a second run of the same command on the committed result. */
  again: Held;
  /** The tree after undo and a fresh run. */
  redone: Held;
}

function same(verdict: Verdict, left: Held, right: Held, say: (path: string) => string): void {
  for (const path of changedPaths(left, right)) verdict.fail(say(path));
  for (const path of left.paths) {
    if (right.has(path) && left.mode(path) !== right.mode(path)) verdict.fail(`${say(path)} (file mode)`);
  }
}

/** Gate item 9: a second run changes nothing, `undo` restores every byte, the printed diff applies and reverses. */
export function checkReversible(input: ReversibleInput): GateResult {
  const verdict = new Verdict(9);
  same(verdict, input.after, input.again, (path) => `a second run changes ${path}`);
  same(verdict, input.before, input.undone, (path) => `undo does not restore ${path}`);
  same(verdict, input.after, input.redone, (path) => `running again after undo gives another ${path}`);
  if (input.patchError) verdict.fail(`the diff does not apply: ${input.patchError}`);
  if (input.patched)
    same(verdict, input.after, input.patched, (path) => `the diff does not lead to the written ${path}`);
  if (input.unpatchError) verdict.fail(`the diff does not reverse: ${input.unpatchError}`);
  if (input.unpatched)
    same(verdict, input.before, input.unpatched, (path) => `the reversed diff leaves ${path} changed`);
  return verdict.result();
}
