import { cpSync, mkdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readsOwn } from "../corpus/gate/deliver.ts";
import { type Data, joinPath, openSnapshot, type Snapshot } from "../corpus/gate/snapshot.ts";

/**
 * What an ArtifactGenerator makes of one tree, copied as source-watcher does it (flux-facts 6.2). Undefined where it reads
 * another repository, or copies in a way that is not one of folders and single files.
 * @param own the sources that are this repository
 * @param dir folder to make it in
 */
export function makeArtifact(tree: Snapshot, name: string, own: Set<string>, dir: string): Snapshot | undefined {
  const generators = tree
    .objects("ArtifactGenerator")
    .map(({ data }) => data)
    .filter((data) => data?.kind === "ArtifactGenerator" && artifactOf(data, name));
  if (generators.length !== 1) return undefined;
  const [generator] = generators;
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const copy of artifactOf(generator, name).copy ?? []) {
    if (copy.exclude || copy.strategy || !runCopy(tree, generator, copy, own, dir)) return undefined;
  }
  return openSnapshot(dir);
}

const artifactOf = (generator: Data, name: string): Data =>
  (generator.spec?.artifacts ?? []).find((one: Data) => one?.name === name);

function runCopy(tree: Snapshot, generator: Data, copy: Data, own: Set<string>, dir: string): boolean {
  const [alias, ...rest] = String(copy.from).slice(1).split("/");
  const source = (generator.spec.sources ?? []).find((one: Data) => one?.alias === alias);
  if (!source || !readsOwn({ metadata: generator.metadata, spec: { sourceRef: source } }, own)) return false;
  const pattern = rest.join("/");
  const isContent = pattern === "**" || pattern.endsWith("/**");
  const from = joinPath(isContent ? pattern.slice(0, -2) : pattern);
  if (/[*?[\]]/.test(from)) return false;
  const path = join(tree.dir, from);
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info || (isContent && !info.isDirectory())) return false;
  const target = String(copy.to).replace(/^@artifact\//, "");
  const isFolder = target === "" || target.endsWith("/");
  const to = isContent || !(info.isDirectory() || isFolder) ? target : join(target, basename(from));
  mkdirSync(dirname(join(dir, to)), { recursive: true });
  cpSync(path, join(dir, to), { recursive: true, filter: (file) => basename(file) !== ".git" });
  return true;
}
