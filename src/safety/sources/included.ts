import type { ClusterChange, Side } from "../../change/change.ts";
import { type CopyOf, staysInside } from "../../change/copies.ts";
import { printIncludes, type SourceTable } from "../../change/source-facts.ts";
import { isWithin, join, normalizePath, relative } from "../../delivery/paths.ts";
import { listSubmodules } from "../../delivery/submodules.ts";
import type { Tree } from "../../files/tree.ts";

/** The part of a path in an artifact that is no file of this repository: what the source includes, or a submodule. */
export interface ElsewherePart {
  what: string;
  /** Everything that decides what it is. */
  reads: string;
}

/** Folders that other repositories fill in the artifact of a source, as `.gitmodules` and `spec.include` say it. */
export function findElsewhere(tree: Tree, table: SourceTable, source: string, path: string): ElsewherePart | undefined {
  const facts = table.get(source);
  const included = facts?.includes.find(({ to }) => isWithin(path, to));
  if (included) {
    return {
      what: `what GitRepository ${included.name} holds`,
      reads: JSON.stringify([path, printIncludes(table, source)]),
    };
  }
  if (!facts?.submodules) return undefined;
  const folder = listSubmodules(tree).find((one) => isWithin(path, one));
  return folder === undefined ? undefined : { what: `what the submodule ${folder} holds`, reads: `submodule ${path}` };
}

/** Whether a source fills folders below a path of its artifact from other repositories: the path is there though it is not here. */
export function fillsBelow(tree: Tree, table: SourceTable, source: string, path: string): boolean {
  const { includes, submodules } = table.get(source) ?? { includes: [], submodules: false };
  const filled = [...includes.map(({ to }) => to), ...(submodules ? listSubmodules(tree) : [])];
  return filled.some((folder) => isWithin(folder, path));
}

/**
 * A FluxKustomization on a folder that another source includes from this repository, as one on this repository; as long as
 * both trees include it alike, and nothing it reads lies outside of that folder.
 */
export function findIncluded(
  change: ClusterChange,
  sources: ReadonlySet<string>,
  tables: Record<Side, SourceTable>,
): CopyOf {
  const { artifactRoot } = change.cluster;
  return (spec) => {
    const { kind, name } = spec.sourceRef ?? {};
    const source = `${kind}/${name}`;
    if (String(spec.path).includes("${")) return undefined;
    const path = normalizePath(String(spec.path ?? ""));
    const facts = tables.before.get(source);
    const own = facts?.includes.find(
      (one) => sources.has(`GitRepository/${one.name}`) && isWithin(path ?? "..", one.to),
    );
    if (!own || printIncludes(tables.before, source) !== printIncludes(tables.after, source)) return undefined;
    const read = {
      ...spec,
      path: `./${join(own.from, relative(own.to, path!))}`,
      sourceRef: { kind: "GitRepository", name: own.name },
    };
    const folder = join(artifactRoot, own.from);
    return staysInside(change, read, (file) => isWithin(file, folder)) ? read : undefined;
  };
}
