import { type ChartUse, chartAddressOf, readChartUse, releaseNameOf } from "../../../src/cluster/chart-release.ts";
import { readHelmValues } from "../../../src/cluster/helm-values.ts";
import { isYamlPath, readObjects } from "../../../src/cluster/objects.ts";
import { readable } from "../../../src/contract/answer.ts";
import { cutEnd } from "../../../src/contract/cut.ts";
import type { KubeObject, YamlData } from "../../../src/contract/objects.ts";
import { isHelmRelease } from "../../../src/delivery/kinds.ts";
import { dirname, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { TransformContext } from "../../contract.ts";
import { CHARTS } from "../apps/documents.ts";
import type { AppName } from "../apps/types.ts";
import { docsIn } from "../read.ts";

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
  /** Where that version is written; `kind` says in which object of a file that holds several. */
  versionAt?: { file: string; path: string[]; kind?: string };
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

export interface FluxApps {
  operator?: FluxApp;
  instance?: FluxApp;
  /** An instance that is delivered as a plain manifest. */
  manifest?: KubeObject;
}

/** The operator and instance apps of the cluster. */
export function findApps(context: Pick<TransformContext, "tree" | "model" | "cluster">): FluxApps {
  const operator = context.cluster.operators.find(isHelmRelease);
  const instance = context.cluster.instances.find(({ form }) => form === "chart")?.object;
  const manifest = context.cluster.instances.find(({ form }) => form === "manifest")?.object;
  return {
    ...(manifest ? { manifest } : {}),
    ...(operator ? { operator: readApp(context, "flux-operator", operator) } : {}),
    ...(instance ? { instance: readApp(context, "flux-instance", instance) } : {}),
  };
}

function readApp(
  { tree, model, cluster }: Pick<TransformContext, "tree" | "model" | "cluster">,
  app: AppName,
  object: KubeObject,
): FluxApp {
  const { spec } = object.data;
  const use = readChartUse(object, [...siblings(tree, object.file), ...model.objects]);
  const version = use?.version && use.version.path.at(-1) !== "semver" ? use.version.value : undefined;
  const url = chartAddressOf(use);
  const { values, files } = readHelmValues(tree, object, spec);
  const hasInline = spec?.values && Object.keys(spec.values).length > 0;
  return {
    app,
    object,
    release: releaseNameOf(object),
    namespace: String(spec?.targetNamespace ?? (object.namespace || cluster.namespace)),
    chart: url !== undefined ? cutEnd(url, "/") : `${CHARTS}/${app}`,
    ...(version !== undefined && /^v?\d+\.\d+\.\d+([-+].*)?$/.test(version)
      ? { version, versionAt: locateVersion(tree, use!.version!) }
      : {}),
    ...(hasInline ? { values: spec.values } : {}),
    merged: readable(values),
    valuesFiles: files,
    unknownValues: values.known ? [] : values.unknowns.map(({ what }) => what),
    firstDocument: docsIn(tree.read(object.file)).find(({ data }) => data !== undefined)?.index === object.doc,
  };
}

function locateVersion(
  tree: Tree,
  { object, path }: NonNullable<ChartUse["version"]>,
): NonNullable<FluxApp["versionAt"]> {
  const isAlone = docsIn(tree.read(object.file)).filter(({ data }) => data !== undefined).length === 1;
  return { file: object.file, path, ...(isAlone ? {} : { kind: object.kind }) };
}

function siblings(tree: Tree, file: string): KubeObject[] {
  const names = tree.entries(dirname(file)).filter(isYamlPath);
  return names.flatMap((name) => readObjects(tree, join(dirname(file), name)).objects);
}
