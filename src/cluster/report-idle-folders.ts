import type { Finding } from "../contract/finding.ts";
import { listSome } from "../contract/list-some.ts";
import { isSyncSource } from "../delivery/kinds.ts";
import { syncNameOf } from "./instances.ts";
import { readPublishedFolders } from "./published-folder.ts";
import type { RepoModel } from "./types.ts";

/** Names in `--artifact-path` that no source bears: one that is misspelt, or had the name before a phase gave it another. */
export function reportIdleFolders({ objects, clusters }: RepoModel, given: string | undefined): Finding[] {
  const { named } = readPublishedFolders(given);
  if (named.size === 0) return [];
  const generated = clusters.flatMap(({ instances, namespace }) => instances.map((one) => syncNameOf(one, namespace)));
  const names = [...objects.filter(isSyncSource).map(({ name }) => name), ...generated];
  const known = new Set(names.filter((name) => name !== undefined));
  const all = known.size === 0 ? "none is here" : `those here are ${listSome([...known].sort(), 8)}`;
  return [...named.keys()]
    .filter((name) => !known.has(name))
    .map((name) => ({
      rule: "artifact-path-idle",
      level: "caution",
      what: `--artifact-path says a folder of ${name}, and no source here bears that name.`,
      why: "The folder counts for nothing, so paths of what reads that artifact are taken to start elsewhere.",
      next: `Write the name that the source has now; ${all}.`,
    }));
}
