import type { Accumulated, BuildFiles } from "./accumulated.ts";
import { BuildError } from "./build-error.ts";
import { type Data, isMap, mapAt, mapList, scalarText, stringList } from "./data.ts";
import type { KustomizationFile } from "./file.ts";
import { setImage } from "./images.ts";
import type { Item } from "./item.ts";
import { applyToOwnId, isInlinePatch, parseStrategicMerge } from "./patch.ts";
import { type Locate, patch, patchAll, patchJson } from "./patch-entries.ts";
import { runTransformerPlugin } from "./plugin-transformers.ts";
import { readText } from "./read.ts";
import { applyReplacement } from "./replace.ts";
import { guardSpecs, labelSpecs } from "./specs.ts";
import { addPairs, rename, setNamespace, setReplicas } from "./transform.ts";

const noChanges = { allowNameChange: false, allowKindChange: false };

/** Runs the transformers of a kustomization in kustomize's order (flux-facts 3). Throws `BuildError`. */
export function transformAll(
  build: BuildFiles,
  file: KustomizationFile,
  acc: Accumulated,
  listPlugins: (field: string) => Data[],
): void {
  const { data } = file;
  const { specs } = acc;
  const at = (field: string, value = "") => build.locate(file, field, value);
  const run = (step: () => void) => build.attempt(acc, step);
  const change = (step: (items: readonly Item[]) => Item[]) =>
    run(() => {
      acc.items = step(acc.items);
    });
  for (const entry of stringList(data.patchesStrategicMerge)) run(() => mergeStrategic(build, file, acc, entry, at));
  for (const entry of mapList(data.patches)) run(() => patch(build, file, acc, "patches", entry, at));
  const [namespace, prefix, suffix] = ["namespace", "namePrefix", "nameSuffix"].map((field) => scalarText(data[field]));
  if (namespace) change((items) => setNamespace(items, namespace, specs.namespace, at("namespace", namespace)));
  if (prefix) change((items) => rename(items, { prefix }, specs.namePrefix, at("namePrefix")));
  if (suffix) change((items) => rename(items, { suffix }, specs.nameSuffix, at("nameSuffix")));
  for (const label of mapList(data.labels)) {
    const found = () => guardSpecs(at("labels"), () => labelSpecs(label, specs));
    change((items) => addPairs(items, mapAt(label, "pairs"), found(), at("labels")));
  }
  change((items) => addPairs(items, mapAt(data, "commonLabels"), specs.commonLabels, at("commonLabels")));
  change((items) =>
    addPairs(items, mapAt(data, "commonAnnotations"), specs.commonAnnotations, at("commonAnnotations")),
  );
  for (const entry of mapList(data.patchesJson6902)) run(() => patchJson(build, file, acc, entry, at));
  for (const replica of mapList(data.replicas)) {
    const place = at("replicas", scalarText(replica.name));
    run(() => patchAll(acc, place, (items, context) => setReplicas(items, replica, specs.replicas, context)));
  }
  for (const image of [...mapList(data.images), ...mapList(data.imageTags)]) {
    change((items) => setImage(items, image, specs.images, at("images", scalarText(image.name))));
  }
  for (const entry of mapList(data.replacements)) run(() => replace(build, file, acc, entry, at));
  run(() => {
    for (const config of listPlugins("transformers")) run(() => runTransformerPlugin(build, file, acc, config));
    for (const config of listPlugins("validators")) {
      throw new BuildError(at("validators", ""), `external plugins are disabled: ${scalarText(config.kind)}`);
    }
  });
}

function mergeStrategic(
  build: BuildFiles,
  file: KustomizationFile,
  acc: Accumulated,
  entry: string,
  locate: Locate,
): void {
  const field = "patchesStrategicMerge";
  const text = isInlinePatch(entry) ? entry : build.readText(file, field, entry, acc);
  if (text === undefined) return;
  const at = locate(field, entry);
  for (const one of parseStrategicMerge(text, at))
    patchAll(acc, at, (items, context) => applyToOwnId(items, one, noChanges, context, true));
}

function replace(build: BuildFiles, file: KustomizationFile, acc: Accumulated, entry: Data, locate: Locate): void {
  const path = scalarText(entry.path);
  const at = locate("replacements", path);
  let list: unknown = [entry];
  if (path !== "") {
    if (entry.source !== undefined || entry.targets !== undefined) {
      throw new BuildError(at, "cannot specify both path and inline replacement");
    }
    const text = build.readText(file, "replacements", path, acc);
    if (text === undefined) return;
    const read = readText(text);
    if (!read.ok) throw new BuildError(at, `${path}: ${read.reason}`);
    const content = read.docs[0]?.data;
    list = isMap(content) ? [content] : content;
    if (!Array.isArray(list)) throw new BuildError(at, `${path}: unsupported replacement`);
  }
  for (const one of mapList(list)) patchAll(acc, at, (items, context) => applyReplacement(items, one, context));
}
