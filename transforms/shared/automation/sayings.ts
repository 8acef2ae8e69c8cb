import { depthOf } from "./lines.ts";
import { isComment, withoutComment } from "./words.ts";

/** Commands and functions of scripts that only tell a person something. */
const SAYER =
  /^(?:echo|printf?|die|fail|fatal|abort|usage|info|warn|warning|error|err|debug|success|note|notice|msg|say|desc|read(?=\s+-\w*p)|log[\w:.-]*|(?:print|echo|say|msg)[_-][\w-]+|[\w-]+[_-](?:echo|info|warn|error|debug|log|msg|say))(?=\s|$)/;

/** The same in programs, `print("…")` and `throw new Error("…")`: a call of literals alone, for any other may run one, also from within a literal. */
const CALL =
  /^(?:return\s+|raise\s+|throw\s+new\s+)?(?:(?:print|puts|log|info|warn|warning|error|debug|success|die|fail|fatal|panic)|(?:console|log|logger|logging|slog)\.\w+|t\.(?:Log|Error|Fatal|Skip)f?|fmt\.(?:Print|Fprint|Error)\w*|errors\.New|sys\.exit|(?:\w+\.)?\w*(?:Error|Exception|Exit))\((?=\s*[bfru]{0,2}["'`])(.*)$/;

function isCall(text: string): boolean {
  const said = CALL.exec(text)?.[1];
  return (
    said !== undefined && !/\{[^}]*\(/.test(said) && !said.replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, "").includes("(")
  );
}

/** What may stand in front of a command on its line: `- run: `, `@` of make and just, `then`, `>&2`, a step's `if`. */
const LEAD =
  /^(?:\s+|[-@!({]+|\d?>&\d|(?:then|else|do|if|elif|while|sudo)(?=\s)|(?:run|cmd|cmds|command|script|shell|sh):(?=\s))/;

/** Keys whose value is text for a person, in workflows, Taskfiles, playbooks, mise and Terraform, and attributes of just. */
const TEXT =
  /^\s*(?:-\s+)?["']?(?:name|title|label|summary|desc|description|prompt|confirm|msg|message|help)["']?\s*[:=](?=\s)|^\s*\[(?:confirm|doc|group)\b/;

/** Whether the line is text for a person, whatever it names. */
export function isText(line: string): boolean {
  return TEXT.test(line);
}

const BLOCK = /[:=]\s+[|>][-+\d]{0,2}\s*(?:#.*)?$/;

/** A file in which the lines of a text for a person are blank, a block of YAML such as the `summary: |` of a Taskfile. */
export function withoutTexts(text: string): string {
  if (!/[|>][-+\d]{0,2}\s*(?:#.*)?$/m.test(text)) return text;
  let column = -1;
  const lines = text.split("\n").map((line) => {
    const isInside = column >= 0 && (line.trim() === "" || depthOf(line) > column);
    if (isInside) return "";
    column = BLOCK.test(line) && isText(line) ? line.search(/[^\s-]/) : -1;
    return line;
  });
  return lines.join("\n");
}

/** What a line has run: nothing of comments, of text for a person, and of what only tells it. */
export function runsOf(line: string): string {
  return isComment(line) || isText(line) ? "" : withoutSayings(withoutComment(line));
}

/** A line without the commands of it that only tell something; what one pipes on stays, since it may be run. */
export function withoutSayings(line: string): string {
  const parts = splitAtOperators(line);
  return parts
    .map(({ text, operator }) => (operator !== "|" && isSaying(withoutLead(text)) ? operator : text + operator))
    .join("");
}

const LITERAL = String.raw`(["'\`])(?:(?!\1).)*\1`;

/** What looks for a text in another: `grep -q "…"`, `[[ $out == *"…"* ]]`, `assert.Contains(t, out, "…")`, `"…" in out`. */
const LOOKED_FOR = [
  String.raw`\b(?:[ef]?grep|rg)\s+(?:-{1,2}[\w=-]+\s+)*${LITERAL}`,
  String.raw`\[\[\s(?:(?!\$\(|\]\])[^\`])*\]\]`,
  String.raw`\b(?:assert|refute)_(?:output|line|contains?|regexp?)\s(?:(?!\$\()[^|;&])*`,
  String.raw`(?:contains?|includes?|(?:starts|ends)_?with|has(?:prefix|suffix)|indexof|\bassert(?:not)?in|\bto(?:contain|match|equal|be)\w*)\(\s*(?:[\w.]+,\s*)*${LITERAL}`,
  String.raw`${LITERAL}\s+(?:not\s+)?in\s+\w`,
].map((pattern) => new RegExp(pattern, "gi"));

/** A line without the texts that it only looks for in others. */
export function withoutLookedFor(line: string): string {
  return LOOKED_FOR.reduce((rest, pattern) => rest.replaceAll(pattern, ""), line);
}

/** What takes a part out of a text, or changes it: `sed -n 's|…|\\1|p' file`, `awk '/…/' file`. */
const TAKEN = new RegExp(String.raw`\b(?:g?sed|[gmn]?awk)\s+(?:-{1,2}[\w=-]+\s+)*${LITERAL}`, "g");

/** A line without the texts that programs for text work with. */
export function withoutTaken(line: string): string {
  return line.replaceAll(TAKEN, "");
}

function isSaying(text: string): boolean {
  return SAYER.test(text) || isCall(text);
}

function withoutLead(text: string): string {
  let rest = text;
  for (let found = LEAD.exec(rest); found; found = LEAD.exec(rest)) rest = rest.slice(found[0].length);
  return rest;
}

/** The commands of a line and the operators behind them; one inside quotes ends none. */
function splitAtOperators(line: string): { text: string; operator: string }[] {
  const parts: { text: string; operator: string }[] = [];
  let quote = "";
  let start = 0;
  for (let index = 0; index < line.length; index++) {
    const char = line[index]!;
    if (char === "\\" && quote !== "'") index++;
    else if (quote !== "") quote = char === quote ? "" : quote;
    else if (char === '"' || char === "'") quote = char;
    else {
      const [operator] = /^(?:&&|\|\|?|;)/.exec(line.slice(index, index + 2)) ?? [];
      if (operator === undefined) continue;
      parts.push({ text: line.slice(start, index), operator });
      index += operator.length - 1;
      start = index + 1;
    }
  }
  return [...parts, { text: line.slice(start), operator: "" }];
}
