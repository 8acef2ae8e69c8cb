import { posix } from "node:path";
import { isMap, isScalar, type Scalar, visit } from "yaml";
import { dirOf, isRemote, namedPaths } from "../../corpus/gate/reach.ts";
import { joinPath } from "../../corpus/gate/snapshot.ts";
import { type Draft, list, type Refactoring, relative } from "./draft.ts";

const inside = (path: string, dir: string): boolean => path === dir || path.startsWith(`${dir}/`);

/** Moves a folder, and changes whatever names it or what lies in it; what it names outside, too. */
function moveFolder(draft: Draft, dir: string, to: string): void {
  const moved = (path: string): string => (inside(path, dir) ? to + path.slice(dir.length) : path);
  const { tree } = draft.place;
  for (const path of tree.paths.filter((one) => inside(one, dir))) draft.move(path, moved(path));
  for (const file of tree.paths.filter((one) => /(^|\/)kustomization\.ya?ml$|\/Kustomization$/.test(one))) {
    const { docs } = tree.yaml(file);
    const at = dirOf(file);
    const now = moved(at);
    const names = docs.flatMap(({ data }) => namedPaths(data)).map(({ target }) => target);
    const wrong = new Map<string, string>();
    for (const name of names) {
      const path = joinPath(at, name);
      if (isRemote(name) || path.startsWith("..") || joinPath(now, name) === moved(path)) continue;
      if (tree.has(path) || tree.isDir(path)) wrong.set(name, relative(now, moved(path)));
    }
    if (wrong.size === 0) continue;
    for (const doc of docs) {
      draft.change({ ...doc, file: moved(file) }, (_, ast) => {
        visit(ast, {
          Scalar(key, node) {
            if (key === "key" || typeof node.value !== "string") return;
            const [, prefix = "", name = node.value] = /^([\w.-]+=)(.*)$/.exec(node.value) ?? [];
            const next = wrong.get(name);
            if (next !== undefined) (node as Scalar).value = prefix + next;
          },
        });
      });
    }
  }
  for (const { doc } of draft.apps((app) => inside(app.dir, dir)))
    draft.set({ ...doc, file: moved(doc.file) }, ["spec", "path"], `./${moved(joinPath(String(doc.data.spec.path)))}`);
  for (const { doc, dir: at } of draft.apps(({ doc }) => list(doc.data.spec.components).length > 0)) {
    for (const [index, one] of list(doc.data.spec.components).entries()) {
      const next = relative(moved(at), moved(joinPath(at, String(one))));
      draft.set({ ...doc, file: moved(doc.file) }, ["spec", "components", index], next);
    }
  }
}

/** Whether a text of the tree names the folder in another way than lists and paths do. */
const namedElsewhere = (draft: Draft, dir: string): boolean =>
  draft.docs(({ spec, kind }) => JSON.stringify([spec?.ignore, kind === "ArtifactGenerator" && spec]).includes(dir))
    .length > 0;

function pickFolder(draft: Draft): string | undefined {
  const dir = draft.pick(draft.apps())?.dir;
  return dir === undefined || !dir.includes("/") || namedElsewhere(draft, dir) ? undefined : dir;
}

const renamed: Refactoring = (draft) => {
  const dir = pickFolder(draft);
  if (dir === undefined) return undefined;
  moveFolder(draft, dir, `${dir}-now`);
  return `${dir} becomes ${dir}-now everywhere`;
};

const deeper: Refactoring = (draft) => {
  const dir = pickFolder(draft);
  if (dir === undefined) return undefined;
  const to = joinPath(dirOf(dir), "group", posix.basename(dir));
  moveFolder(draft, dir, to);
  return `${dir} becomes ${to} everywhere`;
};

/** Some files of a list go into a folder with a list of its own. */
const intoFolder: Refactoring = (draft) => {
  const doc = draft.pick(draft.lists((data) => list(data.resources).length >= 2));
  const files = doc ? draft.filesOf(doc).filter((file) => dirOf(file) === dirOf(doc.file)) : [];
  if (!doc || files.length < 2) return undefined;
  const some = files.slice(0, 1 + draft.dice.below(files.length - 1));
  const dir = joinPath(dirOf(doc.file), "parts");
  if (draft.has(`${dir}/kustomization.yaml`) || list(doc.data.patches).some((one) => one?.path)) return undefined;
  const names = some.map((file) => posix.basename(file));
  draft.change(doc, (map) => {
    const items = map.get("resources", true);
    if (!isMap(items) && items) {
      const node = items as unknown as { items: Scalar[] };
      node.items = node.items.filter(
        (one) => !(isScalar(one) && some.includes(joinPath(dirOf(doc.file), String(one.value)))),
      );
    }
    map.addIn(["resources"], "./parts");
  });
  for (const file of some) draft.move(file, joinPath(dir, posix.basename(file)));
  const head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n";
  draft.write(`${dir}/kustomization.yaml`, head + names.map((name) => `  - ./${name}\n`).join(""));
  return `${doc.file}: ${names.join(", ")} go into parts/`;
};

export const FOLDERS: Readonly<Record<string, Refactoring>> = {
  "folder: renamed everywhere": renamed,
  "folder: moved deeper everywhere": deeper,
  "list: files into a folder": intoFolder,
};
