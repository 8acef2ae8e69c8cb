import type { Argument, Command } from "commander";
import { UsageError } from "../../contract/errors.ts";
import { shellScript } from "../../contract/shell.ts";
import { listRules } from "../../findings/explain.ts";
import { type CompletedCommand, type CompletedFlag, SHELLS } from "../completion/model.ts";
import { printBash, printFish, printZsh } from "../completion/print.ts";
import type { Outcome } from "../exit.ts";
import type { Session } from "../session.ts";

const PRINTERS = { bash: printBash, zsh: printZsh, fish: printFish } as const;

/** `fluxlift completion SHELL`: a script that completes commands, flags and their values, without starting fluxlift. */
export async function runCompletion({ io }: Session, program: Command, shell: string): Promise<Outcome> {
  const name = SHELLS.find((known) => known === shell);
  if (name === undefined) {
    throw new UsageError("unknown-shell", `There is no completion for '${shell}'.`, `There is: ${SHELLS.join(", ")}.`);
  }
  const commands = program.commands.map(describe);
  const names = commands.map((command) => command.name);
  const help: CompletedCommand = { name: "help", summary: "show the help of a command", flags: [], words: names };
  io.out(shellScript([], PRINTERS[name]([...commands, help], flagsOf(program))));
  return "done";
}

function describe(command: Command): CompletedCommand {
  const [first] = command.registeredArguments;
  return { name: command.name(), summary: command.summary(), flags: flagsOf(command), words: first && wordsOf(first) };
}

/** What an argument can be; undefined where files are. */
function wordsOf(argument: Argument): readonly string[] | undefined {
  if (argument.name() === "rule") return listRules().map(({ rule }) => rule);
  return argument.name() === "shell" ? SHELLS : undefined;
}

function flagsOf(command: Command): CompletedFlag[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description, required, optional, argChoices }) => ({
      long: long!,
      short,
      says: description,
      takesValue: required || optional,
      values: argChoices,
    }));
}
