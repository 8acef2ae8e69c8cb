import { withoutGuards } from "../cluster/guards.ts";
import { findSource } from "../cluster/running-source.ts";
import { readable } from "../contract/answer.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { given } from "../contract/given.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec, type YamlData } from "../contract/objects.ts";
import { withCommonMetadata } from "../delivery/common-metadata.ts";
import { fillIn, findUnfilled, isSubstitutionDisabled } from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import { reportHidden, withoutCommon, withoutInstallDependency } from "./effective.ts";
import { checkSyncGenerated } from "./generated-names.ts";
import { findVariable } from "./patches/escape.ts";
import { reportSyncValues } from "./patches/other-values.ts";
import { carrySync } from "./sync/carry.ts";
import { checkSyncInChart } from "./sync/in-chart.ts";
import type { CarryResult } from "./sync/types.ts";
import type { WantInput } from "./types.ts";

/** What a cluster syncs today. */
interface Synced {
  /** Undefined where no file holds it. */
  source: KubeObject | undefined;
  root: KubeObject;
  /** What can be said of both as they are applied, beside what stands in their files. */
  findings: readonly DraftFinding[];
}

/** Source and root as they are applied, without what only the old install gives them. */
export function readSynced({ tree, cluster, versions: { install } }: WantInput): Synced {
  const delivered = findSource(tree, cluster, cluster.source);
  const written = delivered ? { ...delivered.object, data: asApplied(delivered) } : cluster.source;
  const effective = withoutGuards(tree, cluster.root, asApplied(cluster.kustomizations[0]!));
  const freed = withoutInstallDependency(tree, cluster, effective);
  return {
    source: written && { ...written, data: withoutCommon(install, written.data) },
    root: { ...cluster.root, data: withoutCommon(install, freed.data) },
    findings: [...(delivered ? reportHidden(delivered) : []), ...freed.findings],
  };
}

/** With the labels and annotations of the FluxKustomization that applies it, which an object that the operator makes has not. */
const asApplied = ({ effective, parent }: DeliveredFluxObject): YamlData =>
  withCommonMetadata(readable(effective), readableSpec(parent)?.commonMetadata);

/**
 * `spec.sync` of the instance, and what of source and root no field of it says.
 * @param instance where the instance passes, and what its other fields are
 */
export function wantSync(
  { tree, cluster, versions, strategy, substitution, branchReader }: WantInput,
  { source, root, findings }: Synced,
  instance: { substituted: boolean; multitenant: boolean },
): CarryResult {
  if (!source) return { comments: [], patches: [], findings: [...findings], mapping: [] };
  const ofRoot = readableSpec(cluster.kustomizations[0])?.postBuild;
  const isBoth = instance.substituted && substitution.sync;
  const others = isBoth ? reportSyncValues(tree, [source, root], ofRoot, substitution) : [];
  const isLeaving = substitution.sync && (!instance.substituted || others.length > 0);
  const passed = isLeaving && ofRoot ? fillSync({ source, root }, ofRoot) : undefined;
  const filled = passed?.filled;
  const sync = carrySync({
    ...instance,
    source: filled?.source ?? source,
    root: filled?.root ?? root,
    strategy,
    namespace: cluster.namespace,
    fluxVersion: versions.version,
    oldSubstituted: substitution.sync && !filled,
    readText: (path) => tree.read(path),
    ...given({ unfilled: passed?.unfilled }),
    ...given({ overlays: versions.install.gotk?.syncPatches, branchReader }),
    locate: (object, path) => locateField(tree, object, path),
  });
  const isMade = strategy !== "keep";
  return {
    ...sync,
    findings: [
      ...findings,
      ...(filled ? [] : others),
      ...(isMade
        ? [...checkSyncGenerated(tree, cluster, [source, root]), ...checkSyncInChart(tree, [source, root])]
        : []),
      ...sync.findings,
    ],
  };
}

/**
 * Source and root as the root's own substitution leaves them, where its values stand in Git and something is filled in;
 * the field that stops it where one does.
 */
function fillSync({ source, root }: Record<"source" | "root", KubeObject>, postBuild: YamlData) {
  // What only escapes a `$` is carried as text, comments included.
  if (findVariable(JSON.stringify([source.data.spec, root.data.spec])) === undefined) return undefined;
  for (const object of [source, root]) {
    const field = isSubstitutionDisabled(object.data) ? undefined : findUnfilled(object.data as YamlData, postBuild);
    if (field) return { unfilled: { object, ...field } };
  }
  const fill = (object: KubeObject): KubeObject => {
    if (isSubstitutionDisabled(object.data)) return object;
    return { ...object, data: fillIn(object.data as YamlData, postBuild) as YamlData };
  };
  return { filled: { source: fill(source), root: fill(root) } };
}
