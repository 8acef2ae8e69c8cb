import type { Cluster } from "../../../src/cluster/types.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import type { WantedInstance } from "../../../src/instance/want.ts";
import { apiVersionsFor, atLeast, type FluxVersion } from "../../../src/release/releases.ts";
import { printDocument } from "../../../src/yaml/print.ts";
import type { Conventions, SchemaKind } from "./conventions.ts";
import { withScaffold } from "./deliverer.ts";
import type { AppContext, AppName } from "./types.ts";

/** Where the two charts are published (flux-facts 5.1). */
export const CHARTS = "oci://ghcr.io/controlplaneio-fluxcd/charts";
export const KUSTOMIZATION = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization" };

interface AppInput {
  cluster: Cluster;
  app: AppContext;
  name: AppName;
  /** Helm values of the app. */
  values: YamlData;
}

/** Files of an app, by path; the FluxKustomization first. */
export function buildApp(input: AppInput): Map<string, string> {
  const { fluxKustomization } = input.app.placement.apps[input.name];
  return new Map([[fluxKustomization, buildFluxKustomization(input)], ...buildFolder(input)]);
}

/** The folder of an app: its release, the source of its chart, and the kustomization that lists both. */
export function buildFolder(input: AppInput): Map<string, string> {
  const { wanted, conventions, placement } = input.app;
  const path = (name: string) => `${placement.apps[input.name].folder}/${name}${conventions.extension}`;
  // chartRef exists from Flux 2.3; before that charts come through a HelmRepository of type oci (flux-facts 6.2).
  const sourceFile = usesChartRef(wanted.version) ? "ocirepository" : "helmrepository";
  const listed = ["helmrelease", sourceFile];
  const resources = listed.map((name) => `${conventions.listPrefix}${name}${conventions.extension}`);
  return new Map([
    [path("kustomization"), printAs("Kustomization", conventions, { ...KUSTOMIZATION, resources })],
    [path("helmrelease"), buildRelease(input)],
    [path(sourceFile), buildChartSource(input)],
  ]);
}

/**
 * Whether the controllers act as the default service account unless told otherwise (multi-tenancy lockdown): then the apps
 * must name the controllers' own accounts, or they may create nothing (flux-facts 1.6, trap 33).
 */
function isLockedDown({ fields, patches }: WantedInstance): boolean {
  return fields.multitenant !== undefined || patches.some(({ raw }) => raw.includes("--default-service-account="));
}

function usesChartRef(version: FluxVersion): boolean {
  return atLeast(version, "2.3");
}

/** In the owner's style, under the schema line that the owner gives the kind. */
export function printAs(kind: SchemaKind, conventions: Conventions, value: YamlData): string {
  const schema = conventions.schemas[kind];
  return printDocument(value, conventions.style, schema ? { leadingComments: [schema] } : {});
}

function buildFluxKustomization({ cluster, app, name }: AppInput): string {
  const { wanted, conventions, placement } = app;
  const source = cluster.root.data?.spec?.sourceRef ?? {};
  const spec: YamlData = {
    ...(conventions.targetNamespace ? { targetNamespace: cluster.namespace } : {}),
    ...(conventions.nameLabel ? { commonMetadata: { labels: { "app.kubernetes.io/name": name } } } : {}),
    ...(name === "flux-instance" ? { dependsOn: [{ name: "flux-operator" }] } : {}),
    interval: conventions.interval,
    path: placement.apps[name].path,
    // Never pruned: deleting the release behind it would uninstall the operator or Flux itself (trap 5).
    prune: false,
    ...(conventions.retryInterval ? { retryInterval: conventions.retryInterval } : {}),
    ...(isLockedDown(wanted) ? { serviceAccountName: "kustomize-controller" } : {}),
    sourceRef: {
      kind: source.kind,
      name: source.name,
      ...(conventions.sourceNamespace ? { namespace: source.namespace ?? cluster.namespace } : {}),
    },
    timeout: conventions.timeout ?? "5m",
    // The instance must not be applied before the operator and its CRD are there (trap 12); nobody waits for the
    // instance's own health, which would close a circle with the root (trap 13).
    wait: name === "flux-operator",
  };
  const type = { apiVersion: apiVersionsFor(wanted.version).kustomization, kind: "Kustomization" };
  const object = withScaffold(cluster, { ...type, metadata: { name, namespace: cluster.namespace }, spec });
  const ordered = { ...object, spec: inOwnersOrder(object.spec, conventions.fieldOrder) };
  const text = printAs("FluxKustomization", conventions, ordered);
  return conventions.appAnchor && conventions.nameLabel ? withAnchor(text, name) : text;
}

/** Fields the owner also writes come in the owner's order; the others keep theirs, behind their predecessor. */
function inOwnersOrder(spec: YamlData, order: readonly string[]): YamlData {
  const keys = Object.keys(spec);
  const rank = (key: string): number => {
    const own = order.indexOf(key);
    if (own >= 0) return own;
    const before = keys.slice(0, keys.indexOf(key)).findLast((other) => order.includes(other));
    return before === undefined ? -0.5 : order.indexOf(before) + 0.5;
  };
  return Object.fromEntries([...keys].sort((a, b) => rank(a) - rank(b)).map((key) => [key, spec[key]]));
}

function withAnchor(text: string, name: string): string {
  return text
    .replace(new RegExp(`^( +name: )${name}$`, "m"), `$1&app ${name}`)
    .replace(`app.kubernetes.io/name: ${name}`, "app.kubernetes.io/name: *app");
}

/** The namespace is left out only where the FluxKustomization that is generated with the object says it for all. */
function metadataOf({ cluster, app: { conventions, placement }, name }: AppInput): YamlData {
  return { name, ...(conventions.targetNamespace && !placement.direct ? {} : { namespace: cluster.namespace }) };
}

/** The layer of a chart, as an OCIRepository selects it. */
export const LAYER_SELECTOR = {
  mediaType: "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
  operation: "copy",
};

function buildRelease(input: AppInput): string {
  const { app, name, values } = input;
  const { wanted, conventions } = app;
  const { version, operatorVersion } = wanted;
  const isInstance = name === "flux-instance";
  // With RetryOnFailure the next action after a failure is an upgrade, never an uninstall (trap 55).
  const retry = atLeast(version, "2.7") ? { strategy: { name: "RetryOnFailure" } } : {};
  const action = { ...(isInstance ? { disableWait: true } : {}), ...retry };
  const chart = usesChartRef(version)
    ? { chartRef: { kind: "OCIRepository", name } }
    : { chart: { spec: { chart: name, version: operatorVersion, sourceRef: { kind: "HelmRepository", name } } } };
  return printAs("HelmRelease", conventions, {
    apiVersion: apiVersionsFor(version).helmRelease,
    kind: "HelmRelease",
    metadata: {
      ...metadataOf(input),
      annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled", ...(isInstance ? wanted.annotations : {}) },
    },
    spec: {
      interval: conventions.releaseInterval,
      ...chart,
      ...(isInstance ? { dependsOn: [{ name: "flux-operator" }] } : {}),
      ...(isLockedDown(wanted) ? { serviceAccountName: "helm-controller" } : {}),
      ...(Object.keys(action).length > 0 ? { install: action, upgrade: action } : {}),
      ...(Object.keys(values).length > 0 ? { values } : {}),
    },
  });
}

function buildChartSource(input: AppInput): string {
  const { wanted, conventions } = input.app;
  const { version, operatorVersion } = wanted;
  const interval = conventions.releaseInterval;
  const [kind, apiVersion, spec] = usesChartRef(version)
    ? ([
        "OCIRepository",
        apiVersionsFor(version).ociRepository,
        { interval, layerSelector: LAYER_SELECTOR, ref: { tag: operatorVersion }, url: `${CHARTS}/${input.name}` },
      ] as const)
    : (["HelmRepository", "source.toolkit.fluxcd.io/v1beta2", { type: "oci", interval, url: CHARTS }] as const);
  return printAs(kind, conventions, { apiVersion, kind, metadata: metadataOf(input), spec });
}
