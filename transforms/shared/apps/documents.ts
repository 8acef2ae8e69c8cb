import { syncNamespaceOf } from "../../../src/cluster/namespaces.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import type { Yaml } from "../../../src/contract/media.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import { isShorter } from "../../../src/instance/sync/values.ts";
import type { WantedInstance } from "../../../src/instance/want.ts";
import { apiVersionsFor, atLeast, type FluxVersion } from "../../../src/release/releases.ts";
import { closeLines } from "../../../src/yaml/print.ts";
import { asWritten, joinYaml, yaml } from "../../../src/yaml/text.ts";
import type { YamlStyle } from "../../../src/yaml/types.ts";
import type { Conventions } from "./conventions.ts";
import { withScaffold } from "./deliverer.ts";
import { fileNamesFor, repositoryFileFor } from "./learn-files.ts";
import { APP_NAME, type Labels } from "./learn-labels.ts";
import type { SchemaKind } from "./learn-schemas.ts";
import { inOwnersOrder } from "./order.ts";
import type { AppContext, AppName } from "./types.ts";
import { printUnderSchema } from "./under-schema.ts";
import { splitValues } from "./values-file.ts";

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
export function buildApp(input: AppInput): Map<string, Yaml> {
  const { fluxKustomization } = input.app.placement.apps[input.name];
  return new Map([[fluxKustomization, buildFluxKustomization(input)], ...buildFolder(input)]);
}

/** The folder of an app: its release, the source of its chart, and the kustomization that lists both. */
export function buildFolder(input: AppInput): Map<string, Yaml> {
  const { wanted, conventions, placement } = input.app;
  const { release, source } = fileNamesFor(conventions.files, input.name);
  const split = splitValues(input.app, input.name, input.values, input.cluster.namespace);
  const { folder } = placement.apps[input.name];
  const path = (name: string) => `${folder}/${name}${conventions.extension}`;
  // chartRef exists from Flux 2.3; before that charts come through a HelmRepository of type oci (flux-facts 6.2).
  const isRepository = source !== undefined && !usesChartRef(wanted.runs);
  const wantedSource = isRepository ? repositoryFileFor(conventions.files, input.name) : source;
  // Two names of the owner that are one are one file.
  const own = wantedSource === release ? undefined : wantedSource;
  const listed = own === undefined ? [release] : [release, own].sort();
  const resources = listed.map((name) => `${conventions.listPrefix}${name}${conventions.extension}`);
  const kustomization = printAs("Kustomization", conventions, {
    ...KUSTOMIZATION,
    resources,
    ...split?.kustomization,
  });
  const fields = split?.spec ?? (Object.keys(input.values).length > 0 ? { values: input.values } : {});
  const [chart, helm] = [buildChartSource(input), buildRelease(input, fields)];
  return new Map([
    [`${folder}/${conventions.kustomizationFile}`, kustomization],
    ...(own === undefined
      ? [[path(release), joinDocuments(chart, helm, conventions.style)] as const]
      : ([
          [path(release), helm],
          [path(own), chart],
        ] as const)),
    ...(split?.files ?? []),
  ]);
}

/** Two documents as one file, with one header and a mark between them. */
function joinDocuments(first: Yaml, second: Yaml, style: YamlStyle): Yaml {
  return joinYaml([first, ...(style.documentStart ? [] : [closeLines([yaml`---`], style)]), second], "");
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
export function printAs(kind: SchemaKind, conventions: Conventions, value: YamlData, note?: string): Yaml {
  const isList = kind === "Kustomization";
  const header = isList ? conventions.kustomizationHeader : conventions.header;
  const style = isList ? conventions.kustomizationStyle : conventions.style;
  const isAbove = header.isAboveStart && style.documentStart;
  const lines = header.isApart ? [...header.lines, ""] : header.lines;
  return printUnderSchema(value, style, {
    schema: conventions.schemas[kind],
    isSchemaAbove: conventions.schemasAboveStart,
    above: isAbove ? lines : [],
    before: isAbove ? [] : lines,
    behind: note === undefined ? [] : wrap(note),
  });
}

/** A sentence as comment lines of common width. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines;
}

const WIDTH = 80;

function buildFluxKustomization({ cluster, app, name }: AppInput): Yaml {
  const { wanted, conventions, placement } = app;
  const own = placement.apps[name].name;
  const source = cluster.root.data.spec?.sourceRef ?? {};
  const from = source.namespace ?? syncNamespaceOf(cluster);
  const fill = (labels: Labels) => fillLabels(labels, conventions.anchors.app ? own : name);
  const [common, labels] = [fill(conventions.labels.common), fill(conventions.labels.own)];
  const spec: YamlData = {
    ...(conventions.targetNamespace ? { targetNamespace: cluster.namespace } : {}),
    ...(common ? { commonMetadata: { labels: common } } : {}),
    // Where the root applies the operator, the HelmRelease alone waits for it.
    ...(name === "flux-instance" && !placement.apps["flux-operator"].byRoot
      ? { dependsOn: [{ name: placement.apps["flux-operator"].name }] }
      : {}),
    interval: conventions.interval,
    path: placement.apps[name].path,
    // Never pruned: deleting the release behind it would uninstall the operator or Flux itself (trap 5).
    prune: false,
    ...(conventions.retryInterval ? { retryInterval: conventions.retryInterval } : {}),
    ...(isLockedDown(wanted) ? { serviceAccountName: "kustomize-controller" } : {}),
    sourceRef: {
      kind: source.kind,
      name: source.name,
      ...(conventions.sourceNamespace || from !== cluster.namespace ? { namespace: from } : {}),
    },
    timeout: timeoutOf(conventions, name),
    // The instance must not be applied before the operator and its CRD are there (trap 12); nobody waits for the
    // instance's own health, which would close a circle with the root (trap 13).
    wait: name === "flux-operator",
  };
  const type = { apiVersion: apiVersionsFor(wanted.runs).kustomization, kind: "Kustomization" };
  const metadata = { name: own, namespace: cluster.namespace, ...(labels ? { labels } : {}) };
  const object = withScaffold(cluster, { ...type, metadata, spec });
  const ordered = { ...object, spec: inOwnersOrder(object.spec, conventions.fieldOrder.FluxKustomization) };
  const text = printAs("FluxKustomization", conventions, ordered, placement.apps[name].note);
  return withAnchors(text, own, cluster.namespace, conventions);
}

/**
 * As the owner has it; but what waits for the operator waits for its image too, and where that is too short for it, the
 * instance comes an interval later.
 */
function timeoutOf({ timeout = USUAL_TIMEOUT }: Conventions, name: AppName): string {
  return name === "flux-operator" && isShorter(timeout, LEAST_TIMEOUT) ? USUAL_TIMEOUT : timeout;
}

const USUAL_TIMEOUT = "5m";
const LEAST_TIMEOUT = "2m";

/** Undefined where there are none: an empty map is nothing that an owner writes. */
function fillLabels(labels: Labels, app: string): Record<string, string> | undefined {
  const filled = Object.entries(labels).map(([key, value]) => [key, value === APP_NAME ? app : value]);
  return filled.length > 0 ? Object.fromEntries(filled) : undefined;
}

/** What stands twice in the text, by the anchors that the owner uses for it. */
function withAnchors(
  text: Yaml,
  name: string,
  namespace: string,
  { anchors, labels, targetNamespace }: Conventions,
): Yaml {
  const keys = Object.entries(labels.common).flatMap(([key, value]) => (value === APP_NAME ? [key] : []));
  const named = anchors.app === undefined ? text : anchor(text, "name", name, anchors.app, keys);
  if (anchors.namespace === undefined || !targetNamespace) return named;
  return anchor(named, "namespace", namespace, anchors.namespace, ["targetNamespace"]);
}

/** The value of a field by an anchor, and an alias under each of the keys; as it was where no key has it. */
function anchor(text: Yaml, field: string, value: string, name: string, keys: readonly string[]): Yaml {
  const put = (all: string, key: string, by: string) =>
    all.replace(
      new RegExp(`^( +${escapeRegExp(key)}: )${escapeRegExp(value)}(?=\\r?$)`, "m"),
      (_all, lead) => lead + by,
    );
  const aliased = keys.reduce((all, key) => put(all, key, `*${name}`), String(text));
  return aliased === text ? text : asWritten(put(aliased, field, `&${name} ${value}`));
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

function buildRelease(input: AppInput, fields: YamlData): Yaml {
  const { app, name } = input;
  const { wanted, conventions } = app;
  const { runs, operatorVersion } = wanted;
  const isInstance = name === "flux-instance";
  // With RetryOnFailure the next action after a failure is an upgrade, never an uninstall (trap 55).
  const retry = atLeast(runs, "2.7") ? { strategy: { name: "RetryOnFailure" } } : {};
  const action = { ...(isInstance ? { disableWait: true } : {}), ...retry };
  const chartField = usesChartRef(runs) ? "chartRef" : "chart";
  const chart = usesChartRef(runs)
    ? { chartRef: { kind: "OCIRepository", name } }
    : { chart: { spec: { chart: name, version: operatorVersion, sourceRef: { kind: "HelmRepository", name } } } };
  return printAs("HelmRelease", conventions, {
    apiVersion: apiVersionsFor(runs).helmRelease,
    kind: "HelmRelease",
    metadata: {
      ...metadataOf(input),
      annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled", ...(isInstance ? wanted.annotations : {}) },
    },
    spec: inOwnersOrder(
      {
        interval: conventions.releaseInterval,
        ...chart,
        ...(isInstance ? { dependsOn: [{ name: app.placement.apps["flux-operator"].release }] } : {}),
        ...(isLockedDown(wanted) ? { serviceAccountName: "helm-controller" } : {}),
        ...(Object.keys(action).length > 0 ? { install: action, upgrade: action } : {}),
        ...fields,
      },
      conventions.fieldOrder.HelmRelease.map((key) => (key === "chartRef" ? chartField : key)),
    ),
  });
}

function buildChartSource(input: AppInput): Yaml {
  const { wanted, conventions } = input.app;
  const { runs, operatorVersion } = wanted;
  const interval = conventions.releaseInterval;
  const [kind, apiVersion, spec] = usesChartRef(runs)
    ? ([
        "OCIRepository",
        apiVersionsFor(runs).ociRepository,
        {
          interval,
          layerSelector: LAYER_SELECTOR,
          ref: { tag: operatorVersion },
          url: `${CHARTS}/${input.name}`,
          ...(conventions.verify.verify ? { verify: conventions.verify.verify } : {}),
        },
      ] as const)
    : (["HelmRepository", "source.toolkit.fluxcd.io/v1beta2", { type: "oci", interval, url: CHARTS }] as const);
  const ordered = inOwnersOrder(spec, conventions.fieldOrder[kind]);
  return printAs(kind, conventions, { apiVersion, kind, metadata: metadataOf(input), spec: ordered });
}
