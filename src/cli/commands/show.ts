import { writeFileSync } from "node:fs";
import { extname, resolve } from "node:path";
import { UsageError } from "../../contract/errors.ts";
import type { Plan } from "../../contract/plan.ts";
import { GLYPH, paletteFor } from "../colour.ts";
import type { Engine } from "../engine.ts";
import type { Flags, Format } from "../flags.ts";
import type { Io } from "../io.ts";

const FORMAT_OF_EXTENSION: Readonly<Record<string, Format>> = {
  ".json": "json",
  ".md": "markdown",
  ".patch": "diff",
  ".diff": "diff",
  ".txt": "text",
  ".sh": "preflight",
  ".sarif": "sarif",
};

/**
 * Shows a plan. Text is for people: the report on stderr and the diff on stdout, so that `fluxlift plan > x.patch`
 * gives a patch. The other formats are data: stdout gets them, stderr nothing.
 * With `--output` the data goes to that file and the report to stderr.
 */
export function showPlan(io: Io, engine: Engine, plan: Plan, flags: Flags): void {
  if (flags.output !== undefined) {
    saveText(io, flags.output, renderPlan(io, engine, plan, flags.format ?? formatOfFile(flags.output)));
    showReport(io, engine, plan, flags);
    io.err(`${GLYPH.done} Saved ${flags.output}\n`);
  } else if (flags.format === undefined || flags.format === "text") {
    showReport(io, engine, plan, flags);
    io.out(colourDiff(engine.render.diff(plan), io.colourOut));
  } else {
    io.out(renderPlan(io, engine, plan, flags.format));
  }
}

/** The report for people alone, on stderr. `writing`: it is about to be written, so the report names no next step. */
export function showReport(io: Io, engine: Engine, plan: Plan, flags: Flags, writing = false): void {
  const verbose = flags.verbose ?? false;
  io.err(engine.render.text(plan, { colour: io.colourErr, width: io.width, verbose, writing }));
}

function renderPlan(io: Io, engine: Engine, plan: Plan, format: Format): string {
  if (format === "text") return engine.render.text(plan, { colour: false, width: io.width, verbose: true });
  return engine.render[format](plan);
}

/** Without a known extension a file gets JSON: the format that `apply` reads. */
function formatOfFile(path: string): Format {
  return FORMAT_OF_EXTENSION[extname(path).toLowerCase()] ?? "json";
}

/** Writes what stdout would have got into a file of the user's choice. @throws UsageError when that cannot be done. */
export function saveText(io: Io, path: string, text: string): void {
  try {
    writeFileSync(resolve(io.cwd, path), text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError("no-output", `${path} cannot be written (${code}).`, "Name a file in a folder that exists.");
  }
}

/** Colours for reading; never for `--format diff`, whose bytes go to git. */
function colourDiff(diff: string, colour: boolean): string {
  if (!colour) return diff;
  const paint = paletteFor(true);
  const paintLine = (line: string): string => {
    if (/^(?:diff |index |--- |\+\+\+ |new |deleted |rename |similarity |old )/.test(line)) return paint.bold(line);
    if (line.startsWith("@@")) return paint.dim(line);
    if (line.startsWith("+")) return paint.green(line);
    return line.startsWith("-") ? paint.red(line) : line;
  };
  return diff.split("\n").map(paintLine).join("\n");
}
