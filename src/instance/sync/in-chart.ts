import { chartOf } from "../../cluster/sync-charts.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import type { KubeObject } from "../../contract/objects.ts";
import { locateField } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";

/** Source and root that are templates of a chart: whatever of a release's objects its chart no longer makes, Helm deletes. */
export function checkSyncInChart(tree: Tree, objects: readonly KubeObject[]): DraftFinding[] {
  const made = objects.flatMap((object) => {
    const chart = chartOf(tree, object.file);
    return chart === undefined ? [] : [{ object, chart }];
  });
  const [first] = made;
  if (first === undefined) return [];
  const resources = made.map(({ object }) => `${object.kind} ${object.name}`);
  return [
    {
      rule: "sync-not-expressible",
      level: "blocker",
      resource: resources[0]!,
      at: locateField(tree, first.object),
      facts: { resources, chart: first.chart },
    },
  ];
}
