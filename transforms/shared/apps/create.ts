import { isDeepStrictEqual } from "node:util";
import { DEFAULT_REGISTRY } from "../../../src/cluster/gotk/images.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import type { DraftEdit } from "../../../src/contract/edit.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { Yaml } from "../../../src/contract/media.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import { dirname, isWithin, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { InstanceSpec } from "../../../src/instance/spec.ts";
import { apiVersionsFor } from "../../../src/release/releases.ts";
import { printDocument } from "../../../src/yaml/print.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import { combine, type Outcome, type TransformContext, type TransformResult } from "../../contract.ts";
import { buildApp, buildFolder, CHARTS, KUSTOMIZATION, LAYER_SELECTOR, printAs } from "./documents.ts";
import { pruneMark } from "./learn-labels.ts";
import { listResource } from "./listing.ts";
import type { AppContext, AppName, AppPlace } from "./types.ts";

/** Creates an app and lists it where its namespace folder is built. */
export function createApp(
  context: TransformContext,
  app: AppContext,
  name: AppName,
  values: YamlData,
  why: string,
): Outcome {
  const { tree, cluster } = context;
  const { listing } = app.placement.apps[name];
  const files = writeFiles(tree, app, name, buildApp({ cluster, app, name, values }), why);
  const { newNamespaceDir } = app.placement;
  if (!newNamespaceDir || !listing || tree.isDir(listing.dir)) return combine(files, list(tree, listing, name));
  const created = createNamespaceDir(tree, cluster, app, newNamespaceDir.dir, listing.entry);
  return combine(files, { edits: created }, list(tree, newNamespaceDir.listedIn, `the ${cluster.namespace} folder`));
}

/** Creates the files of an app; one that stands in the way is left as it is. */
function writeFiles(
  tree: Tree,
  { wanted, placement, conventions }: AppContext,
  name: AppName,
  files: ReadonlyMap<string, Yaml>,
  why: string,
): Outcome {
  const result: TransformResult = { edits: [], findings: [] };
  const { fluxKustomization, note } = placement.apps[name];
  for (const [path, text] of files) {
    const reason = note !== undefined && path === fluxKustomization ? `${why} ${note}` : why;
    if (!tree.has(path)) {
      result.edits.push({ kind: "create", path, text, why: reason, evidence: [wanted.install.at] });
      const at = lineOf(path, text.split("\n").findIndex((line) => /^ +tag: /.test(line)) + 1);
      const facts = { chart: `${CHARTS}/${name}:${wanted.operatorVersion}`.replace("oci://", "") };
      if (conventions.digests.pinned && at.line > 0)
        result.findings.push({ rule: "chart-digest-missing", level: "caution", at, facts });
    } else if (!isPrepared(tree, path, text))
      result.findings.push({ rule: "path-taken", level: "blocker", at: lineOf(path), facts: { app: name } });
  }
  return result;
}

/** Whether a file says already what would be written, however it is laid out. */
function isPrepared(tree: Tree, path: string, text: string): boolean {
  const [there, wanted] = [readYamlCached(tree.read(path) ?? ""), readYamlCached(text)];
  return there.ok && wanted.ok && isDeepStrictEqual(there.docs, wanted.docs);
}

/** Lists what is new in a kustomization; where there is none to list it, the folder is walked. */
function list(tree: Tree, listing: AppPlace["listing"], what: string): Outcome {
  return listing ? listResource(tree, listing.dir, listing.entry, `Deliver ${what}.`) : {};
}

function createNamespaceDir(tree: Tree, cluster: Cluster, app: AppContext, dir: string, entry: string): DraftEdit[] {
  const { conventions, placement } = app;
  // The Namespace of the install is the operator's from then on; a second one would be a second owner, and until the cutover
  // the install would take its marks off again (trap 34). The chart brings none.
  const hasNamespace =
    placement.layout === "manifests" ||
    cluster.install?.style !== "community-chart" ||
    [...cluster.files].some((file) => isWithin(file, dir) || file.endsWith(`${cluster.namespace}/namespace.yaml`));
  const namespace = `namespace${conventions.extension}`;
  const resources = [...(hasNamespace ? [] : [`${conventions.listPrefix}${namespace}`]), entry];
  const kustomization: DraftEdit = {
    kind: "create",
    path: join(dir, conventions.kustomizationFile),
    text: printAs("Kustomization", conventions, { ...KUSTOMIZATION, resources }),
    why: `Give ${cluster.namespace} a folder among the apps.`,
  };
  if (hasNamespace) return [kustomization];
  const metadata = { name: cluster.namespace, ...pruneMark(tree, dirname(dir)) };
  const text = printDocument({ apiVersion: "v1", kind: "Namespace", metadata }, conventions.style);
  const why = "The namespace of the controllers must outlive any change of the files that name it.";
  return [kustomization, { kind: "create", path: join(dir, namespace), text, why }];
}

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
  const api = apiVersionsFor(wanted.runs);
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

function print({ conventions }: AppContext, value: YamlData): Yaml {
  return printDocument(value, conventions.style);
}
