import type { Tree } from "../files/tree.ts";
import { basename, dirname, isWithin } from "./paths.ts";

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

/**
 * The files of a tree that reach the artifact of a source (flux-facts 6.1): `.sourceignore` files and `spec.ignore`, the
 * defaults while neither says anything, and what a sparse checkout fetches.
 * @param root folder of the repository at which the artifact begins
 */
export function readKeeps(tree: Tree, { ignore, sparse = [] }: SourceSelection, root: string): Keeps {
  const below = (path: string) => (root === "" ? path : path.slice(root.length + 1));
  const own = tree.paths.filter((path) => basename(path) === ".sourceignore" && isWithin(path, root));
  const rules = own.map((path) => ({ dir: below(dirname(path)), text: tree.read(path) ?? "" }));
  const ignores = makeIgnore([...rules, { dir: "", text: ignore }]);
  const folders = sparse.map((folder) => folder.replace(/^\.?\/+|\/+$/g, ""));
  const isFetched = (path: string) => !path.includes("/") || folders.some((folder) => isWithin(path, folder));
  return (path) => {
    return isWithin(path, root) && !ignores(below(path)) && (folders.length === 0 || isFetched(path));
  };
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

function parse(lines: readonly string[], dir: string): Rule[] {
  return lines.flatMap((line) => {
    const text = line.replace(/\r$/, "").replace(/(?<!\\) +$/, "");
    if (text.trim() === "" || text.startsWith("#")) return [];
    const isKept = text.startsWith("!");
    const pattern = toRegExp(isKept ? text.slice(1) : text);
    const prefix = dir === "" ? "" : `${dir}/`;
    return [{ isKept, matches: (path) => path.startsWith(prefix) && pattern.test(path.slice(prefix.length)) }];
  });
}

/** A pattern without a slash matches a segment anywhere, one with a slash counts from its root; both take what is below. */
function toRegExp(pattern: string): RegExp {
  const isFolder = pattern.endsWith("/");
  const body = isFolder ? pattern.slice(0, -1) : pattern;
  const end = isFolder ? "/" : "(?:/|$)";
  if (!body.includes("/")) return new RegExp(`(?:^|/)${toGlob(body)}${end}`);
  const segments = body.split("/").filter((segment) => segment !== "");
  const inner = segments.map((segment, index) => {
    if (segment !== "**") return toGlob(segment) + (index < segments.length - 1 ? "/" : "");
    return index < segments.length - 1 ? "(?:[^/]+/)*" : "[^/]+";
  });
  return new RegExp(`^${inner.join("")}${end}`);
}

function toGlob(segment: string): string {
  let out = "";
  for (let at = 0; at < segment.length; at++) {
    const char = segment[at]!;
    const close = char === "[" ? segment.indexOf("]", at + 2) : -1;
    if (char === "*") out += "[^/]*";
    else if (char === "?") out += "[^/]";
    else if (close > 0) {
      out += `[${segment.slice(at + 1, close).replace(/\\/g, "\\\\")}]`;
      at = close;
    } else {
      const literal = char === "\\" && at + 1 < segment.length ? segment[++at]! : char;
      out += literal.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
    }
  }
  return out;
}
