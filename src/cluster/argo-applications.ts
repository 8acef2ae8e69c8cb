import { itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import type { Tree } from "../files/tree.ts";
import { isYamlPath, readObjects } from "./objects.ts";

/** An Application of Argo CD, or an ApplicationSet with what its template says. */
export interface ArgoApplication {
  object: KubeObject;
  spec: YamlData;
  sources: { source: YamlData; path: (string | number)[] }[];
}

/** Those of a file; none in a file that holds no YAML. */
export function readArgoApplications(tree: Tree, file: string): ArgoApplication[] {
  if (!isYamlPath(file) || !tree.read(file)?.includes("argoproj.io/")) return [];
  return readObjects(tree, file).objects.flatMap((object) => toArgoApplication(object) ?? []);
}

export function toArgoApplication(object: KubeObject): ArgoApplication | undefined {
  const { apiVersion, kind } = object;
  if (!apiVersion.startsWith("argoproj.io/") || !/^Application(?:Set)?$/.test(kind)) return undefined;
  const body: YamlData = object.data;
  const path = kind === "Application" ? ["spec"] : ["spec", "template", "spec"];
  const spec = kind === "Application" ? body?.spec : body?.spec?.template?.spec;
  const several = itemsOf(spec?.sources).map((source, index) => ({ source, path: [...path, "sources", index] }));
  return { object, spec, sources: [{ source: spec?.source, path: [...path, "source"] }, ...several] };
}
