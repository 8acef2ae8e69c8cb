import type { HtmlPage } from "../../contract/media.ts";
import type { Plan } from "../../contract/plan.ts";
import { isChanged } from "../consequences.ts";
import { composeRenames } from "../diff.ts";
import { renderJson } from "../json.ts";
import { findNextSteps } from "../next-step.ts";
import { collectFindings, listClusters, sayChanges, sayLevels, sayWhich } from "../summary.ts";
import { sayCount } from "../terminal.ts";
import { Budget } from "./budget.ts";
import { clustersSection } from "./clusters.ts";
import { collectReasons, filesSection } from "./files.ts";
import { findingsSection } from "./findings.ts";
import { html } from "./html.ts";
import { loadLibraries } from "./libraries.ts";
import { mapsSection } from "./maps.ts";
import { objectsSection } from "./objects.ts";
import { renderPage } from "./page.ts";
import type { Part } from "./parts.ts";
import { patchesSection } from "./patches.ts";
import { runbookSection } from "./runbook.ts";
import { judgePlan } from "./verdict.ts";

/** Bytes that the sections of a page take together, so that the page stays below 1.5 MB. */
export const PAGE_BYTES = 1_420_000;

/**
 * Renders a plan as one HTML file for a pull request: the verdict, where each cluster stands, findings, what happens to which
 * objects, who owns what before and after, the diff, where patches went, and the runbook to tick off.
 */
export async function renderPlanHtml(plan: Plan): Promise<HtmlPage> {
  const libraries = await loadLibraries();
  const budget = new Budget(PAGE_BYTES);
  const clusters = listClusters(plan);
  const findings = collectFindings(plan);
  const parts = mergesOf(plan);
  const { section: files, shown } = filesSection(
    { changes: composeRenames(plan), findings, reasons: collectReasons(plan), secretFiles: new Set() },
    budget,
  );
  const { files: read, fluxFiles, git } = plan.scanned;
  const runbook = runbookSection(plan, budget);
  const assumed = runbook ? countAssumptions(plan) : 0;
  return renderPage({
    title: `${sayWhich(plan)} for ${sayCount(clusters.length, "cluster")}`,
    headline: judgePlan(plan),
    facts: [
      ["Changes", sayChanges(plan.phases)],
      ["Findings", sayLevels(findings)],
      ["Read", `${sayCount(read, "file")}, ${fluxFiles} mention Flux`],
      ...(assumed > 0 ? [["Rests on", html`<a href="#runbook">${sayCount(assumed, "assumption")}</a>`] as const] : []),
      ...(git?.head
        ? [["Commit", html`<code>${git.head.slice(0, 7)}</code> ${git.branch && `on ${git.branch}`}`] as const]
        : []),
    ],
    next: findNextSteps(plan),
    sections: [
      clustersSection(clusters, budget),
      findingsSection(findings, (index) => shown.has(index), budget),
      objectsSection(parts, budget),
      mapsSection(parts, libraries, budget),
      files,
      patchesSection(plan, budget),
      runbook,
    ],
    source: renderJson(plan),
  });
}

/** What the merge does to each cluster. Several phases in one plan are one merge; the last is judged together with those before it. */
function mergesOf({ phases }: Plan): Part[] {
  const parts = phases
    .flatMap(({ clusters }) => clusters)
    .flatMap(({ cluster, safety }) => (safety ? { cluster, safety } : []));
  return [...new Map(parts.map((part) => [part.cluster, part])).values()];
}

/** What the repository cannot prove, each once. */
function countAssumptions({ phases }: Plan): number {
  const parts = phases.flatMap(({ clusters }) => clusters).filter(isChanged);
  return new Set(parts.flatMap(({ runbook }) => runbook.assumptions)).size;
}
