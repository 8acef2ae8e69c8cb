import { isDeepStrictEqual } from "node:util";
import type { DraftFinding } from "../../engine/transform.ts";
import type { PatchMapping } from "../../engine/types.ts";
import type { Loc } from "../../errors.ts";
import type { FluxVersion } from "../releases.ts";
import type { PatchTarget, YamlData } from "../types.ts";
import { type ControllerWishes, isEmpty, readController } from "./chart-controller.ts";
import { checkChartValues } from "./chart-findings.ts";
import { CONTROLLERS } from "./chart-table.ts";
import { carryText, findVariable, isSubstitutable } from "./escape.ts";
import { readBaseFacts } from "./facts.ts";
import { printBody } from "./print.ts";
import { printItem } from "./raw.ts";
import type { InstanceFields, PortedPatch } from "./types.ts";

export interface ChartInput {
  /** The effective values of the HelmRelease. */
  values: unknown;
  /** The Flux version the chart installs, see `fluxVersionOfChart`. */
  fluxVersion: FluxVersion;
  /** Whether the FluxKustomization chain that delivers the instance runs `postBuild` substitution. */
  substituted: boolean;
  /** Whether the HelmRelease is itself substituted today. */
  oldSubstituted?: boolean;
  /** The HelmRelease, for values that cannot be located. */
  at: Loc;
  locate?: (path: readonly string[]) => Loc | undefined;
}

export interface ChartResult {
  components: string[];
  fields: InstanceFields;
  patches: PortedPatch[];
  mapping: PatchMapping[];
  findings: DraftFinding[];
}

const CONTAINER = "/spec/template/spec/containers/0";

/**
 * Turns values of the fluxcd-community `flux2` chart into components, fields and patches of a FluxInstance, by the table
 * in `chart-table.ts`. Whatever the table does not know, or no FluxInstance can say, is a finding with its value path.
 */
export function portChartValues(input: ChartInput): ChartResult {
  const values: YamlData = input.values ?? {};
  const { mapping, findings } = checkChartValues(values, input);
  const controllers = Object.entries(CONTROLLERS)
    .filter(([key, { isDefault }]) => values[key]?.create ?? isDefault)
    .map(([key, { component }]) => ({ component, wishes: readController(component, values[key] ?? {}) }));
  const components = controllers.map(({ component }) => component);
  addGlobalArgs(controllers, values);
  addGlobalPod(controllers, values);

  const fields: InstanceFields = {};
  if (values.policies?.create === false) fields.networkPolicy = false;
  if (!isEmpty(values.clusterDomain) && values.clusterDomain !== "cluster.local") fields.domain = values.clusterDomain;
  const secrets: YamlData[] = Array.isArray(values.imagePullSecrets) ? values.imagePullSecrets : [];
  if (secrets.length === 1 && typeof secrets[0]?.name === "string") fields.imagePullSecret = secrets[0].name;

  const patches = [...resourcePatches(controllers, input), ...argPatches(controllers), ...mergePatches(controllers)];
  findings.push(...checkVariables(patches.map(({ patch }) => patch).join(""), input));
  return {
    components,
    fields,
    patches: patches.map(({ patch, target }): PortedPatch => {
      const text = carryText(patch, input);
      return { data: { patch: text, target }, raw: printItem({ patch: text, target }), from: input.at };
    }),
    mapping,
    findings,
  };
}

/** `${…}` and `$$` in values that change their meaning on the way (trap 37). */
function checkVariables(text: string, input: ChartInput): DraftFinding[] {
  const { substituted, oldSubstituted = false, at } = input;
  if (substituted && !oldSubstituted && isSubstitutable(text)) {
    return [
      {
        rule: "patch-escaped",
        level: "info",
        at,
        what: "In the patches made of chart values every `${` and `$$` is written with doubled dollar signs.",
        why: "The FluxKustomization that will deliver the FluxInstance runs post-build substitution; one pass restores the text.",
        next: "Nothing to do. Should that substitution be turned off later, halve the dollar signs again.",
      },
    ];
  }
  const variable = !substituted && oldSubstituted ? findVariable(text) : undefined;
  if (variable === undefined) return [];
  return [
    {
      rule: "patch-substitution-lost",
      level: "blocker",
      at,
      what: `The variable ${variable} in the chart's values would reach the controllers as literal text.`,
      why: "Post-build substitution fills it in today; the FluxInstance is delivered without it.",
      next: "Write the value in, or deliver the instance through a FluxKustomization with the same postBuild.",
    },
  ];
}

interface Controller {
  component: string;
  wishes: ControllerWishes;
}

interface Draft {
  patch: string;
  target: PatchTarget;
}

/** Flags the chart gives every controller; appended, so the last one wins as in the chart. */
function addGlobalArgs(controllers: Controller[], values: YamlData): void {
  const common: string[] = [];
  if (values.watchAllNamespaces === false) common.push("--watch-all-namespaces=false");
  if (!isEmpty(values.logLevel) && values.logLevel !== "info") common.push(`--log-level=${values.logLevel}`);
  if (!isEmpty(values.logEncoding) && values.logEncoding !== "json")
    common.push(`--log-encoding=${values.logEncoding}`);
  const isTenancy = values.multitenancy?.enabled === true;
  const account = values.multitenancy?.defaultServiceAccount || "default";
  for (const { component, wishes } of controllers) {
    const tenancy: string[] = [];
    if (isTenancy && !/^source-/.test(component)) tenancy.push("--no-cross-namespace-refs=true");
    if (isTenancy && /^(kustomize|helm)-controller$/.test(component))
      tenancy.push(`--default-service-account=${account}`);
    wishes.args.unshift(...tenancy, ...common);
  }
}

function addGlobalPod(controllers: Controller[], values: YamlData): void {
  const pod: YamlData = {};
  if (typeof values.hostUsers === "boolean") pod.hostUsers = values.hostUsers;
  const secrets: YamlData[] = Array.isArray(values.imagePullSecrets) ? values.imagePullSecrets : [];
  if (secrets.length > 1) pod.imagePullSecrets = secrets;
  if (Object.keys(pod).length === 0) return;
  for (const { wishes } of controllers) {
    wishes.merge.spec ??= {};
    wishes.merge.spec.template ??= {};
    wishes.merge.spec.template.spec = { ...wishes.merge.spec.template.spec, ...pod };
  }
}

/** The chart sets no limits by default, the operator's base does: resources are written where they differ. */
function resourcePatches(controllers: readonly Controller[], input: ChartInput): Draft[] {
  const facts = readBaseFacts(input.fluxVersion);
  return group(controllers, ({ component, wishes }) => {
    const deployment = facts?.files[component]?.find((object) => object.kind === "Deployment");
    const base = deployment?.spec.template.spec.containers[0].resources;
    const ops: YamlData[] = [];
    if (!isDeepStrictEqual(base, wishes.resources)) {
      ops.push({ op: base ? "replace" : "add", path: `${CONTAINER}/resources`, value: wishes.resources });
    }
    if (wishes.securityContext)
      ops.push({ op: "add", path: `${CONTAINER}/securityContext`, value: wishes.securityContext });
    if (wishes.podSecurityContext) {
      ops.push({ op: "add", path: "/spec/template/spec/securityContext", value: wishes.podSecurityContext });
    }
    return ops.length > 0 ? ops : undefined;
  });
}

function argPatches(controllers: readonly Controller[]): Draft[] {
  return group(controllers, ({ wishes }) => {
    const ops = wishes.args.map((value) => ({ op: "add", path: `${CONTAINER}/args/-`, value }));
    return ops.length > 0 ? ops : undefined;
  });
}

function mergePatches(controllers: readonly Controller[]): Draft[] {
  const deployments = group(controllers, ({ wishes: { merge } }) => {
    if (isEmpty(merge.spec) && isEmpty(merge.metadata)) return undefined;
    const metadata = { name: "all", ...merge.metadata };
    return {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      ...(isEmpty(merge.spec) ? {} : { spec: merge.spec }),
    };
  });
  const others = controllers.flatMap(({ component, wishes }): Draft[] => {
    const drafts: Draft[] = [];
    const annotations = wishes.serviceAccountAnnotations;
    if (annotations) drafts.push(draft("ServiceAccount", component, { annotations }));
    for (const [name, metadata] of Object.entries(wishes.services)) drafts.push(draft("Service", name, metadata));
    return drafts;
  });
  return [...deployments, ...others];
}

function draft(kind: string, name: string, metadata: YamlData): Draft {
  const body = { apiVersion: "v1", kind, metadata: { name, ...metadata } };
  return { patch: printBody(body), target: { kind, name } };
}

/** One patch for all controllers that get the same body. */
function group(controllers: readonly Controller[], bodyOf: (controller: Controller) => YamlData): Draft[] {
  const bodies = new Map<string, string[]>();
  for (const controller of controllers) {
    const body = bodyOf(controller);
    if (body === undefined) continue;
    const text = printBody(body);
    bodies.set(text, [...(bodies.get(text) ?? []), controller.component]);
  }
  return [...bodies].map(([patch, names]) => {
    const isAll = names.length === controllers.length;
    const name = names.length === 1 ? names[0]! : `(${names.join("|")})`;
    return { patch, target: { kind: "Deployment", ...(isAll ? {} : { name }) } };
  });
}
