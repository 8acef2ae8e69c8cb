import { type Data, mapAt, mapList, scalarText, stringList } from "./data.ts";
import { BuildError } from "./failures.ts";
import { Growth } from "./grown.ts";
import { setImage } from "./images.ts";
import type { Item } from "./item.ts";
import { isInlinePatch } from "./patch.ts";
import { mergeText, patch, patchAll, patchJson, replace } from "./patch-entries.ts";
import { runTransformerPlugin } from "./plugins.ts";
import { labelSpecs } from "./specs.ts";
import { hideLaboured, hideRenamed, type Stage } from "./stage.ts";
import { addPairs, rename, setNamespace, setReplicas } from "./transform.ts";

/** Runs the transformers of a kustomization in kustomize's order (flux-facts 3). Throws `BuildError`. */
export function transformAll(stage: Stage, listPlugins: (field: string) => Data[]): void {
  const { acc } = stage;
  const { data } = stage.file;
  const { specs } = acc;
  const at = (field: string, value?: string) => stage.locate(field, value);
  const run = (step: () => void) => {
    if (!hideLaboured(acc, at(""))) stage.attempt(step);
  };
  const change = (step: (items: readonly Item[]) => Item[]) =>
    run(() => {
      acc.items = step(acc.items);
    });
  const merge = "patchesStrategicMerge";
  const growth = new Growth();
  for (const entry of stringList(data[merge]))
    run(() => mergeText(stage, isInlinePatch(entry) ? entry : stage.readText(merge, entry), at(merge, entry), growth));
  for (const entry of mapList(data.patches)) run(() => patch(stage, "patches", entry, { growth }));
  const [namespace, prefix, suffix] = ["namespace", "namePrefix", "nameSuffix"].map((field) => scalarText(data[field]));
  if (namespace) change((items) => setNamespace(items, namespace, specs.namespace, at("namespace", namespace)));
  if (prefix) change((items) => rename(items, { prefix }, specs.namePrefix, at("namePrefix")));
  if (suffix) change((items) => rename(items, { suffix }, specs.nameSuffix, at("nameSuffix")));
  for (const { label, pairs } of joinLabels(mapList(data.labels))) {
    change((items) => addPairs(items, pairs, labelSpecs(label, specs, at("labels")), at("labels")));
  }
  for (const field of ["commonLabels", "commonAnnotations"] as const) {
    const pairs = mapAt(data, field);
    if (Object.keys(pairs).length > 0) change((items) => addPairs(items, pairs, specs[field], at(field)));
  }
  for (const entry of mapList(data.patchesJson6902)) run(() => patchJson(stage, entry));
  for (const replica of mapList(data.replicas)) {
    const place = at("replicas", scalarText(replica.name));
    run(() => patchAll(acc, place, (items, context) => setReplicas(items, replica, specs.replicas, context)));
  }
  for (const image of [...mapList(data.images), ...mapList(data.imageTags)]) {
    const place = at("images", scalarText(image.name));
    run(() => patchAll(acc, place, (items, context) => setImage(items, image, specs.images, context)));
  }
  for (const entry of mapList(data.replacements)) run(() => replace(stage, entry));
  run(() => {
    for (const config of listPlugins("transformers")) {
      if (hideRenamed(acc, at("transformers"))) break;
      run(() => runTransformerPlugin(stage, config));
    }
    for (const config of listPlugins("validators")) {
      throw new BuildError(at("validators"), `external plugins are disabled: ${scalarText(config.kind)}`);
    }
  });
}

/** Entries one after the other that differ in their pairs alone are one: each costs what all labels of an object take. */
function joinLabels(labels: readonly Data[]): { label: Data; pairs: Data }[] {
  const joined: { label: Data; says: string; pairs: Map<string, unknown> }[] = [];
  for (const label of labels) {
    const { pairs: _, ...rest } = label;
    const says = JSON.stringify(rest);
    const own = Object.entries(mapAt(label, "pairs"));
    const last = joined.at(-1);
    if (last?.says === says && !own.some(([key]) => last.pairs.has(key))) {
      for (const [key, value] of own) last.pairs.set(key, value);
    } else joined.push({ label, says, pairs: new Map(own) });
  }
  return joined.map(({ label, pairs }) => ({ label, pairs: Object.fromEntries(pairs) }));
}
