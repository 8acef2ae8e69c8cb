import { readChartUse, releaseNameOf } from "../../../src/cluster/chart-release.ts";
import { readHelmValues } from "../../../src/cluster/helm-values.ts";
import { readObjects } from "../../../src/cluster/objects.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { readable } from "../../../src/contract/answer.ts";
import { type KubeObject, readableSpec, type YamlData } from "../../../src/contract/objects.ts";
import { isHelmRelease } from "../../../src/delivery/kinds.ts";
import { dirname } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import type { TransformContext } from "../../contract.ts";

export type AppName = "flux-operator" | "flux-instance";

/** Where the two charts are published (flux-facts 5.1). */
const CHARTS = "oci://ghcr.io/controlplaneio-fluxcd/charts";

/** A HelmRelease of the operator or instance chart, seen as the Helm release a person would install by hand. */
export interface FluxApp {
  app: AppName;
  object: KubeObject;
  /** The Helm release name and namespace helm-controller uses, so that it takes the same release over later. */
  release: string;
  namespace: string;
  chart: string;
  /** Pinned chart version; undefined for a range or a digest. */
  version?: string;
  /** Inline values; `undefined` when there are none. */
  values?: YamlData;
  /** Inline values over `valuesFrom`, as far as the tree holds them. */
  merged: YamlData;
  /** Plain values files behind `valuesFrom`, in order. */
  valuesFiles: string[];
  /** `valuesFrom` entries that are not in the tree. */
  unknownValues: string[];
  /** Whether the HelmRelease is the first document of its file, which is all `fromYaml` reads. */
  firstDocument: boolean;
}

/** The operator and instance apps of the cluster; an app delivered as a plain manifest is left out. */
export function findApps({ tree, model, cluster }: Pick<TransformContext, "tree" | "model" | "cluster">): {
  operator?: FluxApp;
  instance?: FluxApp;
} {
  const operator = cluster.operators.find(isHelmRelease);
  const instance = cluster.instances.find(({ form }) => form === "chart")?.object;
  return {
    ...(operator ? { operator: readApp(tree, model.objects, cluster, "flux-operator", operator) } : {}),
    ...(instance ? { instance: readApp(tree, model.objects, cluster, "flux-instance", instance) } : {}),
  };
}

function readApp(
  tree: Tree,
  objects: readonly KubeObject[],
  cluster: Cluster,
  app: AppName,
  object: KubeObject,
): FluxApp {
  const { spec } = object.data;
  const beside = siblings(tree, object.file);
  const use = readChartUse(object, [...beside, ...objects]);
  const version = use?.version && use.version.path.at(-1) !== "semver" ? use.version.value : undefined;
  const url = use?.source?.data?.spec?.url;
  const { values, files } = readHelmValues(tree, object, spec);
  const inline = spec?.values && Object.keys(spec.values).length > 0 ? { values: spec.values } : {};
  return {
    app,
    object,
    release: releaseNameOf(object),
    namespace: String(spec?.targetNamespace ?? (object.namespace || cluster.namespace)),
    chart: typeof url === "string" ? url.replace(/\/+$/, "") : `${CHARTS}/${app}`,
    ...(version !== undefined && /^v?\d+\.\d+\.\d+([-+].*)?$/.test(version) ? { version } : {}),
    ...inline,
    merged: readable(values),
    valuesFiles: files,
    unknownValues: values.known ? [] : values.unknowns.map(({ what }) => what),
    firstDocument: isFirstDocument(tree, object),
  };
}

function siblings(tree: Tree, file: string): KubeObject[] {
  const dir = dirname(file);
  return tree
    .entries(dir)
    .filter((name) => /\.ya?ml$/.test(name))
    .flatMap((name) => readObjects(tree, dir === "" ? name : `${dir}/${name}`).objects);
}

function isFirstDocument(tree: Tree, { file, doc }: KubeObject): boolean {
  const parsed = readYamlCached(tree.read(file) ?? "");
  return parsed.ok && parsed.docs.find(({ data }) => data !== undefined)?.index === doc;
}

/**
 * What post-build substitution does to an app's inline values before helm-controller sees them, and helmfile does not
 * (flux-facts 2.9, trap 37). `unescape`: the text holds `$$`, which becomes `$`. `variables`: names that stay literal.
 */
export function readSubstitution(cluster: Cluster, app: FluxApp): { unescape: boolean; variables: string[] } {
  const none = { unescape: false, variables: [] };
  const text = JSON.stringify(app.values ?? {});
  if (!text.includes("${") && !text.includes("$$")) return none;
  const { file, doc } = app.object;
  const delivered = cluster.objects.find(({ object }) => object.file === file && object.doc === doc);
  const metadata = (delivered ? readable(delivered.effective) : app.object.data)?.metadata;
  const optOut = "kustomize.toolkit.fluxcd.io/substitute";
  if (metadata?.labels?.[optOut] === "disabled" || metadata?.annotations?.[optOut] === "disabled") return none;
  if (delivered?.parent && readableSpec(delivered.parent)?.postBuild === undefined) return none;
  const plain = text.replaceAll("$$", "");
  const variables = [...plain.matchAll(/\$\{\s*([A-Za-z_]\w*)/g)].map(([, name]) => name!);
  return { unescape: text.includes("$$"), variables: [...new Set(variables)].sort() };
}

/** Commands that install operator and instance without a helmfile, values left to the person. */
export function describeByHand(
  context: Pick<TransformContext, "tree" | "model" | "cluster">,
): Record<"operator" | "instance", string> {
  const { operator, instance } = findApps(context);
  const manifest = context.cluster.instances.find(({ form }) => form === "manifest")?.object;
  const install = (app: FluxApp) => {
    const version = app.version === undefined ? "" : ` --version ${app.version}`;
    const values =
      app.values === undefined && app.valuesFiles.length === 0 ? "" : ` with the values of ${app.object.file}`;
    return `helm install ${app.release} ${app.chart} --namespace ${app.namespace} --create-namespace${version}${values}`;
  };
  return {
    operator: operator ? install(operator) : "install flux-operator",
    instance: instance
      ? install(instance)
      : manifest
        ? `kubectl apply --server-side --filename ${manifest.file}`
        : "create the FluxInstance",
  };
}
