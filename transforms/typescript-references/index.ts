import { instanceOf } from "../../src/cluster/instances.ts";
import { defineTransform } from "../contract.ts";
import { hasPrograms, planPrograms } from "../shared/programs/find.ts";
import { findReferences, ownerOf } from "../shared/references/find.ts";
import { listRenames } from "../shared/references/renames.ts";

/** Follows the new names of source and root in Flux objects that a TypeScript program declares (Pulumi, cdk8s). */
export default defineTransform({
  id: "typescript-references",
  title: "Rewrite references in TypeScript programs",
  phases: ["cutover"],
  applies: ({ tree, cluster }) => instanceOf(cluster) !== undefined && hasPrograms(tree),
  run(context) {
    const { cluster, options, model } = context;
    const renames = listRenames(cluster, options).filter(({ to, isInstaller }) => to && !isInstaller);
    if (renames.length === 0) return {};
    const other = model.clusters.find((one) => one !== cluster);
    return planPrograms(context, {
      becomes: renames.map(({ kind, to }) => `${kind} ${to}`).join(" and "),
      find: (data) => findReferences(data, 0, renames, ownerOf(data)).map(({ op }) => op),
      isAbout: (ref) =>
        renames.some(
          ({ kind, name, namespace }) =>
            (ref.kind ?? kind) === kind && (ref.name ?? name) === name && (ref.namespace ?? namespace) === namespace,
        ),
      forbidden: other && `${other.name} is in this repository as well`,
    });
  },
});
