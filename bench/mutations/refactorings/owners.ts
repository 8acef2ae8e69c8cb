import { posix } from "node:path";
import { isSeq, type Scalar, stringify } from "yaml";
import { isFluxKustomization } from "../../corpus/gate/flux-objects.ts";
import { dirOf } from "../../corpus/gate/reach.ts";
import { type Data, type Doc, joinPath } from "../../corpus/gate/snapshot.ts";
import { type App, bare, type Draft, list, type Refactoring, relative, same } from "./draft.ts";

const prunes = ({ doc }: App): boolean => doc.data.spec.prune === true && doc.data.spec.suspend !== true;
const isPlain = ({ doc, list: at }: App): boolean => at !== undefined && !doc.data.spec.components;

/** What an app is applied with, besides its own name and folder. */
const terms = ({ doc, list: at }: App): unknown => {
  const { targetNamespace, postBuild, sourceRef, patches, commonMetadata, decryption, kubeConfig } = doc.data.spec;
  const { namespace, namePrefix, commonLabels, labels, commonAnnotations, patches: below } = at?.data ?? {};
  return [
    doc.data.metadata?.namespace,
    targetNamespace,
    postBuild,
    sourceRef,
    patches,
    commonMetadata,
    decryption,
    kubeConfig,
    namespace,
    namePrefix,
    commonLabels,
    labels,
    commonAnnotations,
    below,
  ];
};

/** Lines of dependsOn that name a FluxKustomization, in FluxKustomizations. */
export const usersOf = (draft: Draft, { data }: Doc): { doc: Doc; index: number }[] =>
  draft.docs(isFluxKustomization).flatMap((doc) =>
    list(doc.data.spec?.dependsOn).flatMap((one: Data, index) => {
      const space = one?.namespace ?? doc.data.metadata?.namespace;
      return one?.name === data.metadata?.name && space === data.metadata?.namespace ? [{ doc, index }] : [];
    }),
  );

const follow = (draft: Draft, doc: Doc, name: string): void => {
  for (const user of usersOf(draft, doc)) draft.set(user.doc, ["spec", "dependsOn", user.index, "name"], name);
};

const unlist = (draft: Draft, doc: Doc, path: string): void =>
  draft.change(doc, (map) => {
    const items = map.get("resources", true) as unknown;
    if (isSeq(items))
      items.items = items.items.filter((one) => joinPath(dirOf(doc.file), String((one as Scalar).value)) !== path);
  });

/** A copy of a FluxKustomization with another name and folder. */
function copyOf({ doc }: App, name: string, dir: string): string {
  const ast = doc.ast.clone() as Doc["ast"];
  ast.setIn(["metadata", "name"], name);
  ast.setIn(["spec", "path"], `./${dir}`);
  return bare(ast);
}

const moveOver: Refactoring = (draft) => {
  const from = draft.pick(draft.apps((app) => prunes(app) && isPlain(app) && draft.filesOf(app.list!).length > 1));
  const to =
    from &&
    draft.pick(
      draft.apps((app) => prunes(app) && isPlain(app) && app.dir !== from.dir && same(terms(app), terms(from))),
    );
  const file = from && draft.pick(draft.filesOf(from.list!));
  if (!from || !to || !file) return undefined;
  const now = joinPath(to.dir, posix.basename(file));
  if (draft.has(now)) return undefined;
  unlist(draft, from.list!, file);
  draft.append(to.list!, ["resources"], `./${posix.basename(file)}`);
  draft.move(file, now);
  return `${file} goes from ${from.doc.data.metadata.name} to ${to.doc.data.metadata.name}`;
};

const split: Refactoring = (draft) => {
  const app = draft.pick(draft.apps((one) => isPlain(one) && draft.filesOf(one.list!).length > 1));
  const file = app && draft.pick(draft.filesOf(app.list!));
  if (!app || !file || list(app.list!.data.patches).length > 0) return undefined;
  const name = `${app.doc.data.metadata.name}-more`;
  const dir = `${app.dir}-more`;
  if (draft.place.tree.isDir(dir)) return undefined;
  unlist(draft, app.list!, file);
  draft.move(file, joinPath(dir, posix.basename(file)));
  const { configMapGenerator, secretGenerator, generatorOptions, ...rest } = app.list!.data;
  draft.write(`${dir}/kustomization.yaml`, stringify({ ...rest, resources: [`./${posix.basename(file)}`] }));
  draft.write(app.doc.file, `${draft.text(app.doc.file).trimEnd()}\n---\n${copyOf(app, name, dir)}`);
  return `${file} goes from ${app.doc.data.metadata.name} to the new ${name}`;
};

const merge: Refactoring = (draft) => {
  const one = draft.pick(draft.apps(isPlain));
  const two =
    one && draft.pick(draft.apps((app) => isPlain(app) && app.dir !== one.dir && same(terms(app), terms(one))));
  if (!one || !two || joinPath(one.dir).startsWith(two.dir)) return undefined;
  draft.append(one.list!, ["resources"], relative(one.dir, two.dir));
  const { name } = one.doc.data.metadata;
  follow(draft, two.doc, name);
  const waits = list(one.doc.data.spec.dependsOn).findIndex((ref) => ref?.name === two.doc.data.metadata.name);
  if (waits >= 0) draft.drop(one.doc, ["spec", "dependsOn", waits]);
  leave(draft, two.doc);
  return `${two.doc.data.metadata.name} goes into ${name}, with what depends on it`;
};

/** Takes a document out, and its line in a list with the last of its file. */
export function leave(draft: Draft, doc: Doc): string {
  const text = draft.takeOut(doc);
  if (!draft.has(doc.file)) for (const user of draft.naming(doc.file)) unlist(draft, user.doc, doc.file);
  return text;
}

const rename: Refactoring = (draft) => {
  const app = draft.pick(draft.apps());
  if (!app) return undefined;
  const name = `${app.doc.data.metadata.name}-app`;
  follow(draft, app.doc, name);
  draft.set(app.doc, ["metadata", "name"], name);
  return `${app.doc.data.metadata.name} becomes ${name}, with what depends on it`;
};

const toOtherFile: Refactoring = (draft) => {
  const app = draft.pick(draft.apps(({ doc }) => draft.naming(doc.file).length === 1));
  const user = app && draft.naming(app.doc.file)[0];
  if (!app || !user) return undefined;
  const file = joinPath(dirOf(app.doc.file), `ks-${app.doc.data.metadata.name}.yaml`);
  if (draft.has(file)) return undefined;
  draft.append(user.doc, ["resources"], relative(dirOf(user.doc.file), file));
  draft.write(file, leave(draft, app.doc));
  return `${app.doc.data.metadata.name} goes from ${app.doc.file} to ${file}`;
};

const otherNamespace: Refactoring = (draft) => {
  const app = draft.pick(draft.apps(({ doc }) => typeof doc.data.spec.targetNamespace === "string"));
  const old = app?.doc.data.spec.targetNamespace;
  const now = draft.pick(
    draft.docs(({ kind, metadata }) => kind === "Namespace" && metadata?.name !== old).map(({ data }) => data),
  )?.metadata.name;
  if (!app || !now || app.list?.data.namespace) return undefined;
  draft.set(app.doc, ["spec", "targetNamespace"], now);
  for (const file of app.list ? draft.filesOf(app.list) : []) {
    for (const doc of draft.place.tree.yaml(file).docs)
      if (doc.data?.metadata?.namespace === old && !doc.data.sops) draft.set(doc, ["metadata", "namespace"], now);
  }
  return `${app.doc.data.metadata.name}: namespace ${old} becomes ${now}`;
};

const appGoes: Refactoring = (draft) => {
  const app = draft.pick(draft.apps());
  if (!app) return undefined;
  for (const { doc, index } of usersOf(draft, app.doc)) draft.drop(doc, ["spec", "dependsOn", index]);
  leave(draft, app.doc);
  const read = draft.apps(({ doc, dir }) => doc !== app.doc && `${dir}/`.startsWith(`${app.dir}/`));
  const gone = draft.place.tree.paths.filter((path) => path.startsWith(`${app.dir}/`));
  if (read.length === 0) for (const path of gone) draft.write(path, undefined);
  return `${app.doc.data.metadata.name} goes, with its files and all dependsOn`;
};

const appComes: Refactoring = (draft) => {
  const app = draft.pick(draft.apps(({ dir }) => !/\bflux|crds?\b|system/.test(dir)));
  if (!app || draft.apps(({ dir }) => dir.startsWith(`${app.dir}/`)).length > 0) return undefined;
  const files = draft.place.tree.paths.filter((path) => path.startsWith(`${app.dir}/`));
  const dir = `${app.dir}-two`;
  if (draft.place.tree.isDir(dir)) return undefined;
  for (const path of files) {
    draft.write(dir + path.slice(app.dir.length), draft.place.tree.text(path));
    for (const doc of draft.place.tree.yaml(path).docs) {
      const { kind, metadata, sops } = doc.data ?? {};
      if (!metadata?.name || !kind || /Kustomization|Component/.test(kind)) continue;
      if (sops || /^(Namespace|CustomResourceDefinition|Cluster\w+)$/.test(kind)) return undefined;
      draft.set({ ...doc, file: dir + path.slice(app.dir.length) }, ["metadata", "name"], `${metadata.name}-two`);
    }
  }
  const name = `${app.doc.data.metadata.name}-two`;
  draft.write(app.doc.file, `${draft.text(app.doc.file).trimEnd()}\n---\n${copyOf(app, name, dir)}`);
  return `${name} comes, a copy of ${app.doc.data.metadata.name} with other names`;
};

export const OWNERS: Readonly<Record<string, Refactoring>> = {
  "Kustomization: file moved to another": moveOver,
  "Kustomization: split": split,
  "Kustomization: merged": merge,
  "Kustomization: renamed with its users": rename,
  "Kustomization: into another file": toOtherFile,
  "app: other namespace": otherNamespace,
  "app: goes with its users": appGoes,
  "app: comes": appComes,
};
