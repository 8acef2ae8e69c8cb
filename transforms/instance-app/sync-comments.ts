import type { Yaml } from "../../src/contract/media.ts";
import { type KubeObject, valueAt } from "../../src/contract/objects.ts";
import type { PortedPatch } from "../../src/instance/types.ts";
import type { SyncSpec } from "../../src/release/generated-sync.ts";
import { isProse, proseOf, readComments, readCommentsOf } from "../../src/yaml/comments.ts";
import { splitDocuments } from "../../src/yaml/documents.ts";
import { isMap } from "../../src/yaml/is-map.ts";
import { RawYaml } from "../../src/yaml/raw.ts";
import { printPreferred } from "../../src/yaml/scalars.ts";
import { joinYaml, yaml, yamlComment } from "../../src/yaml/text.ts";
import type { YamlStyle } from "../../src/yaml/types.ts";
import type { TransformContext } from "../contract.ts";

type Field = Exclude<keyof SyncSpec, "name" | "kind">;

/** Where the old objects say what a field of `spec.sync` says; the first that is written counts. */
const OF_SOURCE: Partial<Record<Field, string[][]>> = {
  url: [["url"], ["endpoint"]],
  ref: [["ref", "branch"], ["ref", "tag"], ["ref", "semver"], ["ref", "name"], ["bucketName"]],
  pullSecret: [["secretRef", "name"]],
  provider: [["provider"]],
  interval: [["interval"]],
};

/**
 * `spec.sync` with what the owner wrote above and behind the same fields of the old source and root. What else they wrote
 * there for people, and no patch has, stands above the first field.
 */
export function withComments(
  { cluster, before }: TransformContext,
  { sync, comments }: { sync: SyncSpec; comments: readonly string[] },
  patches: readonly PortedPatch[],
  style: Pick<YamlStyle, "quote">,
): Record<string, RawYaml> {
  const { source, root } = cluster;
  const notesOf = (object: KubeObject | undefined, field: Field, paths: readonly string[][]) => {
    const path = paths.find((each) => valueAt(object?.data.spec, each) !== undefined);
    const text = object && path && before.read(object.file);
    // A patch on the way may have given another value: the comment would be about what is not there.
    if (text === undefined || !String(sync[field]).endsWith(String(valueAt(object?.data.spec, path!))))
      return undefined;
    return notesAt(text, object!.doc, path!);
  };
  const all = { ...OF_SOURCE, path: [["path"]] };
  const fields = Object.entries(sync).map(([key, value]): [string, Yaml] => {
    const paths = all[key as Field];
    const notes = paths && notesOf(key === "path" ? root : source, key as Field, paths);
    return [
      key,
      notes ? joinYaml([...notes.above, said(value, notes.behind, style)], "\n") : said(value, undefined, style),
    ];
  });
  const kept = [...fields.map(([, text]) => text), ...patches.map(({ raw }) => raw)].join("\n");
  // What the root waited for is of the old install.
  const dropped = patches.some(({ raw }) => raw.includes("dependsOn")) ? undefined : ["spec", "dependsOn"];
  const written = [source, root].flatMap((object) =>
    object ? writtenIn(object, before.read(object.file) ?? "", object === root ? dropped : undefined) : [],
  );
  const left = joinBlocks([...written, ...comments.map((line) => [line])], kept).map(yamlComment);
  return Object.fromEntries(
    fields.map(([key, text], index) => [key, new RawYaml(index > 0 ? text : joinYaml([...left, text], "\n"))]),
  );
}

/** What a document says to people, from its own head on, less what it says of a field that is dropped: each comment with all its lines, in their order. */
function writtenIn({ doc }: KubeObject, text: string, dropped: string[] | undefined): string[][] {
  const slice = splitDocuments(text)[doc];
  if (!slice) return [];
  const own = text.slice(slice.start, slice.end);
  const { above, within } = readCommentsOf(own);
  const lost = dropped === undefined ? { above: [], within: [] } : readComments(text, doc, dropped);
  const gone = new Set([...lost.above, ...lost.within]);
  const comments = new Set([...above, ...within].filter((line) => !gone.has(line)));
  const blocks: string[][] = [];
  let open: string[] | undefined;
  for (const line of own.split("\n")) {
    const bare = line.trim();
    if (comments.has(bare)) {
      if (!open) {
        open = [];
        blocks.push(open);
      }
      open.push(bare);
      continue;
    }
    open = undefined;
    const behind = /\s(#.*)$/s.exec(line.trimEnd())?.[1];
    if (behind !== undefined && comments.has(behind)) blocks.push([behind]);
  }
  return blocks.map((block) => withoutEdges(proseOf(block)));
}

const isBlank = (line: string | undefined) => line !== undefined && /^#+$/.test(line.trim());

function withoutEdges(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => !isBlank(line));
  const last = lines.findLastIndex((line) => !isBlank(line));
  return first < 0 ? [] : lines.slice(first, last + 1);
}

/** Comments one below the other, less those that stand elsewhere already; a bare `#` keeps apart what is of several lines. */
function joinBlocks(blocks: readonly (readonly string[])[], kept: string): string[] {
  const said = new Set<string>();
  const left = blocks.filter((block) => {
    const text = block.join("\n");
    const isKnown = said.has(text) || block.every((line) => isBlank(line) || kept.includes(line));
    said.add(text);
    return !isKnown;
  });
  return left.flatMap((block, index) => {
    const isApart = index > 0 && (block.length > 1 || left[index - 1]!.length > 1);
    return isApart ? ["#", ...block] : [...block];
  });
}

/** The spec with what the owner wrote above patches that a field says now. */
export function withFieldComments<T extends object>(
  spec: T,
  comments: Readonly<Record<string, readonly string[]>>,
  style: Pick<YamlStyle, "quote">,
  path: readonly string[] = [],
): T {
  const entries = Object.entries(spec).map(([key, value]) => {
    const own = [...path, key];
    const lines = comments[own.join(".")] ?? [];
    if (isMap(value)) return [key, withFieldComments(value, comments, style, own)];
    const prose = proseOf(lines);
    if (prose.length === 0 || !["string", "boolean"].includes(typeof value)) return [key, value];
    const text = typeof value === "string" ? printPreferred(value, style.quote) : value ? yaml`true` : yaml`false`;
    return [key, new RawYaml(joinYaml([...prose.map(yamlComment), text], "\n"))];
  });
  return Object.fromEntries(entries) as T;
}

interface Notes {
  above: readonly ReturnType<typeof yamlComment>[];
  behind: string | undefined;
}

/** The comments that belong to a scalar, and those above the map that it stands in; undefined where there is none. */
function notesAt(text: string, doc: number, path: readonly string[]): Notes | undefined {
  const own = readComments(text, doc, ["spec", ...path]);
  const around = path.length > 1 ? readComments(text, doc, ["spec", ...path.slice(0, -1)]).above : [];
  // What stands above the first field of a map is above the map as well. Lines that are commented out are said elsewhere.
  const left = withoutEdges(own.above.filter((line) => isBlank(line) || !around.includes(line)));
  const prose = withoutEdges([around, left].flatMap(proseOf));
  const behind = own.within.find(isProse);
  return prose.length === 0 && behind === undefined ? undefined : { above: prose.map(yamlComment), behind };
}

function said(value: string, behind: string | undefined, style: Pick<YamlStyle, "quote">) {
  const text = printPreferred(value, style.quote);
  return behind === undefined ? text : yaml`${text} ${yamlComment(behind)}`;
}
