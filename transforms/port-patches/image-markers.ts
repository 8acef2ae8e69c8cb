import type { Cluster } from "../../src/cluster/types.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { type SourcePatch, valueAt, type YamlData } from "../../src/contract/objects.ts";
import { isKustomizationFile } from "../../src/delivery/kustomize/index.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { WantedInstance } from "../../src/instance/want.ts";
import { readYamlCached } from "../../src/yaml/read.ts";
import { IMAGE_MARKER, isOutOfReach, markedField } from "../shared/image-markers.ts";

/**
 * Fields of a patch that image automation sets in a file of its own. In the instance the patch is text, and a marker in text
 * is none; one that stands in the text of a list was none before.
 */
export function findIdleMarkers(tree: Tree, { install, patches }: WantedInstance): DraftFinding[] {
  return patches.flatMap(({ data: { patch }, from }): DraftFinding[] => {
    if (!patch.includes(IMAGE_MARKER)) return [];
    const source = install.patches.find(
      ({ at }) => at.file === from.file && at.line === from.line && at.col === from.col,
    );
    if (source ? isText(tree, source) : tree.read(from.file)?.includes(IMAGE_MARKER)) return [];
    const fields = patch.split("\n").flatMap((line) => markedField(line) ?? []);
    if (fields.length === 0 || isOutOfReach(tree, from.file)) return [];
    return [{ rule: "patch-marker-idle", level: "caution", at: from, facts: { fields } }];
  });
}

/** Entries of `images` for controllers that image automation sets: the instance has no place for them. */
export function findIdleImages(tree: Tree, { files }: Cluster, { install }: WantedInstance): DraftFinding[] {
  const components = (install.gotk?.images ?? []).map(({ component }) => component);
  const listing = [...files].filter((file) => isKustomizationFile(file) && tree.read(file)?.includes(IMAGE_MARKER));
  return listing.sort().flatMap((file) => {
    if (isOutOfReach(tree, file)) return [];
    return imageEntries(tree.read(file) ?? "").flatMap(({ line, lines }): DraftFinding[] => {
      const name = lines.map((each) => NAME.exec(each)?.[1]).find(Boolean);
      const fields = lines.flatMap((each) => markedField(each) ?? []);
      if (fields.length === 0 || !components.some((each) => name === each || name?.endsWith(`/${each}`))) return [];
      return [{ rule: "image-marker-idle", level: "caution", at: lineOf(file, line), facts: { fields } }];
    });
  });
}

/** Lines of the manifests of the controllers themselves that it sets: one finding for each file, which goes at the cutover. */
export function findIdleComponents(tree: Tree, { install }: WantedInstance): DraftFinding[] {
  if (!install.gotk) return [];
  const files = new Set(install.objects.filter(({ kind }) => kind === "Deployment").map(({ file }) => file));
  return [...files].sort().flatMap((file): DraftFinding[] => {
    const text = tree.read(file) ?? "";
    if (!text.includes(IMAGE_MARKER) || isOutOfReach(tree, file)) return [];
    const lines = text.split("\n").map(markedField);
    const fields = lines.flatMap((field) => field ?? []);
    const line = lines.findIndex((field) => field !== undefined) + 1;
    return line === 0
      ? []
      : [{ rule: "image-marker-idle", level: "caution", at: lineOf(file, line), facts: { fields } }];
  });
}

const NAME = /^\s*(?:-\s+)?name:\s*["']?([^\s"'#]+)/;

/** The entries of `images` of a kustomization, by the numbers of their first lines. */
function imageEntries(text: string): { line: number; lines: string[] }[] {
  const entries: { line: number; lines: string[] }[] = [];
  let isInside = false;
  for (const [index, line] of text.split("\n").entries()) {
    if (/^[^\s#-]/.test(line)) isInside = /^images:/.test(line);
    else if (isInside && /^\s*-\s/.test(line)) entries.push({ line: index + 1, lines: [line] });
    else if (isInside) entries.at(-1)?.lines.push(line);
  }
  return entries;
}

/** Whether the marker is in the text of the very entry that lists the patch, not in a file that it names. */
function isText(tree: Tree, { file, doc, path, form }: SourcePatch): boolean {
  const text = tree.read(file) ?? "";
  const read = readYamlCached(text);
  if (!read.ok || form === "hand-edit") return text.includes(IMAGE_MARKER);
  const entry = valueAt(read.docs[doc]?.data as YamlData, path);
  return String(typeof entry === "string" ? entry : entry?.patch).includes(IMAGE_MARKER);
}
