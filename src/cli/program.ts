import { resolve } from "node:path";
import { Command } from "commander";
import { UsageError } from "../contract/errors.ts";
import { VERSION } from "../contract/version.ts";
import { forPeople, visible } from "../contract/visible.ts";
import type { Outcome } from "./exit.ts";
import {
  addConfigFlags,
  addFleetFlags,
  addGeneralFlags,
  addOciFlags,
  addOutputFlags,
  addPlanFlags,
  addPublishFlags,
  addPublishFromFlags,
  addScanFlags,
  addUndoFlags,
  addVerifyFlags,
  addWriteFlags,
  type Flags,
} from "./flags.ts";
import { ABOUT, ARGUMENTS, ENVIRONMENT, EXAMPLES, EXIT_CODES } from "./help-text.ts";
import type { Io } from "./io.ts";
import type { Session } from "./session.ts";

const MIGRATING = "Migrate:";
const JUDGING = "Judge changes:";
const MANY = "Many repositories, agents:";
const GROUPS: Readonly<Record<string, string>> = {
  ...{ scan: MIGRATING, plan: MIGRATING, migrate: MIGRATING, oci: MIGRATING, apply: MIGRATING, undo: MIGRATING },
  ...{ verify: JUDGING, publish: JUDGING, fleet: MANY, mcp: MANY },
};

const DRY_RUN = ["--dry-run", "stop after showing the plan"] as const;

/** An argument that is refused may hold anything, line breaks included; what is meant stands on a line of its own. */
function sayWrong(text: string): string {
  const [, said = "", meant = ""] = /^(?:error: )?(.*?)(\n\(Did you mean [^\n]*\))?\n$/s.exec(text) ?? [text, text];
  return `✗ ${visible(said)}${meant}\n`;
}

/**
 * The command line of fluxlift. Actions load their command when they run, so building this stays cheap.
 * `ended` receives the outcome of the command that ran.
 */
export function buildProgram(session: Session, ended: (outcome: Outcome) => void): Command {
  const { io } = session;
  const program = new Command("fluxlift");
  program
    .description(
      `Moves a GitOps repository from a bootstrapped Flux to Flux Operator, as reviewable edits in place.\n\n${ABOUT.fluxlift}`,
    )
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("'fluxlift --help' lists what it takes.")
    .configureOutput({
      writeOut: (text) => io.out(forPeople(text)),
      writeErr: (text) => io.err(forPeople(text)),
      outputError: (text, write) => write(sayWrong(text)),
      getOutHasColors: () => io.colourOut,
      getErrHasColors: () => io.colourErr,
    })
    .version(VERSION, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .commandsGroup("Look things up:")
    .helpCommand("help [command]", "show the help of a command");

  const runLine = async (argv: readonly string[], inner: Io): Promise<Outcome> => {
    let outcome: Outcome = "failed";
    const line = buildProgram({ ...session, io: inner }, (end) => {
      outcome = end;
    });
    await line.parseAsync([...argv], { from: "user" });
    return outcome;
  };
  const add = (
    name: string,
    summary: string,
    addFlags: (command: Command) => Command,
    run: (flags: Flags, ...args: string[]) => Promise<Outcome>,
  ): void => {
    const command = program.command(name).summary(summary);
    command.description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.\n\n${ABOUT[command.name()]}`);
    for (const argument of command.registeredArguments) argument.description = ARGUMENTS[argument.name()] ?? "";
    command.helpGroup(GROUPS[command.name()] ?? "Look things up:");
    command.showHelpAfterError(`'fluxlift ${command.name()} --help' lists what it takes.`);
    addGeneralFlags(addFlags(command))
      .addHelpText(
        "after",
        `\nExamples:\n${EXAMPLES[command.name()]}\n${EXIT_CODES}See docs/commands/${command.name()}.md.\n`,
      )
      .action(async () => {
        refuseEmpty(command);
        const dir = command.args[command.registeredArguments.findIndex((one) => one.name() === "dir")];
        const { settle } = await import("./config.ts");
        const flags = await settle(session, command, command.optsWithGlobals(), dir);
        ended(await run({ ...flags, ...elsewhere(io, dir) }, ...command.args));
      });
  };

  add(
    "scan [dir]",
    "show how Flux is installed, for each cluster, and what would block a migration",
    addScanFlags,
    async (flags, dir) => (await import("./commands/scan.ts")).runScan(session, flags, dir),
  );
  add(
    "plan [dir]",
    "show the edits and findings of a phase; writes nothing",
    (command) => addPublishFlags(addOutputFlags(addPlanFlags(command))),
    async (flags, dir) => (await import("./commands/phase.ts")).runPlan(session, flags, dir),
  );
  add(
    "migrate [dir]",
    "plan a phase, ask, and write it",
    (command) => addWriteFlags(addOutputFlags(addPlanFlags(command).option(...DRY_RUN))),
    async (flags, dir) => (await import("./commands/phase.ts")).runMigrate(session, flags, dir),
  );
  add(
    "oci [dir]",
    "let Flux read an OCI artifact that CI publishes, instead of Git: plan a phase, ask, write it",
    (command) => addWriteFlags(addOutputFlags(addOciFlags(command).option(...DRY_RUN))),
    async (flags, dir) => (await import("./commands/oci.ts")).runOci(session, flags, dir),
  );
  add(
    "apply <plan> [dir]",
    "write a plan saved by plan -o; refused when its files have changed since",
    addWriteFlags,
    async (flags, file, dir) => (await import("./commands/apply.ts")).runApply(session, flags, file, dir),
  );
  add(
    "verify [dir]",
    "say what merging a change would make Flux delete or break; reads git objects only",
    addVerifyFlags,
    async (flags, dir) => (await import("./commands/verify.ts")).runVerify(session, flags, dir),
  );
  add(
    "publish",
    "comment under a pull request what a run without the right to comment has found, such as one for a fork",
    addPublishFromFlags,
    async (flags) => (await import("./commands/publish-report.ts")).runPublish(session, flags),
  );
  add(
    "undo [dir]",
    "restore every byte of the last write, also of one that was interrupted",
    addUndoFlags,
    async (flags, dir) => (await import("./commands/undo.ts")).runUndo(session, flags, dir),
  );
  add(
    "explain [rule]",
    "say what a finding means, why it is there and what to do; without a rule, list them",
    (command) => addOutputFlags(command, ["text", "json"]),
    async (flags, rule) => (await import("./commands/explain.ts")).runExplain(session, flags, rule),
  );
  add(
    "config [dir]",
    "show the settings that are in effect, and where each of them stands",
    (command) => addConfigFlags(addOutputFlags(command, ["text", "json"])),
    async (flags, dir) => (await import("./commands/config.ts")).runConfig(session, flags, program.commands, dir),
  );
  add(
    "mcp [dir]",
    "answer an agent or an editor over stdin and stdout (Model Context Protocol); tools that only look",
    (command) => command,
    async (_flags, dir) => (await import("./commands/mcp.ts")).runMcp(session, runLine, dir),
  );
  add(
    "fleet [list] [files...]",
    "run scan, plan or verify in many repositories; fleet merge FILES joins the results of several runs",
    addFleetFlags,
    async (flags, ...args) => (await import("./commands/fleet.ts")).runFleet(session, flags, args),
  );
  add(
    "transforms",
    "list the transforms, in the order they run",
    (command) => addOutputFlags(command, ["text", "json"]),
    async (flags) => (await import("./commands/transforms.ts")).runTransforms(session, flags),
  );

  add(
    "completion <shell>",
    "print a script that completes commands, flags and their values, for bash, zsh or fish",
    (command) => command,
    async (_flags, shell) => (await import("./commands/completion.ts")).runCompletion(session, program, shell),
  );

  addGeneralFlags(program)
    .addHelpText("after", `\nExamples:\n${EXAMPLES.fluxlift}\n${ENVIRONMENT}\n${EXIT_CODES}See docs/README.md.\n`)
    .allowExcessArguments()
    .action(async () => {
      refuseEmpty(program);
      const [stray] = program.args;
      if (stray !== undefined && !isPath(stray)) throw await unknownCommand(stray, program, io.cwd);
      const { settle } = await import("./config.ts");
      ended(
        await (await import("./commands/scan.ts")).runOverview(
          session,
          { ...(await settle(session, program, program.opts(), stray)), ...elsewhere(io, stray) },
          stray,
        ),
      );
    });
  return program;
}

/** As a variable of a script leaves it that is not set: `''` would be the folder that one stands in, or no answer at all. */
function refuseEmpty(command: Command): void {
  const { args, registeredArguments, options } = command;
  const flags = options.filter((one) => one.attributeName() !== "pullSecret");
  const empty =
    flags.find((one) => command.getOptionValue(one.attributeName()) === "")?.flags ??
    (args.includes("") ? (registeredArguments[args.indexOf("")]?.name() ?? "dir") : undefined);
  if (empty === undefined) return;
  const hint = "Say what it is meant to be, or leave it out. A variable of a script may hold nothing.";
  throw new UsageError("empty", `What is given as ${empty} is empty.`, hint);
}

/** A folder that commands to come have to be run in. */
function elsewhere({ cwd }: Io, dir: string | undefined): Pick<Flags, "folder"> {
  return dir === undefined || resolve(cwd, dir) === resolve(cwd) ? {} : { folder: dir };
}

/** `fluxlift .` and `fluxlift ../infra` name a folder; no command has such a name. */
function isPath(name: string): boolean {
  return /[/.~\\]/.test(name);
}

/** @returns the error, with the command or the folder that may have been meant */
async function unknownCommand(name: string, program: Command, cwd: string): Promise<UsageError> {
  const [{ suggestNames }, { existsSync }] = await Promise.all([import("../contract/near.ts"), import("node:fs")]);
  const names = program.commands.map((command) => command.name());
  const [near] = suggestNames(name, names, 1);
  const meant = near ? `Did you mean '${near}'? ` : "";
  const folder = existsSync(resolve(cwd, name)) ? `A folder of that name is ./${name}. ` : "";
  const hint = `${meant}${folder}There are: ${names.join(", ")}.`;
  return new UsageError("unknown-command", `There is no command '${name}'.`, hint);
}
