import type { Yaml } from "../../src/contract/media.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { locate } from "../../src/yaml/locate.ts";
import { closeLines, indentLines } from "../../src/yaml/print.ts";
import { yaml, yamlComment, yamlLines } from "../../src/yaml/text.ts";

/** Comments inside `spec.chart`, which move to the new source with the line they stand at. */
export interface ChartComments {
  /** Whole lines above the version, such as `# renovate: …`, and what follows it, such as an `$imagepolicy` marker. */
  version: { above: string[]; behind?: string };
  others: string[];
}

/** Reads the comments of `spec.chart` from the text; a `#` counts as a comment only where YAML reads it as one. */
export function readChartComments(text: string, { doc }: Pick<KubeObject, "doc">): ChartComments {
  const comments: ChartComments = { version: { above: [] }, others: [] };
  const key = locate(text, doc, ["spec", "chart"], { key: true });
  const block = locate(text, doc, ["spec", "chart"]);
  if (!key || !block) return comments;
  // What stands behind the key itself stays there; lines between it and the block go with the block.
  const start = Math.min(block.start, text.indexOf("\n", key.end) + 1);
  const end = text.indexOf("\n", block.end);
  const lines = text.slice(start, end < 0 ? undefined : end).split("\n");
  let above: string[] = [];
  for (const line of lines) {
    const whole = line.trim();
    if (whole.startsWith("#")) {
      above.push(whole);
      continue;
    }
    const behind = /^(?:[^"'#]|"(?:[^"\\]|\\.)*"|'[^']*'|(?<!\s)#)*\s(#.*)$/.exec(line.trimEnd())?.[1];
    if (/^\s*(?:"|')?version(?:"|')?\s*:/.test(line)) {
      comments.version = { above, ...(behind === undefined ? {} : { behind }) };
    } else {
      comments.others.push(...above, ...(behind === undefined ? [] : [behind]));
    }
    above = [];
  }
  comments.others.push(...above);
  return comments;
}

/** Puts the comments into the text of the new source: at its tag or range, and above its url. */
export function placeComments(source: Yaml, { version, others }: ChartComments): Yaml {
  const eol = source.includes("\r\n") ? "\r\n" : "\n";
  const lines = yamlLines(source).flatMap((line) => {
    const [, indent = "", key] = /^(\s+)(tag|semver|url): /.exec(line) ?? [];
    if (key === undefined) return [line];
    const above = key === "url" ? others : version.above;
    const behind = key === "url" || version.behind === undefined ? yaml`` : yaml` ${yamlComment(version.behind)}`;
    return [...indentLines(above.map(yamlComment), indent.length), yaml`${line}${behind}`];
  });
  return closeLines(lines, { eol });
}
