import { barePath } from "../contract/cut.ts";
import { changeIndex } from "../files/changed-index.ts";
import { readIgnoreLines } from "../files/gitignore.ts";
import { compileSegment, matchTokens } from "../files/glob.ts";
import { indexPaths } from "../files/path-index.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { basename, dirname, isWithin, makeWithin } from "./paths.ts";

/** What source-controller leaves out whatever anybody says (flux-facts 6.1). */
const ALWAYS = [".git/", ".gitignore", ".gitmodules", ".gitattributes"];
/** What it leaves out while no pattern stands anywhere. */
const DEFAULTS = [
  ...["*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip"],
  ...[".github/", ".circleci/", ".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml", "cloudbuild.yaml"],
  ...["codeship-services.yml", "codeship-steps.yml", "**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml"],
];

interface Rule {
  isKept: boolean;
  matches: (path: string) => boolean;
}

/** Patterns of one place: a `.sourceignore` file with its folder, or `spec.ignore` with the root. */
interface IgnoreRules {
  dir: string;
  text: string;
}

/** What a source says about the files of its artifact. */
interface SourceSelection {
  /** `spec.ignore`. */
  ignore: string;
  /** Folders of a sparse checkout; none means all. */
  sparse?: readonly string[];
}

/** Whether source-controller puts a file of the tree into an artifact. */
export type Keeps = (path: string) => boolean;

/** Trees of what reaches the artifact of a source: nothing more of them is left out. */
const artifacts = new WeakSet<Tree>();

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

/**
 * The files of a tree that reach the artifact of a source (flux-facts 6.1): `.sourceignore` files and `spec.ignore`, the
 * defaults while neither says anything, and what a sparse checkout fetches.
 * @param root folder of the repository at which the artifact begins
 */
export function readKeeps(tree: Tree, { ignore, sparse = [] }: SourceSelection, root: string): Keeps {
  const below = (path: string) => (root === "" ? path : path.slice(root.length + 1));
  const own = tree.paths.filter((path) => basename(path) === ".sourceignore" && isWithin(path, root));
  const files = own.map((path) => ({ dir: below(dirname(path)), text: tree.read(path) ?? "" }));
  const texts = [...files, { dir: "", text: ignore }];
  const ignores = remember(tree, "ignored files", JSON.stringify(texts), () => makeIgnore(texts));
  const isListed = makeWithin(sparse.map(barePath));
  const isFetched = (path: string) => sparse.length === 0 || !path.includes("/") || isListed(path);
  return (path) => isWithin(path, root) && !ignores(below(path)) && isFetched(path);
}

/**
 * Whether source-controller leaves a file out of an artifact. Unlike git it asks the last pattern that matches a file and
 * nothing else, so that `!/kubernetes/main` brings back what `/*` excludes although `kubernetes` stays excluded.
 * @param rules in order of precedence, the weakest first; paths are relative to the same root
 */
export function makeIgnore(rules: readonly IgnoreRules[]): (path: string) => boolean {
  const own = rules.flatMap(({ dir, text }) => parse(text.split("\n"), dir));
  const all = [...parse(ALWAYS, ""), ...(own.length === 0 ? parse(DEFAULTS, "") : own)].reverse();
  return (path) => {
    const decides = all.find(({ matches }) => matches(path));
    return decides !== undefined && !decides.isKept;
  };
}

/** The tree without what an artifact leaves out. */
export function keepOnly(tree: Tree, keeps: Keeps): Tree {
  const own: string[] = [];
  const gone: string[] = [];
  for (const path of tree.paths) (keeps(path) ? own : gone).push(path);
  const index = gone.length > own.length ? indexPaths(own) : changeIndex(tree, new Set(gone), []);
  const kept: Tree = {
    ...index,
    status: (path) => (index.has(path) ? tree.status(path) : undefined),
    executable: (path) => index.has(path) && tree.executable(path),
    read: (path) => (index.has(path) ? tree.read(path) : undefined),
    grep: (needle) => tree.grep(needle).filter((path) => index.has(path)),
  };
  artifacts.add(kept);
  return kept;
}

function parse(lines: readonly string[], dir: string): Rule[] {
  const prefix = dir === "" ? "" : `${dir}/`;
  return readIgnoreLines(lines).map(({ isKept, pattern }) => {
    const matches = readPattern(pattern);
    return { isKept, matches: (path) => path.startsWith(prefix) && matches(path.slice(prefix.length)) };
  });
}

/**
 * A pattern of `.gitignore` as a test of paths: without a slash it matches a segment anywhere, with one it counts from the
 * root; both take what is below. Takes time that grows with the path times the pattern, whatever they hold.
 */
export function readPattern(pattern: string): (path: string) => boolean {
  const isFolder = pattern.endsWith("/");
  const body = isFolder ? pattern.slice(0, -1) : pattern;
  const names = body.split("/").filter((segment) => segment !== "");
  if (names.length === 0) return () => false;
  if (!body.includes("/")) {
    const fits = compileSegment(body);
    return (path) => {
      const segments = segmentsOf(path);
      return segments.some((segment, index) => (!isFolder || index < segments.length - 1) && fits(segment));
    };
  }
  const tokens = names.map((name, index) => {
    if (name !== "**") return compileSegment(name);
    return index < names.length - 1 ? "*" : () => true;
  });
  return (path) => {
    const segments = segmentsOf(path);
    const end = matchTokens(tokens, segments, true);
    return end !== undefined && (!isFolder || end < segments.length);
  };
}

/** Each pattern of a list asks for the segments of one path. */
let asked: { path: string; segments: readonly string[] } = { path: "", segments: [""] };

function segmentsOf(path: string): readonly string[] {
  if (asked.path !== path) asked = { path, segments: path.split("/") };
  return asked.segments;
}
