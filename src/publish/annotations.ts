import { clip } from "../contract/cut.ts";
import type { Finding, Level } from "../contract/finding.ts";
import { type JobCommand, made } from "../contract/media.ts";
import { visible } from "../contract/visible.ts";
import { compareLevels } from "../report/summary.ts";
import { flatten } from "../report/terminal.ts";
import type { ForgeName } from "./forge-names.ts";

/** The lists show no more than this; a page says the rest. */
const MOST = 50;
const LONGEST = 1000;

const WORDS: Readonly<Record<Level, "error" | "warning" | "notice">> = {
  blocker: "error",
  caution: "warning",
  info: "notice",
};

/**
 * Lines on the log of a job that its forge shows beside the lines of the change; none where the forge has another way or
 * none. Notes are left out: they are no reason to look.
 */
export function annotate(findings: readonly Finding[], forge: ForgeName): JobCommand[] {
  const shown = findings
    .filter(({ level }) => level !== "info")
    .sort(compareLevels)
    .slice(0, MOST);
  if (forge === "github") return shown.map(toWorkflowCommand);
  return forge === "azure" ? shown.map(toLoggingCommand) : [];
}

function toWorkflowCommand({ rule, level, at, ...said }: Finding): JobCommand {
  const place = at ? [`file=${property(visible(at.file))}`, `line=${at.line}`, `col=${at.col}`] : [];
  return made(`::${WORDS[level]} ${[...place, `title=${property(`fluxlift ${rule}`)}`].join(",")}::${data(say(said))}`);
}

function toLoggingCommand({ rule, level, at, ...said }: Finding): JobCommand {
  const place = at ? `sourcepath=${vso(visible(at.file))};linenumber=${at.line};columnnumber=${at.col};` : "";
  const type = level === "blocker" ? "error" : "warning";
  return made(`##vso[task.logissue type=${type};${place}code=${vso(rule)};]${vso(say(said))}`);
}

function say({ what, next }: Pick<Finding, "what" | "next">): string {
  return clip(visible(flatten(`${what} Next: ${next}`)), LONGEST);
}

function data(text: string): string {
  return text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}

function property(text: string): string {
  return data(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
}

function vso(text: string): string {
  const safe: Record<string, string> = { "%": "%AZP25", ";": "%3B", "]": "%5D", "\r": "%0D", "\n": "%0A" };
  return text.replace(/[%;\]\r\n]/g, (char) => safe[char]!);
}
