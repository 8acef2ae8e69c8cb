import { groupBy } from "../contract/group-by.ts";
import type { Explanation } from "../findings/explain.ts";
import { hangText, openScreen, type TextOptions } from "./terminal.ts";

const LEVELS = {
  blocker: "Stops the phase of the migration, or the merge, until it is settled.",
  caution: "Does not stop anything; read it before you merge.",
  info: "For your knowledge; nothing to do now.",
};

/** One rule, for a person. */
export function renderExplanation({ rule, chapter, levels, title, meaning, next }: Explanation, options: TextOptions) {
  const { paint, width } = openScreen(options);
  const lines = [
    `${paint("bold", rule)}  ${paint("dim", chapter)}`,
    "",
    ...hangText("  what      ", `${title}.`, width),
    ...hangText("  why       ", meaning, width),
    ...hangText("  next      ", next, width),
    "",
    ...levels.flatMap((level) => hangText(`  ${level.padEnd(9)} `, LEVELS[level], width)),
  ];
  return `${lines.join("\n")}\n`;
}

/** Every rule with its title, by chapter. */
export function renderRules(rules: readonly Explanation[], options: TextOptions): string {
  const { paint, width } = openScreen(options);
  const longest = Math.max(...rules.map(({ rule }) => rule.length));
  const lines = [...groupBy(rules, ({ chapter }) => chapter)].flatMap(([chapter, own], index) => [
    ...(index > 0 ? [""] : []),
    paint("bold", chapter),
    ...own.flatMap(({ rule, title }) => hangText(`  ${rule.padEnd(longest)}  `, title, width)),
  ]);
  return `${lines.join("\n")}\n`;
}
