import { isDeepStrictEqual } from "node:util";
import { keyOf } from "../../cluster/graph.ts";
import { readHelmValues } from "../../cluster/helm-values.ts";
import type { Cluster, Install } from "../../cluster/types.ts";
import { readable } from "../../contract/answer.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import { given } from "../../contract/given.ts";
import { isFilled, itemsOf, type PatchTarget, readableSpec, type YamlData } from "../../contract/objects.ts";
import { isHelmRelease } from "../../delivery/kinds.ts";
import type { Tree } from "../../files/tree.ts";
import { readBaseFacts } from "../../release/facts.ts";
import { closeBody, printBody } from "../../release/print.ts";
import { type FluxVersion, hasComponent, parseFluxVersion } from "../../release/releases.ts";
import { isMap } from "../../yaml/is-map.ts";
import { reportHidden } from "../effective.ts";
import { carryText, reportPassage } from "../patches/escape.ts";
import { printItem } from "../patches/raw.ts";
import type { InstallResult, Passage, PortedPatch, WantInput } from "../types.ts";
import { type ControllerComments, readControllerComments } from "./comments.ts";
import { type ControllerWishes, type Fields, filled, flagOf, readController } from "./controller.ts";
import { type ChartInput, checkChartValues } from "./findings.ts";
import { portPostRenderers, reportCommonMetadata } from "./post-renderers.ts";
import { CONTROLLERS, isCreated, isOn, rowsAt } from "./table.ts";
import { fluxVersionOfChart } from "./versions.ts";
import { openValues } from "./written.ts";

const CONTAINER = "/spec/template/spec/containers/0";

/** What a release of the flux2 chart says: `valuesFrom` of the tree and inline values, after patches of the parents. */
export function portChart({ tree, cluster, versions }: WantInput, passage: Passage): InstallResult {
  const { install, version } = versions;
  const { delivered, values, written } = openRelease(tree, cluster, install);
  const result = portChartValues({
    ...passage,
    values: readable(values),
    fluxVersion: version,
    at: install.at,
    written,
  });
  const elsewhere = (values.known ? [] : values.unknowns).map(
    ({ at, what }) => ({ rule: "chart-values-elsewhere", level: "blocker", at, facts: { from: what } }) as const,
  );
  const hidden = delivered ? reportHidden(delivered) : [];
  const release = {
    ...install.objects.find(isHelmRelease)!,
    ...given({ data: delivered && readable(delivered.effective) }),
  };
  const common = reportCommonMetadata(tree, release);
  const after = portPostRenderers(tree, cluster, release, versions, result.components, readable(values), passage);
  return {
    ...result,
    fields: { ...result.fields, ...after?.fields },
    patches: [...result.patches, ...(after?.patches ?? [])],
    mapping: [...result.mapping, ...(after?.mapping ?? [])],
    findings: [...result.findings, ...common, ...(after?.findings ?? []), ...elsewhere, ...hidden],
  };
}

/** Which values of a release of the flux2 chart no FluxInstance can say: they are lost when its file goes. */
export function findLostValues(tree: Tree, cluster: Cluster): DraftFinding[] {
  const { install } = cluster;
  if (install?.style !== "community-chart") return [];
  const { values, written } = openRelease(tree, cluster, install);
  const { findings } = checkChartValues(readable(values) ?? {}, {
    at: install.at,
    written,
    fluxVersion: versionOf(install),
  });
  return findings.filter(({ rule }) => rule === "chart-value-lost");
}

/** The registry that the controllers of a release of the flux2 chart come from, where it is one that a FluxInstance names. */
export function findChartRegistry(tree: Tree, cluster: Cluster): string | undefined {
  const { install } = cluster;
  if (install?.style !== "community-chart") return undefined;
  const { values, written } = openRelease(tree, cluster, install);
  return checkChartValues(readable(values) ?? {}, { at: install.at, written, fluxVersion: versionOf(install) })
    .registry;
}

function versionOf({ chartVersion }: Install): FluxVersion | undefined {
  const known = chartVersion && fluxVersionOfChart(chartVersion.value);
  return known && parseFluxVersion(known.version);
}

function openRelease(tree: Tree, cluster: Cluster, { objects }: Install) {
  const release = objects.find(isHelmRelease)!;
  const delivered = cluster.objects.find(({ object }) => keyOf(object) === keyOf(release));
  const { values, files } = readHelmValues(tree, release, delivered ? readableSpec(delivered) : release.data.spec);
  return { delivered, values, written: openValues(tree, release, files) };
}

/**
 * Turns values of the fluxcd-community `flux2` chart into components, fields and patches of a FluxInstance, by the table
 * in `table.ts`. Whatever the table does not know, or no FluxInstance can say, is a finding with its value path.
 */
export function portChartValues(input: ChartInput): InstallResult {
  const { values, findings: early } = knownToVersion(input);
  const { mapping, findings, registry } = checkChartValues(values, input);
  const secrets = itemsOf(values.imagePullSecrets);
  const base = readBaseFacts(input.fluxVersion)?.files;
  const containerOf: ContainerOf = (component) =>
    base?.[component]?.find(({ kind }) => kind === "Deployment")?.spec.template.spec.containers[0];
  const controllers = readControllers(values, containerOf, input.written);
  const drafts = draftPatches(controllers, containerOf);
  const above = commentsOnAll(values, input.written);
  return {
    ...(above.length > 0 ? { fieldComments: { "distribution.version": above } } : {}),
    components: controllers.map(({ component }) => component),
    fields: filled({
      networkPolicy: isOn(values.policies?.create, true) ? undefined : false,
      domain: values.clusterDomain === "cluster.local" ? undefined : values.clusterDomain,
      registry,
      imagePullSecret: secrets.length === 1 && typeof secrets[0]?.name === "string" ? secrets[0].name : undefined,
    }),
    patches: drafts.map(({ patch, target }): PortedPatch => {
      const text = carryText(closeBody(patch), input);
      return { data: { patch: text, target }, raw: printItem({ patch: text, target }), from: input.at };
    }),
    mapping,
    findings: [
      ...early,
      ...findings,
      ...reportPassage(
        "the patches made of chart values",
        drafts.map(({ patch }) => patch),
        input,
        { at: input.at },
      ),
    ],
  };
}

/** The container of a controller as the operator's base has it. */
type ContainerOf = (component: string) => YamlData;

/** What the values wish of each controller that the chart makes. */
function readControllers(values: YamlData, containerOf: ContainerOf, written: ChartInput["written"]): Controller[] {
  const secrets = itemsOf(values.imagePullSecrets);
  const pod = filled({
    hostUsers: flagOf(values.hostUsers),
    imagePullSecrets: secrets.length > 1 ? secrets : [],
  });
  return Object.entries(CONTROLLERS)
    .filter(([key]) => isCreated(values, key))
    .map(([key, { component }]): Controller => {
      const own = knownOf(key, values[key]);
      const wishes = readController(component, own, itemsOf(containerOf(component)?.env));
      const comments = written && readControllerComments(key, own, written.comments);
      const args = [
        ...commonArgs(component, values).map((value) => say(value)),
        ...wishes.args.map((value, i) => say(value, comments?.args[i])),
      ];
      return { ...wishes, component, args, comments, pod: { ...wishes.pod, ...pod } };
    });
}

function draftPatches(controllers: readonly Controller[], containerOf: ContainerOf): Draft[] {
  return [
    ...group(controllers, (controller) => replacements(controller, containerOf(controller.component)?.resources)),
    ...group(controllers, ({ args }) =>
      args.map(({ data, comments }) => say([{ op: "add", path: `${CONTAINER}/args/-`, value: data }], comments)),
    ),
    ...group(controllers, (controller) => [say(deploymentBody(controller), controller.comments?.deployment)]),
    ...controllers.flatMap(({ component, account, services, comments }) => [
      ...objectPatch("ServiceAccount", component, say(account, comments?.account)),
      ...Object.entries(services).flatMap(([name, metadata]) =>
        objectPatch("Service", name, say(metadata, comments?.services)),
      ),
    ]),
  ];
}

/** What the owner says of the values as a whole; what follows their key is about the first of them. */
function commentsOnAll(values: YamlData, written: ChartInput["written"]): string[] {
  const [first = ""] = Object.keys(values);
  const ofFirst = new Set(written?.comments([first]).above);
  return (written?.comments([]).above ?? []).filter((line) => !ofFirst.has(line));
}

/** The values without those of a controller that came with a later version of the chart. */
function knownToVersion({ values, fluxVersion, at, written }: ChartInput): {
  values: YamlData;
  findings: DraftFinding[];
} {
  if (!isMap(values)) return { values: values ?? {}, findings: [] };
  const isLater = (key: string) =>
    Object.hasOwn(CONTROLLERS, key) && !hasComponent(fluxVersion, CONTROLLERS[key]!.component);
  const later = Object.keys(values).filter(isLater);
  return {
    values: Object.fromEntries(Object.entries(values).filter(([key]) => !isLater(key))),
    findings: later.map((key) => {
      return { rule: "chart-value-unknown", level: "caution", at: written?.locate([key]) ?? at, facts: { value: key } };
    }),
  };
}

/** What the chart reads of the values of one controller. */
function knownOf(key: string, values: YamlData): Fields {
  const isKnown = (field: string) => {
    const { row, below } = rowsAt([key, field]);
    return row ? !row.lost : below.length > 0;
  };
  return Object.fromEntries(Object.entries(isMap(values) ? values : {}).filter(([field]) => isKnown(field)));
}

interface Controller extends Omit<ControllerWishes, "args"> {
  component: string;
  args: Said<string>[];
  comments: ControllerComments | undefined;
}

/** Something of the values, and what its owner wrote beside it. */
interface Said<T = YamlData> {
  data: T;
  comments: readonly string[];
}

function say<T>(data: T, comments: readonly string[] = []): Said<T> {
  return { data, comments };
}

function printSaid({ data, comments }: Said): string {
  return [...comments.map((line) => `${line}\n`), printBody(data)].join("");
}

interface Draft {
  patch: string;
  target: PatchTarget;
}

/** Flags the chart gives every controller; in front of its own, so the last one wins as in the chart. */
function commonArgs(component: string, values: YamlData): string[] {
  const { multitenancy, watchAllNamespaces, logLevel, logEncoding } = values;
  const isTenancy = isOn(multitenancy?.enabled, false);
  const isApplier = /^(kustomize|helm)-controller$/.test(component);
  return [
    ...(isTenancy && !/^source-/.test(component) ? ["--no-cross-namespace-refs=true"] : []),
    ...(isTenancy && isApplier ? [`--default-service-account=${multitenancy.defaultServiceAccount || "default"}`] : []),
    ...(flagOf(watchAllNamespaces) === false ? ["--watch-all-namespaces=false"] : []),
    ...(!isFilled(logLevel) || logLevel === "info" ? [] : [`--log-level=${logLevel}`]),
    ...(!isFilled(logEncoding) || logEncoding === "json" ? [] : [`--log-encoding=${logEncoding}`]),
  ];
}

/** The chart sets no limits by default, the operator's base does: resources are written where they differ. */
function replacements({ container, podSecurityContext, comments }: Controller, resources: YamlData): Said[] {
  return [
    ...Object.entries(container)
      .filter(([field, value]) => field !== "resources" || !isDeepStrictEqual(resources, value))
      .map(([field, value]) => {
        const op = field === "resources" && resources ? "replace" : "add";
        return say([{ op, path: `${CONTAINER}/${field}`, value }], comments?.container[field]);
      }),
    ...(podSecurityContext === undefined
      ? []
      : [say([{ op: "add", path: "/spec/template/spec/securityContext", value: podSecurityContext }])]),
  ];
}

function deploymentBody({ metadata, replicas, podMetadata, pod }: Controller): Fields {
  const spec = filled({ replicas, template: filled({ metadata: podMetadata, spec: pod }) });
  if (!isFilled(metadata) && !isFilled(spec)) return {};
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "all", ...metadata }, ...filled({ spec }) };
}

function objectPatch(kind: string, name: string, { data, comments }: Said<Fields>): Draft[] {
  if (!isFilled(data)) return [];
  const { spec, ...metadata } = data;
  const body = { apiVersion: "v1", kind, metadata: { name, ...metadata }, ...given({ spec }) };
  return [{ patch: printSaid(say(body, comments)), target: { kind, name } }];
}

/** One patch for all controllers that get the same body, with the comments of all; none for those that get an empty one. */
function group(controllers: readonly Controller[], partsOf: (controller: Controller) => Said[]): Draft[] {
  const bodies = new Map<string, { parts: Said[]; names: string[] }>();
  for (const controller of controllers) {
    const parts = partsOf(controller).filter(({ data }) => isFilled(data));
    if (parts.length === 0) continue;
    const text = parts.map(({ data }) => printBody(data)).join("");
    const known = bodies.get(text);
    const comments = (index: number) => [...(known?.parts[index]?.comments ?? []), ...parts[index]!.comments];
    bodies.set(text, {
      parts: parts.map(({ data }, index) => say(data, [...new Set(comments(index))])),
      names: [...(known?.names ?? []), controller.component],
    });
  }
  return [...bodies.values()].map(({ parts, names }) => {
    const isAll = names.length === controllers.length;
    const name = names.length === 1 ? names[0]! : `(${names.join("|")})`;
    return { patch: parts.map(printSaid).join(""), target: { kind: "Deployment", ...(isAll ? {} : { name }) } };
  });
}
