import type { Edit } from "../contract/edit.ts";
import { formatLoc } from "../contract/errors.ts";
import { groupBy } from "../contract/group-by.ts";
import type { Phase } from "../contract/options.ts";
import type { ClusterPlan } from "../contract/plan.ts";
import { sayPhase } from "./summary.ts";
import { cleanText, hangText, type Paint, type Style, sayCount, wrapText } from "./terminal.ts";

const MARKS: Record<Edit["kind"], [mark: string, style: Style]> = {
  create: ["+", "green"],
  replace: ["~", "yellow"],
  delete: ["-", "red"],
  move: [">", "cyan"],
};
const SHOWN = 5;

/** What a phase does to the files of one cluster: a sentence, then the files with the reason for each. */
export function changeLines(
  plan: ClusterPlan,
  phase: Phase,
  paint: Paint,
  width: number,
  verbose: boolean,
  oci = false,
): string[] {
  const blockers = plan.findings.filter((finding) => finding.level === "blocker").length;
  if (plan.edits.length === 0) {
    if (blockers === 0) return [`  ${paint("green", "✔")} ${paint("bold", phase)}  nothing to change`];
    const says = `stopped by ${sayCount(blockers, "blocker")}, no file is touched`;
    return [`  ${paint("red", "✗")} ${paint("bold", phase)}  ${says}`];
  }
  const [first = "", ...rest] = hangText(`  ${" ".repeat(phase.length + 2)}`, sayPhase(phase, oci), width);
  const head = `  ${paint("bold", phase)}  ${first.slice(phase.length + 4)}`;
  const merged = mergeEdits(plan.edits);
  const body = verbose ? merged.flatMap((edit) => fullLines(edit, paint, width)) : groupedLines(merged, paint, width);
  return [head, ...rest, ...body];
}

interface FileEdit {
  kind: Edit["kind"];
  path: string;
  to?: string;
  whys: string[];
  edits: Edit[];
}

/** One entry a file, with the reasons of all its edits; a file that is created and then edited counts as created. */
function mergeEdits(edits: readonly Edit[]): FileEdit[] {
  const files = new Map<string, FileEdit>();
  for (const edit of edits) {
    const path = edit.kind === "move" ? edit.to : edit.path;
    const known = files.get(edit.path) ?? files.get(path);
    if (known) {
      known.edits.push(edit);
      if (edit.kind === "delete") known.kind = "delete";
      if (!known.whys.includes(edit.why)) known.whys.push(edit.why);
      continue;
    }
    const file: FileEdit = { kind: edit.kind, path: edit.path, whys: [edit.why], edits: [edit] };
    files.set(edit.path, edit.kind === "move" ? { ...file, to: edit.to } : file);
  }
  const order: Edit["kind"][] = ["create", "move", "replace", "delete"];
  return [...files.values()].sort(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  );
}

function fullLines(file: FileEdit, paint: Paint, width: number): string[] {
  return [
    `    ${titleOf(file, paint)}`,
    ...file.edits.flatMap((edit) => [
      ...hangText("      ", edit.why, width, (line) => paint("dim", line)),
      ...edit.evidence.map((loc) => paint("dim", `        from ${cleanText(formatLoc(loc))}  (${edit.transform})`)),
    ]),
  ];
}

function titleOf(file: FileEdit, paint: Paint): string {
  const [mark, style] = MARKS[file.kind];
  const moved = file.to === undefined ? "" : ` → ${cleanText(file.to)}`;
  return `${paint(style, mark)} ${cleanText(file.path)}${moved}`;
}

/** Created files by app folder, other files by reason. */
function groupedLines(files: FileEdit[], paint: Paint, width: number): string[] {
  const lines: string[] = [];
  const groups = groupBy(files, (file) =>
    file.kind === "create" ? `+${appFolder(file.path)}` : file.kind + file.whys,
  );
  for (const group of groups.values()) {
    const [first] = group;
    if (first!.kind === "create" && group.length > 1) {
      const folder = appFolder(first!.path);
      const names = group.map((file) => file.path.slice(folder.length + 1));
      const lead = [...group].sort((a, b) => depthOf(a.path) - depthOf(b.path))[0]!;
      lines.push(`    ${paint("green", "+")} ${cleanText(folder)}/`);
      lines.push(
        ...wrapText(names.map((name) => name.replaceAll(" ", "\u00a0")).join("  "), width - 6).map(
          (line) => `      ${line}`,
        ),
      );
      lines.push(...hangText("      ", lead.whys[0]!, width, (line) => paint("dim", line)));
      continue;
    }
    const shown = group.length > SHOWN + 1 ? group.slice(0, SHOWN) : group;
    lines.push(...shown.map((file) => `    ${titleOf(file, paint)}`));
    const hidden = group.length - shown.length;
    if (hidden > 0) lines.push(paint("dim", `      and ${hidden} more for the same reason; --verbose lists them`));
    lines.push(...hangText("      ", first!.whys.join(" "), width, (line) => paint("dim", line)));
  }
  return lines;
}

/** `apps/x/flux-operator/app/ks.yaml` and `apps/x/flux-operator/ks.yaml` belong to `apps/x/flux-operator`. */
function appFolder(path: string): string {
  const parts = path.split("/").slice(0, -1);
  if (parts.length > 1 && parts.at(-1) === "app") parts.pop();
  return parts.join("/");
}

function depthOf(path: string): number {
  return path.split("/").length;
}
