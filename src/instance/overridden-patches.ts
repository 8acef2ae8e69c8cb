import { isDeepStrictEqual } from "node:util";
import { keyOf } from "../cluster/graph.ts";
import { remoteObjects } from "../cluster/remote-patches.ts";
import type { Cluster, Install } from "../cluster/types.ts";
import type { DraftFinding } from "../contract/finding.ts";
import type { YamlData } from "../contract/objects.ts";
import { locateField } from "../delivery/locations.ts";
import { readPatchList } from "../delivery/patch-list.ts";
import type { Tree } from "../files/tree.ts";
import { patchItems } from "../release/normalise.ts";
import { reaches } from "../release/simulate.ts";

/**
 * Patches that stand in the FluxKustomization of an install and never reach Flux, as what delivers it puts others in their
 * place: a strategic merge of `spec.patches` takes the place of the whole list, for the HelmReleases of all apps, say. The
 * instance gets those that reach Flux. Only of the flux-manifests artifact; other installs are read as they arrive.
 */
export function reportOverridden(tree: Tree, cluster: Cluster, install: Install): DraftFinding[] {
  if (install.style !== "oci-manifests") return [];
  const base = remoteObjects([`?ref=${install.version?.value ?? ""}`]);
  return cluster.kustomizations.flatMap(({ object, namespace, parent, effective }): DraftFinding[] => {
    if (!parent || !effective.known || !install.objects.some((own) => keyOf(own) === keyOf(object))) return [];
    const listIn = (data: YamlData) =>
      readPatchList(tree, object, ["spec", "patches"], data)
        .filter((patch) => patchItems([patch]).some((item) => reaches(item, base)))
        .map(({ body, target = {} }) => ({ body: body.trimEnd(), target }));
    const [written, applied] = [listIn(object.data), listIn(effective.value)];
    const lost = written.filter((one) => !applied.some((each) => isDeepStrictEqual(one, each))).length;
    if (lost === 0) return [];
    return [
      {
        rule: "install-patches-overridden",
        level: "caution",
        resource: `Kustomization ${namespace}/${object.name}`,
        at: locateField(tree, object, ["spec", "patches"]),
        facts: { by: `Kustomization ${parent.namespace}/${parent.object.name}`, lost },
      },
    ];
  });
}
