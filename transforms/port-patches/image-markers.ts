import type { DraftFinding } from "../../src/contract/finding.ts";
import { type SourcePatch, valueAt, type YamlData } from "../../src/contract/objects.ts";
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

/** Whether the marker is in the text of the very entry that lists the patch, not in a file that it names. */
function isText(tree: Tree, { file, doc, path, form }: SourcePatch): boolean {
  const text = tree.read(file) ?? "";
  const read = readYamlCached(text);
  if (!read.ok || form === "chart-values" || form === "hand-edit") return text.includes(IMAGE_MARKER);
  const entry = valueAt(read.docs[doc]?.data as YamlData, path);
  return String(typeof entry === "string" ? entry : entry?.patch).includes(IMAGE_MARKER);
}
