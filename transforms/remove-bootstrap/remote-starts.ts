import type { DraftFinding } from "../../src/contract/finding.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import { dirname, join } from "../../src/delivery/paths.ts";
import type { TransformContext } from "../contract.ts";
import type { Removal } from "../shared/automation/removed.ts";

/**
 * FluxKustomizations of a hub that start this cluster through a kubeconfig: without the files that go, or the bases that are
 * no longer listed, what they apply needs CRDs that an empty cluster does not have.
 */
export function reportRemoteStarts(
  { tree, cluster: { name, root }, model }: TransformContext,
  { documents, links }: Pick<Removal, "documents" | "links">,
): DraftFinding[] {
  const leaving = [
    ...documents.map(({ file }) => ({ file, readIn: file })),
    ...links.map(({ kustomization, entry }) => ({ file: join(dirname(kustomization), entry), readIn: kustomization })),
  ];
  return model.clusters.flatMap((hub) =>
    hub.remotes.flatMap(({ by, files }): DraftFinding[] => {
      const { file } = leaving.find(({ readIn }) => files.has(readIn)) ?? {};
      if (file === undefined || !files.has(root.file)) return [];
      const resource = describe(by.object);
      const at = locateField(tree, by.object, ["spec", "path"]);
      return [
        { rule: "remote-start-lost", level: "caution", resource, at, facts: { resource, hub: hub.name, name, file } },
      ];
    }),
  );
}
