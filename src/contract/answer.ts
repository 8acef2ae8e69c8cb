import type { Loc } from "./errors.ts";

/** Something that cannot be known here: a file kept elsewhere, a patch that does not apply, a variable without a value. */
export interface Unknown {
  at: Loc;
  what: string;
  /** The file of this repository whose content it is. */
  file?: string;
  /** It is objects beside those that are known, and changes none of these. */
  adds?: true;
  /** Only content that decides nothing hangs on it; of a generated object also the hash in its name, where it has one. */
  content?: true;
  /** Variables without a value, where only the id of an object depends on it. */
  variables?: readonly string[];
  /** Flux applies nothing of the folder as long as it is so, and what is in the cluster stays as it is. */
  stops?: true;
}

/**
 * What delivery answers. `partial` is the value as far as it could be read; who uses it decides for himself that what is
 * missing there does not matter to him, or says so.
 */
export type Answer<T> =
  | { known: true; value: T }
  | { known: false; unknowns: readonly [Unknown, ...Unknown[]]; partial: T };

/** What is known where nothing is unknown. */
export function answerOf<T>(value: T, unknowns: readonly Unknown[]): Answer<T> {
  const [first, ...rest] = unknowns;
  return first ? { known: false, unknowns: [first, ...rest], partial: value } : { known: true, value };
}

/** The value as far as it could be read: enough to look something up, too little to say that something is not there. */
export function readable<T>(answer: Answer<T>): T {
  return answer.known ? answer.value : answer.partial;
}

/** What may change a value unseen; not what only stops Flux from applying anything, which is a finding of its own. */
export function hiddenIn(answer: Answer<unknown>): readonly Unknown[] {
  return answer.known ? [] : answer.unknowns.filter(({ stops }) => !stops);
}
