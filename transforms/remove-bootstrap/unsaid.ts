import { withoutGuards } from "../../src/cluster/guards.ts";
import { instanceOf } from "../../src/cluster/instances.ts";
import { findSource } from "../../src/cluster/running-source.ts";
import { readable } from "../../src/contract/answer.ts";
import type { FactFinding } from "../../src/contract/finding.ts";
import { itemsOf, type KubeObject, type YamlData } from "../../src/contract/objects.ts";
import { ofOwn } from "../../src/contract/of-own.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { diffObject } from "../../src/instance/sync/diff.ts";
import { modernise } from "../../src/instance/sync/legacy.ts";
import { isAbout, isSameDuration } from "../../src/instance/sync/values.ts";
import { generateRoot, generateSource, type SyncSpec } from "../../src/release/generated-sync.ts";
import { EMBEDDED_FLUX, parseFluxVersion } from "../../src/release/releases.ts";
import { runPatches } from "../../src/release/simulate.ts";
import { copyData } from "../../src/yaml/copy.ts";
import type { TransformContext } from "../contract.ts";

/**
 * Fields of the old source and root that go with their documents although the FluxInstance makes objects without them, as one
 * does that a person wrote: adoption drops them (flux-facts 2.6). What the instance says otherwise, such as the path, its owner
 * has said.
 */
export function reportUnsaid({ before: tree, cluster }: TransformContext, going: readonly KubeObject[]): FactFinding[] {
  const spec = instanceOf(cluster)?.spec;
  if (!spec?.sync?.url) return [];
  const { source, root, namespace } = cluster;
  const delivered = findSource(tree, cluster, source);
  const pairs: [KubeObject | undefined, YamlData][] = [
    [source, delivered ? readable(delivered.effective) : source?.data],
    [root, withoutGuards(tree, root, readable(cluster.kustomizations[0]!.effective))],
  ];
  const sync = { interval: "1m", ...(copyData(spec.sync) as YamlData) } as SyncSpec;
  const isMultitenant = spec.cluster?.multitenant === true;
  const name = sync.name || namespace;
  const made = [
    { id: "sync/source", names: [name], data: generateSource(sync, namespace, SOME_FLUX) as YamlData },
    { id: "sync/root", names: [name], data: generateRoot(sync, namespace, isMultitenant) as YamlData },
  ];
  runPatches(made, itemsOf(spec.kustomize?.patches));
  return pairs.flatMap(([object, data], index): FactFinding[] => {
    const next = made[index]!.data;
    if (!object || !going.includes(object) || object.kind !== next.kind) return [];
    const { set } = diffObject(data, modernise(data).spec, next);
    const fields = Object.keys(set).filter((field) => isUnsaid(set[field], next, field));
    if (fields.length === 0) return [];
    const at = locateField(tree, object, ["spec", fields[0]!]);
    return [{ rule: "sync-field-unsaid", level: "caution", resource: describe(object), at, facts: { fields } }];
  });
}

/** A release decides about the version of the source alone. */
const SOME_FLUX = parseFluxVersion(EMBEDDED_FLUX.at(-1)!)!;

/** Not said at all, though it says more than a default; `prune` is generated whatever the instance says. */
function isUnsaid(value: YamlData, { kind, spec }: YamlData, field: string): boolean {
  if (field === "prune") return value !== spec.prune;
  const isRoot = kind === "Kustomization";
  const isDefault =
    ofOwn(DEFAULTS, field) === value ||
    (field === "retryInterval" && isRoot && isSameDuration(value, spec.interval)) ||
    (field === "timeout" && (isRoot ? isAbout(value, spec.interval) : isSameDuration(value, "60s")));
  return spec[field] === undefined && value !== false && value !== "" && !isDefault;
}

/** What Flux does where a field is left out. */
const DEFAULTS: Readonly<Record<string, string>> = { deletionPolicy: "MirrorPrune", provider: "generic" };
