import { once } from "../contract/once.ts";
import { keepIndex } from "../files/kept-index.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { makeIgnore } from "./ignore-rules.ts";
import { basename, dirname, isWithin } from "./paths.ts";

/** What a source says about the files of its artifact. */
interface SourceSelection {
  /** `spec.ignore`. */
  ignore: string;
  /** Folders of a sparse checkout; none means all. */
  sparse?: readonly string[];
}

/** Whether source-controller puts a file of the tree into an artifact. */
export interface Keeps {
  (path: string): boolean;
  /** The same of a folder, which is there even if nothing of it is; of what is published otherwise that is not known. */
  folder?: (path: string) => boolean;
}

/** Trees of what reaches the artifact of a source, with all that the repository holds: nothing more of them is left out. */
const artifacts = new WeakMap<Tree, Tree>();
const keptBy = new WeakMap<Tree, Keeps>();

/** A hint that one of the defaults may fit; most paths have none. */
const MAY_BE_LEFT_OUT = /(?:^|\/)(?:\.|appveyor|cloudbuild|codeship)/;
const leftOut = (() => {
  let asked: ((path: string) => boolean) | undefined;
  return (path: string) => {
    asked ??= makeIgnore([]);
    return asked(path);
  };
})();

/**
 * Whether sources without patterns of their own leave a file out: `.sops.yaml`, or a workflow. Where a source has patterns
 * these files would be read, and stop every build of a folder that is walked: who runs Flux has left them out as well.
 */
export function isLeftOutByDefault(path: string): boolean {
  return MAY_BE_LEFT_OUT.test(path) && leftOut(path);
}

/** The same of a tree of which it is not decided yet what a source leaves out. */
export function isLeftOutOf(tree: Tree, path: string): boolean {
  return isLeftOutByDefault(path) && !artifacts.has(tree);
}

/** How words end that say of a file or folder that Flux does not find it; nothing where it is in the repository neither. */
export function sayLeftOut(tree: Tree, path: string): string {
  let whole = artifacts.get(tree);
  // One artifact may be what is left of another one.
  while (whole && artifacts.has(whole)) whole = artifacts.get(whole);
  return whole && (whole.has(path) || whole.isDir(path)) ? `; ${LEFT_OUT}` : "";
}

/**
 * Whether an artifact has a folder of which it leaves out every file: source-controller writes each folder that no pattern fits
 * (`Archive` of fluxcd/pkg/artifact), and what is built from an empty one is nothing.
 */
export function isLeftEmpty(tree: Tree, path: string): boolean {
  let whole = tree;
  for (let next = artifacts.get(whole); next; next = artifacts.get(whole)) {
    if (!keptBy.get(whole)?.folder?.(path)) return false;
    whole = next;
  }
  return whole !== tree && whole.isDir(path);
}

/** Why what lies in the repository is not there for Flux. */
export const LEFT_OUT = "it is in the repository, and the source leaves it out";

/**
 * The files of a tree that reach the artifact of a source (flux-facts 6.1): `.sourceignore` files and `spec.ignore`, the
 * defaults while neither says anything, and what a sparse checkout fetches.
 * @param root folder of the repository at which the artifact begins
 */
export function readKeeps(tree: Tree, { ignore, sparse = [] }: SourceSelection, root: string): Keeps {
  const below = (path: string) => (root === "" ? path : path.slice(root.length + 1));
  const files = remember(tree, "texts of ignore files", root, () => {
    const own = tree.paths.filter((path) => basename(path) === ".sourceignore" && isWithin(path, root));
    // A folder comes before those in it, whatever they are called.
    const depth = (path: string) => path.split("/").length;
    own.sort((a, b) => depth(a) - depth(b));
    return own.map((path) => ({ path, dir: below(dirname(path)), text: tree.read(path) ?? "" }));
  });
  const isFetched = readSparse(sparse);
  const fetched = () => [...files.filter(({ path }) => isFetched(path)), { dir: "", text: ignore }];
  const ignores = remember(tree, "ignored files", JSON.stringify([root, ignore, sparse]), () => makeIgnore(fetched()));
  const keeps: Keeps = (path) => isWithin(path, root) && !ignores(below(path)) && isFetched(path);
  // Of a folder itself a pattern for folders counts like one for files.
  const ofFolders = once(() =>
    makeIgnore(fetched().map(({ dir, text }) => ({ dir, text: text.replace(/(?<=[^\s!/])\/[ \t]*$/gm, "") }))),
  );
  if (sparse.length === 0) keeps.folder = (path) => isWithin(path, root) && !ofFolders()(below(path));
  return keeps;
}

/**
 * Whether a sparse checkout fetches a file: go-git takes what begins with the letters of a folder, `apps-old/` and `apps.yaml` for
 * `apps`, and nothing else, no file of the top (flux-facts 6.1).
 */
function readSparse(folders: readonly string[]): (path: string) => boolean {
  if (folders.length === 0) return () => true;
  const starts = new Set(folders.map((folder) => folder.replace(/^\.\//, "")));
  const lengths = [...new Set([...starts].map(({ length }) => length))];
  return (path) => lengths.some((length) => starts.has(path.slice(0, length)));
}

/** The tree without what an artifact leaves out. */
export function keepOnly(tree: Tree, keeps: Keeps): Tree {
  const index = keepIndex(tree, keeps);
  const kept: Tree = {
    get paths() {
      return index.paths;
    },
    has: index.has,
    isDir: index.isDir,
    entries: index.entries,
    status: (path) => (index.has(path) ? tree.status(path) : undefined),
    executable: (path) => index.has(path) && tree.executable(path),
    read: (path) => (index.has(path) ? tree.read(path) : undefined),
    grep: (needle) => tree.grep(needle).filter((path) => index.has(path)),
  };
  artifacts.set(kept, tree);
  keptBy.set(kept, keeps);
  return kept;
}
