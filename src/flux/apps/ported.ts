import type { DraftFinding, TransformContext } from "../../engine/transform.ts";
import type { PatchMapping } from "../../engine/types.ts";
import type { Loc } from "../../errors.ts";
import { reportMissingComponents } from "../gotk/components-in-use.ts";
import { gotkPatches, syncPatchRows } from "../gotk/port.ts";
import { deliverObject, filesOf, keyOf } from "../graph.ts";
import { withoutGuards } from "../guard-mark.ts";
import { readHelmValues } from "../helm-values.ts";
import { isHelmRelease } from "../kinds.ts";
import { locateField } from "../locations.ts";
import { portNamespace } from "../namespace-metadata.ts";
import { portChartValues } from "../patches/chart-values.ts";
import { portPatches } from "../patches/port.ts";
import type { InstanceFields, PortedPatch } from "../patches/types.ts";
import { CORE_COMPONENTS, type FluxVersion } from "../releases.ts";
import { carrySync } from "../sync/carry.ts";
import type { CarryResult } from "../sync/types.ts";
import type { Cluster, Install, KubeObject } from "../types.ts";
import type { AppContext } from "./context.ts";
import { withoutInstallDependency } from "./root-dependencies.ts";
import { mentionsVariables, readSubstitution } from "./substitution.ts";

/** Everything the old install and sync say, in the words of a FluxInstance. */
export interface PortedInstall {
  components: string[];
  fields: InstanceFields;
  /** Patches for the controllers and the namespace. */
  patches: PortedPatch[];
  mapping: PatchMapping[];
  findings: DraftFinding[];
  sync: CarryResult;
  /** Annotations the HelmRelease of the instance needs. */
  releaseAnnotations?: Record<string, string>;
}

const known = new WeakMap<Cluster, PortedInstall>();

/** Ports install and sync of a cluster, once per phase. */
export function portInstall(context: TransformContext, app: AppContext): PortedInstall {
  let ported = known.get(context.cluster);
  if (!ported) {
    ported = port(context, app);
    known.set(context.cluster, ported);
  }
  return ported;
}

function port(context: TransformContext, { desired, placement }: AppContext): PortedInstall {
  const { model, cluster, options } = context;
  const { install, version } = desired;
  const { tree } = model;
  const substitution = readSubstitution(tree, cluster, placement);
  const source = effectiveSource(context);
  const effective = withoutGuards(tree, cluster.root, cluster.kustomizations[0]?.effective ?? cluster.root.data);
  const freed = withoutInstallDependency(tree, cluster, effective);
  const root = { ...cluster.root, data: freed.data };
  const texts = [install.patches.map(({ body }) => body), source?.data?.spec, root.data?.spec];
  const isTouched = mentionsVariables(texts);
  // Text that is applied as it stands today must stay so; switching substitution off for the release keeps it readable
  // for helmfile as well, which escaping with `$$` would not (trap 37).
  const isOptedOut = isTouched && substitution.next && !substitution.old && !substitution.sync;
  const substituted = substitution.next && !isOptedOut;
  const result =
    install.style === "community-chart"
      ? portChart(context, install, version, substituted, substitution.old)
      : portManifests(context, install, version, substituted, substitution.old);
  const components = result.components;
  const namespace = portNamespace(tree, cluster, version);
  const sync: CarryResult = source
    ? carrySync({
        source,
        root,
        strategy: options.sync,
        namespace: cluster.namespace,
        fluxVersion: version,
        substituted,
        oldSubstituted: substitution.sync,
        multitenant: result.fields.multitenant !== undefined,
        readText: (path) => tree.read(path),
        locate: (object, path) => locateField(tree, object, path),
      })
    : { patches: [], findings: [], mapping: [] };
  return {
    components,
    fields: result.fields,
    patches: [...result.patches, ...namespace.patches],
    mapping: [...result.mapping, ...namespace.mapping],
    findings: [
      ...result.findings,
      ...reportMissingComponents(cluster, components, version, isGated(result.patches)),
      ...namespace.findings,
    ],
    sync: { ...sync, findings: [...freed.findings, ...sync.findings] },
    ...(isOptedOut ? { releaseAnnotations: { "kustomize.toolkit.fluxcd.io/substitute": "disabled" } } : {}),
  };
}

/** Whether a patch of the owner turns on the reading of external artifacts. */
function isGated(patches: readonly PortedPatch[]): boolean {
  return patches.some(({ raw }) => raw.includes("ExternalArtifact=true"));
}

type Ported = Pick<PortedInstall, "components" | "fields" | "patches" | "mapping" | "findings">;

function portManifests(
  { model, cluster, options }: TransformContext,
  install: Install,
  fluxVersion: FluxVersion,
  substituted: boolean,
  oldSubstituted: boolean,
): Ported {
  const components = install.components.length > 0 ? install.components : [...CORE_COMPONENTS];
  const { patches, findings } = gotkPatches(install, fluxVersion, cluster.namespace);
  const account = cluster.kustomizations[0]?.effective?.spec?.serviceAccountName;
  const result = portPatches({
    patches,
    style: install.style,
    fluxVersion,
    components,
    namespace: cluster.namespace,
    substituted,
    oldSubstituted,
    ...(cluster.source ? { sourceKind: cluster.source.kind } : {}),
    syncName: options.sync === "adopt" ? cluster.root.name : cluster.namespace,
    ...(account ? { rootServiceAccountName: String(account) } : {}),
    readText: (path) => model.tree.read(path),
  });
  return {
    components,
    ...result,
    mapping: [...result.mapping, ...syncPatchRows(install)],
    findings: [...findings, ...result.findings],
  };
}

/** The source as it is in the cluster, after patches of the folders and parents that deliver it. */
function effectiveSource({ model, cluster }: TransformContext): KubeObject | undefined {
  const { source, artifactRoot } = cluster;
  if (!source || !cluster.files.has(source.file)) return source;
  const parent = cluster.kustomizations.find(({ effective }) =>
    filesOf(model.tree, effective?.spec, artifactRoot).includes(source.file),
  );
  const delivered = parent && deliverObject(model.tree, source, parent, artifactRoot);
  return delivered ? { ...source, data: delivered.effective } : source;
}

/** The flux2 chart as it is released: `valuesFrom` of the tree and inline values, after patches of the parents. */
function portChart(
  { model, cluster }: TransformContext,
  install: Install,
  fluxVersion: FluxVersion,
  substituted: boolean,
  oldSubstituted: boolean,
): Ported {
  const release = install.objects.find(isHelmRelease)!;
  const effective = cluster.objects.find(({ object }) => keyOf(object) === keyOf(release))?.effective ?? release.data;
  const { values, unknown } = readHelmValues(model.tree, release, effective?.spec);
  const result = portChartValues({
    values,
    fluxVersion,
    substituted,
    oldSubstituted,
    at: install.at,
    locate: (path) => locateField(model.tree, release, ["spec", "values", ...path]),
  });
  return { ...result, findings: [...result.findings, ...unknown.map(({ at, what }) => valuesElsewhere(at, what))] };
}

function valuesElsewhere(at: Loc, what: string): DraftFinding {
  return {
    rule: "chart-values-elsewhere",
    level: "blocker",
    at,
    what: `The values of this release come in part from ${what}, which is not in this repository, so settings of the running Flux are unknown.`,
    why: "Every setting has to be said again in the FluxInstance; one that is not seen would be lost at the takeover.",
    next: "Put these values into the HelmRelease or a generated ConfigMap, commit, and run fluxlift again.",
  };
}
