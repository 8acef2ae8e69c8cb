import type { Loc } from "../errors.ts";
import type { Accumulated, Build } from "./build.ts";
import { BuildError } from "./build-error.ts";
import { type Data, isMap, mapAt, mapList, scalarText, stringList } from "./data.ts";
import type { KustomizationFile } from "./file.ts";
import {
  applyJson,
  applyPatch,
  applyToOwnId,
  isInlinePatch,
  type PatchContext,
  parseStrategicMerge,
  patchOptions,
  targetOf,
  tryOperations,
} from "./patch.ts";
import { runTransformerPlugin } from "./plugin-transformers.ts";
import { readText } from "./read.ts";
import { applyReplacement } from "./replace.ts";
import { addMetadata, findDuplicate, findUnmatchedReplicas, rename, setNamespace } from "./transform.ts";

const noChanges = { allowNameChange: false, allowKindChange: false };

/** Runs the transformers of a kustomization in kustomize's order (flux-semantics 3). Throws `BuildError`. */
export function transformAll(build: Build, file: KustomizationFile, acc: Accumulated, stack: readonly string[]): void {
  const { data } = file;
  const context = (field: string, value: string): PatchContext => patchContext(acc, build.locate(file, field, value));
  for (const entry of stringList(data.patchesStrategicMerge)) mergeStrategic(build, file, acc, entry, context);
  for (const entry of mapList(data.patches)) patch(build, file, acc, "patches", entry, context);
  const namespace = scalarText(data.namespace);
  if (namespace !== "") acc.items = setNamespace(acc.items, namespace, build.locate(file, "namespace", namespace));
  const [prefix, suffix] = [scalarText(data.namePrefix), scalarText(data.nameSuffix)];
  if (prefix !== "") acc.items = rename(acc.items, prefix, "");
  if (suffix !== "") acc.items = rename(acc.items, "", suffix);
  for (const label of mapList(data.labels)) acc.items = addMetadata(acc.items, "labels", mapAt(label, "pairs"));
  acc.items = addMetadata(acc.items, "labels", mapAt(data, "commonLabels"));
  acc.items = addMetadata(acc.items, "annotations", mapAt(data, "commonAnnotations"));
  for (const entry of mapList(data.patchesJson6902)) patchJson(build, file, acc, entry, context);
  const unmatched = findUnmatchedReplicas(acc.items, data);
  if (unmatched !== undefined && !acc.incomplete) {
    throw new BuildError(build.locate(file, "replicas", unmatched), `replicas: no workload has the name ${unmatched}`);
  }
  for (const entry of mapList(data.replacements)) replace(build, file, acc, entry, context);
  for (const config of build.listPlugins(file, "transformers", acc, stack)) {
    runTransformerPlugin(build, file, acc, config);
  }
  for (const config of build.listPlugins(file, "validators", acc, stack)) {
    throw new BuildError(
      build.locate(file, "validators", ""),
      `external plugins are disabled: ${scalarText(config.kind)}`,
    );
  }
}

type ContextOf = (field: string, value: string) => PatchContext;

export function patchContext(acc: Accumulated, at: Loc): PatchContext {
  return { at, incomplete: acc.incomplete, unmatched: (what) => acc.unknowns.push({ at, what }) };
}

function mergeStrategic(
  build: Build,
  file: KustomizationFile,
  acc: Accumulated,
  entry: string,
  context: ContextOf,
): void {
  const field = "patchesStrategicMerge";
  const text = isInlinePatch(entry) ? entry : build.readText(file, field, entry, acc);
  if (text === undefined) return;
  const around = context(field, entry);
  for (const one of parseStrategicMerge(text, around.at)) {
    acc.items = applyToOwnId(acc.items, one, noChanges, around);
  }
}

/** Applies one entry of `patches`, or a PatchTransformer, which has the same fields. */
export function patch(
  build: Build,
  file: KustomizationFile,
  acc: Accumulated,
  field: string,
  entry: Data,
  context: ContextOf,
): void {
  const [inline, path] = [scalarText(entry.patch).trim(), scalarText(entry.path)];
  const around = context(field, path || inline);
  if ((inline === "") === (path === "")) throw new BuildError(around.at, "a patch must have one of patch and path");
  const text = inline || build.readText(file, field, path, acc);
  if (text === undefined) return;
  acc.items = applyPatch(acc.items, text, targetOf(entry), patchOptions(entry), around);
  if (targetOf(entry) === undefined) return;
  const twice = findDuplicate(acc.items);
  if (twice && tryOperations(text) === undefined) {
    throw new BuildError(around.at, `may not add resource with an already registered id: ${twice.kind}/${twice.name}`);
  }
}

/** Applies one entry of `patchesJson6902`, or a PatchJson6902Transformer. */
export function patchJson(
  build: Build,
  file: KustomizationFile,
  acc: Accumulated,
  entry: Data,
  context: ContextOf,
): void {
  const [inline, path] = [scalarText(entry.patch) || scalarText(entry.jsonOp), scalarText(entry.path)];
  const target = targetOf(entry);
  const { at } = context("patchesJson6902", path || inline);
  if (target === undefined || scalarText(target.name) === "") throw new BuildError(at, "must specify the target name");
  if ((inline === "") === (path === "")) throw new BuildError(at, "a patch must have one of patch and path");
  const text = inline || build.readText(file, "patchesJson6902", path, acc);
  if (text === undefined) return;
  const operations = tryOperations(text);
  if (operations === undefined || operations.length === 0)
    throw new BuildError(at, "the JSON patch is empty or malformed");
  acc.items = applyJson(acc.items, operations, target, at, false);
}

function replace(build: Build, file: KustomizationFile, acc: Accumulated, entry: Data, context: ContextOf): void {
  const path = scalarText(entry.path);
  const around = context("replacements", path);
  let list: unknown = [entry];
  if (path !== "") {
    if (entry.source !== undefined || entry.targets !== undefined) {
      throw new BuildError(around.at, "cannot specify both path and inline replacement");
    }
    const text = build.readText(file, "replacements", path, acc);
    if (text === undefined) return;
    const read = readText(text);
    if (!read.ok) throw new BuildError(around.at, `${path}: ${read.reason}`);
    const content = read.docs[0]?.data;
    list = isMap(content) ? [content] : content;
    if (!Array.isArray(list)) throw new BuildError(around.at, `${path}: unsupported replacement`);
  }
  for (const one of mapList(list)) acc.items = applyReplacement(acc.items, one, around);
}
