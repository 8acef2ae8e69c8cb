import type { RunbookStep } from "../contract/runbook.ts";
import type { Command } from "../contract/shell.ts";

/** One or several of `T`, or what makes them of the facts; nothing is said where it makes none. */
type Say<T, F, X> = T | ((facts: F, subject: X) => T | readonly T[] | undefined | false | "");

interface Template<F, X> {
  /** What the step is about, handed to all its texts. Without it the step is left out. */
  when?: (facts: F) => X | undefined | false | "";
  title: string | ((facts: F, subject: X) => string);
  body?: Say<string, F, X> | readonly Say<string, F, X>[];
  commands?: Say<Command, F, X> | readonly Say<Command, F, X>[];
  expect?: Say<string, F, X>;
  measured?: true;
}

/** A step of a runbook as a function of the facts; empty where its condition does not hold. */
export type Step<F> = (facts: F) => RunbookStep[];

/** For facts of one type: makes a step of its template. */
export function templatesFor<F>() {
  return <X = true>({ when, title, body = [], commands = [], expect, measured }: Template<F, X>): Step<F> =>
    (facts) => {
      const subject = when ? when(facts) : (true as X);
      if (!subject) return [];
      const say = <T>(said: Say<T, F, X> | readonly Say<T, F, X>[]): T[] =>
        [said].flat().flatMap((one) => (one instanceof Function ? one(facts, subject) || [] : one) as T | T[]);
      return [
        {
          title: say(title).join(""),
          body: say(body),
          commands: say(commands).map(({ line }) => line),
          ...(expect ? { expect: say(expect).join(" ") } : {}),
          ...(measured ? { measured } : {}),
        },
      ];
    };
}

/** The steps that apply, in order. */
export function render<F>(steps: readonly Step<F>[], facts: F): RunbookStep[] {
  return steps.flatMap((step) => step(facts));
}

/** What stands in place of the steps of a phase that must not be merged. */
export function explainBlock(
  { cluster, phase, blockers }: { cluster: string; phase: string; blockers: number },
  then: (them: string) => string,
): RunbookStep[] {
  const [stop, them] = blockers === 1 ? ["One finding stops", "it"] : [`${blockers} findings stop`, "them"];
  return [{ title: `${phase} is blocked`, body: [`${stop} this phase for ${cluster}. ${then(them)}`], commands: [] }];
}

/** An object whose fields are made when they are first read. */
export function onDemand<T extends object>(makers: { [K in keyof T]: () => T[K] }): T {
  const out = {} as T;
  for (const key of Object.keys(makers) as (keyof T)[]) {
    let made: { value: unknown } | undefined;
    const get = () => {
      made ??= { value: makers[key]() };
      return made.value;
    };
    Object.defineProperty(out, key, { enumerable: true, get });
  }
  return out;
}
