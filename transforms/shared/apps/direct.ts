import { DEFAULT_REGISTRY } from "../../../src/cluster/gotk/images.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import type { InstanceSpec } from "../../../src/instance/spec.ts";
import { apiVersionsFor } from "../../../src/release/releases.ts";
import { printDocument } from "../../../src/yaml/print.ts";
import { combine, type Outcome, type TransformContext } from "../../contract.ts";
import { list, writeFiles } from "./create.ts";
import { buildFolder, CHARTS, LAYER_SELECTOR } from "./documents.ts";
import type { AppContext } from "./types.ts";

/** Why a FluxInstance is written, whatever the form. */
export const DESCRIBE_FLUX = "Describe the running Flux as a FluxInstance.";

/** Where the operator finds manifests of patch releases that are newer than itself; what the chart writes too. */
const ARTIFACT = "oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:latest";

/**
 * The release that keeps the operator, which `helm install` of the runbook has put into the cluster before: a pinned chart
 * for Renovate to follow, or the ResourceSet that upgrades the operator by itself.
 */
export function createOperator(context: TransformContext, app: AppContext, values: YamlData): Outcome {
  const { conventions, placement } = app;
  const place = placement.apps["flux-operator"];
  const isAuto = context.options.operatorUpgrades === "auto";
  const extension = isAuto ? conventions.extension : "";
  const files = isAuto
    ? new Map([[`${place.folder}${extension}`, print(app, buildOperatorSet(context, app, values))]])
    : buildFolder({ cluster: context.cluster, app, name: "flux-operator", values });
  const listing = place.listing && { ...place.listing, entry: `${place.listing.entry}${extension}` };
  const why = isAuto
    ? "Let the operator upgrade the chart it was installed with."
    : "Keep the operator at the chart it was installed with.";
  const written = writeFiles(context.tree, app, "flux-operator", files, why);
  return combine(written, list(context.tree, listing, "flux-operator"));
}

/** The FluxInstance as the official guide has it: a manifest beside what the root delivers. */
export function createInstance(context: TransformContext, app: AppContext, spec: InstanceSpec): Outcome {
  const { direct } = app.placement;
  const { version, registry, ...distribution } = spec.distribution;
  const object = {
    apiVersion: "fluxcd.controlplane.io/v1",
    kind: "FluxInstance",
    metadata: {
      name: "flux",
      namespace: context.cluster.namespace,
      // Should the file ever leave this folder, Flux must not prune what is Flux itself (trap 5).
      annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled", ...app.wanted.annotations },
    },
    spec: {
      ...spec,
      distribution: { version, registry: registry ?? DEFAULT_REGISTRY, artifact: ARTIFACT, ...distribution },
    },
  };
  const files = new Map([[direct!.instance, print(app, object)]]);
  const written = writeFiles(context.tree, app, "flux-instance", files, DESCRIBE_FLUX);
  return combine(written, list(context.tree, direct!.listing, "flux-instance"));
}

/**
 * A ResourceSet whose only release is the operator's own. It can keep the operator, never bring it: its CRD comes with the
 * chart, so an empty cluster starts with `helm install`.
 */
function buildOperatorSet({ cluster }: TransformContext, { wanted }: AppContext, values: YamlData): YamlData {
  const api = apiVersionsFor(wanted.version);
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
            layerSelector: LAYER_SELECTOR,
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
