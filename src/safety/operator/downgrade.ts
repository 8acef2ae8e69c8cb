import { GROUPS } from "../../change/spoilt-install.ts";
import type { Harm, OpenPoint } from "../../change/types.ts";
import { itemsOf } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { listLostStorage } from "../../release/flux-apis.ts";
import { CORE_COMPONENTS, formatFluxVersion } from "../../release/releases.ts";
import { findDowngrade, type NeedsInput } from "./instance-needs.ts";
import { wantedComponents } from "./operator-set.ts";

/**
 * A Flux that goes back by a minor. The operator refuses that (`findRefusal`); Flux itself, and an operator that takes over for
 * the first time, apply it. The API server refuses a definition that lacks a version in its `status.storedVersions`, which
 * holds the one that the newer release stores.
 */
export function findDowngradeHarms(input: NeedsInput): { harms: Harm[]; open: OpenPoint[] } {
  const { now, cluster } = input;
  const found = findDowngrade(input);
  if (!found) return { harms: [], open: [] };
  const { from, to, resource, at } = found;
  const components = now ? wantedComponents(now.spec) : (cluster.install?.components ?? CORE_COMPONENTS);
  const groups = new Set(itemsOf(components).map((name) => ofOwn(GROUPS, String(name))));
  const first = listLostStorage(from, to).find(({ group }) => groups.has(group));
  if (!first) {
    const what = `goes back from ${formatFluxVersion(from)} to ${formatFluxVersion(to)}, and nothing says that the older controllers get along with what the newer ones have left`;
    return {
      harms: [],
      open: [{ resource, what, look: "try it on a cluster that does not matter", at, decides: true }],
    };
  }
  return {
    harms: [
      {
        ...{ resource, at },
        what: `Flux goes back from ${formatFluxVersion(from)} to ${formatFluxVersion(to)}, and the API server refuses its definition of ${first.kind}: ${first.version} is missing there, in which the cluster stores them. Nothing of that Flux is applied.`,
        why: "A version that objects were stored in cannot leave a definition, and all of an install is tried before the first object is written.",
        next: "Name the minor that runs, or a newer one.",
      },
    ],
    open: [],
  };
}
