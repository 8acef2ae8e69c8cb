import { findRefusals, sayRefusal } from "../admission/refused.ts";
import type { Cluster } from "../cluster/types.ts";
import type { Finding } from "../contract/finding.ts";
import { describe } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { sayFinding } from "../findings/say.ts";

/** What an owner's FluxInstance says that no FluxInstance can: it looks applied in Git, and is not. Values of a chart are the chart's to drop. */
export function reportRefusedInstance(tree: Tree, { name, instances }: Cluster): Finding[] {
  const manifests = instances.filter(({ form, delivered }) => form === "manifest" && delivered);
  return manifests.flatMap(({ object }): Finding[] => {
    // What is missing may come by a patch.
    const refusals = findRefusals(object.data, false).filter(({ path }) => path[0] === "spec");
    const [first] = refusals;
    if (!first) return [];
    const at = locateField(tree, object, first.path);
    const facts = { says: refusals.map(sayRefusal) };
    const draft = { rule: "instance-field-unknown", level: "caution", resource: describe(object), at, facts } as const;
    return [{ ...sayFinding(draft), cluster: name }];
  });
}
