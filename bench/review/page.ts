import type { Finding } from "../corpus/gate/plan-json.ts";
import type { Answer } from "./compare.ts";

interface Convention {
  about: string;
  says: string;
  from?: { file: string; line: number };
}

/** One phase as a reviewer reads it. */
export interface PhaseView {
  phase: string;
  diff: string;
  findings: Finding[];
  conventions: { cluster: string; learned: Convention[] }[];
  /** Why there is no plan. */
  error?: string;
}

/** What the page of one tree shows. */
export interface Review {
  state: string;
  phases: PhaseView[];
  /** Absent where the owner's tree is not known. */
  answers?: Answer[];
  /** The owner's files about operator and instance. */
  owner: readonly (readonly [path: string, text: string])[];
}

/** One Markdown page of a tree: conventions, the owner's choices beside ours, then findings and diff of each phase. */
export function renderReview({ state, phases, answers, owner }: Review): string {
  const lines = [`# ${cell(state)}`, ""];
  if (answers) lines.push("## Ours and the owner's", "", ...answerTable(answers), "");
  for (const view of phases) lines.push(...renderPhase(view));
  if (owner.length > 0) lines.push("## What the owner has", "");
  for (const [path, text] of owner) lines.push(`### ${cell(path)}`, "", ...fence("yaml", text), "");
  return `${lines.join("\n").trimEnd()}\n`;
}

function answerTable(answers: readonly Answer[]): string[] {
  const rows = answers.map(({ app, question, ours, owner, apps, agreement }) =>
    row(app, question, list(ours), list(owner), code(apps ?? ""), agreement),
  );
  return [
    row("app", "question", "fluxlift", "owner", "most apps", "agrees with"),
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ];
}

function renderPhase({ phase, diff, findings, conventions, error }: PhaseView): string[] {
  const lines = [`## ${phase}`, ""];
  if (error) return [...lines, ...fence("text", error), ""];
  for (const { cluster, learned } of conventions) {
    lines.push(`Conventions of ${cell(cluster)}:`, "", row("habit", "learnt", "seen in"), "| --- | --- | --- |");
    const place = ({ from }: Convention) => (from ? code(`${from.file}:${from.line}`) : "");
    lines.push(...learned.map((each) => row(each.about, each.says, place(each))), "");
  }
  lines.push(
    ...findings.map(
      (finding) => `- **${finding.level}** ${code(finding.rule)} ${cell(finding.what)} ${place(finding)}`,
    ),
  );
  if (findings.length > 0) lines.push("");
  return [...lines, ...(diff.trim() === "" ? ["Nothing changes."] : fence("diff", diff)), ""];
}

function place({ at }: Finding): string {
  return at ? code(`${at.file}:${at.line}`) : "";
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
}

function list(values: readonly string[]): string {
  return values.map(code).join(", ");
}

/** Text of a tree on one line, without markup of its own. */
function cell(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[<>&*_`[\]\\]/g, (mark) => `&#${mark.codePointAt(0)};`);
}

function code(text: string): string {
  const plain = text.replace(/\s+/g, " ");
  return plain === "" ? "" : plain.includes("`") ? `\`\` ${plain} \`\`` : `\`${plain}\``;
}

/** A fence longer than any in the text. */
function fence(language: string, text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([marks]) => marks.length));
  const marks = "`".repeat(longest + 1);
  return [`${marks}${language}`, text.replace(/\n$/, ""), marks];
}
