import { compareText } from "../contract/compare-text.ts";
import type { Edit } from "../contract/edit.ts";
import { formatLoc } from "../contract/errors.ts";
import { groupBy } from "../contract/group-by.ts";
import type { Shown } from "../contract/media.ts";
import type { Phase } from "../contract/options.ts";
import type { ClusterPlan } from "../contract/plan.ts";
import { shown, visible } from "../contract/visible.ts";
import { CHANGED_BY_OTHERS, isChangedByOthers, waitingFor } from "./consequences.ts";
import { type Asked, sayPhase } from "./summary.ts";
import {
  blanks,
  hangDim,
  hangText,
  leavesOut,
  type Paint,
  type Screen,
  type Style,
  sayCount,
  shorten,
  wrapWords,
} from "./terminal.ts";

const MARKS: Record<Edit["kind"], [mark: Shown, style: Style]> = {
  create: [shown`+`, "green"],
  replace: [shown`~`, "yellow"],
  delete: [shown`-`, "red"],
  move: [shown`>`, "cyan"],
};
const SHOWN = 5;

/** What a phase does to the files of one cluster: a sentence, then the files with the reason for each. */
export function changeLines(plan: ClusterPlan, phase: Phase, screen: Screen, options: Asked = {}): Shown[] {
  const { paint, width, verbose } = screen;
  const blockers = plan.findings.filter((finding) => finding.level === "blocker").length;
  if (plan.edits.length === 0) {
    const waiting = waitingFor(plan.findings);
    if (waiting)
      return hangText(shown`  ${paint("red", shown`✗`)} ${paint("bold", visible(phase))}  `, waiting.what, width);
    if (isChangedByOthers(plan)) return hangText(shown`  ${paint("bold", visible(phase))}  `, CHANGED_BY_OTHERS, width);
    if (blockers === 0)
      return [shown`  ${paint("green", shown`✔`)} ${paint("bold", visible(phase))}  nothing to change`];
    const says = visible(`stopped by ${sayCount(blockers, "blocker")}, no file is touched`);
    return [shown`  ${paint("red", shown`✗`)} ${paint("bold", visible(phase))}  ${says}`];
  }
  const merged = mergeEdits(plan.edits);
  const isCounted = leavesOut(screen, 4);
  const says = isCounted ? sayFiles(merged) : sayPhase(phase, options);
  const [first = "", ...rest] = hangText(blanks(phase.length + 4), says, width);
  const head = shown`  ${paint("bold", visible(phase))}  ${visible(first.slice(phase.length + 4))}`;
  if (isCounted) return [head, ...rest];
  const body = verbose ? merged.flatMap((edit) => fullLines(edit, screen)) : groupedLines(merged, screen);
  return [head, ...rest, ...body];
}

/** `8 files created, 1 edited`. */
function sayFiles(files: readonly FileEdit[]): string {
  const verbs = { create: "created", move: "moved", replace: "edited", delete: "deleted" } as const;
  const counts = Object.entries(verbs).map(([kind, verb]) => ({
    verb,
    count: files.filter((file) => file.kind === kind).length,
  }));
  const some = counts.filter(({ count }) => count > 0);
  return some.map(({ verb, count }, index) => `${index === 0 ? sayCount(count, "file") : count} ${verb}`).join(", ");
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
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || compareText(a.path, b.path),
  );
}

function fullLines(file: FileEdit, screen: Screen): Shown[] {
  const { paint } = screen;
  return [
    shown`    ${titleOf(file, paint)}`,
    ...file.edits.flatMap((edit) => [
      ...hangDim(shown`      `, edit.why, screen),
      ...edit.evidence.map((loc) =>
        paint("dim", shown`        from ${visible(formatLoc(loc))}  (${visible(edit.transform)})`),
      ),
    ]),
  ];
}

function titleOf(file: FileEdit, paint: Paint): Shown {
  const [mark, style] = MARKS[file.kind];
  const moved = file.to === undefined ? shown`` : shown` → ${visible(file.to)}`;
  return shown`${paint(style, mark)} ${visible(file.path)}${moved}`;
}

/** Created files by app folder, other files by reason. */
function groupedLines(files: FileEdit[], screen: Screen): Shown[] {
  const { paint } = screen;
  const groups = groupBy(files, (file) =>
    file.kind === "create" ? `+${appFolder(file.path)}` : file.kind + file.whys,
  );
  return [...groups.values()].flatMap((group) => {
    if (group[0]!.kind === "create" && group.length > 1) return folderLines(group, screen);
    const [some, hidden] = shorten(group, SHOWN);
    return [
      ...some.map((file) => shown`    ${titleOf(file, paint)}`),
      ...(hidden > 0 ? [paint("dim", sayHidden(hidden, screen))] : []),
      ...whyLines(group[0]!.whys.join(" "), screen),
    ];
  });
}

function sayHidden(count: number, screen: Screen): Shown {
  const why = leavesOut(screen, 2) ? "" : " for the same reason";
  return shown`      and ${count} more${visible(why)}; --verbose lists them`;
}

/** The files of a new app, with the reason of the one that lies highest. */
function folderLines(files: FileEdit[], screen: Screen): Shown[] {
  const folder = appFolder(files[0]!.path);
  // At the top of the repository there is no folder, nor a slash behind it.
  const start = folder === "" ? "" : `${folder}/`;
  const names = files.map((file) => visible(file.path.slice(start.length)));
  // Two blanks stand between them.
  const words = names.flatMap((name, index) => (index === 0 ? [name] : [shown``, name]));
  const [lead] = [...files].sort((a, b) => depthOf(a.path) - depthOf(b.path));
  return [
    shown`    ${screen.paint("green", shown`+`)} ${visible(start || "./")}`,
    ...wrapWords(words, screen.width - 6).map((line) => shown`      ${visible(line.trimEnd())}`),
    ...whyLines(lead!.whys[0]!, screen),
  ];
}

function whyLines(why: string, screen: Screen): Shown[] {
  return leavesOut(screen, 2) ? [] : hangDim(shown`      `, why, screen);
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
