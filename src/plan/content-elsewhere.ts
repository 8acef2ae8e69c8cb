import { factsOf } from "../change/source-facts.ts";
import { builtFolders } from "../cluster/graph.ts";
import type { Cluster } from "../cluster/types.ts";
import { lineOf } from "../contract/errors.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { listSome } from "../contract/list-some.ts";
import { sh } from "../contract/shell.ts";
import { describe } from "../delivery/kinds.ts";
import { isWithin } from "../delivery/paths.ts";
import { listSubmodules } from "../delivery/submodules.ts";
import type { Tree } from "../files/tree.ts";

/** Folders that a cluster builds and its source fills from other repositories: what lies there is unknown here. */
export function reportContentElsewhere(tree: Tree, cluster: Cluster): DraftFinding[] {
  const source = cluster.runningSource ?? cluster.source;
  if (source?.kind !== "GitRepository") return [];
  const { includes, submodules } = factsOf(source.kind, source.data.spec, lineOf(source.file), true);
  const built = builtFolders([cluster]);
  const isBuilt = (folder: string) => built.some((one) => isWithin(one, folder) || isWithin(folder, one));
  const say = (by: "submodule" | "include", folders: readonly string[]): DraftFinding[] => {
    const used = [...new Set(folders)].filter(isBuilt);
    const facts = { resource: describe(source), folders: used, by };
    return used.length === 0 ? [] : [{ rule: "content-elsewhere", level: "caution", at: lineOf(source.file), facts }];
  };
  return [
    ...say("submodule", submodules ? listSubmodules(tree) : []),
    ...say(
      "include",
      includes.map(({ to }) => to),
    ),
  ];
}

/** Where no cluster is found: one may be in a repository of its own, which is not entered. */
export function adviseSubmodules(tree: Tree): string[] {
  const [first, ...more] = listSubmodules(tree);
  if (first === undefined) return [];
  const others = more.length > 0 ? ` Other submodules are not entered either: ${listSome(more, 3)}.` : "";
  return [
    `${first} is a submodule, which is not entered: if Flux reads it, run ${sh`fluxlift scan ${first}`.line}.${others}`,
  ];
}
