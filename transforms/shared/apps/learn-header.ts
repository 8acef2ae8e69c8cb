import type { LearnedConvention } from "../../../src/contract/plan.ts";
import { elect, tell } from "./evidence.ts";
import type { Sample } from "./learn-files.ts";

/** Comment lines that begin most files: a licence, or who looks after them. */
export interface Header {
  lines: string[];
  /** Whether they stand above the `---`. */
  isAboveStart: boolean;
  learned: LearnedConvention[];
}

const EMPTY: Header = { lines: [], isAboveStart: false, learned: [] };

/** Learns a header that is the same, word for word, in most files; what differs from file to file is about one app. */
export function learnHeader(samples: readonly Sample[]): Header {
  const best = elect(samples.map(({ file, text }) => ({ value: headerOf(text), file })));
  if (!best || best.value === "" || best.count < 3 || best.count * 2 <= best.of) return EMPTY;
  const [where, ...lines] = best.value.split("\n");
  return { lines, isAboveStart: where === "above", learned: tell("header of a file", best, lines[0]!) };
}

/** `above` or `below` the `---`, then the lines; `''` for none. The schema hint of editors is learnt by kind. */
function headerOf(text: string): string {
  const [, first = "", start = "", second = ""] = /^((?:#.*\n)*)(---[ \t]*\n)?((?:#.*\n)*)/.exec(text) ?? [];
  const isAbove = first !== "" && start !== "";
  const all = (isAbove ? first : first + second).split("\n");
  const lines = all.filter((line) => line !== "" && !line.includes("yaml-language-server"));
  const isSaid = (line: string) => !/^#\s*$/.test(line);
  // An empty comment parts two lines of a header, and nothing else.
  const own = lines.slice(Math.max(0, lines.findIndex(isSaid)), lines.findLastIndex(isSaid) + 1);
  return own.length === 0 ? "" : [isAbove ? "above" : "below", ...own].join("\n");
}
