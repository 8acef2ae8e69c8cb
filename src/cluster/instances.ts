import { readable } from "../contract/answer.ts";
import type { KubeObject } from "../contract/objects.ts";
import { isFluxInstance, isHelmRelease } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { readChartUse } from "./chart-release.ts";
import { readHelmValues } from "./helm-values.ts";
import type { InstanceDescription } from "./types.ts";

/** Every FluxInstance described in the tree: manifests, and HelmReleases of the flux-instance chart. */
export function findInstances(tree: Tree, objects: readonly KubeObject[]): InstanceDescription[] {
  const found: InstanceDescription[] = [];
  for (const object of objects) {
    const at = () => locateField(tree, object);
    if (isFluxInstance(object)) {
      found.push({ at: at(), object, form: "manifest", spec: object.data?.spec ?? {}, delivered: false });
    } else if (isHelmRelease(object) && usesChart(object, objects, "flux-instance")) {
      const { values } = readHelmValues(tree, object, object.data?.spec);
      found.push({
        at: at(),
        object,
        form: "chart",
        spec: readable(values)?.instance ?? {},
        ...(values.known ? {} : { unread: values.unknowns }),
        delivered: false,
      });
    }
  }
  return found;
}

/** HelmReleases of the flux-operator chart. */
export function findOperators(objects: readonly KubeObject[]): KubeObject[] {
  return objects.filter((object) => isHelmRelease(object) && usesChart(object, objects, "flux-operator"));
}

function usesChart(object: KubeObject, objects: readonly KubeObject[], chart: string): boolean {
  return readChartUse(object, objects)?.chart === chart;
}
