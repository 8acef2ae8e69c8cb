import type { YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";

/** Labels and annotations by which some controller decides what it does; those of Kubernetes for the names of apps are none. */
const MARK = /fluxcd|(?<!^app\.)kubernetes\.io\/|k8s\.io\/|helm\.sh\//;

/** What `commonMetadata` says that is more than a label for people; all of it where it is no map of texts. */
export function readMarks(common: YamlData): YamlData {
  const maps = ["labels", "annotations"].map((field) => common?.[field] ?? {});
  const isPlain = (map: YamlData) => isMap(map) && Object.values(map).every((value) => typeof value === "string");
  if (common == null || !maps.every(isPlain)) return common ?? undefined;
  const marks = maps.map((map) => Object.entries(map).filter(([key]) => MARK.test(key) || key.includes("${")));
  return marks.some((one) => one.length > 0) ? marks : undefined;
}
