import type { Shown } from "../contract/media.ts";
import { operand, sh } from "../contract/shell.ts";
import { shown, visible } from "../contract/visible.ts";
import type { NextStep } from "./next-step.ts";
import { hangText, type Paint } from "./terminal.ts";

/** One step for a person: the sentence, then each command on a line of its own; one that is only read beside it. */
export function stepLines({ says, commands, reads }: NextStep, paint: Paint, width: number): Shown[] {
  const [command = ""] = commands;
  const isShort = reads && commands.length === 1 && says.length + command.length + 3 <= width;
  if (isShort) return [shown`► ${visible(says)} ${visible(command)}`];
  return [
    ...hangText(shown`► `, says, width),
    ...commands.map((command) => shown`    ${paint("bold", visible(command))}`),
  ];
}

/** Steps as they are taken from elsewhere: the folder comes before the first command. */
export function stepsIn(folder: string | undefined, steps: readonly NextStep[]): NextStep[] {
  const first = steps.findIndex(({ commands }) => commands.length > 0);
  if (folder === undefined) return [...steps];
  const go = sh`cd ${operand(folder)}`.line;
  return steps.map((step, index) => (index === first ? { ...step, commands: [go, ...step.commands] } : step));
}
