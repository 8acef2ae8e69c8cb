import { isArchived, isDocs, listAutomation } from "../../../src/cluster/automation-files.ts";
import { isCommentLine, readableText } from "../../../src/cluster/readable-text.ts";
import { compareText } from "../../../src/contract/compare-text.ts";
import { cutEnd } from "../../../src/contract/cut.ts";
import { type Loc, lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { dirname, isWithin, relative } from "../../../src/delivery/paths.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import { applyEdits } from "../../../src/files/overlay.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { TransformContext, TransformResult } from "../../contract.ts";
import { type Line, readLines } from "./applies.ts";
import { drawnAs } from "./drawings.ts";
import { makeOldLines, matchOldLines } from "./line-numbers.ts";
import { reportLongLines } from "./long-lines.ts";
import { cleanupNeedles, commandNeedles, type Needle, pathNeedles } from "./needles.ts";
import { planRenames, rangeEdits } from "./object-names.ts";
import { openPage, type Page } from "./page.ts";
import { planRemoval } from "./removed.ts";
import { isReporter, ofNobody, ofReporter } from "./reporter.ts";

/** What was looked for, by the number of the line that names it. */
type Lines = Map<number, string>;

/**
 * Documentation that names what goes or gets another name. A sentence that stays true with a new name gets it; the rest is
 * the owner's to write, and listed once, with every line.
 */
export function planDocs(context: TransformContext): TransformResult {
  const { cluster, phase, tree } = context;
  // The file of flux bootstrap is named by so much that everything is looked for at once; other installs are one file.
  const namesOnlyCutover = phase === "cutover" && cluster.install?.style !== "gotk";
  const removed = namesOnlyCutover ? pathNeedles(context, "cutover") : cleanupNeedles(context);
  const needles = phase === "cutover" ? [...removed, ...commandNeedles(context)] : removed;
  const pages = tree.paths
    .filter(isGuide)
    .map((path) => ({ path, kind: "docs" as const, text: readableText(tree, path) ?? "" }));
  const renames = planRenames(context, pages);
  const edits = rangeEdits(renames.edits, "It calls an object by a name that it has no longer.", context);
  const going = goingPaths(context);
  const { builds } = planRemoval(context);
  const drawn = pages.flatMap(({ path, text }) => drawnAs(text, going).map((each) => ({ path, ...each })));
  const alone = leftToPages(context);
  const near = pages.flatMap(({ path, text }) => [
    ...alone.filter((dir) => isWithin(path, dir)).map((dir) => ({ path, line: 1, text: dir })),
    ...namedFromOwnFolder(path, text, going, builds),
    ...namedAtTop(path, text, going),
  ]);
  const found = withLines(findLines(applyEdits(tree, edits).tree, needles, isGuide), [
    ...renames.left,
    ...drawn,
    ...near,
  ]);
  const paths = pages.map(({ path }) => path);
  const unread = isReporter(context) ? ofNobody(context, reportLongLines(tree, paths, "info")) : [];
  const [first] = found;
  if (!first) return { edits, findings: unread };
  const facts = { mentions: found.flatMap(([path, lines]) => listLines(path, lines)) };
  const listed: DraftFinding = { rule: "docs-name-removed", level: "info", at: firstOf(...first), facts };
  return { edits, findings: [...ofReporter(context, [listed]), ...unread] };
}

/** Folders and files that the phase takes away, as a drawing names them. */
function goingPaths(context: TransformContext): string[] {
  const { folders, files } = planRemoval(context);
  return [...folders, ...files, ...leftToPages(context)];
}

/** Folders of which the phase leaves nothing but pages: what those describe is gone. */
function leftToPages(context: TransformContext): string[] {
  const { files } = planRemoval(context);
  const gone = new Set(files);
  return [...new Set(files.map(dirname))].filter((dir) => {
    const rest = context.tree.paths.filter((path) => isWithin(path, dir) && !gone.has(path));
    return dir !== "" && rest.length > 0 && rest.every(isDocs);
  });
}

/** Command lines that name a file of the top that goes: `kubectl apply -f cluster.yaml`. In prose such a name means anything. */
function namedAtTop(path: string, text: string, going: readonly string[]) {
  const names = going.filter((one) => !one.includes("/"));
  if (names.length === 0) return [];
  const pattern = new RegExp(`(?<![\\w./-])(?:${names.map(escapeRegExp).join("|")})(?![\\w/-]|\\.\\w)`);
  return text.split("\n").flatMap((line, index) => {
    const named = APPLIES.test(line) ? pattern.exec(line)?.[0] : undefined;
    return named === undefined ? [] : [{ path, line: index + 1, text: named }];
  });
}

/** Lines of a page that name what goes from the page's own folder: `./bootstrap` in `kubernetes/main/README.md`. */
function namedFromOwnFolder(path: string, text: string, going: readonly string[], builds: readonly string[]) {
  const dir = dirname(path);
  const below = (paths: readonly string[]) =>
    paths.filter((one) => one !== dir && isWithin(one, dir)).map((one) => escapeRegExp(relative(dir, one)));
  const named = below(going);
  // Of a folder that holds more, only what builds it is in vain.
  const built = [...named, ...below(builds)];
  if (built.length === 0) return [];
  const dotted = named.length > 0 ? new RegExp(`(?<![\\w./-])\\./(?:${named.join("|")})(?![\\w-]|\\.\\w)`) : undefined;
  // Without a dot before it such a name is a word like any other, but for where a command wants a path.
  const argument = new RegExp(`${WANTS_PATH}["']?((?:\\./)?(?:${built.join("|")}))/?(?![\\w./-])`);
  return text.split("\n").flatMap((line, index) => {
    const found = dotted?.exec(line)?.[0] ?? (APPLIES.test(line) ? argument.exec(line)?.[1] : undefined);
    return found === undefined ? [] : [{ path, line: index + 1, text: found }];
  });
}

const WANTS_PATH = "(?:\\s(?:-[fk]|--kustomize|--filename)|\\bkustomize\\s+build)[=\\s]\\s*";
const APPLIES = /\b(?:kubectl|kustomize|oc)\s/;

/** Pages that people, or their coding assistants, follow today: change logs tell of the past. */
function isGuide(path: string): boolean {
  if (!isDocs(path) || isArchived(path)) return false;
  return !/(^|\/)(change-?log|changes|history|releases?|release-notes)\b[^/]*$/i.test(path);
}

/** Automation that still names a file which goes at cutover, after `done` was applied; what goes at cleanup is edited there. */
export function planCutoverMentions(context: TransformContext, done: TransformResult): DraftFinding[] {
  return reportAutomation(context, done, pathNeedles(context, "cutover", "automation"));
}

/**
 * Lines of automation that still name what goes at cleanup after `done` was applied, and that no finding points at, such
 * as `kubernetes/{{.cluster}}/flux/config`, which may or may not mean the folder that goes.
 * @param left lines that a cluster planned later settles
 */
export function planResidue(context: TransformContext, done: TransformResult, left: readonly Loc[]): DraftFinding[] {
  return reportAutomation(context, done, pathNeedles(context, "cleanup", "automation"), left);
}

/** Lines of one command; of a longer one the rest is named once more. */
const MAX_CONTINUED = 100;

function reportAutomation(
  context: TransformContext,
  { edits, findings: said }: TransformResult,
  needles: readonly Needle[],
  left: readonly Loc[] = [],
): DraftFinding[] {
  const { tree } = applyEdits(context.tree, edits);
  const oldLine = makeOldLines(context.tree, edits);
  const automation = listAutomation(context.tree);
  // What a linter or Renovate reads or leaves out, it does as long as the folder is there.
  const rules = new Set(
    automation.filter(({ kind }) => kind === "lint" || kind === "renovate").map(({ path }) => path),
  );
  const programs = new Set(automation.map(({ path }) => path).filter((path) => !rules.has(path)));
  const settled = left.map(({ file, line }) => `${file}:${line}`);
  const places = said.flatMap((finding) => [
    ...(finding.at ? [`${finding.at.file}:${finding.at.line}`] : []),
    ...(finding.rule === "automation-names-removed" && "facts" in finding
      ? finding.facts.mentions.map((mention) => mention.slice(0, mention.lastIndexOf(" (")))
      : []),
  ]);
  const known = new Set([...settled, ...places]);
  // A command that goes on behind a backslash is said by its first line.
  const isSaid = (path: string, line: number, lines: readonly string[], told: (line: number) => number) => {
    let first = line;
    const isOwn = () => known.has(`${path}:${first}`) || known.has(`${path}:${told(first)}`);
    while (!isOwn() && line - first < MAX_CONTINUED && lines[first - 2]?.trimEnd().endsWith("\\")) first--;
    return isOwn();
  };
  // A comment runs nothing, and a URL names somebody else's path.
  const strict = needles.map(({ test, ...needle }) => ({
    ...needle,
    test: (line: string, page: Page) => !isCommentLine(line) && test(line.replaceAll(/\S+:\/\/\S+/g, ""), page),
  }));
  const unbuilt = new Set(needles.flatMap((needle) => needle.unbuilt ?? []));
  const gone = strict.filter(({ unbuilt }) => unbuilt === undefined);
  return [
    ...findLines(tree, strict, (path) => programs.has(path)),
    ...findLines(tree, gone, (path) => rules.has(path)),
  ].flatMap(([path, all]): DraftFinding[] => {
    const text = (context.tree.read(path) ?? "").split("\n");
    const file = programs.has(path) ? automation.find((one) => one.path === path) : undefined;
    const entering = file ? linesInto(readLines(context.tree, file, automation), unbuilt) : NONE;
    const named = [...all].map(([line, needle]) => [oldLine(path, line), needle] as const);
    const told = matchOldLines(context.before.read(path), text.join("\n"));
    const rest = named.filter(([line]) => !entering.has(line) && !isSaid(path, line, text, told));
    const lines = new Map(rest.map(([line, needle]) => [told(line), needle]));
    if (lines.size === 0) return [];
    const isRule = rules.has(path);
    const facts = { phase: context.phase, mentions: listLines(path, lines), isRule };
    const level = isRule ? "info" : "caution";
    return [{ rule: "automation-names-removed", level, at: firstOf(path, lines), facts }];
  });
}

/** Lines that only change into one of the folders, which go on working there: what a command does in it is its own line. */
function linesInto(lines: readonly Line[], folders: ReadonlySet<string>): ReadonlySet<number> {
  // `kustomize build | kubectl apply -f -` names no folder of its own.
  if (lines.some(({ text }) => /\bkustomize(?:\s+build)?\s*(?:[|>]|$)/.test(text))) return NONE;
  const entering = lines.filter(({ onlyEnters, bases }) => onlyEnters && bases.some((base) => folders.has(base)));
  return new Set(entering.map(({ number }) => number));
}

const NONE: ReadonlySet<number> = new Set();

function findLines(
  tree: Tree,
  needles: readonly Needle[],
  accepts: (path: string) => boolean,
): [path: string, lines: Lines][] {
  const found = new Map<string, Lines>();
  for (const { text, test } of needles) {
    for (const path of tree.grep(text).filter(accepts)) {
      const lines: Lines = found.get(path) ?? new Map();
      const page = openPage(readableText(tree, path) ?? "");
      for (const [index, line] of page.lines.entries()) {
        if (!lines.has(index + 1) && test(line, page)) lines.set(index + 1, pathAround(line, text));
      }
      if (lines.size > 0) found.set(path, lines);
    }
  }
  return [...found].sort(([a], [b]) => compareText(a, b));
}

/** Of a path that was looked for by its end, the whole as the line has it. */
function pathAround(line: string, text: string): string {
  const at = line.indexOf(text);
  if (at < 0 || /\s/.test(text)) return text;
  const isPart = (char: string | undefined) => char !== undefined && /[\w./${}-]/.test(char);
  let [start, end] = [at, at + text.length];
  while (isPart(line[start - 1]) && at - start < LONGEST_PATH) start--;
  while (isPart(line[end]) && end - at < LONGEST_PATH) end++;
  return cutEnd(line.slice(start, end), ".-");
}

const LONGEST_PATH = 200;

/** The lines of each page with those that were left as they are. */
function withLines(
  found: readonly [path: string, lines: Lines][],
  left: readonly { path: string; line: number; text: string }[],
): [path: string, lines: Lines][] {
  const all = new Map(found);
  for (const { path, line, text } of left) {
    const lines = all.get(path) ?? new Map();
    if (!lines.has(line)) all.set(path, lines.set(line, text));
  }
  return [...all].sort(([a], [b]) => compareText(a, b));
}

function firstOf(path: string, lines: Lines) {
  return lineOf(path, [...lines.keys()].sort((a, b) => a - b)[0]);
}

function listLines(path: string, lines: Lines): string[] {
  return [...lines].sort(([a], [b]) => a - b).map(([line, text]) => `${path}:${line} (${text})`);
}
