import type { LearnedConvention } from "../../../src/contract/plan.ts";
import { elect, tell } from "./evidence.ts";
import type { Sample } from "./learn-files.ts";

/** Comment lines that begin most files: a licence, or who looks after them. */
export interface Header {
  lines: string[];
  /** Whether they stand above the `---`. */
  isAboveStart: boolean;
  /** Whether an empty line follows them. */
  isApart: boolean;
  learned: LearnedConvention[];
}

const EMPTY: Header = { lines: [], isAboveStart: false, isApart: false, learned: [] };

/** Learns a header that is the same, word for word, in most files; what differs from file to file is about one app. */
export function learnHeader(samples: readonly Sample[]): Header {
  const headers = samples.map(({ file, text }) => ({ ...headerOf(text), file }));
  const best = elect(headers);
  if (!best || best.value === "" || best.count < 3 || best.count * 2 <= best.of) return EMPTY;
  const [where, ...lines] = best.value.split("\n");
  const own = headers.filter(({ value }) => value === best.value);
  const isApart = own.filter((header) => header.isApart).length * 2 > own.length;
  return { lines, isAboveStart: where === "above", isApart, learned: tell("header of a file", best, lines[0]!) };
}

/** `above` or `below` the `---`, then the lines; `''` for none. The schema hint of editors is learnt by kind. */
function headerOf(text: string): { value: string; isApart: boolean } {
  const [all = "", first = "", gap = "", start = "", second = ""] =
    /^((?:#.*\n)*)(\n*)(?:(---[ \t]*\n)((?:#.*\n)*))?/.exec(text) ?? [];
  const isAbove = first !== "" && start !== "";
  const block = isAbove ? first : first + second;
  const lines = block.split("\n").filter((line) => line !== "" && !line.includes("yaml-language-server"));
  const isSaid = (line: string) => !/^#\s*$/.test(line);
  // An empty comment parts two lines of a header, and nothing else.
  const own = lines.slice(Math.max(0, lines.findIndex(isSaid)), lines.findLastIndex(isSaid) + 1);
  if (own.length === 0) return { value: "", isApart: false };
  const isFollowed = isAbove || second === "" ? gap !== "" : text[all.length] === "\n";
  const isApart = isFollowed && !block.includes("yaml-language-server");
  return { value: [isAbove ? "above" : "below", ...own].join("\n"), isApart };
}
