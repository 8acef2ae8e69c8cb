import type { DraftFinding, TransformContext, TransformResult } from "../../engine/transform.ts";
import type { DraftEdit } from "../../engine/types.ts";
import { printDocument } from "../../yaml/print.ts";
import { DEFAULT_REGISTRY } from "../gotk/images.ts";
import { apiVersionsFor } from "../releases.ts";
import type { YamlData } from "../types.ts";
import type { AppContext } from "./context.ts";
import { isLockedDown, pathTaken } from "./create.ts";
import { buildFolder, CHART_LAYER, CHARTS } from "./documents.ts";
import { listResource } from "./listing.ts";
import type { AppName } from "./placement.ts";

/** Where the operator finds manifests of patch releases that are newer than itself; what the chart writes too. */
const ARTIFACT = "oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:latest";

/**
 * The release that keeps the operator, which `helm install` of the runbook has put into the cluster before: a pinned chart
 * for Renovate to follow, or the ResourceSet that upgrades the operator by itself.
 */
export function createOperator(context: TransformContext, app: AppContext, values: YamlData): TransformResult {
  const { conventions, placement, desired } = app;
  const place = placement.apps["flux-operator"];
  const input = { cluster: context.cluster, conventions, place, values, name: "flux-operator" as const };
  const versions = { version: desired.version, chartVersion: desired.operatorVersion };
  const lockdown = { isLockedDown: isLockedDown(context, app) };
  const isAuto = context.options.operatorUpgrades === "auto";
  const file = `${place.folder}${conventions.extension}`;
  const files = isAuto
    ? new Map([[file, print(app, buildOperatorSet(context, app, values))]])
    : buildFolder({ ...input, ...versions, ...lockdown });
  const listing = place.listing && {
    ...place.listing,
    entry: `${place.listing.entry}${isAuto ? conventions.extension : ""}`,
  };
  const why = isAuto
    ? "Let the operator upgrade the chart it was installed with."
    : "Keep the operator at the chart it was installed with.";
  return create(context, app, "flux-operator", files, listing, why);
}

/** The FluxInstance as the official guide has it: a manifest beside what the root delivers. */
export function createInstance(
  context: TransformContext,
  app: AppContext,
  spec: YamlData,
  annotations: Record<string, string> = {},
): TransformResult {
  const { direct } = app.placement;
  const { version, registry, ...distribution } = spec.distribution;
  const object = {
    apiVersion: "fluxcd.controlplane.io/v1",
    kind: "FluxInstance",
    metadata: {
      name: "flux",
      namespace: context.cluster.namespace,
      // Should the file ever leave this folder, Flux must not prune what is Flux itself (trap 5).
      annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled", ...annotations },
    },
    spec: {
      ...spec,
      distribution: { version, registry: registry ?? DEFAULT_REGISTRY, artifact: ARTIFACT, ...distribution },
    },
  };
  const files = new Map([[direct!.instance, print(app, object)]]);
  return create(context, app, "flux-instance", files, direct!.listing, "Describe the running Flux as a FluxInstance.");
}

/**
 * A ResourceSet whose only release is the operator's own. It can keep the operator, never bring it: its CRD comes with the
 * chart, so an empty cluster starts with `helm install`.
 */
function buildOperatorSet({ cluster }: TransformContext, { desired }: AppContext, values: YamlData): YamlData {
  const api = apiVersionsFor(desired.version);
  const own = { name: "<< inputs.provider.name >>", namespace: "<< inputs.provider.namespace >>" };
  return {
    apiVersion: "fluxcd.controlplane.io/v1",
    kind: "ResourceSet",
    metadata: {
      name: "flux-operator",
      namespace: cluster.namespace,
      annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled" },
    },
    spec: {
      inputs: [{ interval: "1h", version: "*" }],
      resources: [
        {
          apiVersion: api.ociRepository,
          kind: "OCIRepository",
          metadata: own,
          spec: {
            interval: "<< inputs.interval | quote >>",
            layerSelector: { mediaType: CHART_LAYER, operation: "copy" },
            ref: { semver: "<< inputs.version | quote >>" },
            url: `${CHARTS}/flux-operator`,
          },
        },
        {
          apiVersion: api.helmRelease,
          kind: "HelmRelease",
          metadata: own,
          spec: {
            chartRef: { kind: "OCIRepository", name: own.name },
            interval: "<< inputs.interval | quote >>",
            releaseName: own.name,
            serviceAccountName: own.name,
            ...(Object.keys(values).length > 0 ? { values } : {}),
          },
        },
      ],
    },
  };
}

function print({ conventions }: AppContext, value: YamlData): string {
  return printDocument(value, conventions.style);
}

function create(
  { tree }: TransformContext,
  { desired }: AppContext,
  name: AppName,
  files: ReadonlyMap<string, string>,
  listing: { dir: string; entry: string } | undefined,
  why: string,
): TransformResult {
  const edits: DraftEdit[] = [];
  const findings: DraftFinding[] = [];
  for (const [path, text] of files) {
    if (tree.has(path)) findings.push(pathTaken(path, name));
    else edits.push({ kind: "create", path, text, why, evidence: [desired.install.at] });
  }
  const listed = listing ? listResource(tree, listing.dir, listing.entry, `Deliver ${name}.`) : {};
  if (listed.edit) edits.push(listed.edit);
  if (listed.finding) findings.push(listed.finding);
  return { edits, findings };
}
