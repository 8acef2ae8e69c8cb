import type { ClusterChange, Side } from "../../change/change.ts";
import { listPlacedSources, ofCluster, type PlacedSource, readKeys } from "../../change/value-keys.ts";
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
  const valuesOf = (source: PlacedSource): YamlData => {
    const told = source.id.startsWith("ConfigMap/") ? delivered?.[side].get(source.place) : undefined;
    return told ?? written(source);
  };
  const known = new Map<string, Record<string, string>>();
  return (spec) => {
    const sources = listPlacedSources(spec);
    return getOrMake(known, JSON.stringify(sources), () => {
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

type Edited = Pick<ClusterChange, "before" | "after" | "removed" | "added" | "isDelivered">;

/**
 * What the documents of a ConfigMap, `Kind/name`, say that the change alters; what patches them on their way is not seen. One that goes
 * says the same afterwards: once it is not there, what substitutes from it fails and prunes nothing, but where it is optional. One that
 * comes may be there today, made by hand, and say anything.
 */
export function readWritten(
  side: Side,
  { before, after, removed, added, isDelivered }: Edited,
): (source: Omit<PlacedSource, "place">) => YamlData | undefined {
  const [old, now] = [removed, added].map((changed) =>
    groupBy(
      changed.filter(({ kind }) => kind === "ConfigMap"),
      ({ name }): string => `ConfigMap/${name}`,
    ),
  );
  return ({ id, namespace: place, optional }) => {
    // A kustomization gives one without a namespace any.
    const isThere = ({ namespace }: KubeObject) => namespace === "" || place === "" || namespace === place;
    const pick = (all: readonly KubeObject[] = []) =>
      ofCluster(all, [before, after], isDelivered).filter(isThere).at(-1);
    const was = () => pick(old!.get(id));
    const last = side === "before" ? was() : (pick(now!.get(id)) ?? (optional ? undefined : was()));
    // An empty `data:` is null.
    return last && (bodyOf(last).data ?? {});
  };
}
