/** One of several answers. */
export interface Choice<Value extends string> {
  value: Value;
  label: string;
  /** Shown beside it while it is the one that enter would take. */
  hint?: string;
}

/** Raised at a prompt that is left with Ctrl-C, Ctrl-D or Escape. */
export class Cancelled extends Error {}

/** How the guide asks; every method throws `Cancelled`. Tests pass their own. */
export interface Prompts {
  choose<Value extends string>(question: string, choices: Choice<Value>[], preset: Value): Promise<Value>;
  chooseSome(question: string, choices: Choice<string>[]): Promise<string[]>;
  /** @param check what is wrong with an answer; undefined when nothing is */
  enter(question: string, preset: string, check: (answer: string) => string | undefined): Promise<string>;
}
