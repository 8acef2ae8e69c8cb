import { posix } from "node:path";
import type { Tree } from "../../files/tree.ts";
import { normalizePath } from "../paths.ts";

/** Joins a path written in a kustomization with the folder it is relative to; undefined when it leaves the tree. */
export function joinPath(dir: string, relative: string): string | undefined {
  if (relative.startsWith("/")) return undefined;
  const below = relative.startsWith("./") ? relative.slice(2) : relative;
  return normalizePath(dir === "" ? below : `${dir}/${below}`);
}

/** A FluxKustomization's `spec.path`: joined below the root, which it cannot leave (flux-facts 2.8 item 1). */
export function fluxPath(path = ""): string {
  return normalizePath(path) ?? posix.resolve("/", path).slice(1);
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
