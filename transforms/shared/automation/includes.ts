import { type AutomationFile, listAutomation } from "../../../src/cluster/automation-files.ts";
import { groupBy } from "../../../src/contract/group-by.ts";
import { basename, dirname, join } from "../../../src/delivery/paths.ts";
import { remember } from "../../../src/files/remember.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { isMap } from "../../../src/yaml/is-map.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";

interface Include {
  /** A Taskfile, or the folder of one. */
  of: string;
  /** Where its tasks run. */
  dir: string;
}

/** The folders that the tasks of a file run in, where another Taskfile includes it with a `dir`. */
export function findIncludedDirs(tree: Tree, { kind, path }: AutomationFile): string[] {
  if (kind !== "task") return [];
  const includes = includesByPath(tree);
  const ofFolder = /^taskfile\./i.test(basename(path)) ? includes.get(dirname(path)) : undefined;
  const found = [...(includes.get(path) ?? []), ...(ofFolder ?? [])].sort((a, b) => a.order - b.order);
  return [...new Set(found.map(({ dir }) => dir))].slice(0, MOST);
}

/** Folders beyond these are not looked at: each line of the file may name something in each of them. */
const MOST = 50;

/** By what is included. */
function includesByPath(tree: Tree): ReadonlyMap<string, readonly (Include & { order: number })[]> {
  return remember(tree, "task includes", "", () => {
    const all = listAutomation(tree)
      .filter(({ kind, text }) => kind === "task" && /^includes:/m.test(text))
      .flatMap(({ path, text }) => readIncludes(path, text));
    return groupBy(
      all.map((one, order) => ({ ...one, order })),
      ({ of }) => of,
    );
  });
}

function readIncludes(path: string, text: string): Include[] {
  const read = readYamlCached(text);
  const data = read.ok ? read.docs[0]?.data : undefined;
  const includes = isMap(data) && isMap(data.includes) ? Object.values(data.includes) : [];
  return includes.flatMap((one): Include[] => {
    if (!isMap(one)) return [];
    const [of, dir] = [one.taskfile, one.dir].map((said) => resolve(dirname(path), said));
    return of === undefined || dir === undefined ? [] : [{ of, dir }];
  });
}

/** A path from the folder of a Taskfile; undefined where it is not known. */
function resolve(from: string, said: unknown): string | undefined {
  const text =
    typeof said === "string" ? said.replace(/^\{\{-?\s*\.(?:ROOT_DIR|TASKFILE_DIR)\s*-?\}\}(?=\/)/, ".") : "";
  return text === "" || /\{\{|^[/~]|:\/\//.test(text) ? undefined : join(from, text);
}
