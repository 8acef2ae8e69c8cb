import { cutEnd } from "../contract/cut.ts";
import { compileSegment, matchTokens } from "./glob.ts";

/** A line of a file in the format of `.gitignore`. */
export interface IgnoreLine {
  /** Whether it takes back what a line before it leaves out. */
  isKept: boolean;
  pattern: string;
}

/** The lines of such a file that say something. */
export function readIgnoreLines(lines: readonly string[]): IgnoreLine[] {
  return lines.flatMap((line) => {
    const text = cutBlanks(line.replace(/\r$/, ""));
    if (text.trim() === "" || text.startsWith("#")) return [];
    const isKept = text.startsWith("!");
    return [{ isKept, pattern: isKept ? text.slice(1) : text }];
  });
}

/** Blanks at the end are none of the pattern, but for one behind a backslash. */
function cutBlanks(line: string): string {
  const text = cutEnd(line, " ");
  return text.endsWith("\\") ? line.slice(0, text.length + 1) : text;
}

/** What a `.gitignore` says of a file or folder below its own folder; undefined where it says nothing. */
export type Gitignore = (names: readonly string[], isFolder: boolean) => "ignored" | "kept" | undefined;

/**
 * Reads a `.gitignore` as git does, for one who walks from the top and enters no folder that is ignored. Takes time that grows
 * with the file times the path, whatever they hold.
 */
export function readGitignore(text: string): Gitignore {
  const rules = readIgnoreLines(text.replace(/^\ufeff/, "").split("\n"))
    .map(({ isKept, pattern }) => ({ says: isKept ? ("kept" as const) : ("ignored" as const), fits: compile(pattern) }))
    .reverse();
  return (names, isFolder) => rules.find(({ fits }) => fits(names, isFolder))?.says;
}

function compile(pattern: string): (names: readonly string[], isFolder: boolean) => boolean {
  const raw = pattern.replace(/\/$/, "");
  // A backslash at the end escapes nothing and fits nothing; one before a slash at the start fits no path.
  if (!/^(?!\\\/)(?:[^\\]|\\.)*$/s.test(raw)) return () => false;
  // Go, whose patterns the others are, knows `[^a]` alone. A slash may be escaped, and is one all the same.
  const body = raw.replace(/(\\.)|\[!/gs, (_, escaped?: string) => (escaped === "\\/" ? "/" : (escaped ?? "[^")));
  const names = body.replace(/^\//, "").split("/");
  // `a//b` is no path.
  if (names.includes("")) return () => false;
  const fits = body.includes("/") ? compileFolders(names) : compileName(body);
  return !pattern.endsWith("/") ? fits : (path, isFolder) => isFolder && fits(path);
}

/** A pattern without a slash fits the name of whatever lies below. */
function compileName(name: string): (names: readonly string[]) => boolean {
  const fits = compileSegment(name);
  return (names) => fits(names.at(-1)!);
}

/** `**` stands for any folders; at the end for everything in the folder, and not for itself. */
function compileFolders(names: readonly string[]): (names: readonly string[]) => boolean {
  const tokens = names.flatMap((name, index): ("*" | ((name: string) => boolean))[] => {
    if (!/^\*\*+$/.test(name)) return [compileSegment(name)];
    return index < names.length - 1 ? ["*"] : [() => true, "*"];
  });
  return (path) => matchTokens(tokens, path) !== undefined;
}
