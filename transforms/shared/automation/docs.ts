import { isArchived, isDocs, listAutomation } from "../../../src/cluster/automation-files.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { isWithin } from "../../../src/delivery/paths.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import { applyEdits } from "../../../src/files/overlay.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { TransformContext, TransformResult } from "../../contract.ts";
import { oldInstall } from "../references/renames.ts";
import { sourceNamesOf } from "./names.ts";
import { isReporter } from "./reinstalls.ts";
import { planRemoval } from "./removed.ts";
import { FLAGS } from "./renames.ts";

interface Needle {
  text: string;
  test(line: string): boolean;
}

/**
 * Documentation that names what goes or gets another name. Prose is the owner's, so it is listed and never edited: one
 * finding a file, with every line.
 */
export function planDocs(context: TransformContext): DraftFinding[] {
  const removed = namesOnlyCutover(context) ? cutoverNeedles(context) : cleanupNeedles(context);
  const needles = context.phase === "cutover" ? [...removed, ...commandNeedles(context)] : removed;
  const accepts = (path: string) => isDocs(path) && !isArchived(path);
  return findLines(context.tree, needles, accepts).map(([path, lines]) => report(path, lines));
}

/** Automation that names a file which goes at cutover; what goes at cleanup is edited there. */
export function planCutoverMentions(context: TransformContext): DraftFinding[] {
  return reportAutomation(context, context.tree, cutoverNeedles(context), []);
}

/**
 * Lines of automation that still name what goes at cleanup after `done` was applied, and that no finding points at, such
 * as `kubernetes/{{.cluster}}/flux/config`, which may or may not mean the folder that goes.
 */
export function planResidue(
  context: TransformContext,
  done: Pick<TransformResult, "edits" | "findings">,
): DraftFinding[] {
  const { tree } = applyEdits(context.tree, done.edits);
  return reportAutomation(context, tree, pathNeedles(context), done.findings);
}

function reportAutomation(
  context: TransformContext,
  tree: Tree,
  needles: readonly Needle[],
  said: readonly DraftFinding[],
): DraftFinding[] {
  const automation = new Set(listAutomation(context.tree).map(({ path }) => path));
  const isSaid = (path: string, line: number) =>
    said.some(
      (finding) =>
        (finding.at?.file === path && finding.at.line === line) ||
        (finding.rule === "automation-names-removed" &&
          "facts" in finding &&
          finding.facts.mentions.some((mention) => mention.startsWith(`${path}:${line} `))),
    );
  // A comment runs nothing, and a URL names somebody else's path.
  const strict = needles.map(({ text, test }) => ({
    text,
    test: (line: string) => !/^\s*(?:#|\/\/)/.test(line) && test(line.replaceAll(/\S+:\/\/\S+/g, "")),
  }));
  return findLines(tree, strict, (path) => automation.has(path)).flatMap(([path, lines]) => {
    for (const line of [...lines.keys()]) if (isSaid(path, line)) lines.delete(line);
    if (lines.size === 0) return [];
    const at = lineOf(path, Math.min(...lines.keys()));
    const facts = { phase: context.phase, mentions: listLines(path, lines) };
    return [{ rule: "automation-names-removed", level: "caution", at, facts }];
  });
}

/** The file of flux bootstrap is named by so much that everything is looked for at once; other installs are one file. */
function namesOnlyCutover({ phase, cluster }: TransformContext): boolean {
  return phase === "cutover" && cluster.install?.style !== "gotk";
}

function findLines(
  tree: Tree,
  needles: readonly Needle[],
  accepts: (path: string) => boolean,
): [string, Map<number, string>][] {
  const found = new Map<string, Map<number, string>>();
  for (const { text, test } of needles) {
    for (const path of tree.grep(text)) {
      if (!accepts(path)) continue;
      const lines = found.get(path) ?? new Map<number, string>();
      for (const [index, line] of (tree.read(path) ?? "").split("\n").entries()) {
        if (!lines.has(index + 1) && test(line)) lines.set(index + 1, text);
      }
      if (lines.size > 0) found.set(path, lines);
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

function cutoverNeedles(context: TransformContext): Needle[] {
  const { files } = planRemoval({ ...context, phase: "cutover" });
  return files.map((path) => pathNeedle(path, "file", isReporter(context))).filter((needle) => needle !== undefined);
}

/** Commands of the flux CLI on objects of the old install, such as `flux reconcile kustomization flux`. */
function commandNeedles({ cluster }: TransformContext): Needle[] {
  const words: Record<string, string> = {
    Kustomization: "(?:kustomizations?|ks)",
    OCIRepository: "(?:source oci|ocirepositor(?:y|ies)[./ ]\\S*?)",
  };
  return oldInstall(cluster).flatMap(({ kind, name }) => {
    const pattern = `\\bflux\\b.*\\b${words[kind]}[ /]${FLAGS}["']?${escapeRegExp(name)}["']?(?![\\w-])`;
    return words[kind] ? [textNeedle(name, new RegExp(pattern))] : [];
  });
}

function pathNeedles(context: TransformContext): Needle[] {
  const isLead = isReporter(context);
  const removal = planRemoval({ ...context, phase: "cleanup" });
  return [
    ...removal.folders.map((path) => pathNeedle(path, "folder", isLead)),
    ...removal.builds
      .filter((path) => !removal.folders.includes(path))
      .map((path) => pathNeedle(path, "build", isLead)),
    ...removal.files
      .filter((path) => !removal.folders.some((folder) => isWithin(path, folder)))
      .map((path) => pathNeedle(path, "file", isLead)),
  ].filter((needle) => needle !== undefined);
}

function cleanupNeedles(context: TransformContext): Needle[] {
  const isLead = isReporter(context);
  const needles = pathNeedles(context);
  const names = sourceNamesOf(context.cluster);
  if (names && names.source.from !== names.source.to) {
    const kinds = "(?:git|oci|bucket|gitrepositor(?:y|ies)|ocirepositor(?:y|ies)|--sources?)";
    needles.push(
      textNeedle(
        names.source.from,
        new RegExp(`${kinds}[ /=]["'\`]?${escapeRegExp(names.source.from)}(?![\\w-])`, "i"),
      ),
    );
  }
  if (isLead) {
    needles.push(textNeedle("flux bootstrap", /\bflux bootstrap\b/));
    needles.push(textNeedle("gotk-components", /\bgotk-(components|sync)\.yaml\b|\bflux install\b/));
    needles.push(textNeedle("flux-manifests", /\bflux-manifests\b/));
    needles.push(textNeedle("fluxcd/flux2/manifests", /fluxcd\/flux2\/manifests/));
  }
  return needles;
}

function textNeedle(text: string, pattern: RegExp): Needle {
  return { text, test: (line) => pattern.test(line) };
}

/**
 * Finds a path by its last two segments, so that `$KUBERNETES_DIR/bootstrap/flux` counts too; one segment (`config`)
 * would find prose. Segments before them must not contradict: `kubernetes/edge/bootstrap/flux` is not main's.
 * A folder that stays for its other files counts only by itself, not as part of a longer path.
 */
function pathNeedle(path: string, type: "folder" | "build" | "file", isLead: boolean): Needle | undefined {
  const segments = path.split("/");
  const text = segments.slice(type === "file" ? -3 : -2).join("/");
  if (!text.includes("/")) return undefined;
  const tail = type === "folder" ? "(?![\\w-]|\\.\\w)" : "(?![\\w-]|\\.\\w|/[\\w*])";
  const pattern = new RegExp(`([\\w.{}$<>*/-]*?)(?<![\\w-])${escapeRegExp(text)}${tail}`, "g");
  const before = segments.slice(0, -text.split("/").length).reverse();
  const agrees = (prefix: string) => {
    const written = prefix.split("/").filter(Boolean).reverse();
    if (written.length < before.length || /[{}$<>*]/.test(prefix)) return isLead && written.every(fits);
    return written.every(fits);
  };
  const fits = (segment: string, index: number) =>
    index >= before.length ||
    /[{}$<>*]/.test(segment) ||
    segment === "." ||
    segment === ".." ||
    segment === before[index];
  return { text, test: (line) => [...line.matchAll(pattern)].some(([, prefix]) => agrees(prefix ?? "")) };
}

function report(path: string, lines: ReadonlyMap<number, string>): DraftFinding {
  const at = lineOf(path, Math.min(...lines.keys()));
  return { rule: "docs-name-removed", level: "info", at, facts: { lines: listLines(path, lines).join(", ") } };
}

function listLines(path: string, lines: ReadonlyMap<number, string>): string[] {
  const sorted = [...lines].sort(([a], [b]) => a - b);
  return sorted.map(([line, text]) => `${path}:${line} (${text})`);
}
