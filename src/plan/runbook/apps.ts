import { readChartUse, releaseNameOf } from "../../cluster/chart-release.ts";
import { isYamlPath, readObjects } from "../../cluster/objects.ts";
import { bodyOf, type KubeObject, type YamlData } from "../../contract/objects.ts";
import { isFluxInstance, isHelmRelease } from "../../delivery/kinds.ts";
import type { ChartApp, RunbookFacts } from "../../runbook/facts.ts";
import type { RunbookInput } from "./input.ts";

const CHARTS = "oci://ghcr.io/controlplaneio-fluxcd/charts";

/** Operator and instance as the files say that this cluster reads or that the phase creates. */
export function findApps(input: RunbookInput): Pick<RunbookFacts, "operator" | "instance" | "instanceFile"> {
  const { cluster, tree, edits } = input;
  const named = ["flux-operator", "flux-instance", "FluxInstance"].flatMap((text) => tree.grep(text));
  const created = edits.flatMap((edit) => (edit.kind === "create" ? [edit.path] : []));
  const files = new Set([...named.filter((path) => cluster.files.has(path)), ...created]);
  const objects = [...files]
    .filter(isYamlPath)
    .sort()
    .flatMap((file) => readObjects(tree, file).objects);
  const operator = findChart(input, objects, "flux-operator") ?? findOperatorSet(input, objects);
  const instance = findChart(input, objects, "flux-instance");
  const manifest = objects.find(isFluxInstance);
  return {
    ...(operator ? { operator } : {}),
    ...(instance ? { instance } : {}),
    ...(manifest ? { instanceFile: manifest.file } : {}),
  };
}

function findChart(
  { cluster, tree }: RunbookInput,
  objects: readonly KubeObject[],
  chart: string,
): ChartApp | undefined {
  for (const object of objects.filter(isHelmRelease)) {
    const use = readChartUse(object, objects);
    if (use?.chart !== chart) continue;
    const { file, name, namespace, data } = object;
    const url = use.source?.data?.spec?.url;
    return {
      file,
      ...(objects.filter((other) => other.file === file).length > 1 ? { among: name } : {}),
      release: releaseNameOf(object),
      namespace: data.spec?.targetNamespace ?? (namespace || cluster.namespace),
      chart: typeof url === "string" ? url : `${CHARTS}/${chart}`,
      escaped: tree.read(file)?.includes("$$") ?? false,
      ...(use.version ? { version: use.version.value } : {}),
    };
  }
  return undefined;
}

/** The operator that a ResourceSet keeps: its own name and namespace are those of the release. */
function findOperatorSet({ cluster }: RunbookInput, objects: readonly KubeObject[]): ChartApp | undefined {
  const chart = `${CHARTS}/flux-operator`;
  const found = objects.find(
    (object) =>
      object.kind === "ResourceSet" &&
      bodyOf(object).spec?.resources?.some?.((item: YamlData) => item?.spec?.url === chart),
  );
  return found && { release: found.name, namespace: found.namespace || cluster.namespace, chart, escaped: false };
}
