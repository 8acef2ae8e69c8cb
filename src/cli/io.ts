import { fstatSync } from "node:fs";
import { isatty } from "node:tty";
import { UsageError } from "../contract/errors.ts";
import type { JobCommand, Made, Shown } from "../contract/media.ts";
import { shown, visible } from "../contract/visible.ts";
import { exitCodeOf } from "./exit.ts";
import type { Prompts } from "./guide/prompts.ts";

/** Glyphs that Flux's own CLI uses, so that fluxlift reads like a part of it. */
export const GLYPH = { action: shown`►`, wait: shown`◎`, done: shown`✔`, warn: shown`⚠`, fail: shown`✗` };

/** Takes a line of progress away. */
export const ERASE = shown`\r\u001b[K`;

const DEFAULT_WIDTH = 100;

/** Everything a command may do to the outside besides the workspace; tests pass their own. */
export interface Io {
  /** Data: diffs, JSON, reports. Goes to stdout, and nothing else does. */
  out(text: Made): void;
  /** Words for people: progress, questions, errors. Goes to stderr. */
  err(text: Shown): void;
  /** A command to the runner of this job, on stderr as it is. */
  tellRunner(command: JobCommand): void;
  /** Whether a question would reach a person: stdin and stderr are terminals and this is no CI job. */
  readonly interactive: boolean;
  /** Whether stderr is a terminal where a line may be redrawn. */
  readonly liveStderr: boolean;
  readonly colourOut: boolean;
  readonly colourErr: boolean;
  /** Whether a person reads stdout: what goes there may be shortened for them. */
  readonly terminal: boolean;
  /** Whether stdout is the log of a job, whose runner acts on lines of it; a file is none. */
  readonly jobLog: boolean;
  /** Shows a long text on stdout, in a pager where stdout is a terminal. */
  page(text: Shown): Promise<void>;
  /** Columns to wrap prose to. */
  readonly width: number;
  readonly cwd: string;
  /** Loads what the guide asks with; only where `interactive`. */
  prompts(): Promise<Prompts>;
  /** Asks on stderr, reads a line from stdin; undefined at end of input. */
  ask(question: Shown): Promise<string | undefined>;
}

/** The streams of this process; each is opened when it is first used, which takes milliseconds. */
export function processIo(argv: readonly string[]): Io {
  const ci = isCi(process.env);
  const noColour = argv.includes("--no-color");
  const [stdinIsTty, stdoutIsTty, stderrIsTty] = [isatty(0), isatty(1), isatty(2)];
  const fail = () =>
    process.once("exit", () => {
      process.exitCode = exitCodeOf("failed");
    });
  const err = guardedWriter(() => process.stderr, fail);
  const out = guardedWriter(
    () => process.stdout,
    (code) => {
      fail();
      err(shown`${GLYPH.fail} The output cannot be written (${visible(code)}).\n`);
    },
  );
  const terminal = stdoutIsTty && !ci;
  return {
    out,
    err,
    tellRunner: (command) => err(`${command}\n`),
    interactive: stdinIsTty && stderrIsTty && !ci,
    liveStderr: stderrIsTty && !ci && process.env.TERM !== "dumb",
    colourOut: colourWanted(process.env, stdoutIsTty, noColour),
    colourErr: colourWanted(process.env, stderrIsTty, noColour),
    terminal,
    jobLog: ci && !isFile(1),
    async page(text) {
      if (text === "") return;
      const { showInPager } = await import("./pager.ts");
      if (!terminal || !stdinIsTty || !showInPager(text, process.env, process.platform)) out(text);
    },
    get width() {
      return (stderrIsTty && process.stderr.columns) || (stdoutIsTty && process.stdout.columns) || DEFAULT_WIDTH;
    },
    get cwd() {
      return currentFolder();
    },
    prompts: async () => (await import("./guide/terminal-prompts.ts")).openPrompts(),
    ask: askOnTerminal,
  };
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false;
  }
}

/** Whether to colour a stream: `--no-color`, then NO_COLOR, then FORCE_COLOR, then TERM=dumb, then the terminal itself. */
export function colourWanted(env: NodeJS.ProcessEnv, isTty: boolean, noColourFlag: boolean): boolean {
  if (noColourFlag || env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return isTty && env.TERM !== "dumb";
}

/** CI services set `CI`; `CI=false` and `CI=0` are how people switch that off. */
export function isCi(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.CI) && env.CI !== "false" && env.CI !== "0";
}

/** @throws UsageError where the folder has been deleted under the shell */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    throw new UsageError(
      "no-folder",
      "The folder that this was started in is not there any more.",
      "Go to one that is: cd",
    );
  }
}

/**
 * A reader that closes the pipe (`fluxlift plan | head`) must not end the process: a write to the repository may be
 * under way, and the exit code still has to be right. Later output to that stream is dropped. What cannot be written
 * although somebody reads, as on a full disk, is a failure, whatever else the run has found.
 */
function guardedWriter(open: () => NodeJS.WriteStream, lost: (code: string) => void): (text: string) => void {
  let stream: NodeJS.WriteStream | undefined;
  let closed = false;
  return (text) => {
    if (closed || text === "") return;
    stream ??= open().on("error", (error: NodeJS.ErrnoException) => {
      if (!closed && error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") lost(error.code ?? error.message);
      closed = true;
    });
    stream.write(text);
  };
}

async function askOnTerminal(question: string): Promise<string | undefined> {
  const { createInterface } = await import("node:readline");
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve) => {
      lines.once("close", () => resolve(undefined));
      lines.once("SIGINT", () => lines.close());
      lines.question(question, resolve);
    });
  } finally {
    lines.close();
  }
}
