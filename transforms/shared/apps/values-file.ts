import type { Yaml } from "../../../src/contract/media.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import { join, relative } from "../../../src/delivery/paths.ts";
import { printDocument } from "../../../src/yaml/print.ts";
import { RawYaml } from "../../../src/yaml/raw.ts";
import { forApp } from "./learn-values.ts";
import type { AppContext, AppName } from "./types.ts";

/** What an app says besides its values when those lie in a file of their own. */
interface SplitValues {
  /** Fields of the kustomization. */
  kustomization: YamlData;
  /** Fields of the HelmRelease's spec. */
  spec: YamlData;
  files: [path: string, text: Yaml][];
}

/** The file that the values of an app lie in; undefined where they stand in its HelmRelease. */
export function valuesFileOf({ conventions, placement }: AppContext, name: AppName): string | undefined {
  const { file } = conventions.values;
  return file && join(placement.apps[name].folder, forApp(file, name).path);
}

/**
 * The values of an app in the owner's way; undefined where they stay inline, also those with a `$` that post-build
 * substitution reads: helmfile, which shares the file, would not.
 */
export function splitValues(
  app: AppContext,
  name: AppName,
  values: YamlData,
  namespace: string,
): SplitValues | undefined {
  const { file: habit } = app.conventions.values;
  if (!habit || Object.keys(values).length === 0 || /\$[{$]/.test(textOf(values))) return undefined;
  const { folder } = app.placement.apps[name];
  const { path, generator, generatorOptions, from, configurations } = forApp(habit, name);
  const copied = configurations.filter(({ copy }) => copy);
  return {
    kustomization: {
      configMapGenerator: [{ ...inNamespace(app, namespace), ...generator }],
      ...(generatorOptions ? { generatorOptions } : {}),
      ...(configurations.length > 0
        ? { configurations: configurations.map((each) => (each.copy ? each.entry : relative(folder, each.path))) }
        : {}),
    },
    spec: { valuesFrom: [from] },
    files: [
      [join(folder, path), printDocument(values, app.conventions.style)],
      ...copied.map((each): [string, Yaml] => [
        join(folder, each.path),
        printDocument(REFERENCE, app.conventions.style),
      ]),
    ],
  };
}

/** Without `targetNamespace` nothing else says where the ConfigMap goes; the HelmRelease looks for it beside itself. */
function inNamespace({ conventions, placement }: AppContext, namespace: string): { namespace?: string } {
  return conventions.targetNamespace && !placement.direct ? {} : { namespace };
}

/** Lets the name of the generated ConfigMap, hash and all, reach the HelmRelease. */
const REFERENCE = {
  nameReference: [
    { kind: "ConfigMap", version: "v1", fieldSpecs: [{ path: "spec/valuesFrom/name", kind: "HelmRelease" }] },
  ],
};

function textOf(values: YamlData): string {
  return JSON.stringify(values, (_key, value) => (value instanceof RawYaml ? value.source : value));
}
