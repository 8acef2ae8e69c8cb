import type { Markdown } from "../contract/media.ts";
import type { Phase } from "../contract/options.ts";
import type { Runbook, RunbookStep } from "../contract/runbook.ts";
import { codeBlock, escapeText, fold, indented, md } from "./markdown-escape.ts";
import { listNeeds } from "./runbook-needs.ts";

/**
 * The runbook of one phase; needs, checks, steps and rollback open, rebuilding folded away, once a plan.
 * @param title of it, after the name of the phase: ` of \`main\``, or nothing
 */
export function runbookLines(runbook: Runbook, phase: Phase, title: Markdown, withRebuild: boolean): Markdown[] {
  const lines = [md`### Runbook: ${escapeText(phase)}${title}`];
  if (runbook.steps.length > 0) lines.push(md``, ...listNeeds(runbook, phase).map((text) => md`- ${escapeText(text)}`));
  if (runbook.assumptions.length > 0) {
    lines.push(md``, md`This plan assumes, and the repository cannot prove:`, md``);
    lines.push(...runbook.assumptions.map((text) => md`- ${escapeText(text)}`));
  }
  const [measured, byHand] = [true, false].map((is) =>
    runbook.preChecks.filter((step) => Boolean(step.measured) === is),
  );
  lines.push(...section(md`Before the merge`, byHand!, true));
  if (measured!.length > 0) lines.push(md``, ...fold(md`Without preflight.sh, by hand`, stepLines(measured!, true)));
  lines.push(...section(md`Steps`, runbook.steps, true));
  lines.push(...section(md`Rollback`, runbook.rollback, false));
  if (withRebuild && runbook.rebuild.length > 0) {
    lines.push(md``, ...fold(md`Rebuilding an empty cluster from this repository`, stepLines(runbook.rebuild, false)));
  }
  return lines;
}

function section(title: Markdown, steps: readonly RunbookStep[], tick: boolean): Markdown[] {
  return steps.length === 0 ? [] : [md``, md`#### ${title}`, md``, ...stepLines(steps, tick)];
}

/** Numbered steps; `tick` gives each a box to tick in the pull request. */
function stepLines(steps: readonly RunbookStep[], tick: boolean): Markdown[] {
  return steps.flatMap((step, index) => {
    const body = [
      ...step.body.flatMap((text) => [md``, escapeText(text)]),
      ...(step.commands.length > 0 ? [md``, ...codeBlock(step.commands)] : []),
      ...(step.expect ? [md``, md`Expect: ${escapeText(step.expect)}`] : []),
    ];
    return [
      md`${index + 1}. ${tick ? md`[ ] ` : md``}**${escapeText(step.title)}**`,
      ...indented(body, `${index + 1}. `.length),
      md``,
    ];
  });
}
