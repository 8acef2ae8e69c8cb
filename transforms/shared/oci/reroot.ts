import { keyOf, repositoryPath } from "../../../src/cluster/graph.ts";
import { sourceRefOf } from "../../../src/cluster/sources.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { readableSpec } from "../../../src/contract/objects.ts";
import { describe } from "../../../src/delivery/kinds.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import { isWithin } from "../../../src/delivery/paths.ts";
import type { YamlOp } from "../../../src/yaml/types.ts";
import type { TransformContext } from "../../contract.ts";
import type { FileUses } from "./find-uses.ts";
import type { OciTarget } from "./types.ts";

export interface Rerooted {
  /** Operations by file. */
  ops: Map<string, YamlOp[]>;
  findings: DraftFinding[];
}

/**
 * `spec.path` of every FluxKustomization that will read the artifact, seen from the artifact's root. Paths that leave it, or
 * that a patch sets, are blockers: a path that does not exist stalls, and one that means another folder prunes.
 */
export function rerootPaths({ tree, cluster }: TransformContext, target: OciTarget): Rerooted {
  const result: Rerooted = { ops: new Map(), findings: [] };
  const { artifactPath, sync } = target;
  if (artifactPath === "") return result;
  const root = cluster.root;
  for (const item of cluster.kustomizations) {
    if (keyOf(item.object) === keyOf(root) && cluster.rootFrom === "instance") continue;
    const ref = sourceRefOf(readableSpec(item), item.namespace);
    if (ref?.name !== sync.name || ref.kind !== "GitRepository") continue;
    const path = repositoryPath(readableSpec(item), "");
    const { object } = item;
    const own = object.data?.spec?.path;
    const resource = describe(object);
    const pathAt = locateField(tree, object, ["spec", "path"]);
    if (path === undefined || !isWithin(path, artifactPath)) {
      const built = String(readableSpec(item)?.path ?? "./");
      const facts = { builder: resource, path: built, artifact: artifactPath };
      result.findings.push({ rule: "oci-path-outside", level: "blocker", resource, at: pathAt, facts });
    } else if (own !== readableSpec(item)?.path) {
      result.findings.push({ rule: "oci-path-patched", level: "blocker", resource, at: pathAt, facts: { resource } });
    } else {
      const ops = result.ops.get(object.file) ?? [];
      ops.push({ op: "set", doc: object.doc, path: ["spec", "path"], value: rerootPath(path, artifactPath) });
      result.ops.set(object.file, ops);
    }
  }
  return result;
}

/** `kubernetes/apps` in an artifact of `kubernetes` is `./apps`. */
export function rerootPath(path: string, artifactPath: string): string {
  const inside = path === artifactPath ? "" : path.slice(artifactPath === "" ? 0 : artifactPath.length + 1);
  return `./${inside}`;
}

/** What says paths of the artifact without being a plain FluxKustomization cannot be followed (`@repo/kubernetes/…`). */
export function reportComputedPaths(
  { tree }: TransformContext,
  found: readonly FileUses[],
  { artifactPath }: OciTarget,
): DraftFinding[] {
  if (artifactPath === "") return [];
  return found.flatMap(({ file, uses }) =>
    uses
      .filter(({ kind, path }) => kind !== "Kustomization" || path[0] !== "spec" || path[1] !== "sourceRef")
      .filter(({ path }) => !path.includes("patches") && !path.includes("healthChecks"))
      .map(({ kind, name, doc, path }) => {
        const resource = `${kind} ${name}`.trim();
        const at = locateField(tree, { file, doc }, path);
        return {
          rule: "oci-path-patched",
          level: "blocker",
          resource,
          at,
          facts: { resource, artifact: artifactPath },
        };
      }),
  );
}
