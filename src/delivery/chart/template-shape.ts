import { findFirst } from "../../contract/find-first.ts";
import { positionAt } from "../../yaml/lines.ts";

/**
 * Kinds whose fields below `spec` decide about more than the object itself: what it deletes, whether it can be changed, or
 * which objects there are.
 */
const WHOLE_KINDS: ReadonlySet<string> = new Set([
  ...["PersistentVolumeClaim", "PersistentVolume", "StorageClass", "Namespace", "CustomResourceDefinition"],
  ...["Kustomization", "HelmRelease", "ResourceSet", "FluxInstance", "Terraform"],
]);

/** What of a template of a chart decides which objects it makes. */
export interface TemplateShape {
  /** Its lines without those that are only content. */
  lines: string;
  /** Paths below `.Values` that stand in them; an empty one means all values. */
  values: readonly (readonly string[])[];
}

/** Characters of a template; a longer one is shape altogether. */
const LONGEST = 500_000;

function withoutComments(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end } of listActions(text)) {
    if (!/^\{\{-?\s?\/\*/.test(text.slice(start, start + 6))) continue;
    const close = text.indexOf("*/", start);
    const after = close < 0 ? -1 : text.indexOf("}}", close);
    if (after < 0 || start < from) continue;
    parts.push(text.slice(from, start));
    from = Math.max(after + 2, end);
  }
  return parts.join("") + text.slice(from);
}

export interface Action {
  text: string;
  start: number;
  end: number;
}

/**
 * Tells content from shape in a template, by its text alone. Content is what stands below `spec`, `data` and the like of an
 * object, but for kinds that decide about more, claim templates and selectors; blocks count where they hold a whole object.
 * Errs towards shape: a helper file, or a kind that a template fills in, is shape altogether.
 */
export function readShape(path: string, text: string): TemplateShape {
  if (text.length > LONGEST) return { lines: text, values: [[]] };
  const plain = withoutComments(text);
  const actions = listActions(plain);
  const isHelper = /(^|\/)_|\.tpl$/.test(path);
  const content = isHelper ? new Set<number>() : findContent(plain, actions);
  const lines = plain.split("\n");
  const kept = lines.filter((line, at) => !content.has(at) && line.trim() !== "" && !line.trim().startsWith("#"));
  const shaping = actions.filter(({ start }) => !content.has(positionAt(plain, start).line - 1));
  return {
    lines: kept.map((line) => line.trimEnd()).join("\n"),
    values: shaping.flatMap(({ text: one }) => readPaths(one)),
  };
}

export function listActions(text: string): Action[] {
  const found: Action[] = [];
  for (let start = text.indexOf("{{"); start >= 0; ) {
    const end = text.indexOf("}}", start);
    if (end < 0) break;
    found.push({ text: text.slice(start + 2, end), start, end: end + 2 });
    start = text.indexOf("{{", end + 2);
  }
  return found;
}

const SECTION = /^(spec|data|stringData|binaryData|rules|subjects|webhooks|parameters|status|type)\s*:/;
const KEPT_BLOCK = /^(\s*)(-\s+)?(volumeClaimTemplates|selector|persistentVolumeClaimRetentionPolicy)\s*:/;

/** Lines that are only content. */
function findContent(text: string, actions: readonly Action[]): Set<number> {
  const lines = text.split("\n");
  const content = new Set<number>();
  const around = findBlocks(text, actions);
  let kind = "";
  let inSection = false;
  let kept: number | undefined;
  for (const [at, line] of lines.entries()) {
    if (line.startsWith("---")) [kind, inSection, kept] = ["", false, undefined];
    const said = line.startsWith("kind:") ? line.slice("kind:".length).trim() : undefined;
    if (said !== undefined) kind = /^["']?\w+["']?$/.test(said) ? said.replace(/["']/g, "") : "?";
    const isPlain = /^[A-Za-z]/.test(line);
    if (isPlain) [inSection, kept] = [SECTION.test(line), undefined];
    if (!inSection || kind === "?" || WHOLE_KINDS.has(kind) || (kind === "" && !isPlain)) continue;
    const indent = line.length - line.trimStart().length;
    if (kept !== undefined && line.trim() !== "" && indent <= kept && !line.trimStart().startsWith("{{"))
      kept = undefined;
    const block = KEPT_BLOCK.exec(line);
    if (block && kind !== "Service") kept ??= block[1]!.length;
    if (kept === undefined && !isPlain && !around.has(at)) content.add(at);
  }
  return content;
}

/** Lines of `if`, `range`, `with`, `else` and `end` that belong to a block around a whole object. */
function findBlocks(text: string, actions: readonly Action[]): Set<number> {
  const lineOf = (offset: number) => positionAt(text, offset).line - 1;
  const found = new Set<number>();
  const open: { lines: number[]; from: number }[] = [];
  const heads = [...text.matchAll(/^(?:---|apiVersion:|kind:)/gm)].map(({ index }) => index);
  const hasHead = (from: number, to: number) => {
    const next = heads[findFirst(heads, (head) => head >= from)];
    return next !== undefined && next < to;
  };
  for (const { text: action, start, end } of actions) {
    const word = /^-?\s*(\w+)/.exec(action)?.[1];
    if (word === "if" || word === "range" || word === "with" || word === "define" || word === "block")
      open.push({ lines: [lineOf(start)], from: end });
    else if (word === "else") open.at(-1)?.lines.push(lineOf(start));
    else if (word === "end") {
      const block = open.pop();
      if (!block || !hasHead(block.from, start)) continue;
      for (const line of [...block.lines, lineOf(start)]) found.add(line);
    }
  }
  return found;
}

function readPaths(action: string): string[][] {
  const paths: string[][] = [];
  for (const [whole, path = ""] of action.matchAll(/\.Values((?:\.[A-Za-z_]\w*)*)/g)) {
    paths.push(path.split(".").filter(Boolean));
    if (whole === ".Values" && /\bindex\b/.test(action)) paths.push([]);
  }
  return paths;
}
