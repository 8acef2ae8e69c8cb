import { appliedFrom } from "../../change/applied-release.ts";
import type { Given } from "../../change/given.ts";
import type { Harm } from "../../change/types.ts";
import type { World } from "../../change/world.ts";
import { keyOf } from "../../cluster/graph.ts";
import { readHelmValues } from "../../cluster/helm-values.ts";
import type { Cluster } from "../../cluster/types.ts";
import { readable } from "../../contract/answer.ts";
import type { KubeObject, YamlData } from "../../contract/objects.ts";
import { isHelmRelease } from "../../delivery/kinds.ts";
import { pointAt } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";

interface Input {
  before: Tree;
  after: Tree;
  cluster: Cluster;
  given: Pick<Given, "before" | "after">;
  /** Objects of the files after the change. */
  objects: readonly KubeObject[];
}

/** Controllers that the release of the flux2 chart holds and that its values switch off: Helm deletes their Deployments. */
export function findControllersOff({ before, after, cluster, given, objects }: Input): Harm[] {
  const { install } = cluster;
  const old = install?.style === "community-chart" ? install.objects.find(isHelmRelease) : undefined;
  const now = old && objects.find((object) => keyOf(object) === keyOf(old));
  if (!old || !now) return [];
  const [was, is] = [valuesOf(before, asApplied(old, given.before)), valuesOf(after, asApplied(now, given.after))];
  const off = Object.keys(is).filter(
    (key) => key.endsWith("Controller") && is[key]?.create === false && was[key]?.create !== false,
  );
  return off.map((key) => ({
    ...pointAt(after, now, ["spec", "values", key, "create"]),
    what: `Helm deletes a controller of Flux: ${key}.create is false in the values of the flux2 chart now.`,
    why: "What that controller looks after stays as it is, and no change of it in Git arrives any more.",
    next: "Take the edit back, unless nothing in the cluster needs that controller.",
  }));
}

/** As patches and variables leave it, where anything applies it. */
function asApplied(release: KubeObject, world: World): KubeObject {
  const objects = world.all.map(({ object }) => object);
  return appliedFrom(release, objects) ?? release;
}

function valuesOf(tree: Tree, release: KubeObject): YamlData {
  return readable(readHelmValues(tree, release, release.data.spec).values) ?? {};
}
