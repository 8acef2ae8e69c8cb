import { isChosen } from "../../src/cluster/clusters.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import { isWithin, normalizePath } from "../../src/delivery/paths.ts";
import type { YamlOp } from "../../src/yaml/types.ts";
import { defineTransform, type TransformContext, withTarget } from "../contract.ts";
import { fluxPathOf } from "../shared/apps/placement.ts";
import { findOtherGit, moveOf } from "../shared/oci/find-uses.ts";
import { readInstanceSync } from "../shared/oci/sync.ts";
import type { InstanceSync } from "../shared/oci/types.ts";
import { findSourceUses, type SourceUse } from "../shared/oci/uses.ts";
import { hasPrograms, planPrograms } from "../shared/programs/find.ts";

/** Lets Flux objects that a TypeScript program declares (Pulumi, cdk8s) read the artifact, formatting and comments kept. */
export default defineTransform({
  id: "typescript-to-oci",
  title: "Read the artifact in TypeScript programs",
  phases: ["switch"],
  applies: ({ tree }) => hasPrograms(tree),
  run: withTarget((context, target) => {
    const { sync } = target;
    const move = moveOf(context, sync);
    const keepsGit = findOtherGit(context.cluster, sync) !== undefined;
    return planPrograms(context, {
      becomes: `OCIRepository ${sync.name}`,
      // Without a GitRepository that stays, what cannot read an artifact is left, with a remark.
      find: (data) => {
        const uses = findSourceUses(data, 0, move).filter(
          ({ verdict }) => verdict === "moves" || verdict === "notifies" || keepsGit,
        );
        return rerootProgram(data, uses, target.artifactPath);
      },
      isAbout: ({ kind, name, namespace }) =>
        (kind ?? "GitRepository") === "GitRepository" &&
        (name ?? sync.name) === sync.name &&
        (namespace ?? sync.namespace) === sync.namespace,
      forbidden: findDoubt(context, sync),
    });
  }),
});

/**
 * Paths count from the root of the artifact, so kind and path change together; an object whose path is computed, or lies
 * outside the artifact, is left with a remark.
 */
function rerootProgram(data: YamlData, uses: readonly SourceUse[], artifactPath: string): YamlOp[] {
  const ops = uses.flatMap((use) => use.ops);
  const moves = uses.some(({ verdict }) => verdict === "moves");
  if (artifactPath === "" || data.kind !== "Kustomization" || !moves) return ops;
  const now = typeof data.spec?.path === "string" ? normalizePath(data.spec.path) : undefined;
  const op = { op: "set", doc: 0, path: ["spec", "path"] } as const;
  if (now === undefined || !isWithin(now, artifactPath)) return [{ ...op, value: undefined }];
  return [...ops, { ...op, value: fluxPathOf(artifactPath, now) }];
}

/** A program may be run against any cluster, so all of them have to change alike. */
function findDoubt({ model, options, tree }: TransformContext, own: InstanceSync): string | undefined {
  for (const cluster of model.clusters) {
    const sync = readInstanceSync(tree, cluster);
    if (sync?.name !== own.name || sync.namespace !== own.namespace) return `${cluster.name} syncs under another name`;
    if (!isChosen(cluster, options) && sync.kind !== "OCIRepository") return `${cluster.name} stays on Git`;
  }
  return undefined;
}
