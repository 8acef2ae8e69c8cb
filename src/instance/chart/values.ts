import { isDeepStrictEqual } from "node:util";
import { keyOf } from "../../cluster/graph.ts";
import { readHelmValues } from "../../cluster/helm-values.ts";
import { readable } from "../../contract/answer.ts";
import { isFilled, itemsOf, type PatchTarget, readableSpec, type YamlData } from "../../contract/objects.ts";
import { isHelmRelease } from "../../delivery/kinds.ts";
import { locateField } from "../../delivery/locations.ts";
import { readBaseFacts } from "../../release/facts.ts";
import { printBody } from "../../release/print.ts";
import { reportHidden } from "../effective.ts";
import { carryText, reportPassage } from "../patches/escape.ts";
import { printItem } from "../patches/raw.ts";
import type { InstallResult, Passage, PortedPatch, WantInput } from "../types.ts";
import { type ControllerWishes, type Fields, filled, readController } from "./controller.ts";
import { type ChartInput, checkChartValues } from "./findings.ts";
import { CONTROLLERS } from "./table.ts";

const CONTAINER = "/spec/template/spec/containers/0";

/** What a release of the flux2 chart says: `valuesFrom` of the tree and inline values, after patches of the parents. */
export function portChart({ tree, cluster, versions }: WantInput, passage: Passage): InstallResult {
  const { install, version } = versions;
  const release = install.objects.find(isHelmRelease)!;
  const delivered = cluster.objects.find(({ object }) => keyOf(object) === keyOf(release));
  const { values } = readHelmValues(tree, release, delivered ? readableSpec(delivered) : release.data?.spec);
  const result = portChartValues({
    ...passage,
    values: readable(values),
    fluxVersion: version,
    at: install.at,
    locate: (path) => locateField(tree, release, ["spec", "values", ...path]),
  });
  const elsewhere = (values.known ? [] : values.unknowns).map(
    ({ at, what }) => ({ rule: "chart-values-elsewhere", level: "blocker", at, facts: { from: what } }) as const,
  );
  const hidden = delivered ? reportHidden(delivered) : [];
  return { ...result, findings: [...result.findings, ...elsewhere, ...hidden] };
}

/**
 * Turns values of the fluxcd-community `flux2` chart into components, fields and patches of a FluxInstance, by the table
 * in `table.ts`. Whatever the table does not know, or no FluxInstance can say, is a finding with its value path.
 */
export function portChartValues(input: ChartInput): InstallResult {
  const values: YamlData = input.values ?? {};
  const { mapping, findings } = checkChartValues(values, input);
  const secrets = itemsOf(values.imagePullSecrets);
  const pod = filled({
    hostUsers: typeof values.hostUsers === "boolean" ? values.hostUsers : undefined,
    imagePullSecrets: secrets.length > 1 ? secrets : [],
  });
  const controllers = Object.entries(CONTROLLERS)
    .filter(([key, { isDefault }]) => values[key]?.create ?? isDefault)
    .map(([key, { component }]): Controller => {
      const wishes = readController(component, values[key] ?? {});
      const args = [...commonArgs(component, values), ...wishes.args];
      return { ...wishes, component, args, pod: { ...wishes.pod, ...pod } };
    });
  const fields = filled({
    networkPolicy: values.policies?.create === false ? false : undefined,
    domain: values.clusterDomain === "cluster.local" ? undefined : values.clusterDomain,
    imagePullSecret: secrets.length === 1 && typeof secrets[0]?.name === "string" ? secrets[0].name : undefined,
  });
  const base = readBaseFacts(input.fluxVersion)?.files;
  const patches = [
    ...group(controllers, (controller) => replacements(controller, base?.[controller.component])),
    ...group(controllers, ({ args }) => args.map((value) => ({ op: "add", path: `${CONTAINER}/args/-`, value }))),
    ...group(controllers, deploymentBody),
    ...controllers.flatMap(({ component, account, services }) => [
      ...metadataPatch("ServiceAccount", component, account),
      ...Object.entries(services).flatMap(([name, metadata]) => metadataPatch("Service", name, metadata)),
    ]),
  ];
  const bodies = patches.map(({ patch }) => patch);
  return {
    components: controllers.map(({ component }) => component),
    fields,
    patches: patches.map(({ patch, target }): PortedPatch => {
      const text = carryText(patch, input);
      return { data: { patch: text, target }, raw: printItem({ patch: text, target }), from: input.at };
    }),
    mapping,
    findings: [...findings, ...reportPassage("the patches made of chart values", bodies, input, { at: input.at })],
  };
}

interface Controller extends ControllerWishes {
  component: string;
}

interface Draft {
  patch: string;
  target: PatchTarget;
}

/** Flags the chart gives every controller; in front of its own, so the last one wins as in the chart. */
function commonArgs(component: string, values: YamlData): string[] {
  const { multitenancy, watchAllNamespaces, logLevel, logEncoding } = values;
  const isTenancy = multitenancy?.enabled === true;
  const isApplier = /^(kustomize|helm)-controller$/.test(component);
  return [
    ...(isTenancy && !/^source-/.test(component) ? ["--no-cross-namespace-refs=true"] : []),
    ...(isTenancy && isApplier ? [`--default-service-account=${multitenancy.defaultServiceAccount || "default"}`] : []),
    ...(watchAllNamespaces === false ? ["--watch-all-namespaces=false"] : []),
    ...(!isFilled(logLevel) || logLevel === "info" ? [] : [`--log-level=${logLevel}`]),
    ...(!isFilled(logEncoding) || logEncoding === "json" ? [] : [`--log-encoding=${logEncoding}`]),
  ];
}

/** The chart sets no limits by default, the operator's base does: resources are written where they differ. */
function replacements(
  { container, podSecurityContext }: Controller,
  base: readonly YamlData[] | undefined,
): YamlData[] {
  const deployment = base?.find((object) => object.kind === "Deployment");
  const { resources } = deployment?.spec.template.spec.containers[0] ?? {};
  return [
    ...Object.entries(container)
      .filter(([field, value]) => field !== "resources" || !isDeepStrictEqual(resources, value))
      .map(([field, value]) => ({
        op: field === "resources" && resources ? "replace" : "add",
        path: `${CONTAINER}/${field}`,
        value,
      })),
    ...(podSecurityContext === undefined
      ? []
      : [{ op: "add", path: "/spec/template/spec/securityContext", value: podSecurityContext }]),
  ];
}

function deploymentBody({ metadata, replicas, podMetadata, pod }: Controller): Fields {
  const spec = filled({ replicas, template: filled({ metadata: podMetadata, spec: pod }) });
  if (!isFilled(metadata) && !isFilled(spec)) return {};
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "all", ...metadata }, ...filled({ spec }) };
}

function metadataPatch(kind: string, name: string, metadata: Fields): Draft[] {
  if (!isFilled(metadata)) return [];
  return [{ patch: printBody({ apiVersion: "v1", kind, metadata: { name, ...metadata } }), target: { kind, name } }];
}

/** One patch for all controllers that get the same body; none for those that get an empty one. */
function group(controllers: readonly Controller[], bodyOf: (controller: Controller) => Fields | YamlData[]): Draft[] {
  const bodies = new Map<string, string[]>();
  for (const controller of controllers) {
    const body = bodyOf(controller);
    if (!isFilled(body)) continue;
    const text = printBody(body);
    bodies.set(text, [...(bodies.get(text) ?? []), controller.component]);
  }
  return [...bodies].map(([patch, names]) => {
    const isAll = names.length === controllers.length;
    const name = names.length === 1 ? names[0]! : `(${names.join("|")})`;
    return { patch, target: { kind: "Deployment", ...(isAll ? {} : { name }) } };
  });
}
