import { groupBy } from "../contract/group-by.ts";
import type { Shown } from "../contract/media.ts";
import { joinShown, padShown, shown, visible } from "../contract/visible.ts";
import type { Explanation } from "../findings/explain.ts";
import { hangText, openScreen, type TextOptions } from "./terminal.ts";

const LEVELS = {
  blocker: "Stops the phase of the migration, or the merge, until it is settled.",
  caution: "Does not stop anything; read it before you merge.",
  info: "For your knowledge; nothing to do now.",
};

/** One rule, for a person. */
export function renderExplanation(
  { rule, chapter, levels, title, meaning, next }: Explanation,
  options: TextOptions,
): Shown {
  const { paint, width } = openScreen(options);
  const lines = [
    shown`${paint("bold", visible(rule))}  ${paint("dim", visible(chapter))}`,
    shown``,
    ...hangText(shown`  what      `, `${title}.`, width),
    ...hangText(shown`  why       `, meaning, width),
    ...hangText(shown`  next      `, next, width),
    shown``,
    ...levels.flatMap((level) => hangText(shown`  ${padShown(visible(level), 9)} `, LEVELS[level], width)),
  ];
  return shown`${joinShown(lines, "\n")}\n`;
}

/** Every rule with its title, by chapter. */
export function renderRules(rules: readonly Explanation[], options: TextOptions): Shown {
  const { paint, width } = openScreen(options);
  const longest = Math.max(...rules.map(({ rule }) => rule.length));
  const lines = [...groupBy(rules, ({ chapter }) => chapter)].flatMap(([chapter, own], index) => [
    ...(index > 0 ? [shown``] : []),
    paint("bold", visible(chapter)),
    ...own.flatMap(({ rule, title }) => hangText(shown`  ${padShown(visible(rule), longest)}  `, title, width)),
  ]);
  return shown`${joinShown(lines, "\n")}\n`;
}
