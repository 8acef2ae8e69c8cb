import { REMOTE_INSTALL } from "./flux-objects.ts";
import { findBrokenReleases } from "./helmfile.ts";
import { findDeadFiles, findDeadKustomize, findWrongOrder } from "./kustomize-commands.ts";
import { type Finding, findingText } from "./plan-json.ts";
import { kustomizationFile } from "./reach.ts";
import { joinPath, type Snapshot } from "./snapshot.ts";
import { type GateResult, type Mention, Verdict } from "./types.ts";

const folderOf = (path: string): string => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "");

/** Files and whole folders that were there before and are not any more, outermost folders only. */
export function removedPaths(before: Snapshot, after: Snapshot): string[] {
  const out = new Set<string>();
  for (const path of before.paths) {
    if (after.has(path)) continue;
    out.add(path);
    for (let dir = folderOf(path); dir !== ""; dir = folderOf(dir)) if (!after.isDir(dir)) out.add(dir);
  }
  return [...out].sort();
}

/** Text that a path in a script may start with: variables and template expressions stand for an unknown folder. */
const TOKEN = /(?:\$\{[^}]*\}|\{\{[^}]*\}\}|\$\([^)]*\)|[\w.@%+~*-]|\/|\$\w)+/g;

/** The path a token stands for, cut after its last variable. */
function cleanToken(token: string): { path: string; hasVariable: boolean } {
  const parts = token.split(/\$\{[^}]*\}|\{\{[^}]*\}\}|\$\([^)]*\)|\$\w+/);
  const last = parts.at(-1) ?? "";
  return { path: last.replace(/^[./]+/, "").replace(/[./,:;]+$/, ""), hasVariable: parts.length > 1 };
}

const exists = (tree: Snapshot, path: string): boolean => tree.has(path) || tree.isDir(path);

function meansRemoved(token: string, file: string, after: Snapshot, removed: Set<string>): string | undefined {
  const { path, hasVariable } = cleanToken(token);
  if (path === "") return undefined;
  if (!hasVariable) {
    const relative = joinPath(folderOf(file), token);
    const candidates = [relative, path];
    if (candidates.some((candidate) => exists(after, candidate))) return undefined;
    const direct = candidates.find((candidate) => removed.has(candidate));
    if (direct) return direct;
  }
  if (path.split("/").length < 2) return undefined;
  const tail = [...removed].find((candidate) => candidate.endsWith(`/${path}`));
  if (!tail) return undefined;
  const survivors = after.paths.some((candidate) => candidate.endsWith(`/${path}`) || candidate.includes(`/${path}/`));
  return survivors ? undefined : tail;
}

/** Instructions of coding assistants and change logs: nobody rebuilds a cluster by them. */
const ASIDE =
  /(^|\/)(\.(claude|cursor|windsurf|gemini|codex)\/|(claude|agents?|gemini|copilot-instructions)\.md$|(change-?log|history|release-notes)[^/]*$)/i;

/** Every line of the tree that names a removed path. Kustomization files are item 2's business. */
export function findMentions(before: Snapshot, after: Snapshot): Mention[] {
  const removed = new Set(removedPaths(before, after));
  if (removed.size === 0) return [];
  const names = [...new Set([...removed].map((path) => path.slice(path.lastIndexOf("/") + 1)))];
  const out: Mention[] = [];
  for (const file of after.paths) {
    if (kustomizationFile(after, folderOf(file)) === file) continue;
    const text = after.text(file);
    if (!names.some((name) => text.includes(name))) continue;
    for (const [index, line] of text.split("\n").entries()) {
      if (!names.some((name) => line.includes(name))) continue;
      for (const [token] of line.matchAll(TOKEN)) {
        const path = token.includes("/") || token.includes(".") ? meansRemoved(token, file, after, removed) : undefined;
        if (path) out.push({ file, line: index + 1, what: `names the removed ${path}` });
      }
    }
  }
  return out;
}

/** Lines outside Git-delivered manifests that put the old install back: the remote base, `flux install`, the old chart. */
export function findReinstalls(after: Snapshot): Mention[] {
  const out: Mention[] = [];
  for (const file of after.paths) {
    if (/\.(md|txt)$/i.test(file) || kustomizationFile(after, folderOf(file)) === file) continue;
    for (const [index, line] of after.text(file).split("\n").entries()) {
      if (line.length > 2000 || /^\s*(#|\/\/)/.test(line)) continue;
      const hit =
        REMOTE_INSTALL.test(line) ||
        /\bflux (?:install|bootstrap)\b/.test(line) ||
        /fluxcd-community\/(?:charts\/)?flux2\b/.test(line);
      if (hit) out.push({ file, line: index + 1, what: `installs Flux the old way: ${line.trim().slice(0, 60)}` });
    }
  }
  return out;
}

/** Commands that name a source or FluxKustomization which no longer exists, such as `flux reconcile source git NAME`. */
export function findStaleNames(after: Snapshot, gone: { kind: string; name: string }[]): Mention[] {
  const out: Mention[] = [];
  const words: Record<string, string> = {
    GitRepository: "(?:source git|gitrepositor(?:y|ies)[./ ]\\S*?)",
    OCIRepository: "(?:source oci|ocirepositor(?:y|ies)[./ ]\\S*?)",
    Kustomization: "(?:kustomizations?|ks)",
  };
  for (const { kind, name } of gone) {
    const word = words[kind];
    if (!word) continue;
    const bare = name.replace(/[.]/g, "\\.");
    const end = `["']?${bare}["']?(?![\\w-])`;
    const pattern = new RegExp(`\\bflux\\b.*\\b${word}[ /](?:-\\S+ +)*${end}|--sources?[ =]\\S*?(?<![\\w-])${end}`);
    for (const file of after.paths) {
      if (!after.text(file).includes(name)) continue;
      for (const [index, line] of after.text(file).split("\n").entries()) {
        if (line.length < 2000 && pattern.test(line))
          out.push({ file, line: index + 1, what: `commands ${kind} ${name}, which is gone` });
      }
    }
  }
  return out;
}

/**
 * Whether a finding points at a mention: by `file:line`, or at a line of the file with the same words, since edits of
 * earlier phases move lines.
 */
function isListed(mention: Mention, findings: Finding[], trees: Snapshot[]): boolean {
  const lineOf = (tree: Snapshot, line: number): string | undefined =>
    tree.has(mention.file) ? tree.text(mention.file).split("\n")[line - 1]?.trim() : undefined;
  const words = trees.map((tree) => lineOf(tree, mention.line)).at(-1);
  return findings.some((finding) => {
    const text = findingText(finding);
    const lines = [...text.matchAll(/([^\s:`"'(),]+):(\d+)/g)]
      .filter(([, file]) => file === mention.file)
      .map(([, , line]) => Number(line));
    return lines.some((line) => line === mention.line || trees.some((tree) => lineOf(tree, line) === words));
  });
}

export interface RebuildInput {
  before: Snapshot;
  after: Snapshot;
  /** Findings of this phase and of those before it. */
  findings: Finding[];
  /** Sources and FluxKustomizations that no cluster has any more. */
  gone: { kind: string; name: string }[];
  /** Chart versions of the two apps as clusters get them, by chart name. */
  charts: Map<string, Set<string>>;
  /** Whether every cluster is past cleanup, so that nothing may install Flux the old way. */
  cleaned: boolean;
}

/** Gate item 12: what could rebuild a cluster before is edited, or a finding points at it. */
export function checkRebuild(input: RebuildInput): GateResult {
  const verdict = new Verdict(12);
  const { before, after, findings } = input;
  const mentions = [
    ...findMentions(before, after),
    ...findDeadKustomize(before, after),
    ...findDeadFiles(before, after),
    ...findWrongOrder(after),
    ...findStaleNames(after, input.gone),
    ...(input.cleaned ? [...findReinstalls(after), ...findBrokenReleases(after, input.charts)] : []),
  ];
  for (const mention of mentions) {
    if (ASIDE.test(mention.file)) verdict.note(`${mention.file}:${mention.line} ${mention.what}`);
    else if (!isListed(mention, findings, [before, after]))
      verdict.fail(`${mention.file}:${mention.line} ${mention.what}, and no finding says so`);
  }
  return verdict.result();
}
