import { isDeepStrictEqual } from "node:util";
import yaml from "js-yaml";
import { listGeneratorInputs } from "../../change/generated-values.ts";
import type { TreeChange } from "../../change/types.ts";
import { isYamlPath } from "../../cluster/objects.ts";
import { dirname, join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { printMarkers } from "../../references/flux/policy-markers.ts";
import { readYamlCached } from "../../yaml/read.ts";

/** What two parsers may read as two values: templates, tags, nothing in a flow collection, a byte order mark, line breaks of YAML 1.1 or of a carriage return alone. */
const DOUBTFUL = /\{\{|(?:^|[\s[{,:?-])!|:\s*[,}]|[\uFEFF\u0085\u2028\u2029]|\r(?!\n)/;

/** Plain scalars that somebody may take for a number, a date, a boolean, null or a merge. */
const MAY_RESOLVE =
  /^(?:[-+]?\.?\d[\d_.]*(?:e[-+]?\d+)?|[-+]?0[xob][\da-f_]+|[-+]?\.inf|\.nan|\d{4}-\d\d?-\d\d?(?:[ t].*)?|[~=]|<<|null|true|false|y|yes|n|no|on|off)$/i;
/** Marks those, as values and as keys: what they are is for each reader to say, and only the same letters are the same. */
const SCHEMA = yaml.FAILSAFE_SCHEMA.extend({
  implicit: [
    new yaml.Type("tag:fluxlift,2024:written", {
      kind: "scalar",
      resolve: (text: unknown) => typeof text === "string" && MAY_RESOLVE.test(text),
      construct: (text: string) => `\0${text}`,
    }),
  ],
});

/** kustomize splits a file at these lines before it parses it: what follows a `...` is hidden from it. */
const MARKERS = /^(?:---|\.\.\.).*$/gm;
/** The start of the first document, which may be left out. No line can be read in two ways, or each would double the time. */
const START = /^(?:[ \t]*(?:#[^\n]*\n|\r?\n))*---[ \t]*\r?\n/;

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
  const markersOf = (text: string) => String(text.replace(START, "").match(MARKERS));
  if (markersOf(old) !== markersOf(now) || printMarkers(old) !== printMarkers(now)) return false;
  const [was, is] = [readYamlCached(old), readYamlCached(now)];
  if (!was.ok || !is.ok || was.goRefuses || is.goRefuses || !isDeepStrictEqual(was.docs, is.docs)) return false;
  const [then, later] = [readWritten(old), readWritten(now)];
  return then !== undefined && isDeepStrictEqual(then, later);
}

function readWritten(text: string): unknown[] | undefined {
  try {
    return yaml.loadAll(text, null, { schema: SCHEMA });
  } catch {
    return undefined;
  }
}

/** Whether a file lies in the folder of a chart. */
export function isOfChart(tree: Tree, file: string): boolean {
  for (let dir = dirname(file); ; dir = dirname(dir)) {
    if (tree.has(join(dir, "Chart.yaml"))) return true;
    if (dir === "") return false;
  }
}
