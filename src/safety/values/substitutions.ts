import type { ClusterChange, Side } from "../../change/change.ts";
import { listPlacedSources, ofCluster, readKeys } from "../../change/value-keys.ts";
import { getOrMake, groupBy } from "../../contract/group-by.ts";
import { bodyOf, type KubeObject, type YamlData } from "../../contract/objects.ts";
import type { FluxObjectSpec } from "../../contract/specs.ts";
import type { SnapshotContext } from "../snapshot-context.ts";

/**
 * Tells what a FluxKustomization substitutes from ConfigMaps: of those that the change alters, as their documents say it, and of
 * those that the cluster is known to be given. What stays is the same in both trees, known or not.
 */
export function makeValues(
  side: Side,
  context: SnapshotContext,
): (spec: FluxObjectSpec | undefined) => Record<string, string> {
  const { isDelivered, delivered } = context;
  const written = readWritten(side, context);
  const valuesOf = ({ id, place, namespace }: Placed): YamlData => {
    const told = id.startsWith("ConfigMap/") ? delivered?.[side].get(place) : undefined;
    return told ?? written(id, namespace);
  };
  const known = new Map<string, Record<string, string>>();
  return (spec) => {
    const sources = listPlacedSources(spec);
    return getOrMake(known, sources.map(({ place }) => place).join(" "), () => {
      const values: Record<string, string> = {};
      for (const source of sources) {
        const { id } = source;
        // A Secret sets its keys over those of what stands before it.
        const keys = id.startsWith("Secret/") ? readKeys(context[side], id, isDelivered) : undefined;
        for (const key of keys ?? []) delete values[key];
        // What hangs on a variable that is not known is not known either.
        for (const [key, value] of Object.entries(valuesOf(source) ?? {}))
          if (String(value).includes("${")) delete values[key];
          else values[key] = String(value);
      }
      return values;
    });
  };
}

type Placed = ReturnType<typeof listPlacedSources>[number];
type Edited = Pick<ClusterChange, "before" | "after" | "removed" | "added" | "isDelivered">;

/** What the documents of a ConfigMap, `Kind/name`, say that the change alters; what patches them on their way is not seen. */
export function readWritten(
  side: Side,
  { before, after, removed, added, isDelivered }: Edited,
): (id: string, namespace: string | undefined) => YamlData | undefined {
  const changed = side === "before" ? removed : added;
  const configMaps = groupBy(
    changed.filter(({ kind }) => kind === "ConfigMap"),
    ({ name }): string => `ConfigMap/${name}`,
  );
  return (id, place = "") => {
    // A kustomization gives one without a namespace any.
    const isThere = ({ namespace }: KubeObject) => namespace === "" || place === "" || namespace === place;
    const last = ofCluster(configMaps.get(id) ?? [], [before, after], isDelivered)
      .filter(isThere)
      .at(-1);
    return last && bodyOf(last).data;
  };
}
