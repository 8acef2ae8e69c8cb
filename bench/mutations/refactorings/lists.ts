import { posix } from "node:path";
import { type Document, isMap, type YAMLMap } from "yaml";
import { dirOf } from "../../corpus/gate/reach.ts";
import { type Data, joinPath } from "../../corpus/gate/snapshot.ts";
import { list, type Refactoring, relative, same } from "./draft.ts";

const isText = (value: unknown): value is string => typeof value === "string";

/** Renames a key of a map where it stands. */
function renameKey(map: YAMLMap, from: string, to: string, value?: unknown): void {
  for (const pair of map.items) {
    if (String(pair.key) !== from) continue;
    pair.key = to;
    if (value !== undefined) pair.value = value;
  }
}

const mergePatches: Refactoring = (draft) => {
  const doc = draft.pick(
    draft.lists((data) => list(data.patchesStrategicMerge).length > 0 && !data.patches && !data.patchesJson6902),
  );
  if (!doc) return undefined;
  const items = list(doc.data.patchesStrategicMerge).map((one: string) =>
    one.includes("\n") ? { patch: one } : { path: one },
  );
  draft.change(doc, (map, ast) => renameKey(map, "patchesStrategicMerge", "patches", ast.createNode(items)));
  return `${doc.file}: patchesStrategicMerge become patches`;
};

const bases: Refactoring = (draft) => {
  const doc = draft.pick(draft.lists((data) => list(data.bases).length > 0));
  if (!doc) return undefined;
  draft.change(doc, (map, ast) => {
    map.delete("bases");
    map.set("resources", ast.createNode([...list(doc.data.bases), ...list(doc.data.resources)]));
  });
  return `${doc.file}: bases become resources`;
};

const labels: Refactoring = (draft) => {
  const doc = draft.pick(draft.lists((data) => data.commonLabels && !data.labels));
  if (!doc) return undefined;
  const value = [{ pairs: doc.data.commonLabels, includeSelectors: true }];
  draft.change(doc, (map, ast) => renameKey(map, "commonLabels", "labels", ast.createNode(value)));
  return `${doc.file}: commonLabels become labels`;
};

const inlinePatches = (data: Data): number[] =>
  list(data.patches).flatMap((one, index) => (isText(one?.patch) && !one.path ? [index] : []));

const toFile: Refactoring = (draft) => {
  const doc = draft.pick(draft.lists((data) => inlinePatches(data).length > 0));
  const index = doc && draft.pick(inlinePatches(doc.data));
  const file = doc && joinPath(dirOf(doc.file), "patch-moved.yaml");
  if (!doc || index === undefined || !file || draft.has(file)) return undefined;
  draft.write(file, doc.data.patches[index].patch);
  draft.change(doc, (map) => {
    const patch = map.getIn(["patches", index], true);
    if (isMap(patch)) renameKey(patch, "patch", "path", "patch-moved.yaml");
  });
  return `${doc.file}: patches.${index} goes into a file`;
};

const toInline: Refactoring = (draft) => {
  const paths = (data: Data): number[] => list(data.patches).flatMap((one, at) => (isText(one?.path) ? [at] : []));
  const doc = draft.pick(draft.lists((data) => paths(data).length > 0));
  const index = doc && draft.pick(paths(doc.data));
  if (!doc || index === undefined) return undefined;
  const file = joinPath(dirOf(doc.file), doc.data.patches[index].path);
  if (!draft.has(file)) return undefined;
  const text = draft.text(file);
  draft.change(doc, (map, ast) => {
    const patch = map.getIn(["patches", index], true);
    if (isMap(patch)) renameKey(patch, "path", "patch", ast.createNode(text));
  });
  const others = draft
    .lists()
    .filter((one) => one.file !== doc.file && draft.place.tree.text(one.file).includes(posix.basename(file)));
  if (others.length === 0) draft.write(file, undefined);
  return `${doc.file}: ${file} goes inline`;
};

const isGenerated = (data: Data): boolean =>
  data.kind === "ConfigMap" &&
  same(Object.keys(data).sort(), ["apiVersion", "data", "kind", "metadata"]) &&
  Object.keys(data.metadata).every((key) => /^(name|namespace|labels|annotations)$/.test(key)) &&
  Object.values(data.data ?? {}).every(isText) &&
  !/\$\{/.test(data.metadata.name);

const toGenerator: Refactoring = (draft) => {
  const found = draft.docs(isGenerated).flatMap((doc) => {
    const users = draft.naming(doc.file);
    return users.length === 1 && draft.place.tree.yaml(doc.file).docs.length === 1 ? [{ doc, user: users[0]! }] : [];
  });
  const one = draft.pick(found);
  if (!one) return undefined;
  const { doc, user } = one;
  const dir = dirOf(user.doc.file);
  const { name, namespace, labels: marks, annotations } = doc.data.metadata;
  const files = Object.entries(doc.data.data as Record<string, string>).map(([key, text]) => {
    const file = joinPath(dir, "generated", key);
    draft.write(file, text);
    return `${key}=generated/${key}`;
  });
  draft.drop(user.doc, ["resources", user.index]);
  draft.append(user.doc, ["configMapGenerator"], {
    name,
    ...(namespace ? { namespace } : {}),
    files,
    options: {
      disableNameSuffixHash: true,
      ...(marks ? { labels: marks } : {}),
      ...(annotations ? { annotations } : {}),
    },
  });
  draft.write(doc.file, undefined);
  return `${doc.file} becomes a generator in ${user.doc.file}`;
};

const component: Refactoring = (draft) => {
  const doc = draft.pick(draft.lists((data) => inlinePatches(data).length > 0 && data.kind !== "Component"));
  const index = doc && draft.pick(inlinePatches(doc.data));
  const dir = doc && `${dirOf(doc.file)}-component`;
  if (!doc || index === undefined || !dir || draft.place.tree.isDir(dir)) return undefined;
  const head: Data = { apiVersion: "kustomize.config.k8s.io/v1alpha1", kind: "Component" };
  draft.write(`${dir}/kustomization.yaml`, JSON.stringify({ ...head, patches: [doc.data.patches[index]] }, null, 2));
  draft.append(doc, ["components"], relative(dirOf(doc.file), dir));
  draft.drop(doc, ["patches", index]);
  return `${doc.file}: patches.${index} goes into a component`;
};

const sorted: Refactoring = (draft) => {
  const doc = draft.pick(draft.lists((data) => list(data.resources).length > 1));
  if (!doc) return undefined;
  const names = list(doc.data.resources);
  const now = [...names].sort().reverse();
  if (same(names, now)) return undefined;
  draft.change(doc, (map, ast: Document.Parsed) => map.set("resources", ast.createNode(now)));
  return `${doc.file}: resources in another order`;
};

export const LISTS: Readonly<Record<string, Refactoring>> = {
  "list: patchesStrategicMerge become patches": mergePatches,
  "list: bases become resources": bases,
  "list: commonLabels become labels": labels,
  "list: patch into a file": toFile,
  "list: patch out of a file": toInline,
  "list: ConfigMap becomes a generator": toGenerator,
  "list: component takes a patch": component,
  "list: another order": sorted,
};
