import { posix } from "node:path";
import { findFirst } from "../contract/find-first.ts";

/** An empty part, one that is `.` or `..`, or a slash at an end. Errs towards yes. */
const UNUSUAL = /^\/|\/$|\/\/|(?:^|\/)\.\.?(?:\/|$)/;

/** Longer paths are none of a file: neither git nor Linux takes them. */
export const LONGEST_PATH = 4096;

/** `./a//b/` -> `a/b`; undefined when the path leaves the root. An absolute path counts from the root, as Flux does. */
export function normalizePath(path: string): string | undefined {
  // Most paths are normal already, and this runs some ten thousand times.
  const bare = path.startsWith("./") ? path.slice(2) : path;
  if (!UNUSUAL.test(bare)) return bare;
  const normal = posix.join(".", path).replace(/\/$/, "");
  if (normal === ".." || normal.startsWith("../")) return undefined;
  return normal === "." ? "" : normal;
}

export function dirname(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

export function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The path of the parts together. One that leads out of the repository keeps its `..` in front: there is no such file. */
export function join(...parts: string[]): string {
  const path = parts.filter((part) => part !== "").join("/");
  return normalizePath(path) ?? posix.normalize(path).replace(/\/$/, "");
}

/** Whether `path` is `dir` or lies below it. */
export function isWithin(path: string, dir: string): boolean {
  return dir === "" || path === dir || path.startsWith(`${dir}/`);
}

/** Those of sorted paths that lie in a folder. */
export function pathsWithin(paths: readonly string[], dir: string): readonly string[] {
  if (dir === "") return paths;
  const firstFrom = (text: string) => findFirst(paths, (path) => path >= text);
  // What follows a slash in the order of paths.
  return paths.slice(firstFrom(`${dir}/`), firstFrom(`${dir}0`));
}

/** What stands before the end of a path: `apps` for `apps/base` and `base`; undefined where it does not end so. */
export function withoutEnd(path: string, end: string): string | undefined {
  if (path === end) return "";
  if (end === "") return path;
  return path.endsWith(`/${end}`) ? path.slice(0, -end.length - 1) : undefined;
}

/** Tells whether a path is one of these folders or lies below one, in time that does not grow with their number. */
export function makeWithin(dirs: Iterable<string>): (path: string) => boolean {
  const all = new Set(dirs);
  return (path) => {
    if (all.size === 0 || all.has("")) return all.size > 0;
    for (let dir = path; dir !== ""; dir = dirname(dir)) if (all.has(dir)) return true;
    return false;
  };
}

/** `a/b` seen from `a/c` -> `../b`. */
export function relative(fromDir: string, to: string): string {
  return posix.relative(`/${fromDir}`, `/${to}`) || ".";
}

/** Number of leading segments two paths share; used to tell which cluster a folder belongs to. */
export function sharedSegments(a: string, b: string): number {
  const right = b.split("/");
  const differs = a.split("/").findIndex((part, index) => part !== right[index]);
  return differs < 0 ? a.split("/").length : differs;
}

/** What stands before the first variable of a path and behind the last one (`apps/${CLUSTER}/web`); undefined without any. */
export function aroundVariables(path: string): { start: string; end: string } | undefined {
  const [first, last] = [path.indexOf("${"), path.lastIndexOf("}")];
  return first < 0 || last < first ? undefined : { start: path.slice(0, first), end: path.slice(last + 1) };
}
