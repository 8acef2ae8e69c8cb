import type { Transform, TransformContext } from "../../transforms/contract.ts";
import type { TextRange } from "../contract/edit.ts";
import { type Loc, UsageError } from "../contract/errors.ts";
import { ofOwn } from "../contract/of-own.ts";
import { OCI_PHASES, PHASES, type Phase } from "../contract/options.ts";
import { isUnicode } from "../files/inside.ts";
import type { OwnContext, OwnFinding, OwnResult, OwnTransform } from "../public/transform.ts";
import type { Route } from "./route.ts";

/** `<package>/<name>`, so that no name of fluxlift's is taken, today or later. */
const OWN_ID = /^(?:@[\w.-]+\/)?[\w.-]+\/[\w-]+$/;
const INVALID = "own-transform-invalid";
const LEVELS = ["info", "caution", "blocker"];

/**
 * Transforms that a configuration brings, ready to run after those of fluxlift.
 * @param file of the configuration, for messages
 * @throws UsageError where one is no transform; later where one throws or gives what is no result
 */
export function adoptTransforms(own: readonly unknown[], file: string): Transform[] {
  const all = own.map((one, at) => adopt(one, `${file}: transforms[${at}]`));
  const twice = all.find(({ id }, at) => all.findIndex((other) => other.id === id) !== at);
  if (twice) throw wrong(file, `two transforms are called ${twice.id}`);
  return all;
}

/** A way through phases with transforms of the owner at the end of it. */
export function withOwn(route: Route, own: readonly Transform[]): Route {
  return own.length === 0 ? route : { ...route, transforms: [...route.transforms, ...own] };
}

function adopt(one: unknown, place: string): Transform {
  const { id, title, phases, applies, run } = (one ?? {}) as Partial<OwnTransform>;
  if (typeof id !== "string" || !OWN_ID.test(id)) throw wrong(place, "its id is not <package>/<name>");
  if (typeof title !== "string") throw wrong(place, `${id} has no title`);
  const known: readonly Phase[] = [...PHASES, ...OCI_PHASES];
  if (!Array.isArray(phases) || phases.length === 0 || !phases.every((phase) => known.includes(phase))) {
    throw wrong(place, `the phases of ${id} are none of ${[...new Set(known)].join(", ")}`);
  }
  if (typeof run !== "function") throw wrong(place, `${id} has no run(context)`);
  if (applies !== undefined && typeof applies !== "function") throw wrong(place, `applies of ${id} is no function`);
  const guarded = <T>(call: (context: OwnContext) => T, context: TransformContext): T => {
    try {
      return call(context);
    } catch (cause) {
      if (cause instanceof UsageError && cause.code === INVALID) throw cause;
      const hint = "Mend it, or leave it out with --skip; --verbose shows where it happened.";
      throw new UsageError("own-transform-failed", `${id} failed: ${sayCause(cause)}`, hint, { cause });
    }
  };
  return {
    ...{ id, title, phases, docs: "" },
    applies: (context) => (applies ? guarded((given) => atOnce(applies(given), id), context) : true),
    run: (context) => guarded((given) => checkResult(atOnce(run(given), id), id), context),
  };
}

/** Anything can be thrown, such as what makes no text of itself. */
function sayCause(cause: unknown): string {
  try {
    return cause instanceof Error ? cause.message : String(cause);
  } catch {
    return "it throws what says nothing of itself";
  }
}

/** What an async function gives has no edits, and holds for any condition. */
function atOnce<T>(result: T, id: string): T {
  if (typeof (result as { then?: unknown } | undefined | null)?.then !== "function") return result;
  // Where it fails later, Node would end the process and show its own words.
  Promise.resolve(result).catch(() => undefined);
  throw wrong(id, "it gives a promise, and nothing here waits: run and applies are no async functions");
}

function checkResult(result: OwnResult | undefined | null, id: string): ReturnType<Transform["run"]> {
  if (typeof (result ?? {}) !== "object") throw wrong(id, "its run gives no object with edits and findings");
  const { edits = [], findings = [] } = result ?? {};
  if (!Array.isArray(edits) || !Array.isArray(findings)) throw wrong(id, "edits and findings are lists");
  for (const edit of edits) {
    if (isEdit(edit)) continue;
    throw wrong(id, "an edit is {kind, path, why} and what its kind needs; editFile makes one");
  }
  for (const finding of findings) {
    const { rule, what, why, next, resource = "", at } = (finding ?? {}) as Partial<OwnFinding>;
    const isSaid = [rule, what, why, next, resource].every(isText);
    if (isSaid && (at === undefined || isPlace(at)) && LEVELS.includes(finding.level)) continue;
    throw wrong(id, "a finding is {rule, level, what, why, next} and a place");
  }
  const plain = findings.map((finding) => {
    // Facts are for rules of fluxlift, which make the words of them.
    const { facts: _, ...said } = finding as OwnFinding & { facts?: unknown };
    return said;
  });
  // What a program of the owner writes is its own affair: any text may be a new file.
  return { edits, findings: plain } as ReturnType<Transform["run"]>;
}

const isText = (value: unknown): boolean => typeof value === "string";
const isPlace = (value: unknown): boolean => {
  const { file, line, col } = (value ?? {}) as Partial<Loc>;
  return isText(file) && Number.isInteger(line) && Number.isInteger(col);
};
const isRange = (value: unknown): boolean => {
  const { start, end, text } = (value ?? {}) as Partial<TextRange>;
  return Number.isInteger(start) && Number.isInteger(end) && isContent(text);
};
/** What a file can hold. */
const isContent = (value: unknown): boolean => typeof value === "string" && isUnicode(value);
const MODES: readonly unknown[] = [undefined, 0o644, 0o755];

/** What each kind of edit needs beside its path and the reason. */
const NEEDS: Readonly<Record<string, (edit: Readonly<Record<string, unknown>>) => boolean>> = {
  create: ({ text, mode }) => isContent(text) && MODES.includes(mode),
  replace: ({ ranges }) => Array.isArray(ranges) && ranges.every(isRange),
  delete: () => true,
  move: ({ to }) => isText(to),
};

function isEdit(value: unknown): boolean {
  const edit = (value ?? {}) as Readonly<Record<string, unknown>>;
  const { kind, path, why, evidence = [] } = edit;
  const isPlaced = Array.isArray(evidence) && evidence.every(isPlace);
  return isText(path) && path !== "" && isText(why) && isPlaced && ofOwn(NEEDS, String(kind))?.(edit) === true;
}

function wrong(place: string, what: string): UsageError {
  return new UsageError(INVALID, `${place}: ${what}.`, "docs/own-transforms.md has an example.");
}
