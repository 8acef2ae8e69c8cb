import type { Plan } from "../contract/plan.ts";
import { composeRenames, countLines, renderChange } from "./diff.ts";
import { cleanText, makePaint, type Paint, sayCount } from "./terminal.ts";

/**
 * The diff of a plan for a person at a terminal. Deleted files are a line each: the components file of one cluster is 8,000
 * lines long, and none of them is news. No character of a file reaches the terminal as a command.
 * @param options.full shows what deleted files held
 */
export function viewDiff(plan: Plan, { colour, full }: { colour: boolean; full: boolean }): string {
  const paint = makePaint(colour);
  const lines: string[] = [];
  let hidden = 0;
  for (const change of composeRenames(plan)) {
    if (change.after === undefined && change.before && !full) {
      hidden += 1;
      const count = sayCount(countLines(change.before), "line");
      lines.push(`${paint("red", "deleted")} ${paint("bold", cleanText(change.path))} ${paint("dim", `(${count})`)}`);
    } else {
      lines.push(
        ...renderChange(change)
          .trimEnd()
          .split("\n")
          .map((line) => paintLine(showLine(line), paint)),
      );
    }
  }
  if (hidden > 0) lines.push(paint("dim", `--full shows the lines of ${sayCount(hidden, "deleted file")}.`));
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** Tabs indent; every other control character is shown instead of sent. */
function showLine(line: string): string {
  return line.split("\t").map(cleanText).join("\t");
}

function paintLine(line: string, paint: Paint): string {
  if (/^(?:diff |index |--- |\+\+\+ |new |deleted |rename |similarity |old )/.test(line)) return paint("bold", line);
  if (line.startsWith("@@")) return paint("dim", line);
  if (line.startsWith("+")) return paint("green", line);
  return line.startsWith("-") ? paint("red", line) : line;
}
