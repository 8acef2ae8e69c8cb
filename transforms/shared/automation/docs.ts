import { isArchived, isDocs, listAutomation } from "../../../src/cluster/automation-files.ts";
import { COMMUNITY } from "../../../src/cluster/chart-elsewhere.ts";
import { readableText } from "../../../src/cluster/readable-text.ts";
import { compareText } from "../../../src/contract/compare-text.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { dirname, isWithin, makeWithin, relative } from "../../../src/delivery/paths.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import { applyEdits } from "../../../src/files/overlay.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { TransformContext, TransformResult } from "../../contract.ts";
import { oldInstall, sourceNamesOf } from "../references/renames.ts";
import { type Line, readLines } from "./applies.ts";
import { drawnAs } from "./drawings.ts";
import { makeOldLines } from "./line-numbers.ts";
import { reportLongLines } from "./long-lines.ts";
import { planRenames, rangeEdits } from "./object-names.ts";
import { onlyLeadsOn, openPage, type Page } from "./page.ts";
import { planRemoval } from "./removed.ts";
import { isOfOthers, listTargets } from "./targets.ts";
import { FLAGS } from "./words.ts";

interface Needle {
  text: string;
  /** @param page the whole file that the line is of */
  test(line: string, page: Page): boolean;
  /** The folder that it names, where that stays and nothing of it is built any more. */
  unbuilt?: string;
}

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
  const drawn = pages.flatMap(({ path, text }) => drawnAs(text, going).map((each) => ({ path, ...each })));
  const alone = leftToPages(context);
  const near = pages.flatMap(({ path, text }) => [
    ...alone.filter((dir) => isWithin(path, dir)).map((dir) => ({ path, line: 1, text: dir })),
    ...namedFromOwnFolder(path, text, going),
    ...namedAtTop(path, text, going),
  ]);
  const found = withLines(findLines(applyEdits(tree, edits).tree, needles, isGuide), [
    ...renames.left,
    ...drawn,
    ...near,
  ]);
  const unread = isReporter(context)
    ? reportLongLines(
        tree,
        pages.map(({ path }) => path),
        "info",
      )
    : [];
  const [first] = found;
  if (!first) return { edits, findings: unread };
  const facts = { mentions: found.flatMap(([path, lines]) => listLines(path, lines)) };
  const listed: DraftFinding = { rule: "docs-name-removed", level: "info", at: firstOf(...first), facts };
  return { edits, findings: [listed, ...unread] };
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
    const named = /\b(?:kubectl|kustomize|oc)\s/.test(line) ? pattern.exec(line)?.[0] : undefined;
    return named === undefined ? [] : [{ path, line: index + 1, text: named }];
  });
}

/** Lines of a page that name what goes from the page's own folder: `./bootstrap` in `kubernetes/main/README.md`. */
function namedFromOwnFolder(path: string, text: string, going: readonly string[]) {
  const dir = dirname(path);
  const below = going.filter((one) => one !== dir && isWithin(one, dir)).map((one) => relative(dir, one));
  if (below.length === 0) return [];
  const pattern = new RegExp(`(?<![\\w./-])\\./(?:${below.map(escapeRegExp).join("|")})(?![\\w-]|\\.\\w)`);
  return text.split("\n").flatMap((line, index) => {
    const named = pattern.exec(line)?.[0];
    return named === undefined ? [] : [{ path, line: index + 1, text: named }];
  });
}

/** Pages that people follow today. Instructions of coding assistants follow the code, change logs tell of the past. */
function isGuide(path: string): boolean {
  if (!isDocs(path) || isArchived(path)) return false;
  return !ASSISTANT.test(path) && !/(^|\/)(change-?log|changes|history|releases?|release-notes)\b[^/]*$/i.test(path);
}

const ASSISTANT =
  /(^|\/)(\.(claude|cursor|windsurf|gemini|codex|aider|roo|clinerules|kiro|junie|serena)\b|(claude|agents?|gemini|copilot-instructions|warp|conventions\.aider)\.md$|\.github\/(instructions|prompts|chatmodes|agents)\/)/i;

/** Automation that still names a file which goes at cutover, after `done` was applied; what goes at cleanup is edited there. */
export function planCutoverMentions(context: TransformContext, done: TransformResult): DraftFinding[] {
  return reportAutomation(context, done, pathNeedles(context, "cutover"));
}

/**
 * Lines of automation that still name what goes at cleanup after `done` was applied, and that no finding points at, such
 * as `kubernetes/{{.cluster}}/flux/config`, which may or may not mean the folder that goes.
 */
export function planResidue(context: TransformContext, done: TransformResult): DraftFinding[] {
  return reportAutomation(context, done, pathNeedles(context, "cleanup"));
}

/** Lines of one command; of a longer one the rest is named once more. */
const MAX_CONTINUED = 100;

function reportAutomation(
  context: TransformContext,
  { edits, findings: said }: TransformResult,
  needles: readonly Needle[],
): DraftFinding[] {
  const { tree } = applyEdits(context.tree, edits);
  const oldLine = makeOldLines(context.tree, edits);
  const automation = listAutomation(context.tree);
  // What a linter or Renovate reads or leaves out, it does as long as the folder is there.
  const rules = new Set(
    automation.filter(({ kind }) => kind === "lint" || kind === "renovate").map(({ path }) => path),
  );
  const programs = new Set(automation.map(({ path }) => path).filter((path) => !rules.has(path)));
  const places = said.flatMap((finding) => [
    ...(finding.at ? [`${finding.at.file}:${finding.at.line}`] : []),
    ...(finding.rule === "automation-names-removed" && "facts" in finding
      ? finding.facts.mentions.map((mention) => mention.slice(0, mention.lastIndexOf(" (")))
      : []),
  ]);
  const known = new Set(places);
  // A command that goes on behind a backslash is said by its first line.
  const isSaid = (path: string, line: number, lines: readonly string[]) => {
    let first = line;
    const isOwn = () => known.has(`${path}:${first}`);
    while (!isOwn() && line - first < MAX_CONTINUED && lines[first - 2]?.trimEnd().endsWith("\\")) first--;
    return isOwn();
  };
  // A comment runs nothing, and a URL names somebody else's path.
  const strict = needles.map(({ test, ...needle }) => ({
    ...needle,
    test: (line: string, page: Page) => !/^\s*(?:#|\/\/)/.test(line) && test(line.replaceAll(/\S+:\/\/\S+/g, ""), page),
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
    const lines = new Map(named.filter(([line]) => !entering.has(line) && !isSaid(path, line, text)));
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
        if (!lines.has(index + 1) && test(line, page)) lines.set(index + 1, text);
      }
      if (lines.size > 0) found.set(path, lines);
    }
  }
  return [...found].sort(([a], [b]) => compareText(a, b));
}

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
  return lineOf(path, [...lines.keys()].sort((a, b) => a - b)[0]!);
}

function listLines(path: string, lines: Lines): string[] {
  return [...lines].sort(([a], [b]) => a - b).map(([line, text]) => `${path}:${line} (${text})`);
}

/** Commands of the flux CLI on objects of the old install, such as `flux reconcile kustomization flux`. */
function commandNeedles({ cluster }: TransformContext): Needle[] {
  const words: Record<string, string> = {
    Kustomization: "(?:kustomizations?|ks)",
    OCIRepository: "(?:source oci|ocirepositor(?:y|ies)[./ ]\\S*?)",
  };
  return oldInstall(cluster).flatMap(({ kind, name }) => {
    const pattern = new RegExp(`\\b${words[kind]}[ /]${FLAGS}["']?${escapeRegExp(name)}["']?(?![\\w-])`);
    const test = (line: string) => {
      const flux = /\bflux\b/.exec(line);
      return flux !== null && pattern.test(line.slice(flux.index + "flux".length));
    };
    return words[kind] ? [{ text: name, test }] : [];
  });
}

/** What a phase takes away, by its paths. */
function pathNeedles(context: TransformContext, phase: "cutover" | "cleanup"): Needle[] {
  const isLead = isReporter(context);
  const removal = planRemoval({ ...context, phase });
  const ownOf = (paths: readonly string[]) => paths.filter((path) => !isOfOthers(context, path));
  const [folders, builds, files] = [ownOf(removal.folders), ownOf(removal.builds), ownOf(removal.files)];
  const isInside = makeWithin(removal.folders);
  return [
    ...folders.flatMap((path) => pathNeedle(path, "folder", isLead)),
    ...builds.filter((path) => !folders.includes(path)).flatMap((path) => pathNeedle(path, "build", isLead)),
    ...files.filter((path) => !isInside(path)).flatMap((path) => pathNeedle(path, "file", isLead)),
  ];
}

/** Folders that stay, but that no longer start a cluster when somebody applies them. */
function startNeedles(context: TransformContext): Needle[] {
  const folders = listTargets(context).filter(({ isFile, stays, roles }) => !isFile && stays && roles.length > 0);
  return folders.flatMap(({ path }) =>
    pathNeedle(path, "build", isReporter(context)).map(({ text, test }) => ({
      text,
      test: (line, page) => /\b(?:kubectl|oc)\b.*\bapply\b/.test(line) && test(line, page),
    })),
  );
}

function cleanupNeedles(context: TransformContext): Needle[] {
  const needles = [...pathNeedles(context, "cleanup"), ...startNeedles(context)];
  const { from, to } = sourceNamesOf(context.cluster)?.source ?? { from: "", to: "" };
  if (from !== to) {
    const kinds = "(?:git|oci|bucket|gitrepositor(?:y|ies)|ocirepositor(?:y|ies)|--sources?)";
    needles.push(textNeedle(from, new RegExp(`${kinds}[ /=]["'\`]?${escapeRegExp(from)}(?![\\w-])`, "i")));
  }
  if (!isReporter(context)) return needles;
  return [
    ...needles,
    textNeedle("flux bootstrap", /\bflux bootstrap\b/),
    textNeedle("gotk-components.yaml", /\bgotk-components\.yaml\b/),
    textNeedle("gotk-sync.yaml", /\bgotk-sync\.yaml\b/),
    textNeedle("flux install", /\bflux install\b/),
    textNeedle("flux uninstall", /\bflux uninstall\b/),
    textNeedle("flux-manifests", /\bflux-manifests\b/),
    textNeedle("fluxcd/flux2/manifests", /fluxcd\/flux2\/manifests/),
    ...chartNeedle(context),
  ];
}

/** Commands that install the community chart, where no cluster is installed from it any more. */
function chartNeedle({ model }: TransformContext): Needle[] {
  if (model.clusters.some(({ install }) => install?.style === "community-chart")) return [];
  const test = (line: string) =>
    line.includes(COMMUNITY) && /\bhelm\s+(?:install|upgrade)\b/.test(line) && /\bflux2\b(?!-)/.test(line);
  return [{ text: COMMUNITY, test }];
}

function textNeedle(text: string, pattern: RegExp): Needle {
  return { text, test: (line) => pattern.test(line) };
}

/**
 * Finds a path by its last two segments, so that `$KUBERNETES_DIR/bootstrap/flux` counts too; one segment (`config`)
 * would find prose. Segments before them must not contradict: `kubernetes/edge/bootstrap/flux` is not main's.
 * A folder that stays for its other files counts only by itself, not as part of a longer path.
 */
function pathNeedle(path: string, type: "folder" | "build" | "file", isLead: boolean): Needle[] {
  const segments = path.split("/");
  const text = segments.slice(type === "file" ? -3 : -2).join("/");
  if (!text.includes("/")) return [];
  const tail = type === "folder" ? "(?![\\w-]|\\.\\w)" : "(?![\\w-]|\\.\\w|/[\\w*])";
  const pattern = new RegExp(`(?<![\\w-])${escapeRegExp(text)}${tail}`, "g");
  const before = segments.slice(0, -text.split("/").length).reverse();
  const fits = (segment: string, index: number) =>
    index >= before.length || /[{}$<>*]|^\.\.?$/.test(segment) || segment === before[index];
  const agrees = (prefix: string) => {
    const written = prefix.split("/").filter(Boolean).reverse();
    const isVague = written.length < before.length || /[{}$<>*]/.test(prefix);
    return (isLead || !isVague) && written.every(fits);
  };
  const test = (line: string, page: Page) => {
    let done = 0;
    const isNamed = [...line.matchAll(pattern)].some(({ index }) => {
      const prefix = trailingPath(line.slice(done, index));
      done = index + text.length;
      return agrees(prefix);
    });
    return isNamed && !(type === "build" && onlyLeadsOn(line, page));
  };
  return [{ text, test, ...(type === "build" && { unbuilt: path }) }];
}

/** What of a path stands at the end of a text. */
function trailingPath(text: string): string {
  let start = text.length;
  while (start > 0 && /[\w.{}$<>*/-]/.test(text[start - 1]!)) start--;
  return text.slice(start);
}

/** Whether the cluster is the first of those a run works on, which reports what concerns the whole repository. */
export function isReporter({ model, cluster, agreed }: TransformContext): boolean {
  const first = model.clusters.find((other) => agreed.takesPart(other)) ?? model.clusters[0];
  return first?.name === cluster.name;
}
