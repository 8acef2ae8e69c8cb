import { type Json, made, type Shown } from "./media.ts";

/**
 * Characters that a terminal acts on, that do not show, or that turn others around: controls, direction marks, widths and
 * joiners of no width, line separators, variants, tags, halves of a character. What makes a sign an emoji shows.
 */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?![\ufe0e\ufe0f])[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb\u{e0000}-\u{e0fff}\p{Default_Ignorable_Code_Point}\p{Surrogate}]|(?<!\p{Extended_Pictographic})[\ufe0e\ufe0f](?!\u20e3)/u;
const EVERY_HIDDEN = new RegExp(HIDDEN.source, "gu");
/** And a sign of Braille that looks like a blank; blanks of other widths belong to the prose of many languages. */
const HIDDEN_OR_EMPTY = new RegExp(`${HIDDEN.source}|\u2800`, "gu");
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r" };

/** Whether a text holds a character that does not show as itself, a line break among them. */
export function hasHidden(text: string): boolean {
  return HIDDEN.test(text);
}

/** What the log of a CI job acts on anywhere in a line: `##vso[`, `##teamcity[` and `##[`. */
const RUNNER = /##(?=[a-z]*\[)/gi;
/** The same with `::add-mask::`, where a line begins with it. */
const COMMANDS = new RegExp(String.raw`${RUNNER.source}|(?<!\S)::(?=[a-z])`, "gi");

/**
 * A value on one line, with what would not show spelt out as `\u001b`, and what is a command in the log of a CI job broken:
 * text from a repository is only text.
 */
export function visible(text: string): Shown {
  return made(text.replace(HIDDEN_OR_EMPTY, spell).replace(COMMANDS, breakUp));
}

/** As `visible`, of a text of several lines, which stay lines. */
export function visibleLines(text: string): Shown {
  return joinShown(text.split("\n").map(visible), "\n");
}

/**
 * A name in the message of a commit, where forges and runners act on `[skip ci]`, `fixes #1`, `GH-1` and `@team`: letters,
 * digits, blanks and what paths are made of stand as they are.
 */
export function nameInCommit(name: string): Shown {
  const chars = [...name].map((char) =>
    /[\p{L}\p{M}\p{N} _./-]/u.test(char) && !hasHidden(char) ? char : spell(char),
  );
  return made(chars.join("").replace(/(?<=\bg[hl])-(?=\d)/gi, unit(0x2d)));
}

/** Text for people as it is written out, with values that are shown already: `visible` makes them, or this. */
export function shown(text: TemplateStringsArray, ...values: readonly (Shown | number)[]): Shown {
  return made(String.raw({ raw: text }, ...values));
}

export function joinShown(parts: readonly Shown[], between: " " | "  " | ", " | " · " | "\n" | ""): Shown {
  return made(parts.join(between));
}

/** Blanks after a text, up to a width. */
export function padShown(text: Shown, width: number): Shown {
  return made(text.padEnd(width));
}

const breakUp = (command: string) => command[0]! + unit(command.charCodeAt(1));

function spell(char: string): string {
  const code = char.codePointAt(0)!;
  return SHORT[char] ?? (code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`);
}

/** JSON with the same content in which only line breaks and characters that show stand as themselves. */
export function spellHidden(json: string): Json {
  return made(
    json
      .replace(EVERY_HIDDEN, (char) =>
        char === "\n" ? char : [...Array(char.length).keys()].map((at) => unit(char.charCodeAt(at))).join(""),
      )
      .replace(RUNNER, breakUp),
  );
}

const unit = (code: number) => `\\u${code.toString(16).padStart(4, "0")}`;

/**
 * A text for people, as it is shown at last: colours and line breaks stay, every other control and direction mark is spelt
 * out, and no line is a command to the runner of a job (`::set-output`, `##[…]`, `##vso[…]`).
 */
export function forPeople(text: string): Shown {
  return made(
    text
      .replace(KEPT_OR_HIDDEN, (found) => (SEQUENCE.test(found) || KEPT.includes(found) ? found : spell(found)))
      .replace(COMMAND, (command) => command.slice(0, -1) + unit(command.charCodeAt(command.length - 1)))
      .replace(RUNNER, breakUp),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const SEQUENCE = /^[\u001b\r]./;

/** Markdown puts a joiner of no width where an `@` would call somebody. */
const KEPT = "\n\t\u2060";

/** GitHub's runner trims all that is white before it looks; a colour would have to go first, and may. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const COMMAND = /^(?:\u001b\[\d+m|[^\S\n])*::/gm;

/** Colours, and the erasing of a line of progress; a line may end as on Windows. */
const KEPT_OR_HIDDEN = new RegExp(`\u001b\\[\\d{1,2}m|\r\u001b\\[K|(?!\r\n)(?:${HIDDEN.source})`, "gu");
