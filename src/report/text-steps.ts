import { operand, sh } from "../contract/shell.ts";
import type { NextStep } from "./next-step.ts";
import { cleanText, hangText, type Paint } from "./terminal.ts";

/** One step for a person: the sentence, then each command on a line of its own. */
export function stepLines({ says, commands }: NextStep, paint: Paint, width: number): string[] {
  return [...hangText("► ", says, width), ...commands.map((command) => `    ${paint("bold", cleanText(command))}`)];
}

/** Steps as they are taken from elsewhere: the folder comes before the first command. */
export function stepsIn(folder: string | undefined, steps: readonly NextStep[]): NextStep[] {
  const first = steps.findIndex(({ commands }) => commands.length > 0);
  if (folder === undefined) return [...steps];
  const go = sh`cd ${operand(folder)}`.line;
  return steps.map((step, index) => (index === first ? { ...step, commands: [go, ...step.commands] } : step));
}

/** The same on one line where it fits. */
export function shortStep(says: string, command: string, paint: Paint, width: number): string[] {
  const fits = says.length + command.length + 3 <= width;
  return fits ? [`► ${says} ${cleanText(command)}`] : stepLines({ says, commands: [command] }, paint, width);
}
