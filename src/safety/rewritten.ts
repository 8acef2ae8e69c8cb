import { isDeepStrictEqual } from "node:util";
import { isYamlPath } from "../cluster/objects.ts";
import { dirname, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { readYamlCached } from "../yaml/read.ts";
import { listGeneratorInputs } from "./generated-values.ts";
import type { TreeChange } from "./types.ts";

/** What two parsers may read as two values: templates, tags, a byte order mark, and numbers that are longer than Node keeps them. */
const DOUBTFUL = /\{\{|[\s[{,]![\w!<]|\d{15}|\uFEFF/;

/** kustomize splits a file at these lines before it parses it: what follows a `...` is hidden from it. */
const MARKERS = /^(?:---|\.\.\.).*$/gm;
/** The start of the first document, which may be left out. */
const START = /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*---[ \t]*\r?\n/;

/**
 * A change without the files that say the same as before, in other words: comments, quotes, order of keys, line ends. What
 * reads YAML as text counts by its text: generators, and the files of a chart.
 */
export function withoutRewritten({ before, after, changed }: TreeChange): TreeChange {
  const same = [...changed].filter((file) => isYamlPath(file) && saysTheSame(before.read(file), after.read(file)));
  if (same.length === 0) return { before, after, changed };
  const inputs = new Set([before, after].flatMap(listGeneratorInputs));
  const isText = (file: string) => inputs.has(file) || isOfChart(before, file) || isOfChart(after, file);
  const rewritten = new Set(same.filter((file) => !isText(file)));
  return { before, after, changed: new Set([...changed].filter((file) => !rewritten.has(file))) };
}

function saysTheSame(old: string | undefined, now: string | undefined): boolean {
  if (old === undefined || now === undefined || DOUBTFUL.test(old) || DOUBTFUL.test(now)) return false;
  const markersOf = (text: string) => String(text.replace(START, "").match(MARKERS)).replaceAll("\r", "");
  if (markersOf(old) !== markersOf(now)) return false;
  const [was, is] = [readYamlCached(old), readYamlCached(now)];
  return was.ok && is.ok && !was.goRefuses && !is.goRefuses && isDeepStrictEqual(was.docs, is.docs);
}

function isOfChart(tree: Tree, file: string): boolean {
  for (let dir = dirname(file); ; dir = dirname(dir)) {
    if (tree.has(join(dir, "Chart.yaml"))) return true;
    if (dir === "") return false;
  }
}
