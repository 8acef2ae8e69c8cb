import type { Accumulated, Build } from "./build.ts";
import { BuildError } from "./build-error.ts";
import { type Data, mapAt, mapList, scalarText, stringList } from "./data.ts";
import type { KustomizationFile } from "./file.ts";
import { applyToOwnId, parseStrategicMerge } from "./patch.ts";
import { refuseExternal } from "./plugins.ts";
import { applyReplacement } from "./replace.ts";
import { addMetadata, rename, setNamespace } from "./transform.ts";
import { patch, patchContext, patchJson } from "./transform-all.ts";

/** Built-in transformers that change no identity, label or annotation. */
const harmless = new Set(["ImageTagTransformer", "ReplicaCountTransformer", "SortOrderTransformer", "HashTransformer"]);

/** Runs a transformer written as a plugin configuration; those not built in refuse the build. Throws `BuildError`. */
export function runTransformerPlugin(build: Build, file: KustomizationFile, acc: Accumulated, config: Data): void {
  const at = build.locate(file, "transformers", "");
  refuseExternal(config, at);
  const specs = mapList(config.fieldSpecs);
  const reachesNames = specs.some(({ path }) => path === "metadata/name");
  const kind = scalarText(config.kind);
  const context = () => patchContext(acc, at);
  switch (kind) {
    case "NamespaceTransformer": {
      const options = { unsetOnly: config.unsetOnly === true, renamesNamespaces: reachesNames };
      const namespace = scalarText(mapAt(config, "metadata").namespace);
      if (namespace !== "") acc.items = setNamespace(acc.items, namespace, at, options);
      break;
    }
    case "PrefixTransformer":
    case "SuffixTransformer":
      if (config.fieldSpecs === undefined) throw new BuildError(at, "fieldSpecs is not expected to be nil");
      if (specs.some(({ path, kind: only }) => path === "metadata/name" && only !== undefined)) {
        acc.unknowns.push({ at, what: `names changed by a ${kind} for some kinds` });
      } else if (reachesNames) acc.items = rename(acc.items, scalarText(config.prefix), scalarText(config.suffix));
      break;
    case "LabelTransformer":
    case "AnnotationsTransformer": {
      const field = kind === "LabelTransformer" ? "labels" : "annotations";
      if (specs.some(({ path }) => path === `metadata/${field}`)) {
        acc.items = addMetadata(acc.items, field, mapAt(config, field));
      }
      break;
    }
    case "PatchTransformer":
      patch(build, file, acc, "transformers", config, context);
      break;
    case "PatchJson6902Transformer":
      patchJson(build, file, acc, config, context);
      break;
    case "PatchStrategicMergeTransformer":
      mergeAll(build, file, acc, config);
      break;
    case "ReplacementTransformer":
      for (const one of mapList(config.replacements)) acc.items = applyReplacement(acc.items, one, context());
      break;
    default:
      if (harmless.has(kind)) break;
      acc.unknowns.push({ at, what: `changes made by the transformer ${kind}` });
  }
}

function mergeAll(build: Build, file: KustomizationFile, acc: Accumulated, config: Data): void {
  const at = build.locate(file, "transformers", "");
  const texts = stringList(config.paths).map((path) => build.readText(file, "transformers", path, acc));
  if (typeof config.patches === "string") texts.push(config.patches);
  for (const text of texts) {
    for (const one of text === undefined ? [] : parseStrategicMerge(text, at)) {
      const options = { allowNameChange: false, allowKindChange: false };
      acc.items = applyToOwnId(acc.items, one, options, patchContext(acc, at));
    }
  }
}
