import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import { repositoryPath } from "../../src/cluster/graph.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { given } from "../../src/contract/given.ts";
import { getOrMake } from "../../src/contract/group-by.ts";
import { once } from "../../src/contract/once.ts";
import { dirname, isWithin } from "../../src/delivery/paths.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import type { TransformContext } from "../contract.ts";
import { type Expand, makeExpander } from "../shared/automation/words.ts";

export interface Named {
  written: readonly Cluster[];
  /** With the variables of its file filled in, as far as they are constants: a script may set them otherwise when it runs. */
  likely: readonly Cluster[];
}

/** The clusters whose folder a command names, or a path below it. */
export function makeNamer({ before, model }: TransformContext, files: readonly AutomationFile[]) {
  // Most runs meet no such command, and there are as many runs as clusters.
  const known = once(() => {
    const folders = model.clusters.flatMap((cluster) => foldersOf(cluster).map((folder) => ({ cluster, folder })));
    return folders.map(({ cluster, folder }) => {
      return { cluster, folder, test: new RegExp(String.raw`(?<![\w.-])${escapeRegExp(folder)}(?![\w.-])`) };
    });
  });
  const expanders = new Map<AutomationFile, Expand>();
  const namedIn = (text: string): Cluster[] => {
    const named = known().filter(({ test }) => test.test(text));
    // `clusters/prod/edge` names `clusters/prod` too, and means no more than the deeper one.
    const isOuter = (outer: string) => named.some(({ folder }) => folder !== outer && isWithin(folder, outer));
    const meant = named.filter(({ folder }) => !isOuter(folder));
    return [...new Set(meant.map(({ cluster }) => cluster))];
  };
  return (command: string, file: AutomationFile): Named => {
    const filled = getOrMake(expanders, file, () => makeExpander(before, file, files))(command);
    return { written: namedIn(command), likely: namedIn(filled) };
  };
}

/** Where a cluster starts, and where its install lies; the top of the repository says nothing. */
function foldersOf({ root, artifactRoot, install }: Cluster): string[] {
  const dirs = [repositoryPath(root.data.spec, artifactRoot), install && dirname(install.at.file)];
  return [...new Set(dirs.flatMap((dir) => dir || []))];
}

/**
 * Whose finding it is that is looked for in the whole repository: of the one cluster that is named; else, where there are
 * several, of none.
 */
export function ownedBy({ model }: TransformContext, named: readonly Cluster[]): { clusters?: readonly string[] } {
  return given({ clusters: model.clusters.length > 1 ? named.map(({ name }) => name) : undefined });
}
