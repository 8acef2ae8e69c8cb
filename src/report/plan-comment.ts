import type { Markdown } from "../contract/media.ts";
import type { Plan } from "../contract/plan.ts";
import { composeRenames, renderChange } from "./diff.ts";
import { fitParts, type Part } from "./fit-markdown.ts";
import { planSections } from "./markdown.ts";
import { codeBlock, codeLines, escapeText, joinLines, joinPage, md } from "./markdown-escape.ts";
import { withoutSecrets } from "./secrets.ts";
import { sayCount } from "./terminal.ts";

/** Room for the sentence that says what is left out, in bytes. */
const NOTICE = 500;

/** A plan as a comment of at most so many bytes: summary, findings, changes and runbook of each phase, and the diff, file by file. */
export function renderPlanComment(plan: Plan, most: number): Markdown {
  const { summary, recognised, findings, phases } = planSections(plan);
  const room = most - NOTICE - Buffer.byteLength(summary.join("\n"));
  const whole = (lines: Markdown[], noun: string): Part => ({ open: lines, rows: [], close: [], noun, whole: noun });
  const parts = [
    ...(findings.length > 0 ? [whole(findings, "list of findings")] : []),
    ...(recognised.length > 0 ? [whole(recognised, "list of clusters")] : []),
    ...phases.map((lines) => whole(lines, "phase")),
    ...diffParts(plan),
  ];
  const { lines, left } = fitParts(parts, room);
  const counts = [...left].map(([noun, count]) => sayCount(count, noun, noun.replace(/^\w+/, "$&s")));
  const cut =
    counts.length > 0
      ? [md``, md`**Cut for length:** ${escapeText(counts.join(", "))} left out; the report has all of it.`]
      : [];
  return joinPage([...summary, ...cut, ...lines]);
}

/** A comment is mailed to all who follow the repository, and nobody applies its diff: it shows no value of a Secret. */
function diffParts(plan: Plan): Part[] {
  const files = composeRenames(plan).map((change) => renderChange(withoutSecrets(change)).trimEnd());
  if (files.length === 0) return [];
  const rows = files.map((file) => joinLines(codeLines(file)));
  const [fence, ...rest] = codeBlock(files, "diff");
  const title = escapeText(`Diff of ${sayCount(files.length, "file")}`);
  const open = [md``, md`<details>`, md`<summary>${title}</summary>`, md``, fence!];
  return [{ open, rows, close: [rest.at(-1)!, md``, md`</details>`], noun: "file of the diff" }];
}
