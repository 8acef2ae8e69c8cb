import { keyOf } from "../../../src/cluster/graph.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import type { KubeObject, YamlData } from "../../../src/contract/objects.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import type { TransformContext } from "../../contract.ts";
import { filesNaming } from "./files.ts";
import { findReferences } from "./find.ts";
import type { Remaining, Rename } from "./renames.ts";
import { findSubstituted } from "./substituted.ts";

/**
 * What a cluster's files still say of old names: in reference fields, in patches, in text too broken to parse, and in
 * variables that become the name of a source (flux-facts 2.9). Nothing is found where no name changes.
 * @param tree the files as they will be; places are given in `context.before`, which the owner sees.
 * @param own documents that go themselves and may keep the name.
 * @param assumed files whose references count as rewritten.
 */
export function findRemaining(
  { before, cluster }: Pick<TransformContext, "before" | "cluster">,
  tree: Tree,
  renames: readonly Rename[],
  own: ReadonlySet<string>,
  assumed: ReadonlySet<string> = new Set(),
): Remaining[] {
  const changed = renames.filter(({ name, to }) => to && to.name !== name);
  const names = new Set(changed.map(({ name }) => name));
  const files = new Set([...names].flatMap((name) => filesNaming(tree, cluster, name)));
  const found: Remaining[] = [];
  for (const file of [...files].sort()) {
    const left = findInFile(before, file, tree.read(file) ?? "", changed, own, assumed.has(file));
    found.push(...left);
  }
  return [...found, ...findSubstituted(before, tree, cluster, changed)];
}

function findInFile(
  shown: Tree,
  file: string,
  text: string,
  renames: readonly Rename[],
  own: ReadonlySet<string>,
  isRewritten: boolean,
): Remaining[] {
  const parsed = readYamlCached(text);
  if (!parsed.ok) return findInText(file, text, renames);
  const found: Remaining[] = [];
  for (const { data, index } of parsed.docs) {
    if (own.has(keyOf({ file, doc: index }))) continue;
    const namespace = (data as YamlData)?.metadata?.namespace;
    const owner = { namespace: typeof namespace === "string" ? namespace : "", isAboveInstance: false };
    const references = isRewritten ? [] : findReferences(data as YamlData, index, renames, owner);
    for (const { path, rename } of references)
      found.push({ at: locateField(shown, { file, doc: index }, path), rename });
    if (hasUnreadableText(data as YamlData, renames)) found.push(...findInText(file, text, renames));
  }
  return found;
}

/** A patch body that does not parse, such as one with template expressions, hides what it refers to. */
function hasUnreadableText(data: YamlData, renames: readonly Rename[]): boolean {
  if (typeof data === "string")
    return data.includes("\n") && renames.some(({ name }) => data.includes(name)) && !readYamlCached(data).ok;
  if (typeof data !== "object" || data === null) return false;
  return Object.values(data).some((item) => hasUnreadableText(item, renames));
}

/** `sourceRef` blocks by their lines. Errs on the side of a reference: a kind or namespace left out counts as ours. */
function findInText(file: string, text: string, renames: readonly Rename[]): Remaining[] {
  const found: Remaining[] = [];
  const lines = text.split("\n");
  lines.forEach((line, index) => {
    if (!/^[\s-]*["']?sourceRef["']?:/.test(line)) return;
    const indent = line.search(/\S/);
    const below = lines.slice(index + 1);
    const end = below.findIndex((next) => /\S/.test(next) && next.search(/\S/) <= indent);
    const block = [line, ...below.slice(0, end < 0 ? undefined : end)];
    const field = (key: string) =>
      new RegExp(`(?:^|[\\s{,])["']?${key}["']?:\\s*["']?([\\w.-]+)`, "m").exec(block.join("\n"))?.[1];
    const rename = renames.find(
      (item) =>
        item.name === field("name") &&
        (field("kind") ?? item.kind) === item.kind &&
        (field("namespace") ?? item.namespace) === item.namespace,
    );
    if (!rename) return;
    const offset = block.findIndex((text) => text.includes(rename.name));
    found.push({ at: { file, line: index + 1 + offset, col: 1 }, rename });
  });
  return found;
}

export function reportRemaining({ at, rename, expression }: Remaining, phase: string): DraftFinding {
  const to = rename.to?.name ?? "";
  const how = expression
    ? `${expression} becomes ${rename.name} here`
    : `This still names ${rename.kind} ${rename.name}`;
  return {
    rule: "reference-remains",
    level: "blocker",
    resource: `${rename.kind} ${rename.namespace}/${rename.name}`,
    at,
    what: `${how}, which ${phase === "cleanup" ? "goes in this phase" : `is called ${to} from now on and goes at cleanup`}; fluxlift cannot rewrite it.`,
    why: "Flux would report the source or dependency as not found, and what reads it would no longer be reconciled.",
    next: `Write ${to} instead, which exists since the install phase was merged, commit, and run fluxlift again.`,
  };
}

/** Keys of the documents that go with the migration and may name each other until then. */
export function keysOfOld(context: Pick<TransformContext, "cluster">): Set<string> {
  const { source, root, install } = context.cluster;
  const objects: (KubeObject | undefined)[] = [
    source,
    root,
    ...(install?.objects ?? []),
    ...(install?.deliverers ?? []),
  ];
  return new Set(objects.flatMap((object) => (object ? [keyOf(object)] : [])));
}
