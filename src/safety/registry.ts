import { DEFAULT_REGISTRY, KNOWN_REGISTRIES } from "../cluster/gotk/images.ts";
import type { InstanceDescription } from "../cluster/types.ts";
import { describe } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import { findChartRegistry } from "../instance/chart/values.ts";
import { listImageRegistries } from "../instance/image-registry.ts";
import type { ClusterChange } from "./change.ts";
import type { OpenPoint } from "./types.ts";

interface Input extends ClusterChange {
  old: InstanceDescription | undefined;
  now: InstanceDescription | undefined;
}

/**
 * A registry that the controllers come to be pulled from, of which only a look at it tells whether they are there: with any
 * that it does not know the operator writes `<registry>/<component>` and the tag of the release (flux-facts 1.4).
 */
export function findRegistry({ old, now, before, after, cluster }: Input): OpenPoint[] {
  if (!now) return [];
  const own = (instance: InstanceDescription) => String(instance.spec?.distribution?.registry ?? DEFAULT_REGISTRY);
  const is = own(now);
  if (KNOWN_REGISTRIES.has(is)) return [];
  const installed = cluster.install?.registry?.value ?? findChartRegistry(before, cluster) ?? DEFAULT_REGISTRY;
  const was = old ? own(old) : installed;
  if (!old && listImageRegistries(before, cluster).includes(is)) return [];
  if (is === was || is.includes("${")) return [];
  const path = ["spec", ...(now.form === "chart" ? ["values", "instance"] : []), "distribution", "registry"];
  const below = [...KNOWN_REGISTRIES].filter((known) => known.startsWith(`${is}/`));
  const hint = below.length > 0 ? `; known are ${below.join(", ")}` : "";
  return [
    {
      resource: describe(now.object),
      what: `has the controllers pulled from ${is}, and nothing here says that they are there${hint}`,
      look: `look whether ${is}/source-controller and the other controllers can be pulled`,
      at: locateField(after, now.object, path),
      decides: true,
    },
  ];
}
