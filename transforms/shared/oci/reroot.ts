import { keyOf, repositoryPath } from "../../../src/cluster/graph.ts";
import { readObjects } from "../../../src/cluster/objects.ts";
import { sourceRefOf } from "../../../src/cluster/sources.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { readable } from "../../../src/contract/answer.ts";
import type { FileChange } from "../../../src/contract/edit.ts";
import type { Loc } from "../../../src/contract/errors.ts";
import type { DraftFinding, FactFinding } from "../../../src/contract/finding.ts";
import { getOrMake } from "../../../src/contract/group-by.ts";
import { readableSpec } from "../../../src/contract/objects.ts";
import { isFluxKustomization } from "../../../src/delivery/kinds.ts";
import { pointAt } from "../../../src/delivery/locations.ts";
import { aroundVariables, isWithin, join, normalizePath } from "../../../src/delivery/paths.ts";
import { overlayTree } from "../../../src/files/overlay.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { editYaml } from "../../../src/yaml/edit.ts";
import type { YamlOp, YamlPath } from "../../../src/yaml/types.ts";
import type { TransformContext } from "../../contract.ts";
import { readTargetAt } from "../apps/instance-target.ts";
import { fluxPathOf } from "../apps/placement.ts";
import { type FileUses, findUses, moveOf, pointAtUse } from "./find-uses.ts";
import { readInstanceSync } from "./sync.ts";
import type { OciTarget } from "./types.ts";

/** That the artifact would not hold the folder of the sync. */
export function rootOutside({ artifactPath, sync, at }: OciTarget): DraftFinding[] {
  if (isWithin(normalizePath(sync.path) ?? "", artifactPath)) return [];
  const facts = { builder: "The root", path: sync.path, artifact: artifactPath };
  return [{ rule: "oci-path-outside", level: "blocker", resource: "FluxInstance flux", at, facts }];
}

/**
 * `spec.path` of every FluxKustomization that will read the artifact, seen from the artifact's root. Paths that leave it, or
 * that a patch sets, are blockers: a path that does not exist stalls, and one that means another folder prunes.
 */
export function rerootPaths(
  { tree, cluster }: Pick<TransformContext, "tree" | "cluster">,
  { artifactPath, sync }: Pick<OciTarget, "artifactPath" | "sync">,
) {
  const opsOf = new Map<string, YamlOp[]>();
  const findings: DraftFinding[] = [];
  for (const item of artifactPath === "" ? [] : cluster.kustomizations) {
    const { object } = item;
    if (keyOf(object) === keyOf(cluster.root) && cluster.rootFrom === "instance") continue;
    const spec = readableSpec(item);
    const ref = sourceRefOf(spec, item.namespace);
    if (ref?.name !== sync.name || ref.kind !== "GitRepository") continue;
    const path = repositoryPath(spec, "");
    const place = pointAt(tree, object, ["spec", "path"]);
    const { resource } = place;
    if (path === undefined || !isWithin(path, artifactPath)) {
      const facts = { builder: resource, path: String(spec?.path ?? "./"), artifact: artifactPath };
      findings.push({ rule: "oci-path-outside", level: "blocker", ...place, facts });
      continue;
    }
    const written = writtenPath(object.data.spec?.path, spec?.path);
    if (written === undefined || !isWithin(written, artifactPath)) {
      findings.push({ rule: "oci-path-patched", level: "blocker", ...place, facts: { resource } });
    } else {
      const value = fluxPathOf(artifactPath, written);
      const op: YamlOp = { op: "set", doc: object.doc, path: ["spec", "path"], value };
      getOrMake(opsOf, object.file, () => []).push(op);
    }
  }
  return { opsOf, findings };
}

/** A folder as the file of a FluxKustomization says it, with its variables (`apps/${CLUSTER}`); undefined where a patch says another. */
function writtenPath(written: unknown, now: unknown): string | undefined {
  const [said, is] = [String(written ?? ""), String(now ?? "")];
  const around = aroundVariables(said);
  const isFilled = around !== undefined && is.startsWith(around.start) && is.endsWith(around.end);
  return said === is || isFilled ? normalizePath(said) : undefined;
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
      .map((use) => {
        const place = pointAtUse(tree, file, use);
        const facts = { resource: place.resource, artifact: artifactPath };
        return { rule: "oci-path-patched", level: "blocker", ...place, facts };
      }),
  );
}

/**
 * The tree with every path of the artifact said as a path of the repository again. An artifact of `kubernetes` with
 * `./apps` delivers what the repository with `./kubernetes/apps` does, and so a tree before and one after the switch can be
 * compared with one root.
 */
export function unrootTree(tree: Tree, cluster: Cluster, { artifactPath, sync }: OciTarget): Tree {
  const changes: FileChange[] = [];
  const files = new Set(cluster.kustomizations.map(({ object }) => object.file));
  files.add(sync.target.file);
  for (const file of files) {
    const set = (doc: number, path: YamlPath, now: unknown): YamlOp => {
      return { op: "set", doc, path, value: `./${join(artifactPath, String(now))}` };
    };
    const ops = readObjects(tree, file)
      .objects.filter(isFluxKustomization)
      .filter(({ data }) => data.spec?.sourceRef?.kind === "OCIRepository" && data.spec.sourceRef.name === sync.name)
      .map(({ doc, data }) => set(doc, ["spec", "path"], data.spec?.path ?? "./"));
    const target = file === sync.target.file ? readTargetAt(tree, file, sync.target.doc, sync.target.base) : undefined;
    const { kind, path } = target?.spec.sync ?? {};
    if (target && kind === "OCIRepository") ops.push(set(target.doc, [...target.base, "sync", "path"], path));
    const before = tree.read(file);
    const edited = before !== undefined && ops.length > 0 ? editYaml(before, ops) : undefined;
    if (before !== undefined && edited?.ok) changes.push({ path: file, before, after: edited.text });
  }
  return overlayTree(tree, changes);
}

/**
 * Looks at the tree as the switch leaves it: every FluxKustomization as the patches of its parents make it, and every other
 * reference as it is written. Whatever still reads the GitRepository would stall, so it is a blocker.
 */
export function leftOnGit(tree: Tree, cluster: Cluster, target: OciTarget, isFound: boolean): DraftFinding[] {
  const { sync } = target;
  if (!isFound) return [rootLost(target)];
  const move = moveOf({ cluster }, sync);
  const left = (place: { resource: string; at: Loc }): DraftFinding => {
    const facts = { resource: place.resource, source: sync.name };
    return { rule: "oci-still-on-git", level: "blocker", ...place, facts };
  };
  const found = findUses({ tree, cluster }, move, ["moves", "stays", "notifies", "unknown"]);
  const findings = found.flatMap(({ file, uses }) => uses.map((use) => left(pointAtUse(tree, file, use))));
  for (const { object, namespace, effective } of cluster.kustomizations) {
    const ref = sourceRefOf(readable(effective).spec, namespace);
    if (ref?.kind === "OCIRepository" && ref.name === sync.name) {
      const path = repositoryPath(readable(effective).spec, cluster.artifactRoot);
      if (path !== undefined && path !== "" && target.artifactPath !== "" && !tree.isDir(path)) {
        const place = pointAt(tree, object, ["spec", "path"]);
        const facts = { builder: place.resource, path, artifact: target.artifactPath, isMissing: true };
        findings.push({ rule: "oci-path-outside", level: "blocker", ...place, facts });
      }
      continue;
    }
    if (ref?.kind !== "GitRepository" || ref.name !== sync.name) continue;
    if (ref.namespace !== "" && ref.namespace !== sync.namespace) continue;
    const place = pointAt(tree, object, ["spec", "sourceRef"]);
    if (!findings.some(({ at }) => at?.file === place.at.file)) findings.push(left(place));
  }
  const after = readInstanceSync(tree, cluster);
  return after?.kind === "OCIRepository" ? findings : [...findings, rootLost(target)];
}

function rootLost({ at, sync }: OciTarget): FactFinding {
  const resource = "FluxInstance flux";
  return { rule: "oci-still-on-git", level: "blocker", resource, at, facts: { unread: sync.name } };
}
