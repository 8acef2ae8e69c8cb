import { isYamlPath, readObjects } from "../../src/cluster/objects.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { TransformContext } from "../contract.ts";
import { IMAGE_MARKER, isOutOfReach, markedField } from "../shared/image-markers.ts";

/**
 * Fields of source and root, or of patches for them, that an ImageUpdateAutomation sets. The instance would hold them as the
 * text of a patch, where it finds no marker, and put the value of today back whenever the file gets a new one.
 */
export function findImageMarkers({ tree, cluster }: TransformContext): DraftFinding[] {
  const synced = [cluster.source, cluster.root].flatMap((object) => object ?? []);
  const isSynced = ({ kind, name, namespace }: KubeObject) =>
    synced.some((object) => object.kind === kind && object.name === name && ["", object.namespace].includes(namespace));
  const files = tree.grep(IMAGE_MARKER).filter(isYamlPath);
  return files.flatMap((file): DraftFinding[] => {
    if (!cluster.files.has(file) && !synced.some((object) => object.file === file)) return [];
    const lines = (tree.read(file) ?? "").split("\n");
    const starts = readObjects(tree, file).objects.map((object) => ({ object, line: locateField(tree, object).line }));
    const marked = lines.flatMap((text, index) => {
      const field = markedField(text);
      const owner = starts.findLast(({ line }) => line <= index + 1)?.object;
      return field !== undefined && owner && isSynced(owner) ? [{ field, owner, line: index + 1 }] : [];
    });
    const [first] = marked;
    if (!first) return [];
    const { owner, line } = first;
    const facts = { fields: marked.map(({ field }) => field), owner: describe(owner) };
    const place = { resource: describe(owner), at: lineOf(file, line), facts };
    if (isOutOfReach(tree, file)) return [{ rule: "sync-marker-idle", level: "info", ...place }];
    return [{ rule: "sync-field-automated", level: "blocker", ...place }];
  });
}
