import type { Phase } from "../contract/options.ts";
import type { Runbook, RunbookStep } from "../contract/runbook.ts";
import { codeBlock, escapeText, fold } from "./markdown-escape.ts";
import { listNeeds } from "./runbook-needs.ts";

/**
 * The runbook of one phase; needs, checks, steps and rollback open, rebuilding folded away, once a plan.
 * @param title of it, after the name of the phase: ` of \`main\``, or nothing
 */
export function runbookLines(runbook: Runbook, phase: Phase, title: string, withRebuild: boolean): string[] {
  const lines = [`### Runbook: ${phase}${title}`];
  if (runbook.steps.length > 0) lines.push("", ...listNeeds(runbook, phase).map((text) => `- ${escapeText(text)}`));
  if (runbook.assumptions.length > 0) {
    lines.push("", "This plan assumes, and the repository cannot prove:", "");
    lines.push(...runbook.assumptions.map((text) => `- ${escapeText(text)}`));
  }
  const [measured, byHand] = [true, false].map((is) =>
    runbook.preChecks.filter((step) => Boolean(step.measured) === is),
  );
  lines.push(...section("Before the merge", byHand!, true));
  if (measured!.length > 0) lines.push("", ...fold("Without preflight.sh, by hand", stepLines(measured!, true)));
  lines.push(...section("Steps", runbook.steps, true));
  lines.push(...section("Rollback", runbook.rollback, false));
  if (withRebuild && runbook.rebuild.length > 0) {
    lines.push("", ...fold("Rebuilding an empty cluster from this repository", stepLines(runbook.rebuild, false)));
  }
  return lines;
}

function section(title: string, steps: readonly RunbookStep[], tick: boolean): string[] {
  return steps.length === 0 ? [] : ["", `#### ${title}`, "", ...stepLines(steps, tick)];
}

/** Numbered steps; `tick` gives each a box to tick in the pull request. */
function stepLines(steps: readonly RunbookStep[], tick: boolean): string[] {
  return steps.flatMap((step, index) => {
    const number = `${index + 1}.`;
    const indent = " ".repeat(number.length + 1);
    const body = [
      ...step.body.flatMap((text) => ["", escapeText(text)]),
      ...(step.commands.length > 0 ? ["", ...codeBlock(step.commands)] : []),
      ...(step.expect ? ["", `Expect: ${escapeText(step.expect)}`] : []),
    ];
    return [
      `${number} ${tick ? "[ ] " : ""}**${escapeText(step.title)}**`,
      // A command may have several lines; one that is not indented would end the list, and the code block with it.
      ...body.flatMap((text) => text.split("\n")).map((line) => (line === "" ? "" : indent + line)),
      "",
    ];
  });
}
