import type { Loc } from "../../contract/errors.ts";
import { type Data, isMap, mapAt, scalarText, stringList } from "./data.ts";
import { BuildError } from "./failures.ts";
import { readSpecs } from "./field-spec.ts";
import type { GeneratedKind } from "./generate.ts";
import { setImage } from "./images.ts";
import { type Item, makeItem } from "./item.ts";
import { tryObjects } from "./patch.ts";
import { mergeText, patch, patchAll, patchJson, replaceAll } from "./patch-entries.ts";
import { type Accumulated, append, hide, type Stage } from "./stage.ts";
import { addPairs, rename, setNamespace, setReplicas } from "./transform.ts";

/** Adds the inline plugin configurations to `config`; returns the entries that are paths. */
export function loadPlugins(entries: readonly string[], config: Accumulated, at: Loc): string[] {
  return entries.filter((entry) => {
    const objects = tryObjects(entry, at);
    if (objects instanceof BuildError) return true;
    const items = objects.map(({ body }) => makeItem(body, at.file, 0));
    append(config, items, () => at);
    return false;
  });
}

/** Which generator a plugin configuration names. Plugins that are not built in need a flag that Flux never sets. */
export function generatorOf(config: Data, at: Loc): GeneratedKind | "Helm" {
  const kind = builtInKind(config, at);
  if (kind === "ConfigMapGenerator") return "ConfigMap";
  if (kind === "SecretGenerator") return "Secret";
  if (kind === "HelmChartInflationGenerator") return "Helm";
  throw new BuildError(at, `plugin ${kind} is no built-in generator`);
}

function builtInKind({ apiVersion, kind }: Data, at: Loc): string {
  if (scalarText(apiVersion) === "builtin") return scalarText(kind);
  throw new BuildError(at, `external plugins are disabled: ${scalarText(apiVersion)} ${scalarText(kind)}`);
}

/** Runs a transformer written as a plugin configuration; those not built in refuse the build. Throws `BuildError`. */
export function runTransformerPlugin(stage: Stage, config: Data): void {
  const { acc } = stage;
  const at = stage.locate("transformers");
  const kind = builtInKind(config, at);
  if (isMap(config.fieldSpecs)) throw new BuildError(at, "fieldSpecs is no list");
  const specs = readSpecs(config.fieldSpecs);
  const change = (items: Item[]) => {
    acc.items = items;
  };
  const affix = (field: "prefix" | "suffix") => {
    if (config.fieldSpecs === undefined) throw new BuildError(at, "fieldSpecs is not expected to be nil");
    change(rename(acc.items, { [field]: scalarText(config[field]) }, specs, at));
  };
  const steps: Record<string, () => void> = {
    NamespaceTransformer: () => {
      const options = { unsetOnly: config.unsetOnly === true, subjects: scalarText(config.setRoleBindingSubjects) };
      const namespace = scalarText(mapAt(config, "metadata").namespace);
      const moved = setNamespace(namespace === "" ? [] : acc.items, namespace, specs, at, options);
      if (namespace !== "") change(moved);
    },
    PrefixTransformer: () => affix("prefix"),
    SuffixTransformer: () => affix("suffix"),
    LabelTransformer: () => change(addPairs(acc.items, mapAt(config, "labels"), specs, at)),
    AnnotationsTransformer: () => change(addPairs(acc.items, mapAt(config, "annotations"), specs, at)),
    ImageTagTransformer: () =>
      patchAll(acc, at, (items, context) => setImage(items, mapAt(config, "imageTag"), specs, context)),
    ReplicaCountTransformer: () =>
      patchAll(acc, at, (items, context) => setReplicas(items, mapAt(config, "replica"), specs, context)),
    PatchTransformer: () => patch(stage, "transformers", config, { place: at }),
    PatchJson6902Transformer: () => patchJson(stage, config, at),
    PatchStrategicMergeTransformer: () => {
      const texts = stringList(config.paths).map((path) => stage.readText("transformers", path));
      if (typeof config.patches === "string") texts.push(config.patches);
      for (const text of texts) mergeText(stage, text, at);
    },
    ReplacementTransformer: () => replaceAll(stage, config.replacements, at),
  };
  if (Object.hasOwn(steps, kind)) steps[kind]!();
  else hide(acc, { at, what: `changes made by the transformer ${kind}` });
}
