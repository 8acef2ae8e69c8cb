import type { TextRange } from "../../src/contract/edit.ts";
import type { Yaml } from "../../src/contract/media.ts";
import { itemsOf, type YamlData } from "../../src/contract/objects.ts";
import { basename } from "../../src/delivery/paths.ts";
import { closeLines, indentLines } from "../../src/yaml/print.ts";
import { printPreferred, printQuoted } from "../../src/yaml/scalars.ts";
import { joinYaml, yaml } from "../../src/yaml/text.ts";
import type { YamlStyle } from "../../src/yaml/types.ts";
import { depthOf } from "../shared/automation/lines.ts";

/** One release to write into a helmfile. */
export interface ReleaseEntry {
  name: string;
  namespace: string;
  chart: string;
  version: string;
  values: string[];
  needs: string[];
  /** Written only when set: an instance is Ready only after the secrets of the repository are there. */
  wait?: false;
}

/** Lines of one item of `releases`, offsets in the text. */
export interface ReleaseItem {
  start: number;
  /** End of the last line that belongs to the item, line break included. */
  end: number;
  indent: number;
}

/** How the items of a helmfile are written, where it has none to learn from. */
export const DEFAULT_STYLE = {
  /** Column of the dash. */
  indent: 2,
  blankLines: true,
  flowLists: false,
  /** Whether `- ` of a nested list stands deeper than its key. */
  indentSequences: true,
  eol: "\n" as YamlStyle["eol"],
};
type ReleaseStyle = typeof DEFAULT_STYLE;

/** The items of the block sequence `releases`, by lines; empty for any other way of writing it. */
export function findReleaseItems(text: string): ReleaseItem[] {
  return findItems(text, "releases");
}

/** The items of the block sequence of a top key, by lines; empty for any other way of writing it. */
export function findItems(text: string, key: "releases" | "repositories"): ReleaseItem[] {
  const opens = new RegExp(`^${key}:\\s*(#.*)?$`);
  const items: ReleaseItem[] = [];
  let offset = 0;
  let inside = false;
  for (const line of text.split(/(?<=\n)/)) {
    const bare = line.replace(/\r?\n$/, "");
    const indent = depthOf(bare);
    if (opens.test(bare)) inside = true;
    else if (inside && /^[^\s#-]/.test(bare)) inside = false;
    else if (inside && /^\s*-\s/.test(bare) && indent <= (items[0]?.indent ?? indent)) {
      items.push({ start: offset, end: offset + line.length, indent });
    } else if (inside && bare.trim() !== "" && items.length > 0 && indent > items[0]!.indent && !/^\s*#/.test(bare)) {
      items.at(-1)!.end = offset + line.length;
    }
    offset += line.length;
  }
  return items;
}

/** Learns the style of the releases that are there. */
export function learnStyle(text: string, items: readonly ReleaseItem[]): ReleaseStyle {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  if (items.length === 0) return { ...DEFAULT_STYLE, eol };
  const gaps = items.slice(1).map((item, index) => text.slice(items[index]!.end, item.start));
  const nested = /^( *)(?:- )?(?:values|needs):\s*\r?\n( *)- /m.exec(text.slice(items[0]!.start));
  return {
    indent: items[0]!.indent,
    blankLines: gaps.length > 0 ? gaps.some((gap) => /^\s*?\r?\n/.test(gap)) : true,
    flowLists: /^[ \t]+(values|needs): *\[/m.test(text) && !nested,
    indentSequences: nested ? nested[2]!.length > nested[1]!.length : true,
    eol,
  };
}

/** A text as YAML takes it for that text. */
export function scalar(text: string): Yaml {
  return printPreferred(text, "double");
}

/**
 * Whether a value of a release would be carried out: helmfile fills in templates before it reads YAML, and its templates can
 * start programs.
 */
export function isTemplated({ name, namespace, chart, version, values, needs }: ReleaseEntry): boolean {
  return [name, namespace, chart, version, ...values, ...needs].some((text) => text.includes("{{"));
}

/** Why a release is not written. */
export const TEMPLATED = "a value of it would be read as a template";

/** Prints a release the way its siblings are written, with a final line break. */
export function printRelease(entry: ReleaseEntry, style: ReleaseStyle): Yaml {
  const list = (key: Yaml, items: readonly string[]) => {
    if (items.length === 0) return [];
    const flow = items.map((item) => printQuoted(item, "double"));
    if (style.flowLists) return [yaml`${key}: [${joinYaml(flow, ", ")}]`];
    return [
      yaml`${key}:`,
      ...indentLines(
        items.map((item) => yaml`- ${scalar(item)}`),
        style.indentSequences ? 2 : 0,
      ),
    ];
  };
  const [first, ...fields] = [
    yaml`- name: ${scalar(entry.name)}`,
    yaml`namespace: ${scalar(entry.namespace)}`,
    yaml`chart: ${scalar(entry.chart)}`,
    yaml`version: ${scalar(entry.version)}`,
    ...(entry.wait === false ? [yaml`wait: false`] : []),
    ...list(yaml`values`, entry.values),
    ...list(yaml`needs`, entry.needs),
  ];
  return closeLines(indentLines([first, ...indentLines(fields, 2)], style.indent), style);
}

/** Range that puts releases in the place of one item, or after the last one. */
export function writeReleases(
  text: string,
  entries: readonly ReleaseEntry[],
  replaced?: number,
): TextRange | undefined {
  const items = findReleaseItems(text);
  const item = items.at(replaced ?? -1);
  if (!item) return undefined;
  const style = learnStyle(text, items);
  const gap = style.blankLines ? style.eol : "";
  const printed = entries.map((entry) => printRelease(entry, style)).join(gap);
  const isClosed = text.slice(item.start, item.end).endsWith("\n");
  const body = isClosed ? printed : printed.replace(/\r?\n$/, "");
  if (replaced !== undefined) return { start: item.start, end: item.end, text: body };
  return { start: item.end, end: item.end, text: (isClosed ? "" : style.eol) + gap + body };
}

/** Range of a plain or quoted scalar that is a field of the release itself, not of something nested in it. */
export function findScalar(text: string, item: ReleaseItem, key: string): TextRange | undefined {
  const body = text.slice(item.start, item.end);
  const lead = `(?: {${item.indent}}-[ ]+| {${item.indent + 2},${item.indent + 4}})`;
  const match = new RegExp(`^(${lead}${key}:[ \\t]+)(["']?)([^"'#\\s]+)\\2`, "m").exec(body);
  if (!match) return undefined;
  const start = item.start + match.index + match[1]!.length + match[2]!.length;
  return { start, end: start + match[3]!.length, text: match[3]! };
}

/** `namespace/name`, the form that works across namespaces. */
export function releaseId(release: YamlData): string {
  return release?.namespace ? `${release.namespace}/${release.name}` : String(release?.name);
}

/**
 * What a new release should wait for, in the manner of the ones before it: all of them where each names all its
 * predecessors, else the last; nothing where no sibling has `needs`. Releases that may be switched off are left out,
 * because helmfile refuses to depend on them.
 */
export function learnNeeds(releases: readonly YamlData[]): string[] {
  const sure = releases.filter((release) => release?.installed === undefined && release?.condition === undefined);
  const last = sure.at(-1);
  if (!last || sure.every((release) => itemsOf(release.needs).length === 0)) return [];
  const named = new Set(itemsOf(last.needs).map((need) => basename(String(need))));
  const isCumulative = sure.length > 2 && sure.slice(0, -1).every((release) => named.has(String(release.name)));
  return isCumulative ? sure.map(releaseId) : [releaseId(last)];
}
