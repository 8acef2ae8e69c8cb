import { Command } from "commander";
import { UsageError } from "../contract/errors.ts";
import { VERSION } from "../contract/version.ts";
import type { Outcome } from "./exit.ts";
import {
  addAcceptFlag,
  addGeneralFlags,
  addOciFlags,
  addOutputFlags,
  addPlanFlags,
  addWriteFlags,
  type Flags,
} from "./flags.ts";
import { EXAMPLES, EXIT_CODES } from "./help-text.ts";
import type { Session } from "./session.ts";

/**
 * The command line of fluxlift. Actions load their command when they run, so building this stays cheap.
 * `ended` receives the outcome of the command that ran.
 */
export function buildProgram(session: Session, ended: (outcome: Outcome) => void): Command {
  const { io } = session;
  const program = new Command("fluxlift");
  program
    .description("Moves a GitOps repository from a bootstrapped Flux to Flux Operator, as reviewable edits in place.")
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      getOutHasColors: () => io.colourOut,
      getErrHasColors: () => io.colourErr,
    })
    .version(VERSION, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .commandsGroup("Commands:");

  const add = (name: string, summary: string): Command => {
    const command = program.command(name).summary(summary).description(summary);
    const id = command.name();
    command.addHelpText("after", () => `\nExamples:\n${EXAMPLES[id] ?? ""}\n${EXIT_CODES}`);
    return command;
  };

  const scan = add("scan [dir]", "show how Flux is installed, for each cluster, and what would block a migration");
  scan.optionsGroup("Output:");
  addOutputFlags(scan, ["text", "json"]);
  addGeneralFlags(scan).action(async (dir: string | undefined, flags: Flags) =>
    ended(await (await import("./commands/scan.ts")).runScan(session, dir, flags)),
  );

  const plan = add("plan [dir]", "show the edits and findings of a phase; writes nothing");
  addGeneralFlags(addOutputFlags(addPlanFlags(plan))).action(async (dir: string | undefined, flags: Flags) =>
    ended(await (await import("./commands/plan.ts")).runPlan(session, dir, flags)),
  );

  const migrate = add("migrate [dir]", "plan a phase, ask, and write it");
  addPlanFlags(migrate).option("--dry-run", "stop after showing the plan");
  addGeneralFlags(addWriteFlags(addOutputFlags(migrate))).action(async (dir: string | undefined, flags: Flags) =>
    ended(await (await import("./commands/migrate.ts")).runMigrate(session, dir, flags)),
  );

  const oci = add(
    "oci [dir]",
    "let Flux read an OCI artifact that CI publishes, instead of Git: plan a phase, ask, write it",
  );
  addOciFlags(oci).option("--dry-run", "stop after showing the plan");
  addGeneralFlags(addWriteFlags(addOutputFlags(oci))).action(async (dir: string | undefined, flags: Flags) =>
    ended(await (await import("./commands/oci.ts")).runOci(session, dir, flags)),
  );

  const apply = add("apply <plan> [dir]", "write a plan saved by plan -o; refused when its files have changed since");
  addGeneralFlags(addWriteFlags(apply)).action(async (file: string, dir: string | undefined, flags: Flags) =>
    ended(await (await import("./commands/apply.ts")).runApply(session, file, dir, flags)),
  );

  const verify = add(
    "verify [dir]",
    "say what merging a change would make Flux delete or break; reads git objects only",
  );
  verify
    .optionsGroup("What to compare:")
    .option("--base <rev>", "what the change is merged into, such as origin/main")
    .option("--head <rev>", "the change (default: HEAD)")
    .option("--artifact-path <folder>", "folder of this repository that is the root of the OCI or Bucket artifact");
  addAcceptFlag(verify);
  addOutputFlags(verify, ["text", "json", "markdown", "sarif"]);
  addGeneralFlags(verify).action(async (dir: string | undefined, flags: Flags) =>
    ended(await (await import("./commands/verify.ts")).runVerify(session, dir, flags)),
  );

  const undo = add("undo [dir]", "restore every byte of the last write, also of one that was interrupted");
  undo.optionsGroup("Writing:").option("-y, --yes", "restore without asking");
  addGeneralFlags(undo).action(async (dir: string | undefined, flags: Flags) =>
    ended(await (await import("./commands/undo.ts")).runUndo(session, dir, flags)),
  );

  const transforms = add("transforms", "list the transforms, in the order they run");
  addOutputFlags(transforms, ["text", "json"]);
  addGeneralFlags(transforms).action(async (flags: Flags) =>
    ended(await (await import("./commands/transforms.ts")).runTransforms(session, flags)),
  );

  addGeneralFlags(program)
    .addHelpText("after", () => `\nExamples:\n${EXAMPLES.fluxlift}\n${EXIT_CODES}`)
    .allowExcessArguments()
    .action(async (flags: Flags, command: Command) => {
      const [stray] = command.args;
      if (stray !== undefined) throw unknownCommand(stray, program);
      ended(await (await import("./commands/overview.ts")).runOverview(session, flags));
    });
  return program;
}

function unknownCommand(name: string, program: Command): UsageError {
  const names = program.commands.map((command) => command.name());
  const hint = /[/.~]/.test(name) ? `To work on a folder: fluxlift plan ${name}` : `There are: ${names.join(", ")}.`;
  return new UsageError("unknown-command", `There is no command '${name}'.`, hint);
}
