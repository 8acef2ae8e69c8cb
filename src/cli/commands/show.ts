import { extname, resolve } from "node:path";
import { UsageError } from "../../contract/errors.ts";
import { given } from "../../contract/given.ts";
import type { Made, Shown } from "../../contract/media.ts";
import type { Plan } from "../../contract/plan.ts";
import { forPeople, joinShown, shown, visible } from "../../contract/visible.ts";
import { writePrivate, writeReport } from "../../files/report-file.ts";
import type { NextStep } from "../../report/next-step.ts";
import { makePaint, type TextOptions } from "../../report/terminal.ts";
import { stepLines, stepsIn } from "../../report/text-steps.ts";
import type { Flags, Format } from "../flags.ts";
import { GLYPH, type Io } from "../io.ts";
import type { Engine } from "../load-engine.ts";
import { planFromTop } from "./from-top.ts";

const FORMAT_OF_EXTENSION: Readonly<Record<string, Format>> = {
  ".json": "json",
  ".md": "markdown",
  ".html": "html",
  ".patch": "diff",
  ".diff": "diff",
  ".txt": "text",
  ".sh": "preflight",
  ".sarif": "sarif",
};

/**
 * Shows a plan. Text is for people: the diff on stdout, so that `fluxlift plan > x.patch` gives a patch, and the report on
 * stderr after it. The other formats are data: stdout gets them, stderr nothing.
 * With `--output` the data goes to that file and the report to stderr. `writing`: the caller names the next step. `prefix`: the way
 * from the top of the repository, from where code hosts look for files.
 */
export async function showPlan(
  io: Io,
  engine: Engine,
  plan: Plan,
  flags: Flags,
  { writing = false, prefix = "" }: { writing?: boolean; prefix?: string | undefined },
): Promise<void> {
  if (flags.output !== undefined) {
    // Without a known extension a file gets JSON: the format that `apply` reads.
    const format = flags.format ?? formatOf(flags.output) ?? "json";
    deliver(io, flags, await renderPlan(io, engine, plan, format, prefix), format === "json");
    showReport(io, engine, plan, flags, writing);
    io.err(shown`${GLYPH.done} Saved ${visible(flags.output)}\n`);
  } else if (flags.format === undefined || flags.format === "text" || flags.format === "diff") {
    // The report ends with the next step: it comes last.
    await showDiff(io, engine, plan, flags);
    if (flags.format !== "diff") showReport(io, engine, plan, flags, writing);
  } else {
    io.out(await renderPlan(io, engine, plan, flags.format, prefix));
  }
}

/** The report for people alone, on stderr. `writing`: it is about to be written, so the report names no next step. */
export function showReport(io: Io, engine: Engine, plan: Plan, flags: Flags, writing = false): void {
  io.err(engine.render.text(plan, { ...textOptions(io, flags), colour: io.colourErr, writing }));
}

/** How text looks that goes where `deliver` brings it. */
export function textOptions(io: Io, flags: Flags): TextOptions {
  const colour = flags.output === undefined && io.colourOut;
  const { verbose = false, folder } = flags;
  const onScreen = flags.output === undefined && io.terminal;
  return { colour, width: io.width, verbose, onScreen, ...given({ folder }) };
}

async function renderPlan(io: Io, engine: Engine, plan: Plan, format: Format, prefix: string): Promise<Made> {
  if (format === "sarif") return engine.render.sarif(planFromTop(plan, prefix));
  if (format === "html") return (await import("../../report/html/index.ts")).renderPlanHtml(plan);
  if (format === "text") return engine.render.text(plan, { colour: false, width: io.width, verbose: true });
  return engine.render[format](plan);
}

/** The format that the name of a file asks for. */
export function formatOf(path: string): Format | undefined {
  return FORMAT_OF_EXTENSION[extname(path).toLowerCase()];
}

/**
 * Refuses a file whose ending names a format that a command does not write, or none at all. Without an ending the format
 * that `apply` reads is meant.
 * @throws UsageError before anything is read
 */
export function checkEnding(
  { output, format }: Flags,
  known: readonly Format[] = Object.values(FORMAT_OF_EXTENSION),
): void {
  const ending = extname(output ?? "");
  if (output === undefined || ending === "") return;
  const asked = formatOf(output);
  if (asked === undefined ? format !== undefined : known.includes(asked)) return;
  const endings = Object.entries(FORMAT_OF_EXTENSION).flatMap(([name, one]) => (known.includes(one) ? [name] : []));
  const elsewhere = asked === undefined ? ", or say --format." : `; a plan has it: fluxlift plan -o FILE${ending}`;
  const hint = `Use one of ${endings.join(", ")}${elsewhere}`;
  throw new UsageError("unknown-ending", `${output}: nothing here is written to a file that ends in ${ending}.`, hint);
}

/** Steps to take from where the person stands, each with its commands. */
export function saySteps(io: Io, { folder }: Flags, steps: readonly NextStep[]): Shown {
  const paint = makePaint(io.colourErr);
  const lines = stepsIn(folder, steps).flatMap((step) => stepLines(step, paint, io.width));
  return shown`${joinShown(lines, "\n")}\n`;
}

const FULL = "Make room on that disk, then repeat.";
const NO_FOLDER = "Name a file in a folder that exists.";

/**
 * Prints data on stdout, or into the file of `--output`.
 * @param isPlan it quotes whole files: for its owner alone
 * @throws UsageError when that cannot be written.
 */
export function deliver(io: Io, { output }: Flags, text: Made, isPlan = false): void {
  if (output === undefined) {
    io.out(text);
    return;
  }
  try {
    const path = resolve(io.cwd, output);
    if (isPlan) writePrivate(path, text);
    else writeReport(path, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof UsageError) throw error;
    throw new UsageError("no-output", `${output} cannot be written (${code}).`, code === "ENOSPC" ? FULL : NO_FOLDER);
  }
}

/**
 * The diff on stdout: for a person in a pager and without the lines of deleted files, elsewhere whole, for git. In the log of
 * a job no line of a file may be a command to its runner, so there such a diff is no longer one for git, and that is said.
 */
export async function showDiff(io: Io, engine: Engine, plan: Plan, { full = false }: Flags): Promise<void> {
  if (io.terminal) await io.page(engine.render.diffView(plan, { colour: io.colourOut, full }));
  else {
    const diff = engine.render.diff(plan);
    const seen = io.jobLog ? forPeople(diff) : undefined;
    if (seen === undefined || seen === String(diff)) {
      io.out(diff);
      return;
    }
    const says =
      "The diff above spells out what the runner of this job would act on. For git: fluxlift plan -o x.patch";
    // Git takes nothing of a diff with a hunk that is cut off; what is spelt out could go into a file else.
    io.out(shown`${seen}@@ -1 +1 @@ ${visible(says)}\n`);
    io.err(shown`${GLYPH.warn} ${visible(says)}\n`);
  }
}
