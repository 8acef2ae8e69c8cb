import type { Tree } from "../../files/tree.ts";

/** Joins a path written in a kustomization with the folder it is relative to; undefined when it leaves the tree. */
export function joinPath(dir: string, relative: string): string | undefined {
  if (relative.startsWith("/")) return undefined;
  const parts = dir === "" ? [] : dir.split("/");
  for (const part of relative.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

/** The folder of a path; `''` for the root. */
export function parentDir(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/**
 * Normalises a FluxKustomization's `spec.path`: it is joined below the root and cannot leave it (flux-facts 2.8 item
 * 1).
 */
export function fluxPath(path: string | undefined): string {
  const parts: string[] = [];
  for (const part of (path ?? "").split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

/** True for what kustomize fetches from elsewhere: URLs, scp-like git addresses, `host/org/repo` shorthands, `?ref=`. */
export function isRemote(reference: string): boolean {
  return (
    /^[a-z][a-z0-9+.-]*:\/\//i.test(reference) ||
    /^[a-z]+::/i.test(reference) ||
    /^(git@|[\w.-]+@[\w.-]+:)/.test(reference) ||
    /^(github\.com|gitlab\.com|bitbucket\.org|dev\.azure\.com)[:/]/i.test(reference) ||
    /\?(ref|version|timeout|submodules)=/.test(reference) ||
    /\.git(\/|\?|$)/.test(reference)
  );
}

/** True when `path` is a file whose bytes kustomize can load. */
export function isFile(tree: Tree, path: string): boolean {
  return tree.has(path) && !tree.isDir(path);
}

/** True when `path` is `dir` or lies below it. */
export function isInside(path: string, dir: string): boolean {
  return dir === "" || path === dir || path.startsWith(`${dir}/`);
}
