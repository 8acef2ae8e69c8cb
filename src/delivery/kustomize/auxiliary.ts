import { type Data, isMap, mapList, stringList } from "./data.ts";

export interface AuxiliaryReference {
  field: string;
  target: string;
  /** A folder is allowed here and is built as a kustomization (generators, transformers, validators). */
  folder: boolean;
}

/** Fields that turn files into the data of a ConfigMap or Secret, whatever is written in them. */
const GENERATORS = ["configMapGenerator", "secretGenerator"];

export const isGenerator = (field: string): boolean => GENERATORS.includes(field);

const inlineYaml = /\n|^\s*[{[]|:\s/;

/** Files a kustomization names besides its resources, bases and components: patches, generators, configuration. */
export function listAuxiliary(data: Data): AuxiliaryReference[] {
  const found: AuxiliaryReference[] = [];
  const add = (field: string, target: unknown, folder = false) => {
    if (typeof target === "string" && target !== "" && !inlineYaml.test(target)) found.push({ field, target, folder });
  };
  for (const field of ["patches", "patchesJson6902", "replacements"])
    for (const item of mapList(data[field])) add(field, item.path);
  for (const field of ["patchesStrategicMerge", "configurations", "crds"])
    for (const item of stringList(data[field])) add(field, item);
  for (const field of ["generators", "transformers", "validators"])
    for (const item of stringList(data[field])) add(field, item, true);
  for (const field of GENERATORS)
    for (const item of mapList(data[field])) for (const file of listGeneratorFiles(item)) add(field, file);
  const openapi = data.openapi;
  if (isMap(openapi)) add("openapi", openapi.path);
  return found;
}

/** Paths a configMapGenerator or secretGenerator entry reads: `files` (with or without `key=`), `envs`, `env`. */
function listGeneratorFiles(entry: Data): string[] {
  const files = stringList(entry.files).map((item) => item.slice(item.indexOf("=") + 1));
  const env = typeof entry.env === "string" ? [entry.env] : [];
  return [...files, ...stringList(entry.envs), ...env].filter((item) => item !== "");
}
