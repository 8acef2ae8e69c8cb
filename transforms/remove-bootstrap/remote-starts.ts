import type { DraftFinding } from "../../src/contract/finding.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { TransformContext } from "../contract.ts";

/**
 * FluxKustomizations of a hub that start this cluster through a kubeconfig: without the files that go, what they apply needs
 * CRDs that an empty cluster does not have.
 */
export function reportRemoteStarts(
  { tree, cluster: { name, root }, model }: TransformContext,
  leaving: readonly string[],
): DraftFinding[] {
  return model.clusters.flatMap((hub) =>
    hub.remotes.flatMap(({ by, files }): DraftFinding[] => {
      const file = leaving.find((each) => files.has(each));
      if (file === undefined || !files.has(root.file)) return [];
      const resource = describe(by.object);
      const at = locateField(tree, by.object, ["spec", "path"]);
      return [
        { rule: "remote-start-lost", level: "caution", resource, at, facts: { resource, hub: hub.name, name, file } },
      ];
    }),
  );
}
