import { CommanderError } from "commander";
import type { Made, Shown } from "../contract/media.ts";
import { forPeople, shown, visible } from "../contract/visible.ts";
import { exitCodeOf, type Outcome } from "./exit.ts";
import type { Io } from "./io.ts";
import type { EngineLoader } from "./load-engine.ts";
import { buildProgram } from "./program.ts";
import { startTimer } from "./session.ts";

/**
 * Runs one command line and returns the exit code of the process; never throws, never ends the process.
 * `argv` excludes node and the script.
 */
export async function main(argv: readonly string[], given: Io, loader: EngineLoader): Promise<number> {
  // The last look at what people and runners of jobs read, whatever it was made of.
  const io: Io = Object.create(given, {
    err: { value: (text: Shown) => given.err(forPeople(text)) },
    out: { value: (text: Made) => given.out(given.jobLog || given.terminal ? forPeople(text) : text) },
  });
  let outcome: Outcome = "done";
  const timer = startTimer();
  const program = buildProgram({ io, loader, timer }, (ended) => {
    outcome = ended;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    if (argv.includes("--verbose")) io.err(shown`${visible(timer.summary())}\n`);
    return exitCodeOf(outcome);
  } catch (error) {
    // Commander has printed its own message; help and version come through here too, with exit code 0.
    if (error instanceof CommanderError) return exitCodeOf(error.exitCode === 0 ? "done" : "failed");
    const { renderError } = await import("./error-text.ts");
    io.err(renderError(error, io, argv.includes("--verbose")));
    return exitCodeOf("failed");
  }
}
