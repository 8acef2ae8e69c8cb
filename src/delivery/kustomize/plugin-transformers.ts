import { type Accumulated, type BuildFiles, hide } from "./accumulated.ts";
import { BuildError } from "./build-error.ts";
import { type Data, mapAt, mapList, scalarText, stringList } from "./data.ts";
import { readSpecs } from "./field-spec.ts";
import type { KustomizationFile } from "./file.ts";
import { setImage } from "./images.ts";
import { applyToOwnId, parseStrategicMerge } from "./patch.ts";
import { patch, patchAll, patchJson } from "./patch-entries.ts";
import { refuseExternal } from "./plugins.ts";
import { applyReplacement } from "./replace.ts";
import { addPairs, rename, setNamespace, setReplicas } from "./transform.ts";

/** Runs a transformer written as a plugin configuration; those not built in refuse the build. Throws `BuildError`. */
export function runTransformerPlugin(build: BuildFiles, file: KustomizationFile, acc: Accumulated, config: Data): void {
  const at = build.locate(file, "transformers", "");
  refuseExternal(config, at);
  const specs = readSpecs(config.fieldSpecs);
  const kind = scalarText(config.kind);
  const locate = () => at;
  const [prefix, suffix] = [scalarText(config.prefix), scalarText(config.suffix)];
  switch (kind) {
    case "NamespaceTransformer": {
      const options = { unsetOnly: config.unsetOnly === true, subjects: scalarText(config.setRoleBindingSubjects) };
      const namespace = scalarText(mapAt(config, "metadata").namespace);
      const moved = setNamespace(namespace === "" ? [] : acc.items, namespace, specs, at, options);
      if (namespace !== "") acc.items = moved;
      break;
    }
    case "PrefixTransformer":
    case "SuffixTransformer":
      if (config.fieldSpecs === undefined) throw new BuildError(at, "fieldSpecs is not expected to be nil");
      acc.items = rename(acc.items, kind === "PrefixTransformer" ? { prefix } : { suffix }, specs, at);
      break;
    case "LabelTransformer":
      acc.items = addPairs(acc.items, mapAt(config, "labels"), specs, at);
      break;
    case "AnnotationsTransformer":
      acc.items = addPairs(acc.items, mapAt(config, "annotations"), specs, at);
      break;
    case "ImageTagTransformer":
      acc.items = setImage(acc.items, mapAt(config, "imageTag"), specs, at);
      break;
    case "ReplicaCountTransformer":
      patchAll(acc, at, (items, context) => setReplicas(items, mapAt(config, "replica"), specs, context));
      break;
    case "PatchTransformer":
      patch(build, file, acc, "transformers", config, locate);
      break;
    case "PatchJson6902Transformer":
      patchJson(build, file, acc, config, locate);
      break;
    case "PatchStrategicMergeTransformer":
      mergeAll(build, file, acc, config);
      break;
    case "ReplacementTransformer":
      for (const one of mapList(config.replacements))
        patchAll(acc, at, (items, context) => applyReplacement(items, one, context));
      break;
    default:
      hide(acc, { at, what: `changes made by the transformer ${kind}` });
  }
}

function mergeAll(build: BuildFiles, file: KustomizationFile, acc: Accumulated, config: Data): void {
  const at = build.locate(file, "transformers", "");
  const texts = stringList(config.paths).map((path) => build.readText(file, "transformers", path, acc));
  if (typeof config.patches === "string") texts.push(config.patches);
  for (const text of texts) {
    for (const one of text === undefined ? [] : parseStrategicMerge(text, at)) {
      const options = { allowNameChange: false, allowKindChange: false };
      patchAll(acc, at, (items, context) => applyToOwnId(items, one, options, context, true));
    }
  }
}
