import { type Data, parseYaml } from "../corpus/gate/snapshot.ts";

/** Text files by path. */
export type Files = ReadonlyMap<string, string>;

/** One of the two apps, as a tree has it. */
export interface Look {
  app: "flux-operator" | "flux-instance";
  /** Folder of its release or manifest. */
  folder: string;
  file: string;
  /** The FluxKustomization that builds the folder; undefined where another one applies the file. */
  kustomization?: string;
  /** `inline`, `manifest`, or the file that a generator reads. */
  values: string;
}

const NAMED = /flux-operator|flux-instance|FluxInstance/;

const dirname = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));
const basename = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

interface Found {
  file: string;
  data: Data;
}

/** Objects in the YAML files of a tree whose text passes; templates (`.yaml.j2`) as far as they parse. */
export function objectsIn(files: Files, isWanted: (text: string) => boolean): Found[] {
  return [...files]
    .filter(([path, text]) => /\.ya?ml(?:\.j2)?$/.test(path) && isWanted(text))
    .flatMap(([file, text]) => parseYaml(file, text).docs.map(({ data }) => ({ file, data })))
    .filter(({ data }) => typeof data?.kind === "string");
}

/** Where a tree has the operator and the instance, and how. */
export function lookAt(files: Files): Look[] {
  const objects = objectsIn(files, (text) => NAMED.test(text));
  const builders = objects.filter(({ data }) => String(data.apiVersion).startsWith("kustomize.toolkit.fluxcd.io/"));
  return objects.flatMap(({ file, data }): Look[] => {
    const app = appOf(data);
    if (!app) return [];
    const folder = dirname(file);
    const kustomization = builders.find(({ data: { spec } }) => isPath(folder, spec?.path))?.data.metadata?.name;
    const values = data.kind === "HelmRelease" ? valuesOf(files, folder, data) : "manifest";
    return [{ app, folder, file: basename(file), values, ...(kustomization ? { kustomization } : {}) }];
  });
}

function appOf({ kind, metadata }: Data): Look["app"] | undefined {
  if (kind === "FluxInstance") return "flux-instance";
  if (kind !== "HelmRelease" && kind !== "ResourceSet") return undefined;
  return ["flux-operator", "flux-instance"].find((app) => metadata?.name === app) as Look["app"] | undefined;
}

/** Paths of an artifact or of what a template renders leave out the top of the repository. */
function isPath(folder: string, path: unknown): boolean {
  const plain = String(path ?? "").replace(/^\.?\/+|\/+$/g, "");
  return plain !== "" && (folder === plain || folder.endsWith(`/${plain}`));
}

/** Where the values of a HelmRelease are written. */
export function valuesOf(files: Files, folder: string, { spec }: Data): string {
  const from = spec?.valuesFrom?.[0];
  if (from?.kind !== "ConfigMap") return spec?.values === undefined ? "none" : "inline";
  const text = ["kustomization.yaml", "kustomization.yml", "kustomization.yaml.j2"]
    .map((name) => files.get(`${folder}/${name}`))
    .find((each) => each !== undefined);
  const [data] = parseYaml("", text ?? "").docs.map((doc) => doc.data);
  const generator = data?.configMapGenerator?.find?.((item: Data) => item?.name === from.name);
  return String(generator?.files?.[0] ?? from.name)
    .replace(/^[^=]*=/, "")
    .replace(/^\.\//, "");
}
