import { repositoryPath } from "../../src/cluster/graph.ts";
import type { Loc } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { getOrMake } from "../../src/contract/group-by.ts";
import { type DeliveredFluxObject, readableSpec } from "../../src/contract/objects.ts";
import { reachOf } from "../../src/delivery/flux-build.ts";
import { describe } from "../../src/delivery/kinds.ts";
import type { TransformContext } from "../contract.ts";
import { prunesByItself } from "./prunes.ts";

/** The CRDs of flux2 alone, as a remote base. */
const CRDS = /fluxcd\/flux2(\.git)?\/+manifests\/crds(?![\w-])/;

/**
 * Lines that go on applying the CRDs of an old Flux release beside the operator's, as some do who install the flux2 chart
 * without its own. Each round of kustomize-controller labels them as its own again, so that taking the line out prunes
 * them, and all objects of those kinds with them.
 */
export function reportDefinitions({ tree, cluster }: TransformContext): DraftFinding[] {
  const lines = new Map<string, { at: Loc; url: string; parents: DeliveredFluxObject[] }>();
  for (const item of cluster.local) {
    const path = repositoryPath(readableSpec(item), cluster.artifactRoot);
    if (path === undefined || (path !== "" && !tree.isDir(path))) continue;
    for (const { at, url } of reachOf(tree, readableSpec(item), path).remotes) {
      if (!CRDS.test(url)) continue;
      const line = getOrMake(lines, `${at.file}:${at.line}`, () => ({ at, url, parents: [] }));
      line.parents.push(item);
    }
  }
  return [...lines.values()].map(({ at, url, parents }): DraftFinding => {
    const isKept = parents.every((parent) => !prunesByItself(tree, parent));
    const facts = { url, keeper: isKept ? describe(parents[0]!.object) : undefined };
    return { rule: "definitions-twice", level: "caution", at, facts };
  });
}
