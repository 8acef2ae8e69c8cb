import { artifactRootOf } from "../cluster/graph.ts";
import { cutEnd } from "../contract/cut.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import { isWithin, LONGEST_PATH } from "../delivery/paths.ts";
import { escapeRegExp } from "../delivery/patterns.ts";
import { foldersHolding } from "../files/disk-tree.ts";
import { sha256 } from "../files/hash.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";

/** Beyond that many folders a path with variables says next to nothing. */
const MAX_PLACES = 64;
const MAX_VARIABLES = 4;

/**
 * The folders that a path with variables, such as `./clusters/${NAME}/apps`, may be, as paths without: those of the tree
 * and those of some files more. Undefined where it may be too many to look at each. A value with `..` is not thought of.
 */
export function listPlaces(
  tree: Tree,
  spec: FluxObjectSpec | undefined,
  artifactRoot: string,
  more: Iterable<string> = [],
): string[] | undefined {
  const pattern = patternOf(String(spec?.path ?? ""));
  if (pattern === undefined) return undefined;
  const folders = new Set(remember(tree, "all folders", undefined, () => foldersHolding(tree.paths)));
  for (const folder of foldersHolding(more)) folders.add(folder);
  const top = artifactRootOf(spec, artifactRoot);
  const inArtifact = [...folders].filter((folder) => isWithin(folder, top));
  const paths = inArtifact.map((folder) => folder.slice(top === "" ? 0 : top.length + 1));
  const found = paths.filter((path) => pattern.test(path));
  return found.length > MAX_PLACES ? undefined : found.sort();
}

/**
 * One text for all that a build may read whose folder is not known: two that agree build the same, whatever the variables
 * hold. Undefined where that cannot be said.
 * @param filesOf the files that a build of one of the folders reads
 */
export function printPlaces(
  tree: Tree,
  spec: FluxObjectSpec | undefined,
  artifactRoot: string,
  filesOf: (spec: FluxObjectSpec) => ReadonlySet<string>,
): string | undefined {
  const places = listPlaces(tree, spec, artifactRoot);
  if (places === undefined) return undefined;
  const { sourceRef, dependsOn, interval, retryInterval, timeout, wait, healthChecks, healthCheckExprs, ...rest } =
    spec ?? {};
  const files = places.flatMap((path) => [...filesOf({ ...spec, path })].sort());
  const texts = files.map((file) => [file, tree.read(file)] as const);
  // What cannot be read may have changed.
  if (texts.some(([, text]) => text === undefined)) return undefined;
  return sha256(JSON.stringify([rest, places, texts]));
}

/** A pattern for the folders that a path with variables may be; undefined where it says too little. */
function patternOf(path: string): RegExp | undefined {
  if (path.length > LONGEST_PATH) return undefined;
  const parts = cutEnd(path.replace(/^(?:\.?\/)+/, ""), "/").split(/\$\{[^{}]*\}/);
  const isOpen = parts.length - 1 > MAX_VARIABLES || parts.some((part) => /\$|\/\/|\.\.|\/\.\//.test(part));
  if (isOpen || parts.length < 2 || parts.at(-1) === "") return undefined;
  const source = parts.map(escapeRegExp).join(".*");
  // A whole segment may be several, or none at all.
  return new RegExp(`^${source.replaceAll("/.*/", "/(?:.*/)?").replace(/^\.\*\//, "(?:.*/)?")}$`);
}
