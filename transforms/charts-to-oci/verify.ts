import { readObjects } from "../../src/cluster/objects.ts";
import type { RepoModel } from "../../src/cluster/types.ts";
import { readable } from "../../src/contract/answer.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { sourceLost } from "./findings.ts";

/** Reads the result again: every release that moved must find its source in every cluster that is delivered it. */
export function findLostSources(before: RepoModel, after: RepoModel, moved: ReadonlySet<string>): DraftFinding[] {
  if (moved.size === 0) return [];
  return after.clusters.flatMap((cluster) =>
    cluster.objects.flatMap(({ object, namespace, effective }) => {
      const ref = readable(effective)?.spec?.chartRef;
      if (object.kind !== "HelmRelease" || ref?.kind !== "OCIRepository" || !moved.has(object.file)) return [];
      const was = readObjects(before.tree, object.file).objects.find(({ doc }) => doc === object.doc);
      if (was?.data?.spec?.chart === undefined) return [];
      if (readable(effective)?.spec?.chart !== undefined) return [sourceLost(after.tree, object, cluster.name)];
      const wanted = typeof ref.namespace === "string" ? ref.namespace : namespace;
      const isThere = cluster.objects.some(
        (other) =>
          other.object.kind === "OCIRepository" && other.object.name === ref.name && other.namespace === wanted,
      );
      return isThere ? [] : [sourceLost(after.tree, object, cluster.name, ref.name)];
    }),
  );
}
