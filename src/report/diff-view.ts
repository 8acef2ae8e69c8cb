import { made, type Shown } from "../contract/media.ts";
import type { Plan } from "../contract/plan.ts";
import { joinShown, shown, visible } from "../contract/visible.ts";
import { composeRenames, countLines, renderChange } from "./diff.ts";
import { makePaint, type Paint, sayCount } from "./terminal.ts";

/**
 * The diff of a plan for a person at a terminal. Deleted files are a line each: the components file of one cluster is 8,000
 * lines long, and none of them is news. No character of a file reaches the terminal as a command.
 * @param options.full shows what deleted files held
 */
export function viewDiff(plan: Plan, { colour, full }: { colour: boolean; full: boolean }): Shown {
  const paint = makePaint(colour);
  const lines: Shown[] = [];
  let hidden = 0;
  for (const change of composeRenames(plan)) {
    if (change.after === undefined && change.before && !full) {
      hidden += 1;
      const count = sayCount(countLines(change.before), "line");
      lines.push(
        shown`${paint("red", shown`deleted`)} ${paint("bold", visible(change.path))} ${paint("dim", shown`(${count})`)}`,
      );
    } else {
      lines.push(
        ...renderChange(change)
          .trimEnd()
          .split("\n")
          .map((line) => paintLine(showLine(line), paint)),
      );
    }
  }
  if (hidden > 0) lines.push(paint("dim", visible(`--full shows the lines of ${sayCount(hidden, "deleted file")}.`)));
  return lines.length === 0 ? shown`` : shown`${joinShown(lines, "\n")}\n`;
}

/** Tabs indent; every other control character is shown instead of sent. */
function showLine(line: string): Shown {
  return made(line.split("\t").map(visible).join("\t"));
}

function paintLine(line: Shown, paint: Paint): Shown {
  if (/^(?:diff |index |--- |\+\+\+ |new |deleted |rename |similarity |old )/.test(line)) return paint("bold", line);
  if (line.startsWith("@@")) return paint("dim", line);
  if (line.startsWith("+")) return paint("green", line);
  return line.startsWith("-") ? paint("red", line) : line;
}
