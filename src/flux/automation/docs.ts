import type { DraftFinding, TransformContext } from "../../engine/transform.ts";
import { isWithin } from "../paths.ts";
import { isArchived, isDocs } from "./files.ts";
import { sourceNamesOf } from "./names.ts";
import { isReporter } from "./reinstalls.ts";
import { planRemoval } from "./removed.ts";

interface Needle {
  text: string;
  test(line: string): boolean;
}

/**
 * Documentation that names what the cleanup removes or renames. Prose is the owner's, so it is listed and never
 * edited: one finding a file, with every line.
 */
export function planDocs(context: TransformContext): DraftFinding[] {
  const { tree } = context;
  const found = new Map<string, Map<number, string>>();
  for (const { text, test } of needlesFor(context)) {
    for (const path of tree.grep(text)) {
      if (!isDocs(path) || isArchived(path)) continue;
      const lines = found.get(path) ?? new Map<number, string>();
      for (const [index, line] of (tree.read(path) ?? "").split("\n").entries()) {
        if (!lines.has(index + 1) && test(line)) lines.set(index + 1, text);
      }
      if (lines.size > 0) found.set(path, lines);
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, lines]) => report(path, lines));
}

function needlesFor(context: TransformContext): Needle[] {
  const isLead = isReporter(context);
  const removal = planRemoval({ ...context, phase: "cleanup" });
  const needles = [
    ...removal.folders.map((path) => pathNeedle(path, "folder", isLead)),
    ...removal.builds
      .filter((path) => !removal.folders.includes(path))
      .map((path) => pathNeedle(path, "build", isLead)),
    ...removal.files
      .filter((path) => !removal.folders.some((folder) => isWithin(path, folder)))
      .map((path) => pathNeedle(path, "file", isLead)),
  ].filter((needle) => needle !== undefined);
  const names = sourceNamesOf(context.cluster);
  if (names && names.source.from !== names.source.to) {
    const kinds = "(?:git|oci|bucket|gitrepositor(?:y|ies)|ocirepositor(?:y|ies)|--sources?)";
    needles.push(
      textNeedle(names.source.from, new RegExp(`${kinds}[ /=]["'\`]?${quote(names.source.from)}(?![\\w-])`, "i")),
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
  const pattern = new RegExp(`([\\w.{}$<>*/-]*?)(?<![\\w-])${quote(text)}${tail}`, "g");
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
  const sorted = [...lines].sort(([a], [b]) => a - b);
  const list = sorted.map(([line, text]) => `${line} (${text})`).join(", ");
  return {
    rule: "docs-name-removed",
    level: "info",
    at: { file: path, line: sorted[0]![0], col: 1 },
    what: `This page describes what the migration removes or renames, on line ${list}.`,
    why: "A reader who follows it looks for paths that are gone, or installs Flux the old way.",
    next: "Describe the bootstrap through the helmfile and the flux-operator and flux-instance apps instead.",
  };
}

function quote(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
