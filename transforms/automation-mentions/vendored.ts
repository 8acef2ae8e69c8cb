import { listStarting } from "../../src/cluster/argo-folders.ts";
import { isArchived } from "../../src/cluster/automation-files.ts";
import { type Loc, lineOf } from "../../src/contract/errors.ts";
import { itemsOf, type YamlData } from "../../src/contract/objects.ts";
import { basename, dirname, isWithin, join } from "../../src/delivery/paths.ts";
import { readYamlCached } from "../../src/yaml/read.ts";
import type { TransformContext } from "../contract.ts";

/**
 * Folders that vendir writes whole, with the old install or the instance in them: each sync brings files back that went, and deletes
 * all that it did not write itself, but for what is marked as kept by hand.
 */
export function listVendored({ tree, model }: TransformContext): Loc[] {
  const files = model.clusters.flatMap((one) => [...listStarting(one), ...one.instances.map(({ at }) => at.file)]);
  return tree.paths.flatMap((path) => {
    if (!/^vendir\.ya?ml$/.test(basename(path)) || isArchived(path)) return [];
    const text = tree.read(path) ?? "";
    const read = readYamlCached(text);
    const docs = read.ok ? read.docs : [];
    return docs
      .flatMap(({ data }) => itemsOf((data as YamlData)?.directories))
      .flatMap((folder): Loc[] => {
        const dir: unknown = folder.path;
        if (typeof dir !== "string" || !files.some((file) => isOwned(file, dirname(path), dir, folder.contents)))
          return [];
        const line = text.split("\n").findIndex((each) => /\bpath:/.test(each) && each.includes(dir));
        return [lineOf(path, line + 1 || 1)];
      });
  });
}

/** From where vendir is run no file says: the folder of its settings, or the top. */
function isOwned(file: string, beside: string, dir: string, contents: YamlData): boolean {
  const kept = itemsOf(contents).filter(({ manual, path }) => manual !== undefined && typeof path === "string");
  return [beside, ""].some((base) => {
    const owned = join(base, dir);
    return (
      isWithin(file, owned) && !kept.some(({ path }) => isWithin(file, join(owned, path)) || join(owned, path) === file)
    );
  });
}
