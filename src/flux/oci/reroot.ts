import type { DraftFinding, TransformContext } from "../../engine/transform.ts";
import type { YamlOp } from "../../yaml/types.ts";
import { keyOf, repositoryPath } from "../graph.ts";
import { describe } from "../kinds.ts";
import { locateField } from "../locations.ts";
import { isWithin } from "../paths.ts";
import { sourceRefOf } from "../sources.ts";
import type { DeliveredFluxObject } from "../types.ts";
import type { FileUses } from "./find-uses.ts";
import type { OciTarget } from "./target.ts";

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
    const ref = sourceRefOf(item.effective?.spec, item.namespace);
    if (ref?.name !== sync.name || ref.kind !== "GitRepository") continue;
    const path = repositoryPath(item.effective?.spec, "");
    const { object } = item;
    const own = object.data?.spec?.path;
    if (path === undefined || !isWithin(path, artifactPath)) {
      result.findings.push(outside(item, target, locateField(tree, object, ["spec", "path"])));
    } else if (own !== item.effective?.spec?.path) {
      result.findings.push(patched(item, locateField(tree, object, ["spec", "path"])));
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
      .map(({ kind, name, doc, path }) => ({
        rule: "oci-path-patched",
        level: "blocker" as const,
        resource: `${kind} ${name}`.trim(),
        at: locateField(tree, { file, doc }, path),
        what: `${`${kind} ${name}`.trim()} names folders of the source, which begin at ${artifactPath}/ once it reads the artifact.`,
        why: "Paths count from the root of the artifact; one that is wrong stalls, or prunes what it does not hold.",
        next: "Publish the whole repository instead (leave --artifact-path out).",
      })),
  );
}

function outside({ object, effective }: DeliveredFluxObject, { artifactPath }: OciTarget, at: DraftFinding["at"]) {
  return {
    rule: "oci-path-outside",
    level: "blocker" as const,
    resource: describe(object),
    ...(at ? { at } : {}),
    what: `${describe(object)} builds ${effective?.spec?.path ?? "./"}, which an artifact of ${artifactPath} would not hold.`,
    why: "A FluxKustomization whose path is missing stalls and applies nothing any more.",
    next: "Publish a folder that holds it too, or the whole repository (leave --artifact-path out).",
  };
}

function patched({ object }: DeliveredFluxObject, at: DraftFinding["at"]) {
  return {
    rule: "oci-path-patched",
    level: "blocker" as const,
    resource: describe(object),
    ...(at ? { at } : {}),
    what: `A patch of its parent sets the path of ${describe(object)}, so it cannot be seen here what it becomes.`,
    why: "Paths count from the root of the artifact; one that is wrong stalls, or prunes what it does not hold.",
    next: "Write the path into the FluxKustomization itself, or publish the whole repository (leave --artifact-path out).",
  };
}
