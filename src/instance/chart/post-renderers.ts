import type { Cluster } from "../../cluster/types.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import { given } from "../../contract/given.ts";
import { isFilled, itemsOf, type KubeObject, type SourcePatch, type YamlData } from "../../contract/objects.ts";
import { describe } from "../../delivery/kinds.ts";
import { locateField } from "../../delivery/locations.ts";
import { readPatchList } from "../../delivery/patch-list.ts";
import type { Tree } from "../../files/tree.ts";
import { readBaseFacts } from "../../release/facts.ts";
import { normalisePatch } from "../../release/normalise.ts";
import { type FluxVersion, nearestFlux } from "../../release/releases.ts";
import type { JsonOp } from "../../release/types.ts";
import { portPatches } from "../patches/port.ts";
import type { Passage, PortResult, Versions } from "../types.ts";
import { isOn } from "./table.ts";

/** What helm-controller patches over the chart once it is rendered, as patches of a FluxInstance; undefined where it does not. */
export function portPostRenderers(
  tree: Tree,
  { namespace }: Cluster,
  release: KubeObject,
  { version }: Pick<Versions, "version">,
  components: readonly string[],
  values: YamlData,
  passage: Passage,
): PortResult | undefined {
  const renderers = itemsOf(release.data.spec?.postRenderers);
  if (renderers.length === 0) return undefined;
  const patches = renderers.flatMap((_, index) =>
    readPatchList(tree, release, ["spec", "postRenderers", index, "kustomize", "patches"]),
  );
  const isUsual = isUsualArgs(values, components);
  const unlike = patches.flatMap((patch) => reportUnlike(patch, components, { version, isUsual }));
  const result = portPatches({
    ...passage,
    patches,
    style: "community-chart",
    suffix: "",
    fluxVersion: version,
    ...given({ targetVersion: nearestFlux(version) }),
    components,
    namespace,
    readText: (path) => tree.read(path),
  });
  return { ...result, findings: [...reportOthers(tree, release), ...unlike, ...result.findings] };
}

/** What helm-controller gives to all that the chart renders; the FluxInstance would give it to source and root as well. */
export function reportCommonMetadata(tree: Tree, release: KubeObject): DraftFinding[] {
  if (!Object.values(release.data.spec?.commonMetadata ?? {}).some(isFilled)) return [];
  const facts = { field: "commonMetadata", so: "the controllers lose it" };
  const at = locateField(tree, release, ["spec", "commonMetadata"]);
  return [{ rule: "install-setting-lost", level: "caution", resource: describe(release), at, facts }];
}

const CONTAINER = "/spec/template/spec/containers/0";
const COUNTED = new RegExp(`^${CONTAINER}/(args|env)/(\\d+)(?:/|$)`);

/**
 * What a patch means by its place in a list of the chart. The operator's list begins with the same flags, unless the chart has
 * flags of multi-tenancy in front or none for events; behind them, and among the variables, other things stand.
 */
function isCounted({ op, path, from }: JsonOp, length: number, isUsual: boolean): boolean {
  if (op === "add" && from === undefined) return false;
  return [path, from ?? ""].some((pointer) => {
    const [, list, index] = COUNTED.exec(pointer) ?? [];
    return list === "env" || (list === "args" && !(isUsual && Number(index) < length));
  });
}

/** Whether the flags of the chart begin as those of the operator do. */
function isUsualArgs(values: YamlData, components: readonly string[]): boolean {
  return !isOn(values?.multitenancy?.enabled, false) && components.includes("notification-controller");
}

/** Patches that are right over what the chart renders, and would do something else over the manifests of the operator. */
function reportUnlike(
  source: SourcePatch,
  components: readonly string[],
  { version, isUsual }: { version: FluxVersion; isUsual: boolean },
): DraftFinding[] {
  const normalised = normalisePatch(source);
  const files = readBaseFacts(version)?.files;
  if (!normalised.ok || !files) return [];
  const { name } = source.target ?? {};
  const patched = components.filter((component) => component === name);
  const containers = (patched.length > 0 ? patched : components).flatMap((component) => {
    const deployment = files[component]?.find(({ kind }) => kind === "Deployment");
    return deployment ? [deployment.spec.template.spec.containers[0]] : [];
  });
  const length = Math.min(...containers.map(({ args }) => args.length));
  const variables = new Set(containers.flatMap(({ env }) => itemsOf(env).map(({ name }) => String(name))));
  // The one variable that the chart has as well.
  variables.delete("RUNTIME_NAMESPACE");
  const report = (why: string, next: string): DraftFinding => ({
    rule: "chart-value-lost",
    level: "blocker",
    at: source.at,
    facts: { value: "postRenderers.kustomize.patches", why, next },
  });
  return normalised.items.flatMap((item): DraftFinding[] => {
    const counted = item.type === "json" && item.ops.find((op) => isCounted(op, length, isUsual));
    if (counted) {
      const why = `It means \`${counted.path}\` by its place in a list of the chart; the operator's list has something else there.`;
      return [report(why, "Say it as values of the chart, let Flux reconcile it, and run fluxlift again.")];
    }
    const named = item.type === "merge" ? variablesOf(item.doc) : item.ops.flatMap(({ value }) => value?.name ?? []);
    const known = named.map(String).find((variable) => variables.has(variable));
    if (known === undefined) return [];
    const why = `The operator's manifests have the variable ${known} already, and an API server takes no mix of the two.`;
    return [
      report(
        why,
        "Say it as extraEnv of the controller in the chart's values, let Flux reconcile it, and run fluxlift again.",
      ),
    ];
  });
}

function variablesOf(doc: YamlData): unknown[] {
  const containers = itemsOf(doc?.spec?.template?.spec?.containers);
  return containers.flatMap(({ env }) => itemsOf(env).map(({ name }) => name));
}

/** Whatever else a renderer does is said by no patch of its own. */
function reportOthers(tree: Tree, release: KubeObject): DraftFinding[] {
  return itemsOf(release.data.spec?.postRenderers).flatMap((renderer, index) => {
    const kustomize = Object.keys(renderer.kustomize ?? {}).map((field) => ["kustomize", field]);
    const others = Object.keys(renderer).filter((field) => field !== "kustomize");
    const left = [...kustomize.filter(([, field]) => field !== "patches"), ...others.map((field) => [field])];
    return left.map((path): DraftFinding => {
      const at = locateField(tree, release, ["spec", "postRenderers", index, ...path]);
      return {
        rule: "chart-value-lost",
        level: "blocker",
        at,
        facts: { value: ["postRenderers", ...path].join("."), ...WAY },
      };
    });
  });
}

const WAY = {
  why: "helm-controller runs it over what the chart renders, and nothing of the kind runs over what the operator applies.",
  next: "Say it as values of the chart (an image: …Controller.image) or as patches of the post-renderer, let Flux reconcile it, and run fluxlift again.",
} as const;
