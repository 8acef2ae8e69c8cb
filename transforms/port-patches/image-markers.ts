import type { DraftFinding } from "../../src/contract/finding.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { WantedInstance } from "../../src/instance/want.ts";
import { IMAGE_MARKER, isOutOfReach, markedField } from "../shared/image-markers.ts";

/**
 * Fields of a patch that image automation sets in a file of its own. In the instance the patch is text, and a marker in text
 * is none; one that stands in the text of a list was none before.
 */
export function findIdleMarkers(tree: Tree, { patches }: WantedInstance): DraftFinding[] {
  return patches.flatMap(({ data: { patch }, from }): DraftFinding[] => {
    if (!patch.includes(IMAGE_MARKER) || tree.read(from.file)?.includes(IMAGE_MARKER)) return [];
    const fields = patch.split("\n").flatMap((line) => markedField(line) ?? []);
    if (fields.length === 0 || isOutOfReach(tree, from.file)) return [];
    return [{ rule: "patch-marker-idle", level: "caution", at: from, facts: { fields } }];
  });
}
