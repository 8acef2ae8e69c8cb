import { templateReads } from "../helmfile.ts";
import { definitions, isAutomation } from "../kustomize-commands.ts";
import { SHELVED } from "../leftovers.ts";
import { dirOf, kustomizationFile, reach } from "../reach.ts";
import { type Data, isYamlPath, joinPath, type Snapshot } from "../snapshot.ts";
import { indexPaths, namedIn, type PathIndex } from "./tokens.ts";

/** Files that somebody reads or runs by themselves, whatever names them: tasks, recipes, workflows and pages. */
const ENTRY =
  /(^|\/)(\.?taskfile\.(dist\.)?ya?ml|\.?justfile|[^/]+\.just|makefile|\.?mise\.toml|\.envrc|readme[^/]*)$|^\.(github|forgejo|gitea|gitlab|woodpecker|circleci)\/|(^|\/)\.gitlab-ci\.ya?ml$|\.(md|mdx|adoc)$/i;

const isHelmfile = (path: string): boolean => /helmfile/i.test(path) && (isYamlPath(path) || path.endsWith(".gotmpl"));

const list = (value: Data): Data[] => (Array.isArray(value) ? value : []);

/** Values files of the releases of a helmfile, those that their templates read included. */
function helmfileReads(tree: Snapshot, file: string): string[] {
  if (!isYamlPath(file)) return [];
  const at = (from: string, path: string): string => joinPath(dirOf(from), path);
  return tree
    .yaml(file)
    .docs.flatMap((doc) => list(doc.data?.releases))
    .flatMap((release) => {
      const named = [...list(release?.values), ...list(release?.secrets)].filter((one) => typeof one === "string");
      return named.flatMap((values: string) => {
        const path = at(file, values);
        if (!tree.has(path)) return [];
        const reads = path.endsWith(".gotmpl") ? templateReads(tree.text(path), release) : [];
        return [path, ...reads.flatMap((read) => [at(path, read), at(file, read)])];
      });
    })
    .filter((path) => tree.has(path));
}

/** Every file that a build of a folder reads; of a folder that is no kustomization, the files in it. */
function readFolder(tree: Snapshot, dir: string): string[] {
  if (kustomizationFile(tree, dir)) return reach(tree, dir);
  return tree
    .entries(dir)
    .map((name) => joinPath(dir, name))
    .filter((path) => tree.has(path));
}

/** Files that are reached from `starts` by what scripts, tasks, pages and helmfiles name. */
function follow(index: PathIndex, starts: Iterable<string>): Set<string> {
  const { tree } = index;
  const seen = new Set<string>();
  const queue = [...starts].filter((path) => tree.has(path));
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    if (kustomizationFile(tree, dirOf(file)) === file) queue.push(...reach(tree, dirOf(file)));
    else if (ENTRY.test(file) || isAutomation(file) || isHelmfile(file)) {
      for (const path of namedIn(file, index)) queue.push(...(tree.has(path) ? [path] : readFolder(tree, path)));
      if (isHelmfile(file)) queue.push(...helmfileReads(tree, file));
    }
  }
  return seen;
}

/** Who reads the files of a tree besides a person who opens them. */
export interface Readers {
  /** Scripts and helmfiles that nothing names, so that a person runs them. */
  runByHand: string[];
  /** Every file that Flux builds or that automation or a page names. */
  read: Set<string>;
}

/**
 * Every file of a tree that is read: by a FluxKustomization, or by what people and jobs run and what that names in turn.
 * @param delivered what FluxKustomizations of all clusters build
 * @param runByHand of the tree as it was, where this is a later one: what was run through a task then is not run by itself now
 */
export function readersOf(tree: Snapshot, delivered: Iterable<string>, runByHand?: string[]): Readers {
  const index = indexPaths(tree, definitions(tree));
  const entries = tree.paths.filter((path) => ENTRY.test(path));
  const first = follow(index, [...delivered, ...entries]);
  const alone = runByHand ?? tree.paths.filter((path) => !first.has(path) && (isAutomation(path) || isHelmfile(path)));
  return { runByHand: alone, read: follow(index, [...delivered, ...entries, ...alone]) };
}

export interface IdleFilesInput {
  before: Snapshot;
  after: Snapshot;
  /** What the FluxKustomizations of all clusters build, before and after. */
  delivered: { before: Iterable<string>; after: Iterable<string> };
}

/** Files that something read before, and that nothing reads any more. */
export function findIdleFiles({ before, after, delivered }: IdleFilesInput): string[] {
  const was = readersOf(before, delivered.before);
  const is = readersOf(after, delivered.after, was.runByHand);
  // What a folder of old things holds is kept on purpose, and a path that ends alike does not mean it.
  return [...was.read].filter((path) => after.has(path) && !is.read.has(path) && !SHELVED.test(path)).sort();
}
