import { join } from "node:path";
import type { Builder } from "../kustomize.ts";
import { commandsOnFolders } from "../kustomize-commands.ts";
import { dirOf, kustomizationFile, reach } from "../reach.ts";
import { isYamlPath, type Snapshot } from "../snapshot.ts";

export interface EmptyKustomization {
  file: string;
  /** `file:line` of commands that apply it. */
  appliedBy: { file: string; line: number }[];
  /** Files beside it that would be delivered if it were not there. */
  shields: string[];
}

const inside = (path: string, dir: string): boolean => dir === "" || path.startsWith(`${dir}/`);

/** Manifests in the folder that no kustomization names: without the kustomization a walk would pick them up. */
function shieldedBy(tree: Snapshot, file: string): string[] {
  const named = new Set(reach(tree, dirOf(file)));
  return tree.paths.filter((path) => isYamlPath(path) && inside(path, dirOf(file)) && !named.has(path));
}

/** Kustomizations that built something before, or were not there, and that the real kustomize now builds to nothing. */
export async function findEmptyKustomizations(
  before: Snapshot,
  after: Snapshot,
  builder: Builder,
): Promise<EmptyKustomization[]> {
  const out: EmptyKustomization[] = [];
  const yields = async (tree: Snapshot, dir: string): Promise<number | undefined> => {
    const identity = JSON.stringify(["folder", dir, reach(tree, dir).map((path) => [path, tree.text(path)])]);
    const build = await builder.build(join(tree.dir, dir), identity);
    if (build.ok) return build.objects.length;
    // What kustomize says of a kustomization without any item.
    return /kustomization\.yaml is empty|kustomization file is empty/i.test(build.error) ? 0 : undefined;
  };
  for (const file of after.paths.filter((path) => kustomizationFile(after, dirOf(path)) === path)) {
    const dir = dirOf(file);
    if (before.has(file) && before.text(file) === after.text(file) && !losesFiles(before, after, dir)) continue;
    if ((await yields(after, dir)) !== 0) continue;
    if (kustomizationFile(before, dir) && (await yields(before, dir)) === 0) continue;
    const appliedBy = commandsOnFolders(after, [dir]).map(({ file: by, line }) => ({ file: by, line }));
    out.push({ file, appliedBy, shields: shieldedBy(after, file) });
  }
  return out;
}

const losesFiles = (before: Snapshot, after: Snapshot, dir: string): boolean => {
  const [was, is] = [reach(before, dir), reach(after, dir)];
  return was.length !== is.length || was.some((path) => before.text(path) !== after.text(path));
};
