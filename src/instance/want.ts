import { reportMissingComponents } from "../cluster/components-in-use.ts";
import { syncNamespaceOf } from "../cluster/namespaces.ts";
import type { Cluster, Install } from "../cluster/types.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { given } from "../contract/given.ts";
import { portChart } from "./chart/values.ts";
import { type ImageRegistry, readImageRegistry } from "./image-registry.ts";
import { portManifests } from "./manifests.ts";
import { portNamespace } from "./namespace-metadata.ts";
import { mentionsVariables } from "./patches/escape.ts";
import { readDeployments } from "./running.ts";
import { type InstanceSpec, specOf } from "./spec.ts";
import type { CarryResult } from "./sync/types.ts";
import type { InstallResult, Passage, Versions, WantInput } from "./types.ts";
import { controllersElsewhere } from "./versions.ts";
import { readSynced, wantSync } from "./want-sync.ts";

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
  const { tree, cluster, versions, substitution } = input;
  const { install, version } = versions;
  const synced = readSynced(input);
  // Text that is applied as it stands today must stay so; switching substitution off for the release keeps it readable
  // for helmfile as well, which escaping with `$$` would not (trap 37).
  const texts = [install.patches.map(({ body }) => body), synced.source?.data.spec, synced.root.data.spec];
  const isOptedOut = substitution.next && !substitution.old && !substitution.sync && mentionsVariables(texts);
  const passage: Required<Passage> = {
    substituted: substitution.next && !isOptedOut,
    oldSubstituted: substitution.old,
  };
  const port = install.style === "community-chart" ? portChart : portManifests;
  const ported = port(input, passage);
  const mirror = findMirror(input, ported);
  const said = { ...ported, fields: { ...ported.fields, ...given({ registry: mirror?.registry }) } };
  const namespace = portNamespace(tree, cluster);
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
    sync: wantSync(input, synced, {
      substituted: passage.substituted,
      multitenant: said.fields.multitenant !== undefined,
    }),
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
