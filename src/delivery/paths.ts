/** An empty part, one that is `.` or `..`, or a slash at an end. Errs towards yes. */
const UNUSUAL = /^\/|\/$|\/\/|(?:^|\/)\.\.?(?:\/|$)/;

/** `./a//b/` -> `a/b`; undefined when the path leaves the root. An absolute path counts from the root, as Flux does. */
export function normalizePath(path: string): string | undefined {
  // Most paths are normal already, and this runs some ten thousand times.
  if (!UNUSUAL.test(path)) return path;
  const out: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (out.length === 0) return undefined;
      out.pop();
    } else {
      out.push(part);
    }
  }
  return out.join("/");
}

export function dirname(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

export function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function join(...parts: string[]): string {
  return normalizePath(parts.join("/")) ?? "";
}

/** Whether `path` is `dir` or lies below it. */
export function isWithin(path: string, dir: string): boolean {
  return dir === "" || path === dir || path.startsWith(`${dir}/`);
}

/** `a/b` seen from `a/c` -> `../b`. */
export function relative(fromDir: string, to: string): string {
  const from = fromDir === "" ? [] : fromDir.split("/");
  const target = to === "" ? [] : to.split("/");
  let same = 0;
  while (same < from.length && same < target.length && from[same] === target[same]) same++;
  return [...from.slice(same).map(() => ".."), ...target.slice(same)].join("/") || ".";
}

/** Number of leading segments two paths share; used to tell which cluster a folder belongs to. */
export function sharedSegments(a: string, b: string): number {
  const left = a.split("/");
  const right = b.split("/");
  let same = 0;
  while (same < left.length && same < right.length && left[same] === right[same]) same++;
  return same;
}
