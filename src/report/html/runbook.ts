import type { Plan } from "../../contract/plan.ts";
import type { Runbook, RunbookStep } from "../../contract/runbook.ts";
import { renderPreflight } from "../preflight.ts";
import { sayCount } from "../terminal.ts";
import type { Budget } from "./budget.ts";
import { type Html, html, inline, prose } from "./html.ts";
import { namePart, type Section, sayCut } from "./parts.ts";

const MOST_BYTES = 300_000;

interface Chapter {
  name: string;
  /** Key of its ticks; the same plan gives the same. */
  key: string;
  runbook: Runbook;
  isLast: boolean;
}

/** What a person does outside Git, as lists to tick off; a phase that is stopped has none. */
export function runbookSection(plan: Plan, budget: Budget): Section | undefined {
  const parts = plan.phases.flatMap((phase, at) =>
    phase.clusters
      .filter(({ edits, findings }) => edits.length > 0 || !findings.some(({ level }) => level === "blocker"))
      .map(({ cluster, runbook }) => ({ phase: phase.phase, cluster, runbook, isLast: at === plan.phases.length - 1 })),
  );
  const chapters = parts.map((part, index): Chapter => {
    return { name: namePart(part, parts), key: String(index), runbook: part.runbook, isLast: part.isLast };
  });
  if (chapters.length === 0) return undefined;
  const steps = chapters.reduce((sum, { runbook }) => sum + runbook.preChecks.length + runbook.steps.length, 0);
  const { shown, cut } = budget.fit(chapters, drawChapter, MOST_BYTES);
  const script = html`<details class="group"><summary>preflight.sh</summary><p>It reads the cluster and changes nothing. Its answers go to <code>--facts</code>.</p><pre class="code">${renderPreflight(plan).trimEnd()}</pre></details>`;
  const { shown: preflight } = budget.fit([script], (one) => one);
  return {
    id: "runbook",
    title: "Runbook",
    note: sayCount(steps, "step"),
    body: html`<p class="js progress" id="progress" role="status"></p>${shown}${preflight}${sayCut(cut, "runbook", "--format markdown has all of them.")}`,
  };
}

function drawChapter({ name, key, runbook, isLast }: Chapter): Html {
  const { assumptions, preChecks, steps, rollback, rebuild } = runbook;
  const head = (title: string) => (name === "" ? html`<h3 class="list-head">${title}</h3>` : html`<h4>${title}</h4>`);
  return html`<section class="chapter">${name !== "" && html`<h3>${name}</h3>`}
${assumptions.length > 0 && html`${head("The repository cannot prove")}<ul>${assumptions.map((text) => html`<li>${inline(text)}</li>`)}</ul>`}
${list(head("Before the merge"), preChecks, `${key}b`)}${list(head("Steps"), steps, `${key}s`)}
${fold("The way back", rollback)}${isLast && fold("Rebuilding an empty cluster from this repository", rebuild)}</section>
`;
}

function list(head: Html, steps: readonly RunbookStep[], key: string): Html | undefined {
  if (steps.length === 0) return undefined;
  return html`${head}<ol class="steps">${steps.map((step, index) => {
    const id = `${key}${index}`;
    return html`<li><label><input type="checkbox" data-step="${id}"> <span>${inline(step.title)}</span></label>${bodyOf(step)}</li>`;
  })}</ol>`;
}

function fold(title: string, steps: readonly RunbookStep[]): Html | undefined {
  if (steps.length === 0) return undefined;
  return html`<details class="group"><summary>${title}</summary><ol class="steps">${steps.map((step) => html`<li><b>${inline(step.title)}</b>${bodyOf(step)}</li>`)}</ol></details>`;
}

function bodyOf({ body, commands, expect }: RunbookStep): Html {
  return html`${body.map((text) => html`<div class="para">${prose(text)}</div>`)}${commands.length > 0 && html`<pre class="code">${commands.map((line, index) => html`${index > 0 && "\n"}<span class="cmd">${line}</span>`)}</pre>`}${expect !== undefined && html`<p class="expect"><b>Expect</b> ${inline(expect)}</p>`}`;
}
