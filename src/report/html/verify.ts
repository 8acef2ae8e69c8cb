import type { FileChange } from "../../contract/edit.ts";
import type { HtmlPage } from "../../contract/media.ts";
import type { VerifiedChange } from "../../safety/verify.ts";
import type { NetChange } from "../diff.ts";
import { compareLevels, sayLevels } from "../summary.ts";
import { sayCount } from "../terminal.ts";
import { sayVerify, TITLES, UNCOMMITTED } from "../verify-headline.ts";
import { Budget } from "./budget.ts";
import { filesSection } from "./files.ts";
import { findingsSection } from "./findings.ts";
import { html } from "./html.ts";
import { loadLibraries } from "./libraries.ts";
import { mapsSection } from "./maps.ts";
import { objectsSection } from "./objects.ts";
import { renderPage } from "./page.ts";
import { PAGE_BYTES } from "./plan.ts";
import { verdictsSection } from "./verdicts.ts";

const TONES = { safe: "good", deletes: "good", unproven: "warn", unsafe: "bad" } as const;

/** Renders a judged change as one HTML file: the verdict, findings, what happens to which objects, who owns what, the diff. */
export async function renderVerifyHtml({ report, listChanges, listSecretFiles }: VerifiedChange): Promise<HtmlPage> {
  const libraries = await loadLibraries();
  const budget = new Budget(PAGE_BYTES);
  const { base, head, changed, clusters, verdict } = report;
  const findings = [...report.findings].sort(compareLevels);
  const { section: files, shown } = filesSection(
    { changes: joinMoves(listChanges()), findings, reasons: new Map(), secretFiles: listSecretFiles() },
    budget,
  );
  const revision = ({ revision: name, commit }: typeof base) =>
    html`<code>${name}</code> ${name !== commit && commit.slice(0, 7)}`;
  const { conflicts, method } = report.merge;
  return renderPage({
    title: `verify ${base.revision} → ${head.revision}`,
    headline: { tone: TONES[verdict], title: capitalise(TITLES[verdict]), says: `${capitalise(sayVerify(report))}.` },
    facts: [
      [method === "unmerged" ? "Compared with where it left" : "Merged into", revision(base)],
      ["Change", head.uncommitted ? UNCOMMITTED[head.uncommitted] : revision(head)],
      ["Differs in", sayCount(changed, "file")],
      ...(conflicts.length > 0 ? [["In conflict", sayCount(conflicts.length, "file")] as const] : []),
      ["Findings", sayLevels(findings)],
    ],
    sections: [
      verdictsSection(clusters, budget),
      findingsSection(findings, (index) => shown.has(index), budget),
      objectsSection(clusters, budget),
      mapsSection(clusters, libraries, budget),
      files,
    ],
    source: JSON.stringify(report),
  });
}

/** A file that goes and comes elsewhere with the same text is one that was moved. */
function joinMoves(changes: readonly FileChange[]): NetChange[] {
  const gone = new Map(
    changes.flatMap(({ path, before, after }) => (before && after === undefined ? [[before, path]] : [])),
  );
  const moved = new Set<string>();
  const joined = changes.map((change): NetChange => {
    const { path, before, after = "" } = change;
    const from = before === undefined ? gone.get(after) : undefined;
    if (from === undefined) return change;
    gone.delete(after);
    moved.add(from);
    return { path, before: after, after, movedFrom: from };
  });
  return joined.filter(({ path }) => !moved.has(path));
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
