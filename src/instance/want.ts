import { reportMissingComponents } from "../cluster/components-in-use.ts";
import { withoutGuards } from "../cluster/guards.ts";
import { syncNamespaceOf } from "../cluster/namespaces.ts";
import { findSource } from "../cluster/running-source.ts";
import type { Cluster, Install } from "../cluster/types.ts";
import { readable } from "../contract/answer.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { given } from "../contract/given.ts";
import { type KubeObject, readableSpec, type YamlData } from "../contract/objects.ts";
import { fillIn, findUnfilled } from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import { portChart } from "./chart/values.ts";
import { reportHidden, withoutCommon, withoutInstallDependency } from "./effective.ts";
import { checkSyncGenerated } from "./generated-names.ts";
import { type ImageRegistry, readImageRegistry } from "./image-registry.ts";
import { portManifests } from "./manifests.ts";
import { portNamespace } from "./namespace-metadata.ts";
import { findVariable, isSubstitutionDisabled, mentionsVariables } from "./patches/escape.ts";
import { reportSyncValues } from "./patches/other-values.ts";
import { readDeployments } from "./running.ts";
import { type InstanceSpec, specOf } from "./spec.ts";
import { carrySync } from "./sync/carry.ts";
import { checkSyncInChart } from "./sync/in-chart.ts";
import type { CarryResult } from "./sync/types.ts";
import type { InstallResult, Passage, Versions, WantInput } from "./types.ts";
import { controllersElsewhere } from "./versions.ts";

/** What a FluxInstance has to say so that the operator runs the Flux of an install and syncs what its root syncs. */
export interface WantedInstance extends Versions, Omit<InstallResult, "components"> {
  spec: InstanceSpec;
  sync: CarryResult;
  /** Annotations that what delivers the instance needs. */
  annotations: Record<string, string>;
  /** Whether what `images` of the old install say is part of this, or of its findings. */
  readsImages: boolean;
}

/** Says install and sync of a cluster in the words of a FluxInstance. */
export function wantInstance(input: WantInput): WantedInstance {
  const { tree, cluster, versions, strategy, substitution } = input;
  const { install, version } = versions;
  const delivered = findSource(tree, cluster, cluster.source);
  const written = delivered ? { ...delivered.object, data: readable(delivered.effective) } : cluster.source;
  const source = written && { ...written, data: withoutCommon(install, written.data) };
  const effective = withoutGuards(tree, cluster.root, readable(cluster.kustomizations[0]!.effective));
  const freed = withoutInstallDependency(tree, cluster, effective);
  const root = { ...cluster.root, data: withoutCommon(install, freed.data) };
  const texts = [install.patches.map(({ body }) => body), source?.data.spec, root.data.spec];
  const isTouched = mentionsVariables(texts);
  // Text that is applied as it stands today must stay so; switching substitution off for the release keeps it readable
  // for helmfile as well, which escaping with `$$` would not (trap 37).
  const isOptedOut = isTouched && substitution.next && !substitution.old && !substitution.sync;
  const substituted = substitution.next && !isOptedOut;
  const passage: Required<Passage> = { substituted, oldSubstituted: substitution.old };
  const port = install.style === "community-chart" ? portChart : portManifests;
  const ported = port(input, passage);
  const mirror = findMirror(input, ported);
  const said = { ...ported, fields: { ...ported.fields, ...given({ registry: mirror?.registry }) } };
  const namespace = portNamespace(tree, cluster);
  const ofRoot = readableSpec(cluster.kustomizations[0])?.postBuild;
  const others =
    source && substituted && substitution.sync ? reportSyncValues(tree, [source, root], ofRoot, substitution) : [];
  const isLeaving = substitution.sync && (!substituted || others.length > 0);
  const passed = source && isLeaving && ofRoot ? fillSync({ source, root }, ofRoot) : undefined;
  const filled = passed?.filled;
  const sync: CarryResult = source
    ? carrySync({
        source: filled?.source ?? source,
        root: filled?.root ?? root,
        strategy,
        namespace: cluster.namespace,
        fluxVersion: version,
        substituted,
        oldSubstituted: substitution.sync && !filled,
        multitenant: said.fields.multitenant !== undefined,
        readText: (path) => tree.read(path),
        ...given({ unfilled: passed?.unfilled }),
        ...given({ overlays: install.gotk?.syncPatches, branchReader: input.branchReader }),
        locate: (object, path) => locateField(tree, object, path),
      })
    : { comments: [], patches: [], findings: [], mapping: [] };
  return {
    ...versions,
    fields: said.fields,
    ...given({ fieldComments: said.fieldComments }),
    spec: specOf(versions, said),
    patches: [...said.patches, ...namespace.patches],
    mapping: [...said.mapping, ...(mirror?.mapping ?? []), ...namespace.mapping],
    findings: [
      ...said.findings,
      ...(mirror?.findings ?? []),
      ...reportBeside(cluster, said),
      ...reportShut(cluster, install, said),
      ...reportMissingComponents(tree, cluster, said.components, version, install, isGated(said)),
      ...namespace.findings,
    ],
    sync: {
      ...sync,
      findings: [
        ...(delivered ? reportHidden(delivered) : []),
        ...freed.findings,
        ...(filled ? [] : others),
        ...(source && strategy !== "keep" ? checkSyncGenerated(tree, cluster, [source, root]) : []),
        ...(source && strategy !== "keep" ? checkSyncInChart(tree, [source, root]) : []),
        ...sync.findings,
      ],
    },
    annotations: isOptedOut ? { "kustomize.toolkit.fluxcd.io/substitute": "disabled" } : {},
    readsImages: mirror !== undefined,
  };
}

/** What `images` of the old install make of the controllers that still run. */
function findMirror({ tree, cluster, versions }: WantInput, said: InstallResult): ImageRegistry | undefined {
  return readImageRegistry(tree, cluster, versions, () =>
    readDeployments({ ...said, version: versions.version }, cluster.namespace).map(({ metadata }) =>
      String(metadata.name),
    ),
  );
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

/** Another Flux in the cluster shares its CRDs; controllers that watch their own namespace are most often not the only ones. */
function reportBeside({ otherInstalls = [] }: Cluster, { patches }: InstallResult): DraftFinding[] {
  const place = { rule: "install-beside-others", level: "caution" } as const;
  if (otherInstalls.length > 0)
    return otherInstalls.map(({ at, namespace, isSuspended }) => ({ ...place, at, facts: { namespace, isSuspended } }));
  const narrow = patches.find(({ data }) => data.patch.includes("--watch-all-namespaces=false"));
  return narrow ? [{ ...place, at: narrow.from, facts: {} }] : [];
}

/** Controllers that follow no reference to another namespace, while the source is in one. */
function reportShut(cluster: Cluster, install: Install, { fields, patches }: InstallResult): DraftFinding[] {
  if (syncNamespaceOf(cluster) === cluster.namespace) return [];
  const isShut = fields.multitenant || patches.some(({ raw }) => raw.includes("--no-cross-namespace-refs"));
  return isShut ? [controllersElsewhere(cluster, install.at, { isShut: true })] : [];
}

/** Whether a patch of the owner turns on the reading of external artifacts. */
function isGated({ patches }: InstallResult): boolean {
  return patches.some(({ raw }) => raw.includes("ExternalArtifact=true"));
}
